"""The files that a compilation ends in: gates, or LUTs where they were asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from trilc.errors import InputError

if TYPE_CHECKING:
    from trilc.aig import AIG
    from trilc.cli.stages import Stages
    from trilc.luts.network import LutNetwork

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


def mapped(
    aig: AIG, lut: int | None, effort: str, goal: str, stages: Stages
) -> LutNetwork | None:
    """The netlist as LUTs, where they were asked for."""
    if lut is None:
        return None
    from trilc import luts

    with stages.mapping(f"map(k={lut})") as done:
        network = luts.map(aig, lut, depth=goal == "depth", rounds=ROUNDS[effort])
        done.append(network)
    return network


def write_targets(aig: AIG, network: LutNetwork | None, targets: tuple[Path, ...], stages: Stages) -> dict[str, Any]:
    """Write every file, LUTs where there are such; returns what the summary says of them."""
    from backends import write_aig, write_luts
    from trilc.compiler import timed

    for target in targets:
        with timed(stages, f"write {target}"):
            if network is None:
                write_aig(aig, target)
            else:
                write_luts(network, target)
    return {} if network is None else {"lut_inputs": network.k, "luts": network.size, "lut_levels": network.levels}
