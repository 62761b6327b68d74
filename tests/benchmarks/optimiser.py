"""The optimiser beside ABC and aigverse on any circuits, in one run.

    python -m tests.benchmarks.optimiser CIRCUIT.aig … [--effort high] [--deepsyn 60] [--scale 100000 …] [--json FILE]

For each circuit: ANDs, levels and seconds of ``trilc opt`` for few gates and for few levels, of ABC's ``dc2`` three
times and its compress2rs, on request of ``&deepsyn``, and of aigverse's passes where that is installed (PyPI; its
licence is MIT); what ABC's scripts still remove from our result; and whether ABC's ``cec`` finds every result of
ours equal to the circuit. With ``--scale``, our time on copies of each circuit, side by side, until there are so
many gates, beside that of ``dc2`` three times on the same. Our kernels are compiled before; ABC's times are its own.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import math
import re
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from backends import read_aig, write_aig
from passes import Pipeline, efforts
from tests.benchmarks.console import wide_console
from tests.benchmarks.rivals import COMPRESS2RS, Reached
from tests.oracles import abc
from trilc.aig import AIG
from trilc.aig.traverse import depth

AREA = {"dc2 ×3": "dc2; dc2; dc2; ", "compress2rs": f"{COMPRESS2RS}; "}
"""ABC's scripts for few gates."""


def by_abc(netlist: Path, name: str, script: str) -> Reached:
    """One script of ABC, with the time that it measures itself."""
    printed = abc.run(f"read {netlist}; strash; time; {script}time; print_stats", timeout=7200)
    size = re.findall(r"and = *(\d+).*lev = *(\d+)", printed)[-1]
    seconds = re.findall(r"elapse: *([\d.]+)", printed)[-1]
    return Reached(name, int(size[0]), int(size[1]), float(seconds))


def by_deepsyn(netlist: Path, seconds: int) -> Reached:
    return by_abc(netlist, f"&deepsyn -T {seconds}", f"&get -n; &deepsyn -T {seconds}; &put; ")


def by_aigverse(netlist: Path) -> Reached | None:
    """Five rounds of aigverse's passes; ``None`` where it is not installed."""
    try:
        from aigverse import algorithms, io, networks
    except ImportError:
        return None
    graph = io.read_aiger_into_aig(str(netlist))
    start = time.perf_counter()
    for _ in range(5):
        for step in (algorithms.sop_refactoring, algorithms.aig_cut_rewriting, algorithms.aig_resubstitution):
            graph = algorithms.cleanup_dangling(step(graph))
    levels = networks.DepthAig(graph).num_levels
    return Reached("aigverse", graph.num_gates, int(levels), time.perf_counter() - start)


def by_us(netlist: Path, effort: str, goal: str, target: Path) -> Reached:
    """``trilc opt``, without reading and writing."""
    aig = combinational(read_aig(netlist))
    pipeline = Pipeline.parse(efforts.pipeline(effort, goal))
    start = time.perf_counter()
    result = pipeline.apply(aig)
    seconds = time.perf_counter() - start
    write_aig(result, target)
    return Reached(f"trilc {effort}, {goal}", result.num_ands, depth(result), seconds)


def combinational(aig: AIG) -> AIG:
    """One step: registers become inputs and outputs, as ABC's scripts see them; constraints become outputs."""
    outputs = (*aig.output_names, *(f"next {name}" for name in aig.register_names))
    return AIG(
        aig.fanins,
        (*aig.input_names, *aig.register_names),
        output_names=(*outputs, *(f"constraint {k}" for k in range(len(aig.constraints)))),
        outputs=aig.roots,
    )


def copies(aig: AIG, number: int) -> AIG:
    """A circuit so many times, side by side."""
    sources, gates = aig.first_and - 1, aig.num_ands
    fanins, outputs = [], []
    for k in range(number):
        node = np.concatenate(
            [[0], 1 + k * sources + np.arange(sources), 1 + number * sources + k * gates + np.arange(gates)]
        )
        fanins.append(2 * node[aig.fanins >> 1] + (aig.fanins & 1))
        outputs.append(2 * node[aig.roots >> 1] + (aig.roots & 1))
    return dataclasses.replace(
        aig,
        fanins=np.concatenate(fanins).astype(np.uint32),
        input_names=tuple(f"i{k}" for k in range(number * sources)),
        output_names=tuple(f"o{k}" for k in range(number * len(aig.roots))),
        outputs=np.concatenate(outputs).astype(np.uint32),
    )


