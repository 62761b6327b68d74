"""``trilc fsm``."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from trilc.cli.options import json_option, output_file, path, refuse_twice, seconds_option_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from trilc.automata import Machine, Reached, Walked
    from trilc.cli.verify import Doing
    from trilc.model import Model

EXAMPLES = """
\b
Examples:
  trilc fsm model.npz
  trilc fsm model.npz --json > machine.json
  trilc fsm model.npz -o machine.dot --certificate machine.proof
  trilc fsm model.npz --equal machine.json
  trilc fsm model.npz --observe a --observe b
  trilc fsm model.npz --outputs state --observe h_l0[3]
  trilc fsm model.npz --depth 6 -o six.json
  trilc fsm model.npz --check machine.proof
  trilc fsm model.blif --equal machine.json
  trilc fsm model.npz --symbolic --prove -o reached.blif

\b
Exit codes: 0 done, or equal; 1 different; 3 more states than the limit, or than memory and time suffice for; 2, with
one line on standard error, for whatever you can mend.
"""

EXIT_CODES = {"equal": 0, "different": 1, "unknown": 3}
"""By answer."""

SHOWN = 12
"""States, and tokens, of a machine that is printed as a table."""


@click.command("fsm", epilog=EXAMPLES)
@click.argument("model", metavar="MODEL_OR_NETLIST", type=path)
@click.option(
    "-o", "--output", "targets", type=output_file, multiple=True, metavar="FILE",
    help="Write the machine: .json, or .dot as AALpy and Graphviz read it; with --symbolic the set of states: .blif, "
    ".v, .aig or .aag. May be repeated.",
)  # fmt: skip
@click.option(
    "--outputs", type=click.Choice(["argmax", "scores", "state"]),
    help="What the machine says (default: what the checkpoint's header says).",
)  # fmt: skip
@click.option(
    "--observe", multiple=True, metavar="NAME",
    help="Tell apart only this output, score or state bit, by name or number; may be repeated. All outputs that are "
    "not observed are one.",
)  # fmt: skip
@click.option(
    "--limit", type=click.IntRange(1, 2**31 - 2), default=10_000_000, show_default=True, metavar="N",
    help="States of the net that are looked at.",
)  # fmt: skip
@click.option(
    "--memory", type=click.IntRange(1), default=8192, show_default=True, metavar="MIB", help="Memory for them."
)  # fmt: skip
@click.option(
    "--depth", type=click.IntRange(0), metavar="K",
    help="Only words of up to K tokens: states that no rest of such a word tells apart are one, and nothing is said of "
    "longer words.",
)  # fmt: skip
@click.option(
    "--equal", type=path, metavar="AUTOMATON",
    help="Compare with a machine (.json, .dot): equal, or a shortest word that tells them apart.",
)  # fmt: skip
@click.option(
    "--certificate", type=output_file, metavar="FILE",
    help="Write, as JSON, what shows that this is the minimal machine, and check it with the reference.",
)  # fmt: skip
@click.option("--check", "claimed", type=path, metavar="FILE", help="Only check a certificate with the reference.")
@click.option(
    "--symbolic", is_flag=True,
    help="Only count the states, exactly, as one set, a decision diagram: many more than can be listed, where they "
    "have structure. A netlist may be of any origin.",
)  # fmt: skip
@click.option(
    "--prove", is_flag=True, help="With --symbolic: prove by SAT that no other state can be reached."
)
@seconds_option_of("none; with --symbolic only")
@json_option
def command(
    model: Path,
    targets: tuple[Path, ...],
    outputs: str | None,
    observe: tuple[str, ...],
    limit: int,
    memory: int,
    depth: int | None,
    equal: Path | None,
    certificate: Path | None,
    claimed: Path | None,
    symbolic: bool,
    prove: bool,
    seconds: float | None,
    as_json: bool,
) -> None:
    """The minimal automaton of a model: exactly what it says to every word, with fewest states.

    It is a Mealy machine: what is said belongs to the token just read. Every state that the net can reach is found,
    and states that no word tells apart are one. With --json it is printed as "states", "start", and "delta" and
    "output" by state and token; states are numbered as a breadth-first search from the start meets them, so that
    equal machines are the same text. A netlist must be one that trilc wrote; what it says is what it puts out, or with
    --outputs state its state.

    With --symbolic it says how many states there are, how many of them are first met after each number of tokens, and
    which bits never change.
    """
    context = click.get_current_context()
    if symbolic:
        limited = context.get_parameter_source("limit") is ParameterSource.COMMANDLINE
        if equal or certificate or claimed or limited:
            raise click.UsageError("--symbolic lists no states; expected no --equal, --certificate, --check or --limit")
    elif prove or seconds is not None:
        raise click.UsageError("--prove and --seconds are for --symbolic")
    if depth is not None and certificate:
        raise click.UsageError("--certificate is for all words; expected no --depth")
    refuse_twice(model, *targets, certificate)

    from trilc.automata import bounded, check, explore, minimise, observation, read_automaton
    from trilc.automata.formats import ENDINGS
    from trilc.cli.sources import read_source
    from trilc.cli.verify import Doing
    from trilc.errors import InputError
    from trilc.model import Model

    if symbolic:
        from trilc.cli.symbolic import count, require_netlists

        require_netlists(targets)
        checkpoint = read_source(model)
        if not isinstance(checkpoint, Model) and (observe or outputs):
            raise InputError(f"{model}: found a netlist; expected a checkpoint for --observe and --outputs")
        context.exit(count(checkpoint, outputs, observe, targets, memory << 20, seconds, depth, prove, as_json))
    for target in targets:
        if target.suffix.lower() not in ENDINGS:
            raise InputError(f"{target}: expected an ending among {', '.join(ENDINGS)}")
    start = time.monotonic()
    checkpoint = read_source(model)
    if not isinstance(checkpoint, Model):
        if observe or certificate or claimed or depth is not None:
            only = "--observe, --depth, --certificate and --check"
            raise InputError(f"{model}: found a netlist; expected a checkpoint for {only}")
        from trilc.automata import walk
        from trilc.outputs import putting_out

        with Doing() as doing:
            other = read_automaton(equal) if equal else None
            walked = walk(putting_out(checkpoint, outputs), limit, memory << 20, doing.say)
            if walked.machine is None:
                click.echo(_too_many(walked, checkpoint.num_registers, "registers", as_json))
                context.exit(EXIT_CODES["unknown"])
            doing.say("minimising")
            machine, _ = minimise(walked.machine)
        told = [f"netlist: {walked.states:,} states of {checkpoint.num_registers} registers", _minimal(machine)]
        _finish(machine, targets, told, other, equal, None, None, as_json, start)
        return
    with Doing() as doing:
        if claimed:
            check(checkpoint, claimed, doing.say)
            click.echo(f"{claimed} holds: checked by the reference, step by step")
            return
        other = read_automaton(equal) if equal else None
        reached = explore(observation(checkpoint, outputs, observe), limit, memory << 20, depth, doing.say)
        if not reached.complete and (depth is None or reached.depth < depth):
            click.echo(_too_many(reached, len(reached.step.kept), "units", as_json))
            context.exit(EXIT_CODES["unknown"])
        doing.say("minimising")
        if reached.complete:
            machine, classes = minimise(reached.machine())
        else:
            assert depth is not None
            machine = bounded(reached, depth)
        if certificate:
            _certify(checkpoint, certificate, reached, machine, classes, doing)
    _finish(machine, targets, _told(reached, machine, depth), other, equal, depth, certificate, as_json, start)


def _finish(
    machine: Machine,
    targets: tuple[Path, ...],
    told: list[str],
    other: Machine | None,
    equal: Path | None,
    depth: int | None,
    certificate: Path | None,
    as_json: bool,
    start: float,
) -> None:
    """Write the machine, and compare it or say what it is."""
    from trilc.automata import write_automaton
    from trilc.automata.formats import json_text

    for target in targets:
        write_automaton(machine, target)
    if other and equal:
        click.get_current_context().exit(_compared(machine, other, equal, depth, as_json))
    if as_json:
        click.echo(json_text(machine))
        return
    for line in told:
        click.echo(f"{line} ({time.monotonic() - start:.1f} s)" if line.startswith("minimal") else line)
    if certificate:
        click.echo(f"certified: {certificate}, checked by the reference, step by step")
    if max(machine.states, machine.vocabulary) <= SHOWN:
        _show(machine)


def _too_many(reached: Reached | Walked, bits: int, kind: str, as_json: bool) -> str:
    """The line for a net with more states than were to be looked at."""
    if as_json:
        facts = {"states": None, "found": reached.states, "followed": reached.followed, "depth": reached.depth}
        return json.dumps(facts)
    return (
        f"unknown: more than {reached.states - 1:,} states of {bits} {kind} are reached, all of them "
        f"found that {reached.depth} tokens lead to; see --limit, --memory, --observe and --depth, or --symbolic"
    )


def _certify(
    model: Model,
    target: Path,
    reached: Reached,
    machine: Machine,
    classes: NDArray[np.int32],
    doing: Doing,
) -> None:
    """Write a certificate that was read back and checked."""
    from backends import atomic_write
    from trilc.automata import certificate, check

    doing.say("certifying")
    with atomic_write(target) as file:
        file.write(certificate(reached, machine, classes))
    check(model, target, doing.say)


def _told(reached: Reached, machine: Machine, depth: int | None) -> list[str]:
    from trilc.automata import bytes_per_state

    units, kept = reached.observed.model.units, len(reached.step.kept)
    many = f"{reached.states:,} state{'s' * (reached.states != 1)}"
    room = bytes_per_state(reached.step.words, machine.vocabulary)
    lines = [f"net: {many} of {kept} of {units} units, at most {room:,} bytes for each"]
    if machine.bounded:
        count = _minimal(machine).removeprefix("minimal: ")
        return [*lines, f"bounded: {count}; exact for words of up to {depth} tokens, nothing is said of longer ones"]
    return [*lines, _minimal(machine)]


def _minimal(machine: Machine) -> str:
    return f"minimal: {machine.states:,} state{'s' * (machine.states != 1)}, {machine.vocabulary} tokens"


def _show(machine: Machine) -> None:
    """Print the machine as a table."""
    from rich.table import Table

    from trilc.cli.tables import print_table

    table = Table("state", *(_named(machine.tokens, token) for token in range(machine.vocabulary)))
    for state, (following, said) in enumerate(zip(machine.delta.tolist(), machine.output.tolist(), strict=True)):
        cells = zip(following, said, strict=True)
        shown = ("" if after < 0 else f"{_named(machine.symbols, output)} → {after}" for after, output in cells)
        table.add_row(f"{state}{' (start)' if state == machine.start else ''}", *shown)
    print_table(table)


def _compared(machine: Machine, other: Machine, name: Path, depth: int | None, as_json: bool) -> int:
    """Say whether they are equal; returns the exit code."""
    import numpy as np

    from trilc.automata import difference

    word = difference(machine, other)
    answer = "different" if word is not None else "unknown" if machine.bounded else "equal"
    said = None if word is None else [each.run(np.array([word]))[0, -1].item() for each in (machine, other)]
    if as_json:
        click.echo(json.dumps({"answer": answer, "word": word, "said": said, "states": machine.states}))
    elif word is None or said is None:
        unknown = f"unknown: words of up to {depth} tokens show no difference"
        click.echo(unknown if answer == "unknown" else f"equal: {machine.states:,} states")
    else:
        click.echo(f"different: after {len(word)} token{'s' * (len(word) != 1)}, a shortest word")
        click.echo(f"  word   {' '.join(_named(machine.tokens, token) for token in word)}")
        click.echo(f"  model  says {_named(machine.symbols, said[0])}")
        click.echo(f"  {name}  says {_named(machine.symbols, said[1])}")
    return EXIT_CODES[answer]


def _named(names: tuple[str, ...] | None, number: int) -> str:
    """A name, on one line and visible, or the number."""
    if names is None or not 0 <= number < len(names):
        return str(number)
    return json.dumps(names[number], ensure_ascii=not names[number].isprintable())
