"""The files that a compilation ends in: gates, or LUTs where they were asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from trilc.errors import InputError

if TYPE_CHECKING:
    from trilc.aig import AIG
    from trilc.cli.stages import Stages

ROUNDS = {"fast": 5, "default": 30, "high": 300}
"""Of annealing the mapping to LUTs, by effort."""


def refuse_luts(lut: int | None, targets: tuple[Path, ...]) -> None:
    """Refuse what ``--lut`` can't do, before any work is done."""
    if lut is None:
        return
    from trilc.aig.word_tables import WIDEST

    if not 2 <= lut <= WIDEST:
        raise InputError(f"--lut {lut}: expected 2 to {WIDEST} inputs")
    for target in targets:
        if target.suffix != ".blif":
            raise InputError(f"{target}: with --lut, expected the ending .blif")


def write_targets(
    aig: AIG, targets: tuple[Path, ...], lut: int | None, effort: str, goal: str, stages: Stages
) -> dict[str, Any]:
    """Write every file; returns what the summary says of LUTs."""
    from backends import write_aig, write_luts
    from trilc.compiler import timed

    if lut is None:
        for target in targets:
            with timed(stages, f"write {target}"):
                write_aig(aig, target)
        return {}
    from trilc import luts

    with stages.mapping(f"map(k={lut})") as mapped:
        network = luts.map(aig, lut, depth=goal == "depth", rounds=ROUNDS[effort])
        mapped.append(network)
    for target in targets:
        with timed(stages, f"write {target}"):
            write_luts(network, target)
    return {"lut_inputs": lut, "luts": network.size, "lut_levels": network.levels}
