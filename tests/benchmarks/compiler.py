"""Sizes and times of compilation beside Yosys and ABC on careful RTL, in one run.

    python -m tests.benchmarks.compiler [MODEL.npz …] [--high] [--deepsyn 60] [--rounds 5] [--json FILE]

Without models, the shipped one and those of tests/benchmarks/models. For each, by every effort and goal: ANDs, levels,
the 6-input look-up tables that our mapper and ABC's make of them (ABC's from our gates, and again from our tables),
and the seconds and memory of ``trilc compile`` as a whole process, warm. Beside them the same sizes of the RTL as Yosys
elaborates it and after each of ABC's area scripts, of whose best the ratios are, then after its script for few levels,
which takes many gates; and the seconds of Yosys alone. Then what those scripts still remove from the netlist of the
default effort, and the ANDs that each of its passes removed. ``--high`` takes minutes for each model, and so does
``--deepsyn 60``.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

import trilc
from tests.benchmarks.console import wide_console
from tests.benchmarks.models import MODELS, TRAINED
from tests.benchmarks.rivals import DELAY, elaborate, snapshot, snapshots

SETTINGS = {
    "fast": ("--effort", "fast"),
    "default": (),
    "luts": ("--goal", "luts"),
    "depth": ("--goal", "depth"),
    "high": ("--effort", "high"),
}
"""Options of ``trilc compile`` that are measured."""

SIZES = {
    "ands": "ANDs",
    "levels": "levels",
    "luts": "LUTs by ABC",
    "own_luts": "LUTs by trilc",
    "luts_again": "ABC from trilc's LUTs",
}
"""What is compared, and its heading; a rival has no mapper but ABC's."""


def measure(path: Path, settings: list[str], deepsyn: int, rounds: int) -> dict[str, Any]:
    """Every figure of one model."""
    with tempfile.TemporaryDirectory() as folder:
        rtl = Path(folder, "rtl.aig")
        elaborated = statistics.median(elaborate(trilc.load(path), rtl) for _ in range(min(3, rounds)))
        rivals = snapshots(rtl, deepsyn)
        fastest = snapshot(rtl, "dc2 ×2, (dch; if -g) ×3", DELAY)
        netlists = {name: Path(folder, f"{name}.aig") for name in settings}
        own = {name: _compile(path, netlist, name, rounds) for name, netlist in netlists.items()}
        for name, netlist in netlists.items():
            own[name]["luts"] = snapshot(netlist, "as it stands").luts
            own[name]["own_luts"] = _map(netlist)
            own[name]["luts_again"] = snapshot(netlist.with_suffix(".blif"), "as it stands").luts
        left = snapshots(netlists["default"], deepsyn)[1:]
    best = {size: min(vars(reached)[size] for reached in rivals) for size in ("ands", "levels", "luts")}
    return {
        "model": path.name,
        "trilc": own,
        "yosys_seconds": elaborated,
        "rivals": [vars(reached) for reached in (*rivals, fastest)],
        "rivals_best": {**best, "own_luts": best["luts"], "luts_again": best["luts"]},
        "abc_removes": {reached.script: 1 - reached.ands / own["default"]["ands"] for reached in left},
    }


def _compile(path: Path, target: Path, name: str, rounds: int) -> dict[str, Any]:
    """The summary of ``trilc compile`` by one setting, with the median of its seconds; rivals prove nothing either."""
    runs = [
        _trilc("compile", path, "-o", target, "--prove", "never", *SETTINGS[name])
        for _ in range(rounds if name == "fast" else 1)  # the others outlast the noise
    ]
    return {**runs[-1], "seconds": statistics.median(run["seconds"] for run in runs)}


def _map(netlist: Path) -> int:
    """The 6-input look-up tables that our mapper makes of a netlist as it stands, and writes beside it as BLIF."""
    summary = _trilc("opt", netlist, "-o", netlist.with_suffix(".blif"), "--passes", "", "--lut", "6")
    return int(summary["luts"])


