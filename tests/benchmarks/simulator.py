"""The simulator beside everything else that runs the same model: tokens per second on one core, in turns.

python -m tests.benchmarks.simulator [MODEL.npz …] [--random UNITS] [--streams 4096] [--seconds 5] [--limit 600]
    [--skip RIVAL …] [--json FILE]

Without a model it is the shipped one, and then a random one of 1024 units.
All read the same random tokens in the same number of streams (Verilator and aigverse in one, ABC its own) and say
the argmax after each; what they say is compared with the model's reference. PyTorch gathers each token's
contribution from a table and does two matrix products per step, in inference mode, several steps per call.
gcc's straight-line code is spared the transposition that ours includes. A table ends with the targets: how much
faster we are than each kind of rival at its fastest, and the share of what the core could do if it did nothing
but logic instructions on registers, measured by such code. Times are CPU time, medians over rounds.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

import trilc
from tests.benchmarks import simulator_rivals as rivals
from tests.benchmarks.console import wide_console
from tests.benchmarks.models import SHIPPED
from tests.benchmarks.simulator_rivals import Contestant
from tests.oracles import abc, tools, verilator
from trilc.aig.simulation import Simulator
from trilc.aig.simulation.interpreter import Interpreter
from trilc.aig.simulation.microcode import TERNARY, XOR
from trilc.aig.simulation.native import Executable, Native, call, register_bits
from trilc.aig.simulation.registers import END
from trilc.aig.simulation.tape import compile_tape
from trilc.aig.simulation.x86 import encode
from trilc.cells.elman.layer import ElmanLayer
from trilc.engines.gates import FAST
from trilc.model import Head, Model

STEPS = 32
"""Steps in a run."""
ALONE = 1 << 14
"""Tokens in a run of what has one stream."""
ROUNDS = 3
"""Runs of each that are measured, at least."""
CHECKED = 256
"""Streams whose answers are compared with those of the reference, which is slow."""
UNITS = 1024
"""Of the random model that runs where none is named."""
OURS = "trilc"


def random_model(units: int, density: float = 0.05, vocabulary: int = 64, seed: int = 0) -> Model:
    """A seeded net of one layer, all its matrices ternary and sparse."""
    rng = np.random.default_rng(seed)

    def weights(rows: int, columns: int) -> NDArray[np.int8]:
        signs = rng.choice(np.array([-1, 1], np.int8), (rows, columns))
        return np.where(rng.random((rows, columns)) < density, signs, 0).astype(np.int8)

    layer = ElmanLayer(
        recurrent=weights(units, units),
        input=weights(units, vocabulary),
        bias=rng.integers(-4, 5, units),
        reset=np.zeros(units, np.uint8),
    )
    head = Head(weights(vocabulary, units), rng.integers(-4, 5, vocabulary), np.zeros(vocabulary, np.int64))
    return Model(signed=True, embedding=None, layers=(layer,), head=head, output="argmax")


def simulator(
    name: str, aig: trilc.AIG, tokens: NDArray[np.int64], expected: NDArray[np.int64], threads: int = 1
) -> Contestant:
    start = time.process_time()
    machine = Simulator(aig, tokens.shape[1], threads)
    note = f"ready in {time.process_time() - start:.2f} s"

    def run() -> NDArray[np.generic]:
        machine.reset()
        return machine.run(tokens)

    return Contestant(name, tokens.size, run, expected, note)


def interpreted(aig: trilc.AIG, tokens: NDArray[np.int64], expected: NDArray[np.int64]) -> Contestant:
    machine = Simulator(aig, tokens.shape[1], engine=Interpreter)

    def run() -> NDArray[np.generic]:
        machine.reset()
        return machine.run(tokens)

    return Contestant(f"{OURS}, interpreted", tokens.size, run, expected)


def contestants(
    model: Model, aig: trilc.AIG, streams: int, directory: Path, limit: float, skip: list[str]
) -> Iterator[Callable[[], Iterable[Contestant]]]:
    """What makes them ready, or raises ``RuntimeError``; a compiler has ``limit`` seconds, the fewest runs as many."""
    rng = np.random.default_rng(0)
    tokens = rng.integers(0, model.vocabulary, (STEPS, streams))
    alone = rng.integers(0, model.vocabulary, ALONE)
    expected = model.run(tokens[:, :CHECKED].T, "argmax").T
    yield lambda: [simulator(OURS, aig, tokens, expected)]
    if "interpreted" not in skip:
        yield lambda: [interpreted(aig, tokens, expected)]
    if "pytorch" not in skip:
        for kind in rivals.KINDS:
            yield lambda kind=kind: rivals.pytorch(model, tokens, expected, kind, limit / (1 + ROUNDS))
    if "numpy" not in skip:
        yield lambda: [rivals.numpy_step(model, tokens, expected)]
    if "gcc" not in skip and tools.find("gcc"):
        yield lambda: [rivals.straight_line_c(aig, tokens, expected, directory, limit)]
    if "abc" not in skip and abc.available():
        yield lambda: [rivals.abc_simulation(aig, 256, streams, directory)]
    if "aigverse" not in skip and find_spec("aigverse"):
        yield lambda: [rivals.aigverse_simulation(aig, model, alone, directory)]
    if "verilator" not in skip and verilator.available():
        yield lambda: [rivals.verilated(aig, model, alone, directory, limit)]


def ready(make: Callable[[], Iterable[Contestant]], console: Console) -> list[Contestant]:
    """Those that could be made ready; of another it is said why it was not."""
    try:
        return list(make())
    except (RuntimeError, subprocess.TimeoutExpired) as error:
        console.print(f"not run: {str(error).strip().splitlines()[0]:.200}")
        return []


def cpu_time() -> float:
    """Of this process and of those it ran."""
    children = os.times()
    return time.process_time() + children.children_user + children.children_system


def race(entered: list[Contestant], seconds: float) -> dict[str, float]:
    """Median tokens per second: rounds in which each runs once, those left out that had ``seconds`` already."""
    times: dict[str, list[float]] = {contestant.name: [] for contestant in entered}
    while running := [c for c in entered if len(times[c.name]) < ROUNDS or sum(times[c.name]) < seconds]:
        for contestant in running:
            start = cpu_time()
            contestant.run()
            times[contestant.name].append(cpu_time() - start)
    return {c.name: c.tokens / statistics.median(times[c.name]) for c in entered}


@njit
def _repeat(address: int, times: int) -> None:
    for _ in range(times):
        call(address, 0)


def limit(rounds: int = 9) -> float:
    """Logic instructions on vector registers that this core does in a second, times their bits."""
    wide = register_bits() == 512
    registers = 32 if wide else 16
    instructions = np.full((2000, 6), -1, np.int64)
    instructions[:, 0], instructions[:, 1] = TERNARY if wide else XOR, 0x96
    for place, stride in zip((2, 3, 4, 5), (1, 1, 3, 5), strict=True):  # a chain in each register, side by side
        instructions[:, place] = np.arange(2000) * stride % registers
    instructions[-1] = (END, 0, -1, -1, -1, -1)
    code = Executable(encode(instructions, np.zeros(0, np.int64), np.zeros(0, np.int64), wide)[0])
    _repeat(code.address, 1)
    times = []
    for _ in range(rounds):
        start = time.process_time()
        _repeat(code.address, 20_000)
        times.append(time.process_time() - start)
    return 20_000 * 1999 * register_bits() / statistics.median(times)


def share(aig: trilc.AIG, vocabulary: int, streams: int, instructions: int, rounds: int = 31) -> float:
    """Of :func:`limit`, in turns with it: how fast the core is, other programs change from moment to moment."""
    tokens = np.random.default_rng(0).integers(0, vocabulary, (STEPS, streams))
    machine = Simulator(aig, streams)
    shares = []
    for _ in range(rounds):
        start = time.process_time()
        machine.run(tokens)
        shares.append(tokens.size * instructions / (time.process_time() - start) / limit(1))
    return statistics.median(shares)


def threads(aig: trilc.AIG, vocabulary: int, streams: int, rounds: int = 7) -> float:
    """How much faster two threads are than one, by the clock; in turns."""
    tokens = np.random.default_rng(0).integers(0, vocabulary, (2 * STEPS, 4 * streams))
    machines = [Simulator(aig, tokens.shape[1], count) for count in (1, 2)]
    times: list[list[float]] = [[], []]
    for _ in range(rounds):
        for machine, measured in zip(machines, times, strict=True):
            start = time.perf_counter()
            machine.run(tokens)
            measured.append(time.perf_counter() - start)
    return min(times[0]) / min(times[1])


def measure(name: str, model: Model, options: argparse.Namespace, console: Console) -> dict[str, Any]:
    start = time.process_time()
    aig = trilc.compile(model, "argmax", options.passes)
    compiled = time.process_time() - start
    entered: list[Contestant] = []
    right: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as directory:
        named = (Path(directory), options.limit, options.skip)
        for make in contestants(model, aig, options.streams, *named):
            for contestant in ready(make, console):
                try:  # the first run also compiles
                    said = contestant.run()
                except RuntimeError as error:
                    console.print(f"{contestant.name}: not run, {str(error).strip().splitlines()[0]}")
                    continue
                entered.append(contestant)
                shown = said is not None and contestant.expected is not None
                right[contestant.name] = ("yes" if contestant.agrees(said) else "NO") if shown else ""
        speeds = race(entered, options.seconds)
    ours = speeds[OURS]
    title = f"{name}: {aig.num_ands} ANDs, compiled in {compiled:.1f} s; {options.streams} streams, one core"
    table = Table("", "tokens/s", "trilc is faster", "same answers", "", title=title)
    for contestant in entered:
        speed = speeds[contestant.name]
        faster = f"{ours / speed:.1f} ×"
        table.add_row(contestant.name, f"{speed:.3g}", faster, right[contestant.name], contestant.note)
    console.print(table)
    kinds = ("PyTorch", "numpy", "gcc", "ABC", "aigverse", "Verilator")
    ratios = {
        kind: ours / max(speed for rival, speed in speeds.items() if rival.startswith(kind))
        for kind in kinds
        if any(rival.startswith(kind) for rival in speeds)
    }
    figures: dict[str, Any] = {
        "ands": aig.num_ands, "compile_seconds": compiled, "streams": options.streams,
        "tokens_per_second": speeds, "same_answers": right, "times_faster_than": ratios,
        "ands_per_second": ours * aig.num_ands, "two_threads": threads(aig, model.vocabulary, options.streams),
    }  # fmt: skip
    if register_bits():
        instructions = Native(compile_tape(aig), register_bits()).logic
        figures["logic_instructions"] = instructions
        figures["logic_bits_per_second"] = limit()
        figures["share_of_limit"] = share(aig, model.vocabulary, options.streams, instructions)
    console.print(", ".join(f"{ratio:.1f} × {kind}" for kind, ratio in ratios.items()))
    console.print(
        f"{figures['ands_per_second']:.3g} ANDs/s; two threads {figures['two_threads']:.2f} × one"
        + (f"; {figures['share_of_limit']:.2f} of the core's logic limit" if register_bits() else "")
    )
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description="Tokens per second: the simulator and others, on one core.")
    parser.add_argument("models", nargs="*", type=Path)
    parser.add_argument("--random", type=int, metavar="UNITS", help="also a random net, 5 %% dense")
    parser.add_argument("--passes", default=FAST, help="what simplifies the netlist first")
    parser.add_argument("--streams", type=int, default=4096)
    parser.add_argument("--seconds", type=float, default=5.0, help="time for each contestant")
    parser.add_argument(
        "--skip", nargs="+", default=[], help="rivals",
        choices=["interpreted", "pytorch", "numpy", "gcc", "abc", "aigverse", "verilator"],
    )  # fmt: skip
    parser.add_argument(
        "--limit", type=float, default=600.0,
        help="seconds in which a rival is compiled, and runs as often as is measured at least; or it is left out",
    )  # fmt: skip
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    units = options.random or (None if options.models else UNITS)
    models = {path.name: trilc.load(path) for path in options.models or ([] if options.random else [SHIPPED])}
    if units:
        models[f"random, {units} units"] = random_model(units)
    console = wide_console()
    figures = {name: measure(name, model, options, console) for name, model in models.items()}
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
