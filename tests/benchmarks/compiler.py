"""Sizes and times of compilation beside Yosys and ABC on careful RTL, in one run.

    python -m tests.benchmarks.compiler [MODEL.npz …] [--deepsyn 60] [--rounds 5] [--json FILE]

Without models, the shipped one. For each: ANDs, levels, seconds and memory of ``trilc compile`` as a whole process,
warm; the seconds of Yosys alone elaborating the RTL; what ABC's area scripts reach from there, and what they
still remove from trilc's own netlist; and the ANDs that each pass removed.
"""

from __future__ import annotations

import argparse
import json
import resource
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
from tests.benchmarks.rivals import elaborate, optimise

SHIPPED = Path("examples/kjv/kjv128.npz")


def measure(path: Path, deepsyn: int, rounds: int) -> dict[str, Any]:
    """Every figure of one model."""
    with tempfile.TemporaryDirectory() as folder:
        own, rtl = Path(folder, "own.aig"), Path(folder, "rtl.aig")
        seconds = [_compile(path, own) for _ in range(rounds + 1)][1:]
        summary = _compile_summary(path)
        elaborated = [elaborate(trilc.load(path), rtl) for _ in range(min(3, rounds))]
        rivals, left = optimise(rtl, deepsyn), optimise(own)
    best = min(rivals, key=lambda reached: reached.ands)
    still = min(left, key=lambda reached: reached.ands)
    return {
        "model": path.name,
        "ands": summary["ands"],
        "levels": summary["levels"],
        "rival_ands": best.ands,
        "rival_script": best.script,
        "rival_levels": min(reached.levels for reached in rivals),
        "ands_ratio": summary["ands"] / best.ands,
        "abc_still_removes": 1 - still.ands / summary["ands"],
        "compile_seconds": statistics.median(seconds),
        "compile_megabytes": summary["megabytes"],
        "yosys_seconds": statistics.median(elaborated),
        "speedup": statistics.median(elaborated) / statistics.median(seconds),
        "abc_seconds": sum(reached.seconds for reached in rivals),
        "stages": summary["stages"],
        "rivals": [vars(reached) for reached in rivals],
    }


def _command(path: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "trilc", "compile", str(path), *options]


def _compile(path: Path, target: Path) -> float:
    start = time.perf_counter()
    subprocess.run(_command(path, "-o", str(target)), check=True, capture_output=True)
    return time.perf_counter() - start


def _compile_summary(path: Path) -> dict[str, Any]:
    done = subprocess.run(_command(path, "--json"), check=True, capture_output=True, text=True)
    summary: dict[str, Any] = json.loads(done.stdout)
    # the largest child so far is the compilation: nothing else has run yet
    summary["megabytes"] = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return summary


def show(results: list[dict[str, Any]], console: Console) -> None:
    """The two tables: models beside rivals, and what each pass removed."""
    rows: dict[str, Any] = {
        "ANDs, trilc": lambda r: f"{r['ands']:,}",
        "ANDs, best of Yosys + ABC": lambda r: f"{r['rival_ands']:,} ({r['rival_script']})",
        "ratio": lambda r: f"{r['ands_ratio']:.3f}",
        "ABC still removes from ours": lambda r: f"{r['abc_still_removes']:.1%}",
        "levels, trilc / best of ABC": lambda r: f"{r['levels']} / {r['rival_levels']}",
        "trilc compile, whole process": lambda r: f"{r['compile_seconds']:.2f} s, {r['compile_megabytes']:.0f} MB",
        "Yosys alone elaborating the RTL": lambda r: f"{r['yosys_seconds']:.2f} s",
        "speed-up": lambda r: f"{r['speedup']:.1f} ×",
        "ABC's scripts": lambda r: f"{r['abc_seconds']:.1f} s",
    }
    table = Table(title="Compilation beside careful RTL through Yosys and ABC", title_justify="left")
    table.add_column("")
    for result in results:
        table.add_column(result["model"], justify="right")
    for name, figure in rows.items():
        table.add_row(name, *(figure(result) for result in results))
    console.print(table)
    for result in results:
        table = Table(title=f"{result['model']}: ANDs removed by each pass", title_justify="left")
        for heading in ("pass", "ANDs", "removed", "seconds"):
            table.add_column(heading, justify="left" if heading == "pass" else "right")
        before = None
        for stage in result["stages"]:
            after = stage["ands"]
            if after is not None:
                removed = "" if before is None else f"{before - after:,}"
                table.add_row(stage["stage"], f"{after:,}", removed, f"{stage['seconds']:.3f}")
                before = after
        console.print(table)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", type=Path, default=[SHIPPED])
    parser.add_argument("--deepsyn", type=int, default=0, help="seconds for ABC's &deepsyn (it takes about twice that)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    results = [measure(path, options.deepsyn, options.rounds) for path in options.models]
    show(results, Console())
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
