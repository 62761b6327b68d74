"""Yosys and ABC on the careful RTL, and ABC on any netlist: the sizes that others reach."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.rtl import careful_rtl
from tests.oracles import abc, yosys
from trilc.model import Model

# ``synth`` without its SAT-based sharing, which does not finish here, and without its own call of ABC
ELABORATE = (
    "hierarchy -top top; proc -norom; flatten; opt_expr; opt_clean; opt; wreduce; peepopt; opt_clean; alumacc; opt; "
    "opt_clean; opt -fast -full; techmap; opt -fast; aigmap; opt_clean"
)

COMPRESS2RS = (
    "balance -l; resub -K 6 -l; rewrite -l; resub -K 6 -N 2 -l; refactor -l; resub -K 8 -l; balance -l; "
    "resub -K 8 -N 2 -l; rewrite -l; resub -K 10 -l; rewrite -z -l; resub -K 10 -N 2 -l; balance -l; "
    "resub -K 12 -l; refactor -z -l; resub -K 12 -N 2 -l; rewrite -z -l; balance -l"
)

COMPRESS2RS_TWICE = f"{COMPRESS2RS}; {COMPRESS2RS}; "

DELAY = "dc2; dc2; " + "dch; if -g -K 6; strash; " * 3
"""Few levels at any number of gates: balancing of sums of products (Mishchenko, Brayton, Jang, Kravets 2011)."""

MAPPING = "if -K 6 -a"
"""ABC's mapping to few look-up tables, which is tried on every snapshot."""


@dataclass(frozen=True)
class Reached:
    """What a rival reached, and how long it took."""

    script: str
    ands: int
    levels: int
    seconds: float


@dataclass(frozen=True)
class Snapshot(Reached):
    """The same, and what ABC then maps it to."""

    luts: int


def elaborate(model: Model, target: Path) -> float:
    """Careful RTL through Yosys to AIGER; returns the seconds that Yosys took."""
    source = target.with_suffix(".v")
    source.write_text(careful_rtl(model))
    start = time.perf_counter()
    yosys.run(f"read_verilog {source}; {ELABORATE}; write_aiger {target}", timeout=600, expected="undriven bit")
    return time.perf_counter() - start


def snapshots(netlist: Path, deepsyn: int = 0) -> list[Snapshot]:
    """A netlist as it stands, and after each of ABC's best area scripts; the last, after compress2rs, needs seconds."""
    shrunk = netlist.with_suffix(".shrunk.aig")
    taken = [
        snapshot(netlist, "as it stands"),
        snapshot(netlist, "dc2 ×6", "dc2; " * 6),
        snapshot(netlist, "compress2rs ×2", f"{COMPRESS2RS_TWICE} write_aiger {shrunk}; "),
    ]
    if deepsyn:
        script = f"dc2; dc2; &get -n; &deepsyn -T {deepsyn}; &put; "
        taken.append(snapshot(shrunk, f"compress2rs ×2, dc2 ×2, &deepsyn -T {deepsyn}", script))
    return taken


def snapshot(netlist: Path, name: str, script: str = "") -> Snapshot:
    """What ABC's script makes of a netlist."""
    start = time.perf_counter()
    printed = abc.run(f"read {netlist}; strash; {script}print_stats; {MAPPING}; print_stats", timeout=1800)
    seconds = time.perf_counter() - start
    ands, levels = re.findall(r"and = *(\d+).*lev = *(\d+)", printed)[-1]
    luts = re.findall(r"nd = *(\d+)", printed)[-1]
    return Snapshot(name, int(ands), int(levels), seconds, int(luts))
