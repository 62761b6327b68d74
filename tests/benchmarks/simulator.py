"""Tokens per second of the bit-parallel simulator and of PyTorch, on one core, in turns.

python tests/benchmarks/simulator.py MODEL.npz … [--streams 4096] [--seconds 5] [--json FILE]

Both read the same random tokens in the same number of streams and say the argmax after each. PyTorch gathers
each token's contribution from a table and does two matrix products per step, in inference mode, several steps
per call; its fastest variant counts. Every contestant's answers are compared with the model's reference.
Times are the process's own (CPU time), so that other work on the machine counts as little as can be.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.console import Console
from rich.table import Table

import trilc
from trilc.aig.simulation import Simulator
from trilc.aig.simulation.tape import compile_tape
from trilc.model import Model

STEPS = 16
"""Steps in one call of the simulator, and in one round of everybody."""
UNROLLED = 8
"""Steps in one call of PyTorch: what is compiled together."""

Contestant = Callable[[np.ndarray], np.ndarray]
"""Reads (STEPS, streams) tokens from the reset state; returns the argmax after each."""


def simulator(aig: trilc.AIG, streams: int) -> Contestant:
    machine = Simulator(aig, streams)

    def run(tokens: np.ndarray) -> np.ndarray:
        machine.reset()
        return machine.run(tokens)

    return run


def pytorch(model: Model, streams: int, kind: str, compiled: bool) -> Contestant:
    """The model in ``float32``, ``bfloat16`` or ``int8`` (products in int32)."""
    exact, total = (torch.int8, torch.int32) if kind == "int8" else (getattr(torch, kind),) * 2
    product = torch._int_mm if kind == "int8" else torch.mm
    first = model.layers[0]
    vectors = np.eye(model.vocabulary, dtype=np.int64) if model.embedding is None else model.embedding
    table = torch.tensor(vectors @ first.input.T + first.bias).to(total)
    recurrent = [torch.tensor(layer.recurrent.T.copy()).to(exact) for layer in model.layers]
    feed = [torch.tensor(layer.input.T.copy()).to(exact) for layer in model.layers[1:]]
    bias = [torch.tensor(layer.bias).to(total) for layer in model.layers[1:]]
    assert model.head is not None and not model.head.fraction_rank.any(), "integer heads only"
    pad = -len(model.head.weight) % 8  # the int8 product asks for it
    head = torch.tensor(np.pad(model.head.weight, ((0, pad), (0, 0))).T.copy()).to(exact)
    offset = torch.tensor(np.pad(model.head.bias, (0, pad), constant_values=-(1 << 20))).to(total)
    one = torch.ones((), dtype=exact)
    low = -one if model.signed else torch.zeros_like(one)
    resets = [torch.tensor(model.values(layer.reset)).to(exact).expand(streams, -1) for layer in model.layers]

    def steps(state: list[torch.Tensor], tokens: torch.Tensor) -> tuple[list[torch.Tensor], torch.Tensor]:
        said = []
        for token in tokens:
            new: list[torch.Tensor] = []
            for k, old in enumerate(state):
                below = table[token] if k == 0 else product(new[-1], feed[k - 1]) + bias[k - 1]
                new.append(torch.where(product(old, recurrent[k]) + below >= 0, one, low))
            state = new
            said.append(torch.argmax(product(state[-1], head) + offset, 1))
        return state, torch.stack(said)

    call = torch.compile(steps, dynamic=False) if compiled else steps

    def run(tokens: np.ndarray) -> np.ndarray:
        state, said = [reset.contiguous() for reset in resets], []
        with torch.inference_mode():
            for part in torch.tensor(tokens).split(UNROLLED):
                state, indices = call(state, part)
                said.append(indices)
            return torch.cat(said).numpy()

    return run


def rivals(model: Model, streams: int) -> Iterator[tuple[str, Contestant]]:
    for kind in ("float32", "bfloat16", "int8"):
        for compiled in (False, True):
            yield f"PyTorch {kind}{', compiled' * compiled}", pytorch(model, streams, kind, compiled)


def race(contestants: dict[str, Contestant], tokens: np.ndarray, seconds: float) -> dict[str, float]:
    """Median CPU seconds of a run: rounds in which each runs once, those left out that had ``seconds`` already."""
    times: dict[str, list[float]] = {name: [] for name in contestants}
    while running := [name for name in contestants if len(times[name]) < 3 or sum(times[name]) < seconds]:
        for name in running:
            start = time.process_time()
            contestants[name](tokens)
            times[name].append(time.process_time() - start)
    return {name: statistics.median(measured) for name, measured in times.items()}


def measure(path: Path, streams: int, seconds: float, console: Console) -> dict[str, Any]:
    model = trilc.load(path)
    aig = trilc.compile(model, outputs="argmax")
    tokens = np.random.default_rng(0).integers(0, model.vocabulary, (STEPS, streams))
    expected = model.run(tokens.T, "argmax").T
    ours = "trilc, gates"
    contestants: dict[str, Contestant] = {ours: simulator(aig, streams)}
    contestants.update(rivals(model, streams))
    right: dict[str, bool] = {}
    for name, contestant in list(contestants.items()):
        try:  # the first run also compiles
            right[name] = bool((contestant(tokens) == expected).all())
        except RuntimeError as error:
            console.print(f"{name}: not run, {str(error).strip().splitlines()[0]}")
            del contestants[name]
    medians = race(contestants, tokens, seconds)
    speeds = {name: tokens.size / median for name, median in medians.items()}
    fastest = max(speed for name, speed in speeds.items() if name != ours)
    operations = int(compile_tape(aig).counts.sum())
    title = f"{path.name}: {aig.num_ands} ANDs in {operations} operations, {streams} streams, one core"
    table = Table("", "tokens/s", "trilc is faster", "same answers", title=title)
    for name, speed in speeds.items():
        table.add_row(name, f"{speed:.3g}", f"{speeds[ours] / speed:.1f} ×", "yes" if right[name] else "no")
    console.print(table)
    console.print(f"{speeds[ours] * aig.num_ands:.3g} ANDs/s; {speeds[ours] / fastest:.1f} × PyTorch at its fastest")
    return {
        "ands": aig.num_ands, "operations": operations, "streams": streams, "tokens_per_second": speeds,
        "same_answers": right, "ratio": speeds[ours] / fastest, "ands_per_second": speeds[ours] * aig.num_ands,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description="Tokens per second: the simulator against PyTorch, on one core.")
    parser.add_argument("models", nargs="+", type=Path)
    parser.add_argument("--streams", type=int, default=4096)
    parser.add_argument("--seconds", type=float, default=5.0, help="time for each contestant")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch._dynamo.config.cache_size_limit = 8 * len(options.models)  # the contestants share one function
    console = Console()
    figures = {path.name: measure(path, options.streams, options.seconds, console) for path in options.models}
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
