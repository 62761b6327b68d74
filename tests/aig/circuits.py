"""Circuits for the simulator's tests, and a plain evaluator to compare it with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trilc.aig import AIG, TRUE, Builder

Bits = NDArray[np.bool_]


def node_values(aig: AIG, leaves: Bits) -> Bits:
    """(nodes, …) for (inputs + registers, …), one gate after the other."""
    values = [np.zeros(leaves.shape[1:], bool), *leaves]
    for a, b in aig.fanins.tolist():
        values.append((values[a >> 1] ^ bool(a & 1)) & (values[b >> 1] ^ bool(b & 1)))
    return np.array(values)


def outputs_of(aig: AIG, inputs: Bits) -> tuple[Bits, Bits]:
    """(steps, streams, outputs) and the last state (streams, registers) for (steps, streams, inputs)."""
    state = np.repeat((aig.reset == TRUE)[:, None], inputs.shape[1], axis=1)
    outputs = np.zeros((*inputs.shape[:2], aig.num_outputs), bool)
    for step, bits in enumerate(inputs):
        values = node_values(aig, np.concatenate([bits.T, state]))
        literals = np.concatenate([aig.outputs, aig.next_state]).astype(np.int64)
        roots = values[literals >> 1] ^ (literals & 1).astype(bool)[:, None]
        outputs[step], state = roots[: aig.num_outputs].T, roots[aig.num_outputs :]
    return outputs, state.T


def mixed(seed: int, gates: int, inputs: int = 6, registers: int = 20, outputs: int = 8) -> AIG:
    """Random logic of every kind that the simulator has a gate for, with adders most of all."""
    rng = np.random.default_rng(seed)
    b = Builder()
    pool = [b.input(f"tok[{i}]") for i in range(inputs)]
    state = [b.register(f"h[{i}]", int(rng.integers(2))) for i in range(registers)]
    pool += state
    while b.num_ands < gates:
        x, y, z = (int(pool[-1 - i]) ^ int(rng.integers(2)) for i in rng.choice(min(len(pool), 60), 3, False))
        kind = rng.integers(12)
        if kind < 4:
            pool += b.full_adder(x, y, z)
        elif kind < 6:
            pool += b.half_adder(x, y)
        else:
            pool.append(
                [b.and_(b.and_(x, y), z), b.and_(x, b.or_(y, z)), b.and_(x, b.xor(y, z)),
                 b.xor(x, b.and_(y, z)), b.mux(x, y, z), b.majority(x, y, z)][kind - 6]
            )  # fmt: skip
    for register in state:
        b.set_next(register, int(rng.choice(pool)) ^ int(rng.integers(2)))
    for i, literal in enumerate(pool[-outputs:]):
        b.output(f"out[{i}]", literal)
    return b.build()
