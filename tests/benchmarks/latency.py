"""One stream: tokens per second of every engine, of PyTorch and of a numpy step, and the time to the first token.

python -m tests.benchmarks.latency [MODEL.npz …] [--seconds 3]

All read the same random tokens, one after the other, in one stream, and say the argmax after each; what they say is
compared with the reference. They run in turns; CPU time, medians. The time to the first token is that of a whole
process, ``trilc simulate`` on three ids, modules and kernels cached; in turns with one that imports numba and does
nothing, which tells how fast the machine starts programs at the time.
"""

from __future__ import annotations

import argparse
import math
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

import trilc
from tests.benchmarks.console import wide_console
from tests.benchmarks.models import SHIPPED
from tests.benchmarks.simulator_rivals import Contestant, numpy_step, pytorch
from trilc.model import Model

STEPS = {"words": 20_000, "gates": 500, "reference": 200, "numpy": 2_000, "PyTorch": 400}
"""Tokens in one round, by the first word of a contestant's name: enough to be measured."""

CHECKED = 200
"""Tokens after which everybody must have said what the reference says."""


def engine(model: Model, name: str, tokens: NDArray[np.int64], expected: NDArray[np.int64]) -> Contestant:
    runner = trilc.Runner(model, output="argmax", engine=name)

    def run() -> NDArray[np.generic]:
        runner.reset()
        return runner.run(tokens)

    return Contestant(name, tokens.size, run, expected)


def contestants(model: Model) -> list[Contestant]:
    tokens = np.random.default_rng(0).integers(0, model.vocabulary, (max(STEPS.values()), 1))
    expected = model.run(tokens[:CHECKED].T, "argmax").T
    few = tokens[: STEPS["PyTorch"]]
    return [
        *(engine(model, name, tokens[: STEPS[name]], expected) for name in ("words", "gates", "reference")),
        numpy_step(model, tokens[: STEPS["numpy"]], expected),
        # int8 needs 17 streams
        *(rival for kind in ("float32", "bfloat16") for rival in pytorch(model, few, expected, kind, math.inf)),
    ]


def measure(path: Path, seconds: float, console: Console) -> None:
    rivals = contestants(trilc.load(path))
    for rival in rivals:
        said = rival.run()
        assert said is not None and (said[:CHECKED] == rival.expected).all(), rival.name
    times: dict[str, list[float]] = {rival.name: [] for rival in rivals}
    while running := [
        rival for rival in rivals if len(times[rival.name]) < 5 or rival.tokens * sum(times[rival.name]) < seconds
    ]:
        for rival in running:
            start = time.process_time()
            rival.run()
            times[rival.name].append((time.process_time() - start) / rival.tokens)
    speeds = {name: 1 / statistics.median(taken) for name, taken in times.items()}
    table = Table("", "tokens/s", "words are faster", title=f"{path.name}: one stream, one core")
    for name, speed in speeds.items():
        table.add_row(name, f"{speed:,.0f}", f"{speeds['words'] / speed:.1f} ×")
    console.print(table)


def first_token(path: Path, console: Console) -> None:
    """Processes from their start to their end."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    programs = {
        "the first token out of 'trilc simulate'": "from trilc.cli import program; program()",
        "words asked for": "import sys; sys.argv += ['--engine', 'words']; from trilc.cli import program; program()",
        "numba alone": "import numba",
    }
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in programs}
    for _ in range(10):
        for name, text in programs.items():
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            start = time.perf_counter()
            command = [sys.executable, "-c", text, "simulate", str(path)]
            subprocess.run(command, input=b"1 2 3", stdout=subprocess.DEVNULL, env=environment, check=True)
            wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
            taken[name].append((after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall))
    for name, times in taken.items():
        cpu, wall = (statistics.median(column) for column in zip(*times[1:], strict=True))
        console.print(f"{path.name}: {name} after {cpu:.2f} s of CPU, {wall:.2f} s in all")


def main() -> None:
    parser = argparse.ArgumentParser(description="One stream: tokens per second, and the time to the first token.")
    parser.add_argument("models", nargs="*", type=Path, default=[SHIPPED])
    parser.add_argument("--seconds", type=float, default=3.0, help="CPU time for each contestant")
    options = parser.parse_args()
    console = wide_console()
    for path in options.models:
        measure(path, options.seconds, console)
        first_token(path, console)


if __name__ == "__main__":
    main()
