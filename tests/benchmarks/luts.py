"""Our mapping to LUTs beside ABC's on the same netlists.

    python -m tests.benchmarks.luts [MODEL.npz | NETLIST …] [--k 6] [--rounds 30 --rounds 300] [--json FILE]

Without files, the models of the other benchmarks. A model is compiled for tables, ``--goal luts``; a netlist is taken
as it stands. For each and each K: LUTs, levels and seconds of ABC's area scripts and its depth script, and of ours for
area (with more and more rounds of annealing) and for depth. ABC is timed as a process, ours warm. Every one of ours is
checked: ABC proves it equal to the netlist where that takes no more than half a minute; nor do its scripts get more
than one.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

import trilc
from passes import efforts
from tests.benchmarks.console import wide_console
from tests.benchmarks.models import MODELS
from tests.oracles import abc
from trilc import luts
from trilc.aig import AIG

AREA = {
    "if -a": "if -K {k} -a",
    "if -a; mfs2 -a; lutpack": "if -K {k} -a; mfs2 -a; lutpack",
    "&if -a; &mfs": "&get -n; &if -a -K {k}; &mfs; &put",
    "dch; if -a; mfs2 -a; lutpack": "dch; if -K {k} -a; mfs2 -a; lutpack",
    "&dch; &if -a; &mfs": "&get -n; &dch -f; &if -a -K {k}; &mfs; &put",
}
DEPTH = {"if": "if -K {k}", "if; mfs2": "if -K {k}; mfs2"}
"""ABC's scripts for few LUTs, and for few levels."""

PATIENCE, PROOF = 60, 30
"""Seconds that a script of ABC, and a proof, may take."""


@dataclass(frozen=True)
class Mapped:
    """What a mapper made of a netlist."""

    netlist: str
    k: int
    mapper: str
    goal: str
    luts: int
    levels: int
    seconds: float
    proved: bool | None
    """Whether ABC proves it equal; None where it was not asked or found no answer in time."""


def rival(netlist: Path, name: str, k: int, script: str, goal: str) -> Mapped | None:
    """One of ABC's scripts, None where it takes too long."""
    start = time.perf_counter()
    library = netlist.with_name("library")  # lutpack packs four inputs without one
    library.write_text("".join(f"{inputs} 1 1\n" for inputs in range(1, k + 1)))
    try:
        printed = abc.run(f"read_lut {library}; read {netlist}; strash; {script.format(k=k)}; print_stats", PATIENCE)
    except subprocess.TimeoutExpired:
        return None
    seconds = time.perf_counter() - start
    found = re.findall(r"nd = *(\d+).*lev = *(\d+)", printed)[-1]
    mapper = next(key for key, value in (AREA | DEPTH).items() if value == script)
    return Mapped(name, k, mapper, goal, int(found[0]), int(found[1]), seconds, None)


def ours(aig: AIG, netlist: Path, name: str, k: int, depth: bool, rounds: int) -> Mapped:
    """Our mapper, proved."""
    start = time.perf_counter()
    network = luts.map(aig, k, depth, rounds=rounds)
    seconds = time.perf_counter() - start
    written = netlist.with_name("luts.aig")
    trilc.write_aig(network.to_aig(), written)
    proved: bool | None = None
    with suppress(RuntimeError, subprocess.TimeoutExpired):
        proved = abc.cec(netlist, written, PROOF)
    goal = "levels" if depth else "LUTs"
    return Mapped(name, k, f"trilc, {rounds} rounds", goal, network.size, network.levels, seconds, proved)


def measure(path: Path, k: int, rounds: list[int]) -> list[Mapped]:
    """Every mapper on one netlist."""
    if path.suffix == ".npz":
        aig = trilc.compile(trilc.load(path), passes=efforts.pipeline(goal="luts", made_for_luts=True), for_luts=True)
    else:
        aig = trilc.read_aig(path)
    results: list[Mapped | None] = []
    with tempfile.TemporaryDirectory() as folder:
        netlist = Path(folder, "netlist.aig")
        trilc.write_aig(aig, netlist)
        luts.map(aig, k, rounds=1)  # compiles the kernels
        results += [rival(netlist, path.stem, k, script, "LUTs") for script in AREA.values()]
        results += [ours(aig, netlist, path.stem, k, False, count) for count in rounds]
        results += [rival(netlist, path.stem, k, script, "levels") for script in DEPTH.values()]
        results.append(ours(aig, netlist, path.stem, k, True, rounds[-1]))
    return [mapped for mapped in results if mapped]


def show(results: list[Mapped], console: Console) -> None:
    """One table: every mapper beside the best of ABC for its goal."""
    table = Table(title="LUTs beside ABC's mappers on the same netlist", title_justify="left")
    for heading in ("netlist", "K", "goal", "mapper", "LUTs", "levels", "seconds", "÷ best of ABC", "proved"):
        table.add_column(heading, justify="right" if heading in ("LUTs", "levels", "seconds") else "left")
    before = None
    for mapped in results:
        key = (mapped.netlist, mapped.k, mapped.goal)
        if before not in (None, key):
            table.add_section()
        before = key
        rivals = [
            other
            for other in results
            if (other.netlist, other.k, other.goal) == key and not other.mapper.startswith("trilc")
        ]
        best = min(rivals, key=lambda other: other.luts if mapped.goal == "LUTs" else (other.levels, other.luts))
        table.add_row(
            mapped.netlist, str(mapped.k), mapped.goal, mapped.mapper, f"{mapped.luts:,}", str(mapped.levels),
            f"{mapped.seconds:.2f}", f"{mapped.luts / best.luts:.3f}",
            {True: "yes", False: "WRONG", None: ""}[mapped.proved],
        )  # fmt: skip
    console.print(table)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path, default=MODELS)
    parser.add_argument("--k", type=int, action="append", help="inputs of a LUT (default: 6)")
    parser.add_argument("--rounds", type=int, action="append", help="of annealing (default: 0, 30 and 300)")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    results = [
        mapped
        for path in options.files
        for k in options.k or [6]
        for mapped in measure(path, k, options.rounds or [0, 30, 300])
    ]
    show(results, wide_console())
    if options.json:
        options.json.write_text(json.dumps([asdict(mapped) for mapped in results], indent=2) + "\n")


if __name__ == "__main__":
    main()
