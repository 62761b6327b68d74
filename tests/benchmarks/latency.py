"""One stream: tokens per second of every engine, of PyTorch and of a numpy step, and the time to the first token.

python -m tests.benchmarks.latency [MODEL.npz …] [--seconds 3]

All read the same random tokens, one after the other, in one stream, and say the argmax after each; what they say is
compared with the reference. They run in turns; CPU time, medians. The time to the first token is that of a whole
process, ``trilc simulate`` on three ids, kernels cached.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import torch
from rich.console import Console
from rich.table import Table

import trilc
from tests.benchmarks.models import SHIPPED
from tests.benchmarks.simulator_rivals import UNROLLED, Contestant, pytorch
from trilc.model import Model

STEPS = {"words": 20_000, "gates": 500, "reference": 200, "numpy": 2_000, "PyTorch": 400}
"""Tokens in one round, by the first word of a contestant's name: enough to be measured."""


def engine(model: Model, name: str) -> Contestant:
    runner = trilc.Runner(model, output="argmax", engine=name)

    def run(tokens: np.ndarray) -> np.ndarray:
        runner.reset()
        return runner.run(tokens)

    return run


def by_hand(model: Model) -> Contestant:
    """What one writes in numpy for one layer: a gathered row, two products in float32, two comparisons."""
    (layer,) = model.layers
    assert model.head is not None and model.signed and not model.head.fraction_rank.any()
    vectors = np.eye(model.vocabulary, dtype=np.int64) if model.embedding is None else model.embedding
    table = (vectors @ layer.input.T.astype(np.int64) + layer.bias).astype(np.float32)
    recurrent, head = layer.recurrent.astype(np.float32), model.head.weight.astype(np.float32)
    bias = model.head.bias.astype(np.float32)

    def run(tokens: np.ndarray) -> np.ndarray:
        state = 2 * layer.reset.astype(np.float32) - 1
        said = np.empty(tokens.shape, np.int64)
        for step, token in enumerate(tokens[:, 0].tolist()):
            state = np.where(recurrent @ state + table[token] >= 0, np.float32(1), np.float32(-1))
            said[step, 0] = (head @ state + bias).argmax()
        return said

    return run


def contestants(model: Model) -> dict[str, Contestant]:
    return {
        **{name: engine(model, name) for name in ("words", "gates", "reference")},
        "numpy, by hand": by_hand(model),
        "PyTorch float32": pytorch(model, 1, "float32", False),
        f"PyTorch float32, compiled, {UNROLLED} steps a call": pytorch(model, 1, "float32", True),
    }


def measure(path: Path, seconds: float, console: Console) -> None:
    model = trilc.load(path)
    tokens = np.random.default_rng(0).integers(0, model.vocabulary, (max(STEPS.values()), 1))
    known = model.run(tokens[:200].T, "argmax").T
    rivals = contestants(model)
    for name, run in rivals.items():
        assert (run(tokens[:200]) == known).all(), name
    times: dict[str, list[float]] = {name: [] for name in rivals}
    spent = dict.fromkeys(rivals, 0.0)
    while running := [name for name in rivals if len(times[name]) < 5 or spent[name] < seconds]:
        for name in running:
            steps = STEPS[name.split(",")[0].split()[0]]
            start = time.process_time()
            rivals[name](tokens[:steps])
            taken = time.process_time() - start
            spent[name] += taken
            times[name].append(taken / steps)
    speeds = {name: 1 / statistics.median(taken) for name, taken in times.items()}
    table = Table("", "tokens/s", "words are faster", title=f"{path.name}: one stream, one core")
    for name, speed in speeds.items():
        table.add_row(name, f"{speed:,.0f}", f"{speeds['words'] / speed:.1f} ×")
    console.print(table)


def first_token(path: Path, console: Console) -> None:
    """A process from its start to its end."""
    command = [sys.executable, "-c", "from trilc.cli import program; program()", "simulate", str(path)]
    taken = []
    for _ in range(6):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        start = time.perf_counter()
        subprocess.run(command, input=b"1 2 3", stdout=subprocess.DEVNULL, check=True)
        wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
        taken.append((after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall))
    cpu, wall = (statistics.median(column) for column in zip(*taken[1:], strict=True))
    console.print(f"{path.name}: first token out of 'trilc simulate' after {cpu:.2f} s of CPU, {wall:.2f} s in all")


def main() -> None:
    parser = argparse.ArgumentParser(description="One stream: tokens per second, and the time to the first token.")
    parser.add_argument("models", nargs="*", type=Path, default=[SHIPPED])
    parser.add_argument("--seconds", type=float, default=3.0, help="CPU time for each contestant")
    options = parser.parse_args()
    torch.set_num_threads(1)
    console = Console()
    for path in options.models:
        measure(path, options.seconds, console)
        first_token(path, console)


if __name__ == "__main__":
    main()
