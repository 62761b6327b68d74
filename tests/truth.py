"""The slowest evaluator there is, for tests: one gate after the other, in numpy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trilc.aig import AIG


def evaluate(aig: AIG, inputs: NDArray[np.bool_], state: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Values of ``aig.roots`` (roots, n) under ``inputs`` (inputs, n) and ``state`` (registers, n)."""
    values = np.zeros((aig.num_nodes, inputs.shape[1]), np.bool_)
    values[1 : 1 + aig.num_inputs] = inputs
    values[1 + aig.num_inputs : aig.first_and] = state
    for gate, (a, b) in enumerate(aig.fanins.tolist()):
        values[aig.first_and + gate] = (values[a >> 1] ^ (a & 1)) & (values[b >> 1] ^ (b & 1))
    return values[aig.roots >> 1] ^ (aig.roots & 1 == 1)[:, None]


def truth_tables(aig: AIG) -> NDArray[np.bool_]:
    """Values of ``aig.roots`` (roots, 2^n) under every pattern of its n inputs and registers, inputs lowest."""
    leaves = aig.num_inputs + aig.num_registers
    patterns = (np.arange(1 << leaves) >> np.arange(leaves)[:, None]) & 1 == 1
    return evaluate(aig, patterns[: aig.num_inputs], patterns[aig.num_inputs :])
