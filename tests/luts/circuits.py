"""What the tests of LUTs compare them with."""

from __future__ import annotations

import numpy as np

from tests.aig.circuits import node_values
from trilc.aig import AIG, Builder
from trilc.luts import LutNetwork


def words(bits: np.ndarray) -> np.ndarray:
    """(rows, 64·n) bool → (rows, n) uint64."""
    return np.packbits(bits, axis=1, bitorder="little").view(np.uint64)


def same_function(network: LutNetwork, aig: AIG, seed: int = 0) -> bool:
    """Whether all roots agree on 512 random assignments."""
    sources = np.random.default_rng(seed).integers(0, 2, (aig.first_and - 1, 512)).astype(bool)
    roots = aig.roots.astype(np.int64)
    wanted = node_values(aig, sources)[roots >> 1] ^ (roots & 1).astype(bool)[:, None]
    found = network.evaluate(words(sources)) if len(sources) else network.evaluate(np.zeros((0, 8), np.uint64))
    return np.array_equal(found, words(wanted).reshape(found.shape))


def adder_tree(inputs: int) -> AIG:
    """A count of many bits: full adders upon full adders."""
    b = Builder()
    columns = [[b.input(f"x[{i}]") for i in range(inputs)]]
    position = 0
    while position < len(columns):
        while len(columns[position]) > 1:
            x, y, *rest = columns[position]
            z = rest.pop(0) if rest else 0
            total, carry = b.full_adder(x, y, z)
            columns[position] = [*rest, total]
            if position + 1 == len(columns):
                columns.append([])
            columns[position + 1].append(carry)
        position += 1
    for i, column in enumerate(columns):
        b.output(f"count[{i}]", column[0])
    return b.build()