def measure(circuit: Path, effort: str, deepsyn: int, folder: Path) -> dict[str, Any]:
    """Every figure of one circuit."""
    start, gates, fast = folder / "start.aig", folder / "gates.aig", folder / "depth.aig"
    write_aig(combinational(read_aig(circuit)), start)
    ours = [by_us(start, effort, goal, target) for goal, target in (("gates", gates), ("depth", fast))]
    theirs = [by_abc(start, name, script) for name, script in AREA.items()]
    left = [by_abc(gates, name, script) for name, script in AREA.items()]
    extras = []
    if deepsyn:
        extras.append(by_deepsyn(start, deepsyn))
        left.append(by_deepsyn(gates, deepsyn))
    mockturtle = by_aigverse(start)
    best = min(reached.ands for reached in theirs)
    return {
        "circuit": circuit.stem,
        "reached": [vars(reached) for reached in (*ours, *theirs, *extras, *([mockturtle] if mockturtle else []))],
        "ands_ratio": ours[0].ands / best,
        "levels_ratio": ours[1].levels / min(reached.levels for reached in theirs),
        "gates_for_depth": ours[1].ands / ours[0].ands,
        "aigverse_ratio": ours[0].ands / mockturtle.ands if mockturtle else None,
        "abc_still_removes": 1 - min(reached.ands for reached in left) / ours[0].ands,
        "equal": abc.cec(start, gates, 3600) and abc.cec(start, fast, 3600),
    }


def at_scale(circuit: Path, effort: str, gates: int, folder: Path) -> dict[str, Any]:
    """Times on copies."""
    aig, large = combinational(read_aig(circuit)), folder / "large.aig"
    number = max(1, round(gates / max(aig.num_ands, 1)))
    write_aig(copies(aig, number), large)
    ours, theirs = by_us(large, effort, "gates", folder / "result.aig"), by_abc(large, *next(iter(AREA.items())))
    return {
        "circuit": f"{number} × {circuit.stem}", "reached": [vars(ours), vars(theirs)],
        "seconds_ratio": ours.seconds / max(theirs.seconds, 0.01),
    }  # fmt: skip


def show(results: list[dict[str, Any]], scaled: list[dict[str, Any]], console: Console) -> None:
    """The tables."""
    table = Table(title="ANDs / levels / seconds", title_justify="left")
    table.add_column("circuit")
    for reached in results[0]["reached"] if results else []:
        table.add_column(reached["script"], justify="right")
    for heading in ("ANDs ÷ ABC's best", "levels ÷ ABC's best", "ANDs for depth", "ABC still removes", "equal"):
        table.add_column(heading, justify="right")
    for result in results:
        sizes = [f"{r['ands']:,} / {r['levels']:,} / {r['seconds']:.1f}" for r in result["reached"]]
        table.add_row(
            result["circuit"], *sizes, f"{result['ands_ratio']:.3f}", f"{result['levels_ratio']:.2f}",
            f"{result['gates_for_depth']:.2f}", f"{result['abc_still_removes']:.1%}",
            "yes" if result["equal"] else "NO",
        )  # fmt: skip
    console.print(table)
    for name, key in (("ANDs", "ands_ratio"), ("levels", "levels_ratio"), ("ANDs for depth", "gates_for_depth")):
        console.print(f"geometric mean, {name}: {geometric_mean(result[key] for result in results):.4f}")
    beside = [result["aigverse_ratio"] for result in results if result["aigverse_ratio"]]
    console.print(
        f"geometric mean, ANDs ÷ aigverse's: {geometric_mean(beside):.4f}"
        if beside
        else "aigverse (pip install aigverse) is not installed: not compared"
    )
    for result in scaled:
        ours, theirs = result["reached"]
        console.print(
            f"{result['circuit']}: {ours['seconds']:.1f} s to {ours['ands']:,} ANDs, dc2 ×3 "
            f"{theirs['seconds']:.1f} s to {theirs['ands']:,}: {result['seconds_ratio']:.2f} of its time"
        )


def geometric_mean(values: Iterator[float] | list[float]) -> float:
    logarithms = [math.log(value) for value in values if value > 0]
    return math.exp(sum(logarithms) / max(len(logarithms), 1))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("circuits", nargs="+", type=Path)
    parser.add_argument("--effort", choices=efforts.EFFORTS, default="default")
    parser.add_argument("--deepsyn", type=int, default=0, help="seconds for ABC's &deepsyn (it takes about twice that)")
    parser.add_argument("--scale", type=int, action="append", default=[], help="measure times at so many gates")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    results, scaled = [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for goal in efforts.GOALS:  # compile the kernels
            write_aig(combinational(read_aig(options.circuits[0])), folder / "warm.aig")
            by_us(folder / "warm.aig", "fast", goal, folder / "result.aig")
        for circuit in options.circuits:
            results.append(measure(circuit, options.effort, options.deepsyn, folder))
            scaled += [at_scale(circuit, options.effort, gates, folder) for gates in options.scale]
            if options.json:  # the longest run leaves what it has
                options.json.write_text(json.dumps({"circuits": results, "scale": scaled}, indent=2) + "\n")
    show(results, scaled, wide_console())


if __name__ == "__main__":
    main()
