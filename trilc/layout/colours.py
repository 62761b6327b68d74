"""What each node of a netlist belongs to, and in which colour that is shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from trilc.aig import AIG
from trilc.aig.traverse import levels

KINDS = ("module", "level", "register")

SHARED = -2
"""The owner of a gate that several use."""
NOBODY = -1

GREY = (150, 150, 150)


def colours(aig: AIG, by: str, modules: Sequence[Sequence[int]] | None = None) -> NDArray[np.uint8]:
    """(nodes, 3) RGB: by ``level``, or by the one ``register`` or ``module`` of registers that a gate works for.

    A gate works for a register, or for the outputs, if it reaches no other, not looking beyond next states; grey gates
    work for several.
    """
    if by == "level":
        depth = levels(aig).astype(np.float64)
        return _wheel(0.75 * depth / max(1.0, float(depth.max())))
    number = np.arange(aig.num_registers + 1)
    if by == "module":
        assert modules is not None
        for k, module in enumerate(modules):
            number[list(module)] = k
        number[-1] = len(modules)
    owner = owners(aig, number)
    many = int(number.max(initial=0)) + 1
    result = np.full((aig.num_nodes, 3), GREY, np.uint8)
    result[owner >= 0] = _wheel(np.arange(many) * (0.618034 if many > 12 else 1 / many))[owner[owner >= 0]]
    return result


def owners(aig: AIG, number: NDArray[np.int64]) -> NDArray[np.int32]:
    """(nodes,) whom each node works for: ``number[i]`` of register i, ``number[-1]`` of the outputs, or ``SHARED``.

    A register works for itself, an input for all; who works for none is ``NOBODY``'s. The gate of a register's next
    state is the register's, whoever else reads it.
    """
    owner = np.full(aig.num_nodes, NOBODY, np.int32)
    _own_all(aig.next_state.astype(np.int64) >> 1, number[:-1].astype(np.int32), owner)
    settled = owner != NOBODY
    outputs = aig.outputs.astype(np.int64) >> 1
    _own_all(outputs[~settled[outputs]], np.full(aig.num_outputs, number[-1], np.int32), owner)
    _spread(aig.fanins, aig.first_and, settled, owner)
    owner[: 1 + aig.num_inputs] = SHARED
    owner[1 + aig.num_inputs : aig.first_and] = number[:-1]
    return owner


def _wheel(turn: NDArray[np.floating[Any]]) -> NDArray[np.uint8]:
    """(n, 3) bright colours at angles of the colour wheel, in turns."""
    angle = 2 * np.pi * (turn[:, None] - np.array([0, 1 / 3, 2 / 3]))
    bright: NDArray[np.uint8] = np.round(150 + 105 * np.cos(angle)).astype(np.uint8)
    return bright


@njit(cache=True)
def _own_all(nodes, whose, owner):
    for k in range(nodes.shape[0]):
        _own(owner, nodes[k], whose[k])


@njit(cache=True)
def _spread(fanins, first, settled, owner):
    for i in range(fanins.shape[0] - 1, -1, -1):
        if owner[first + i] != NOBODY:
            for side in range(2):
                node = np.int64(fanins[i, side]) >> 1
                if not settled[node]:
                    _own(owner, node, owner[first + i])


@njit(cache=True, inline="always")
def _own(owner, node, who):
    if owner[node] == NOBODY:
        owner[node] = who
    elif owner[node] != who:
        owner[node] = SHARED