def _trilc(*arguments: str | Path) -> dict[str, Any]:
    """The summary that a command prints, and its seconds and memory as a process of its own."""
    command = [sys.executable, "-m", "trilc", *arguments, "--json"]
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        printed = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise subprocess.CalledProcessError(process.returncode, command)
    return {**json.loads(printed), "seconds": time.perf_counter() - start, "megabytes": usage.ru_maxrss / 1024}


def show(results: list[dict[str, Any]], console: Console) -> None:
    """Every table."""
    for result in results:
        console.print(_sizes(result), _removed_by_abc(result), _times(result), _removed_by_us(result), sep="\n")


def _sizes(result: dict[str, Any]) -> Table:
    """Sizes, and their ratios to the best that any area script of ABC reached."""
    table = _table(f"{result['model']}: sizes beside careful RTL through Yosys and ABC", "netlist", *SIZES.values())
    for name, own in result["trilc"].items():
        compared = [f"{own[size]:,} = {own[size] / result['rivals_best'][size]:.3f}" for size in SIZES]
        table.add_row(f"trilc, {name}", *compared)
    table.add_section()
    for reached in result["rivals"]:
        table.add_row(f"RTL, {reached['script']}", *(f"{reached[size]:,}" for size in SIZES if size in reached))
    return table


def _removed_by_abc(result: dict[str, Any]) -> Table:
    table = _table(f"{result['model']}: what ABC still removes from trilc's default", "script", "of the ANDs")
    for script, share in result["abc_removes"].items():
        table.add_row(script, f"{share:.2%}")
    return table


def _times(result: dict[str, Any]) -> Table:
    table = _table(f"{result['model']}: whole processes, warm", "", "seconds", "MB at the most", "Yosys ÷")
    for name, own in result["trilc"].items():
        speedup = result["yosys_seconds"] / own["seconds"]
        table.add_row(f"trilc, {name}", f"{own['seconds']:.2f}", f"{own['megabytes']:.0f}", f"{speedup:.1f} ×")
    table.add_row("Yosys, elaborating the RTL", f"{result['yosys_seconds']:.1f}")
    for reached in result["rivals"]:
        table.add_row(f"ABC, {reached['script']}", f"{reached['seconds']:.1f}")
    return table


def _removed_by_us(result: dict[str, Any]) -> Table:
    table = _table(f"{result['model']}: ANDs removed by each pass of the default", "pass", "runs", "removed", "seconds")
    removed: dict[str, list[float]] = {}
    before = None
    for stage in result["trilc"]["default"]["stages"]:
        after = stage["ands"]
        if after is not None and before is not None:
            total = removed.setdefault(stage["stage"], [0, 0, 0.0])
            total[0] += 1
            total[1] += before - after
            total[2] += stage["seconds"]
        before = after
    for name, (runs, ands, seconds) in removed.items():
        table.add_row(name, f"{runs}", f"{ands:,}", f"{seconds:.3f}")
    return table


def _table(title: str, first: str, *headings: str) -> Table:
    """Empty, its first column for names and the rest for figures."""
    table = Table(title=title, title_justify="left")
    table.add_column(first)
    for heading in headings:
        table.add_column(heading, justify="right")
    return table


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", type=Path, default=MODELS)
    parser.add_argument("--high", action="store_true", help="measure --effort high, too")
    parser.add_argument("--deepsyn", type=int, default=0, help="seconds for ABC's &deepsyn (it takes about twice that)")
    parser.add_argument("--rounds", type=int, default=5, help="of the fast effort and of Yosys; the median counts")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    settings = [name for name in SETTINGS if options.high or name != "high"]
    with tempfile.TemporaryDirectory() as folder:
        for name in settings:  # fills the caches of kernels
            _compile(TRAINED[0], Path(folder, "warm.aig"), name, rounds=1)
        _map(Path(folder, "warm.aig"))
    results = []
    for path in options.models:
        results.append(measure(path, settings, options.deepsyn, options.rounds))
        show(results[-1:], wide_console())
        if options.json:
            options.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
