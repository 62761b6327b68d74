"""Sizes and times of compilation beside Yosys and ABC on careful RTL, in one run.

    python -m tests.benchmarks.compiler [MODEL.npz …] [--high] [--deepsyn 60] [--rounds 5] [--json FILE]

Without models, the shipped one. For each, at every effort: ANDs, levels, seconds and memory of ``trilc compile`` as a
whole process, warm; the seconds of Yosys alone elaborating the RTL; what ABC's area scripts reach from there, and what
they still remove from trilc's own netlists; and the ANDs that each pass of the default effort removed. ``--high``
takes minutes for each model.
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


SETTINGS = {
    "fast": ("--effort", "fast"),
    "default": (),
    "depth": ("--goal", "depth"),
    "high": ("--effort", "high"),
}
"""Options of ``trilc compile`` that are measured."""


def measure(path: Path, settings: list[str], deepsyn: int, rounds: int) -> dict[str, Any]:
    """Every figure of one model."""
    with tempfile.TemporaryDirectory() as folder:
        own = {name: _compile(path, Path(folder, f"{name}.aig"), name, rounds) for name in settings}
        rtl = Path(folder, "rtl.aig")
        elaborated = statistics.median(elaborate(trilc.load(path), rtl) for _ in range(min(3, rounds)))
        rivals = optimise(rtl, deepsyn)
        best = min(rivals, key=lambda reached: reached.ands)
        for name, summary in own.items():
            left = optimise(Path(folder, f"{name}.aig"), deepsyn)
            summary["ratio"] = summary["ands"] / best.ands
            summary["abc_still_removes"] = 1 - min(reached.ands for reached in left) / summary["ands"]
            summary["speedup"] = elaborated / summary["seconds"]
    return {
        "model": path.name,
        "trilc": own,
        "rival_ands": best.ands,
        "rival_script": best.script,
        "rival_levels": min(reached.levels for reached in rivals),
        "yosys_seconds": elaborated,
        "abc_seconds": sum(reached.seconds for reached in rivals),
        "rivals": [vars(reached) for reached in rivals],
    }


def _compile(path: Path, target: Path, name: str, rounds: int) -> dict[str, Any]:
    """What one setting gives: the summary of ``trilc compile``, with the median of its seconds and its memory."""
    command = [sys.executable, "-m", "trilc", "compile", str(path), "-o", str(target), "--json", *SETTINGS[name]]
    seconds = []
    # the first run warms the caches, where that matters
    for _ in range(rounds + 1 if name == "fast" else 1 if name == "high" else 2):
        start = time.perf_counter()
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        seconds.append(time.perf_counter() - start)
    summary: dict[str, Any] = json.loads(done.stdout)
    summary["seconds"] = statistics.median(seconds[1:] or seconds)
    # the largest child so far; the settings come in the order of what they need
    summary["megabytes"] = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return summary


def show(results: list[dict[str, Any]], console: Console) -> None:
    """The two tables: models beside rivals, and what each pass removed."""
    table = Table(title="Compilation beside careful RTL through Yosys and ABC", title_justify="left")
    for heading in ("model", "", "ANDs", "÷ best", "ABC removes", "levels", "seconds", "MB", "Yosys ÷"):
        table.add_column(heading, justify="left" if heading in ("model", "") else "right")
    for result in results:
        for name, own in result["trilc"].items():
            table.add_row(
                result["model"], f"trilc, {name}", f"{own['ands']:,}", f"{own['ratio']:.3f}",
                f"{own['abc_still_removes']:.1%}", f"{own['levels']}", f"{own['seconds']:.2f}",
                f"{own['megabytes']:.0f}", f"{own['speedup']:.1f} ×",
            )  # fmt: skip
        table.add_row(
            "", f"best of Yosys + ABC: {result['rival_script']}", f"{result['rival_ands']:,}", "1", "",
            f"{result['rival_levels']}", f"{result['yosys_seconds']:.1f} + {result['abc_seconds']:.1f}", "", "",
        )  # fmt: skip
        table.add_section()
    console.print(table)
    for result in results:
        table = Table(title=f"{result['model']}: ANDs removed by each pass", title_justify="left")
        for heading in ("pass", "runs", "removed", "seconds"):
            table.add_column(heading, justify="left" if heading == "pass" else "right")
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
        console.print(table)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", type=Path, default=[SHIPPED])
    parser.add_argument("--high", action="store_true", help="measure --effort high, too")
    parser.add_argument("--deepsyn", type=int, default=0, help="seconds for ABC's &deepsyn (it takes about twice that)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    settings = [name for name in SETTINGS if options.high or name != "high"]
    results = [measure(path, settings, options.deepsyn, options.rounds) for path in options.models]
    show(results, Console())
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
