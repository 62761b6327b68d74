"""``trilc trace``."""

from __future__ import annotations

import json
import re
import shutil
import sys
from functools import cache, partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from trilc.cli.options import (
    input_option,
    json_option,
    lines_option,
    output_file,
    path,
    quiet_option,
    refuse_twice,
)
from trilc.errors import InputError
from trilc.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trilc.aig import AIG
    from trilc.explain.language.terms import Terms
    from trilc.explain.subject import Trace
    from trilc.explain.trace import Reason
    from trilc.model import Model

EXAMPLES = """
\b
Examples:
  trilc trace model.npz "in the beginning"
  trilc trace model.npz "in the b" --bits h[0..31] --why flips --why out
  trilc trace model.npz "the lord" --why h[7] --at 3..5
  trilc trace model.npz "the lord" --at 5..8 --corpus book.txt
  trilc trace model.aig --tokens "3 1 4" --vcd run.vcd --json
  trilc trace model.npz "the lord" --vcd run.vcd --gtkw run.gtkw
"""

PLAIN_WIDTH = 110
"""Characters of a line where there is no terminal."""

COLOURS = {"▲": "green", "▼": "red", "·": "bright_black"}
"""Of marks, on a terminal."""


class Span(click.ParamType[Any]):
    """``N`` or ``N..M``."""

    name = "N|N..M"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The first and the last."""
        found = re.fullmatch(r"(\d{1,9})(?:\.\.(\d{1,9}))?", value)
        if found and 1 <= int(found[1]) <= int(found[2] or found[1]):
            return int(found[1]), int(found[2] or found[1])
        self.fail(f"found {value!r}; expected tokens, counted from 1, such as 3 or 3..5", param, ctx)


@click.command("trace", epilog=EXAMPLES)
@click.argument("source", metavar="MODEL_OR_NETLIST", type=path)
@click.argument("text", required=False)
@click.option("--tokens", metavar="IDS", help="Ids between spaces, in place of TEXT.")
@click.option("--bits", metavar="BITS", help="Look only at these bits, such as h[0..31] or h[3,5,9].")
@click.option(
    "--at", "span", type=Span(),
    help="Tokens, counted from 1, that --why and --corpus are about (default: the last), and that are shown.",
)  # fmt: skip
@click.option(
    "--why", "targets", multiple=True, metavar="TARGET",
    help="The fewest inputs that force it: flips (every bit that flips), out, or what trilc formula takes: h[7], h[*], "
    "\"out='a'\", \"score[a] > score[b]\". May be repeated.",
)  # fmt: skip
@click.option(
    "--corpus", type=path, metavar="FILE",
    help="Find where the bits that switch on at the first token of --at, and stay on to its last, do so elsewhere.",
)  # fmt: skip
@click.option("--staying", is_flag=True, help="For --corpus: bits that are on, whether they were on before or not.")
@click.option("--best", type=click.IntRange(1, 10_000), default=10, show_default=True, help="Places that are listed.")
@input_option("What the corpus holds (default: text where tokens have names, else ids).")
@lines_option
@click.option("--vcd", type=output_file, metavar="FILE", help="Write the waveform, for GTKWave, Surfer and others.")
@click.option(
    "--gtkw", type=output_file, metavar="FILE",
    help="With --vcd, write a GTKWave save file (gtkwave FILE opens it) and beside it, in FILE.filter, the translate "
    "file that shows ids as names of tokens.",
)  # fmt: skip
@json_option
@quiet_option
def command(
    source: Path,
    text: str | None,
    tokens: str | None,
    bits: str | None,
    span: tuple[int, int] | None,
    targets: tuple[str, ...],
    corpus: Path | None,
    staying: bool,
    best: int,
    input_: str | None,
    lines: bool,
    vcd: Path | None,
    gtkw: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Show what every token of TEXT did to the state: ▲ a bit switched on, ▼ switched off, █ on, · off.

    A reason is a set of bits, of h before the token or h' after it, and perhaps the token, that forces what is seen
    whatever the rest is: no part can be left out, and a neuron has none with fewer parts. Places in a corpus are exact,
    best first: those where the most of the bits do the same, and the fewest others.
    """
    if (text is None) == (tokens is None):
        raise click.UsageError("the input is either TEXT or --tokens")
    if corpus is None and (staying or input_ or lines):
        raise click.UsageError("--staying, --input and --lines are for --corpus")

    if gtkw is not None and vcd is None:
        raise click.UsageError("--gtkw is for the waveform of --vcd")

    filter_file = gtkw and gtkw.with_name(f"{gtkw.name}.filter")
    refuse_twice(source, corpus, vcd, gtkw, filter_file)

    from trilc.cli.ask import given_tokens
    from trilc.cli.sources import read_source
    from trilc.explain.subject import Subject

    machine = read_source(source)
    subject = Subject(machine)
    terms = subject.terms
    given = given_tokens(machine, text, tokens) or []
    if wrong := [token for token in given if token >= terms.vocabulary]:
        raise InputError(f"--tokens: found {wrong[0]}; expected ids from 0 to {terms.vocabulary - 1}")
    if not given:
        raise InputError("the input is empty; expected at least one token")
    if span and span[1] > len(given):
        raise InputError(f"--at: found token {span[1]}; expected 1 to {len(given)}")
    subject.registers()  # a netlist that has lost bits of its state is refused
    chosen = _chosen(bits, terms)
    trace = subject.replay(given)
    first, last = span or (len(given), len(given))
    found = reasons(machine, trace, range(first, last + 1), targets, chosen) if targets else []
    facts = _facts(trace, terms, chosen, found) if as_json else {}
    if not as_json:
        _print_waterfall(trace, terms, chosen, *(span or (1, len(given))))
        for place, reason in found:
            click.echo(told(place, reason, trace, terms))
    if corpus is not None:
        from trilc.cli.likeness import likeness

        facts["likeness"] = likeness(
            machine, trace, (first, last), chosen, not staying, corpus, input_, lines, best, quiet, not as_json
        )
    if vcd is not None:
        _write_waveform(machine, given, vcd, gtkw, filter_file)
    if as_json:
        click.echo(json.dumps({"trilc": VERSION, "model": str(source), **facts}, indent=2))


