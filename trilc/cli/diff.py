"""``trilc diff``."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from trilc.cli.options import (
    conflicts_option,
    json_option,
    outputs_option,
    path,
    seconds_option,
    tokens_option,
)
from trilc.cli.verdicts import CODES_HELP, EXIT_CODES, as_facts, shown, told
from trilc.version import VERSION

if TYPE_CHECKING:
    from trilc.bisection.bisect import Difference
    from trilc.bisection.blame import Gate

EXAMPLES = """
\b
Examples:
  trilc diff model.npz model.blif
  trilc diff a.aig b.aig --json
  trilc diff model.npz --passes "strash, 2*(rewrite, balance), dead"
"""

SHOWN = 8
"""Names or gates of a kind that are printed; JSON has them all."""


@click.command("diff", epilog=EXAMPLES + CODES_HELP)
@click.argument("a", metavar="MODEL_OR_NETLIST", type=path)
@click.argument("b", metavar="[OTHER]", type=path, required=False)
@click.option("--passes", metavar="TEXT", help="Find the first of these passes that changes what the circuit does.")
@outputs_option
@tokens_option
@conflicts_option
@seconds_option
@json_option
def command(
    a: Path,
    b: Path | None,
    passes: str | None,
    outputs: str | None,
    tokens: int | None,
    conflicts: int,
    seconds: float | None,
    as_json: bool,
) -> None:
    """Name what differs between MODEL_OR_NETLIST and OTHER: the shortest stream that shows it, outputs,
    registers, and the gates of OTHER that must be wrong.

    With --passes in place of OTHER, run these passes on it, and name the first that changes what it does, the
    lowering of a checkpoint being the zeroth. Ctrl-C answers with what is known by then.
    """
    if (b is None) == (passes is None):
        raise click.UsageError("expected either OTHER or --passes")

    from trilc.bisection.bisect import Bisection, Comparison, Limits
    from trilc.cli.sources import read_source
    from trilc.cli.verify import Doing

    start, context = time.monotonic(), click.get_current_context()
    source = read_source(a)
    limits = Limits(outputs, tokens, conflicts, seconds)
    inquiry: Bisection | Comparison
    inquiry = Bisection(source, passes or "", limits) if b is None else Comparison(source, read_source(b), limits)
    with Doing() as doing:
        try:
            found = inquiry.conclude(doing.say)
        except KeyboardInterrupt:
            found = inquiry.so_far()
    taken = round(time.monotonic() - start, 2)
    left, right = ("before", "after") if found.stage else (str(a), str(b) if b else "after all passes")
    if as_json:
        facts = {"trilc": VERSION, "a": str(a), "b": str(b) if b else None, "passes": passes, **_facts(found)}
        click.echo(json.dumps({**facts, "seconds": taken}, indent=2))
    else:
        click.echo(f"{found.verification.answer.value}: {_told(found)} ({taken:.1f} s)")
        if found.pair is not None and found.verification.counterexample is not None:
            click.echo("\n".join(shown(found.pair, found.verification.counterexample, left, right)))
        for line in _blamed(found):
            click.echo(f"  {line}")
    context.exit(EXIT_CODES[found.verification.answer.value])


def _told(found: Difference) -> str:
    said = told(found.verification)
    if found.stage is None:
        ran = found.stages and found.verification.answer.value == "unknown"
        return f"{said} (all {found.stages} stages against the source)" if ran else said
    name = f"pass {found.stage.position}, {found.stage.name}," if found.stage.position else "the lowering"
    surely = "" if found.first else "; whether an earlier one does, too, is not known"
    return f"{name} changes what the circuit does: {said}{surely}"


def _blamed(found: Difference) -> list[str]:
    if found.blame is None:
        return []
    lines = [
        f"{kind}: {', '.join(names[:SHOWN])}{f' … {len(names)} in all' if len(names) > SHOWN else ''}"
        for kind, names in (("other reset", found.blame.resets), ("differ first", found.blame.roots))
        if names
    ]
    return lines + [f"wrong gate: {_gate(gate)}" for gate in found.blame.gates[:SHOWN]]


def _gate(gate: Gate) -> str:
    share = "" if gate.explained == gate.failing else f" (explains {gate.explained} of {gate.failing} differences)"
    return f"{gate.text}, whose inputs are right{share}" if all(gate.counterparts) else f"{gate.text}{share}"


def _facts(found: Difference) -> dict[str, Any]:
    stage, known = found.stage, found.verification
    return {
        **(as_facts(found.pair, known) if found.pair else {"answer": known.answer.value, "how": known.how}),
        "stages": found.stages,
        "stage": None if stage is None else {"position": stage.position, "name": stage.name, "first": found.first},
        "blame": None if found.blame is None else asdict(found.blame),
    }
