"""The AIG's kernels on large random graphs: nodes per second and bytes per node.

python tests/benchmarks/kernels.py [--nodes 1000000 10000000] [--rounds 3] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from rich.table import Table

from passes import Dead, Strash
from tests.benchmarks.console import wide_console
from trilc.aig import AIG
from trilc.aig.simulation import simulate_nodes
from trilc.aig.simulation.tape import compile_tape

INPUTS = REGISTERS = OUTPUTS = 256
WORDS = 4


def random_aig(nodes: int, seed: int = 0) -> AIG:
    """ANDs whose fan-ins lie at distances of every order of magnitude, near ones as often as far ones."""
    rng = np.random.default_rng(seed)
    node = np.arange(1 + INPUTS + REGISTERS, nodes)
    reach = np.log(node)
    fanins = np.empty((len(node), 2), np.int64)
    for k in range(2):
        fanins[:, k] = node - np.exp(rng.random(len(node)) * reach).astype(np.int64)
    fanins = np.clip(fanins, 1, None)
    same = fanins[:, 0] == fanins[:, 1]
    fanins[same, 1] = np.where(fanins[same, 0] > 1, fanins[same, 0] - 1, 2)
    literals = np.sort(2 * fanins + rng.integers(0, 2, fanins.shape), axis=1).astype(np.uint32)
    roots = 2 * (nodes - 1 - rng.integers(0, nodes // 2, OUTPUTS + REGISTERS))
    return AIG(
        fanins=literals,
        input_names=tuple(f"x[{i}]" for i in range(INPUTS)),
        register_names=tuple(f"h[{i}]" for i in range(REGISTERS)),
        output_names=tuple(f"y[{i}]" for i in range(OUTPUTS)),
        next_state=roots[OUTPUTS:].astype(np.uint32),
        reset=np.zeros(REGISTERS, np.uint8),
        outputs=roots[:OUTPUTS].astype(np.uint32),
    )


def kernels(aig: AIG) -> dict[str, Callable[[], object]]:
    leaves = np.random.default_rng(1).integers(0, 1 << 64, (INPUTS + REGISTERS, WORDS), dtype=np.uint64)
    return {
        "structural hashing": lambda: Strash().apply(aig),
        "dead-gate elimination": lambda: Dead().apply(aig),
        f"simulation of every node, {64 * WORDS} patterns": lambda: simulate_nodes(aig, leaves),
        "compilation to a tape": lambda: compile_tape(aig),
    }


def seconds(kernel: Callable[[], object], rounds: int) -> float:
    times = []
    for _ in range(rounds):
        start = time.process_time()
        kernel()
        times.append(time.process_time() - start)
    return statistics.median(times)


def main() -> None:
    parser = argparse.ArgumentParser(description="Speed and size of the AIG's kernels.")
    parser.add_argument("--nodes", nargs="+", type=int, default=[10**6, 10**7])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    for kernel in kernels(random_aig(10_000)).values():  # compile
        kernel()
    table = Table("nodes per second", *(f"{nodes:.0e} nodes" for nodes in options.nodes))
    figures: dict[str, dict[str, Any]] = {}
    for nodes in options.nodes:
        aig = random_aig(nodes)
        aig.check()
        speeds = {name: nodes / seconds(kernel, options.rounds) for name, kernel in kernels(aig).items()}
        figures[str(nodes)] = {**speeds, "bytes per node at rest": aig.fanins.nbytes / nodes}
    for name in next(iter(figures.values())):
        table.add_row(name, *(f"{figures[str(nodes)][name]:.3g}" for nodes in options.nodes))
    wide_console().print(table)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