def reasons(
    machine: Model | AIG, trace: Trace, places: Sequence[int], targets: Sequence[str], bits: Sequence[int]
) -> list[tuple[int, Reason]]:
    """Why what is asked for is as it is after each of some tokens, counted from 1."""
    from trilc.explain.formula import Reading, Statement, formula
    from trilc.explain.trace import reason
    from trilc.model import Model

    if not isinstance(machine, Model):
        raise InputError("--why is about neurons, and a netlist has gates; expected a checkpoint (or trilc ask … why)")
    rows_of = cache(partial(formula, machine))
    reading = Reading.of(machine)
    found = []
    for place in places:
        before, after, token = trace.states[place - 1], trace.states[place], trace.tokens[place - 1]
        for target in targets:
            if target == "flips":
                asked = [f"h[{bit}]" for bit in bits if before[bit] != after[bit]]
            elif target == "out" and trace.said is not None:
                asked = [f"out={trace.said[place - 1]}"]
            else:
                asked = [target]
            for row in chain.from_iterable(map(rows_of, asked)):
                if not isinstance(row, Statement):
                    raise InputError(f"{row.name} is a number; expected a comparison such as {row.name} >= 0")
                found.append((place, reason(row, before, after, token, reading)))
    return found


def told(place: int, reason: Reason, trace: Trace, terms: Terms) -> str:
    """A reason as a line."""
    from trilc.explain.trace.waterfall import named

    token = named(terms, "tok", trace.tokens[place - 1])
    parts = [f"tok={token}"] if reason.token else []
    parts += [f"{'' if value else '¬'}{bit}" for bit, value in reason.bits]
    says = reason.name if reason.value else f"not {reason.name}"
    because = f"because of {' '.join(parts)}" if parts else "whatever the state and the token"
    rest = "; no fewer force it" if reason.fewest else "; none can be left out"
    return f"token {place} {token}: {says} {because} ({len(reason.bits)} of {reason.of} bits{rest if parts else ''})"


def _chosen(bits: str | None, terms: Terms) -> tuple[int, ...]:
    from trilc.explain.language.parser import parse_seen
    from trilc.explain.language.syntax import Bits

    if bits is None:
        return tuple(range(terms.units))
    match parse_seen(bits, terms):
        case Bits(indices, 0):
            return tuple(dict.fromkeys(indices))
    raise InputError(f"--bits: found {bits!r}; expected state bits such as h[0..31]")


def _print_waterfall(trace: Trace, terms: Terms, bits: Sequence[int], first: int, last: int) -> None:
    from trilc.cli.terminal import visible
    from trilc.explain.trace import waterfall

    on_terminal = sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if on_terminal else PLAIN_WIDTH
    for line in waterfall(trace, terms, bits, first, last, width):
        shown = visible(line)
        if on_terminal:
            shown = re.sub("[▲▼·]+", lambda found: _coloured(found[0]), shown)
        click.echo(shown)


def _coloured(marks: str) -> str:
    return "".join(click.style(mark, fg=COLOURS[mark]) for mark in marks)


def _facts(
    trace: Trace, terms: Terms, bits: Sequence[int], found: Sequence[tuple[int, Reason]]
) -> dict[str, Any]:
    """A trace for JSON."""
    from trilc.explain.trace import flips

    names, spoken = terms.names("tok"), terms.names("out")
    changes = flips(trace.states)
    chosen = list(bits)
    steps = []
    for place, token in enumerate(trace.tokens):
        said = None if trace.said is None else int(trace.said[place])
        steps.append(
            {
                "token": token,
                "name": names and names[token],
                "on": [bit for bit in chosen if changes[place, bit] > 0],
                "off": [bit for bit in chosen if changes[place, bit] < 0],
                "state": "".join(map(str, trace.states[place + 1, chosen].tolist())),
                "said": said,
                "said_name": None if said is None else spoken and spoken[said],
            }
        )
    return {
        "bits": chosen,
        "reset": "".join(map(str, trace.states[0, chosen].tolist())),
        "steps": steps,
        "reasons": [
            {
                "at": place,
                "name": reason.name,
                "value": int(reason.value),
                "token": reason.token,
                "bits": [{"bit": bit.number, "after": bit.after, "value": value} for bit, value in reason.bits],
                "of": reason.of,
                "fewest": reason.fewest,
            }
            for place, reason in found
        ],
    }


def _write_waveform(
    machine: Model | AIG, tokens: Sequence[int], target: Path, gtkw: Path | None, filter_file: Path | None
) -> None:
    import numpy as np

    from backends import atomic_write
    from trilc.cli.watching import waved
    from trilc.runner import Runner

    runner = Runner(machine)
    with waved(runner, target) as run:
        for _ in run([np.array(tokens)]):
            pass
    if gtkw is not None and filter_file is not None:
        from trilc.gtkwave import filter_text, save_text

        named = runner.tokenizer is not None
        texts = {gtkw: save_text(runner, target, filter_file if named else None)}
        if named:
            texts[filter_file] = filter_text(runner)
        for path, text in texts.items():
            with atomic_write(path) as file:
                file.write(text.encode())
