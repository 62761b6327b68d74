"""``trilc fsm --symbolic``."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trilc.errors import InputError
from trilc.version import VERSION

if TYPE_CHECKING:
    from trilc.aig import AIG
    from trilc.automata.symbolic import SymbolicallyReached
    from trilc.model import Model

SHOWN = 10
"""Steps, and names of bits, that are printed; JSON has them all."""


def require_netlists(targets: Sequence[Path]) -> None:
    """Refuse files that the set can't be written to."""
    from backends import FORMATS

    for target in targets:
        if target.suffix not in FORMATS:
            raise InputError(f"{target}: expected an ending among {', '.join(FORMATS)} for a set of states")


def count(
    checkpoint: Model | AIG,
    outputs: str | None,
    observe: Sequence[str],
    targets: Sequence[Path],
    memory: int,
    seconds: float | None,
    depth: int | None,
    prove: bool,
    as_json: bool,
) -> int:
    """Count the states, write their set, and have it proved; returns the exit code."""
    from backends import write_aig
    from trilc.aig import AIG
    from trilc.automata import observation
    from trilc.automata.symbolic import inductive, reach_symbolic
    from trilc.cli.verify import Doing

    begun = time.monotonic()
    source = checkpoint if isinstance(checkpoint, AIG) else observation(checkpoint, outputs, observe)
    with Doing() as doing:
        found = reach_symbolic(source, memory, seconds, depth, prove or bool(targets), doing.say)
        proved = None
        if found.complete and prove and found.diagram:
            left = None if seconds is None else max(0.0, seconds - (time.monotonic() - begun))
            proved = inductive(source, found.diagram, left, doing.say)
            assert proved is not False, "the set is no inductive invariant"
    written = []
    if found.diagram:
        for target in targets:
            write_aig(found.diagram.netlist(found.names), target)
            written.append(str(target))
    if as_json:
        click.echo(json.dumps(_facts(found, written, proved)))
    else:
        click.echo("\n".join(_told(found, depth, written, targets)))
        if prove:
            click.echo(
                "proved by SAT: it holds at reset, and no token leads out of it" if proved
                else "not proved: the set is not complete, or time was over, or it was interrupted"
            )  # fmt: skip
    return 3 if found.stopped or (prove and not proved) else 0


def _facts(found: SymbolicallyReached, written: list[str], proved: bool | None) -> dict[str, object]:
    return {
        "trilc": VERSION, "states": found.states if found.complete else None, "found": found.states,
        "depth": found.depth, "levels": list(found.levels), "bits": len(found.names), "constant": found.constant,
        "nodes": found.nodes, "stopped": found.stopped, "written": written, "proved": proved,
        "seconds": round(found.seconds, 2),
    }  # fmt: skip


def _told(
    found: SymbolicallyReached, depth: int | None, written: list[str], targets: Sequence[Path]
) -> list[str]:
    bits, states = len(found.names), f"{found.states:,} state{'s' * (found.states != 1)}"
    tokens = f"{found.depth:,} token{'s' * (found.depth != 1)}"
    if found.complete:
        first = f"reached: {states} of {bits} bits, each within {tokens}"
    elif found.stopped:
        first = f"unknown: {found.stopped}; at least {states} of {bits} bits are reached" + (
            f", all of them found that {tokens} lead to" if found.levels else ""
        )
    else:
        first = f"bounded: {states} of {bits} bits within {tokens}; nothing is said of longer words"
    lines = [f"{first} ({found.seconds:.1f} s)"]
    if found.levels:
        lines.append(f"new after 0, 1, … tokens: {_some([f'{new:,}' for new in found.levels])}")
        lines.append(f"the set: a decision diagram of {found.nodes:,} nodes")
    if found.levels and found.constant:
        fixed = _some([f"{name} = {value}" for name, value in found.constant.items()])
        lines.append(f"{'never change' if found.complete else 'did not change'}: {fixed}")
    lines += [f"written: {name}, true in these states" for name in written]
    if targets and not written:
        lines.append("nothing is written: the set was not finished")
    return lines


def _some(items: list[str]) -> str:
    """The first of many, and the last."""
    return ", ".join(items if len(items) <= SHOWN else [*items[: SHOWN - 2], "…", items[-1]])
