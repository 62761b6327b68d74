"""Ternary simulation of all behaviours at once: every input is X, every register starts from its reset."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from trilc.aig.aig import AIG, UNKNOWN


def stuck_registers(aig: AIG) -> NDArray[np.uint8]:
    """(registers,) uint8: the value that a register never leaves, else ``UNKNOWN``.

    A register's X once set stays (Seger and Bryant 1995), so each node changes at most once and the whole
    costs time linear in the graph. Reachable behaviour is over-approximated: a register that is not reported
    may still be constant.
    """
    value = np.full(aig.num_nodes, UNKNOWN, np.uint8)
    value[0] = 0
    first = 1 + aig.num_inputs
    value[first : aig.first_and] = aig.reset
    readers = np.concatenate([aig.fanins.ravel(), aig.next_state]) >> 1
    order = np.argsort(readers, kind="stable").astype(np.uint32)
    start = np.zeros(aig.num_nodes + 1, np.int64)
    np.cumsum(np.bincount(readers, minlength=aig.num_nodes), out=start[1:])
    _settle(aig.fanins, aig.next_state, first, aig.first_and, value, order, start)
    return value[first : aig.first_and].copy()


@njit(cache=True)
def _settle(fanins, next_state, first_register, first, value, order, start):
    """Let X spread; ``order[start[n] : start[n + 1]]`` are the readers of node ``n``: fan-ins, then next states."""
    for i in range(fanins.shape[0]):
        value[first + i] = _and(value, fanins[i, 0], fanins[i, 1])
    stack = np.empty(value.shape[0], np.uint32)
    depth = 0
    for r in range(next_state.shape[0]):
        node = first_register + r
        if value[node] != UNKNOWN and _read(value, next_state[r]) != value[node]:
            value[node] = UNKNOWN
            stack[depth] = node
            depth += 1
    while depth > 0:
        depth -= 1
        n = np.int64(stack[depth])
        for k in range(start[n], start[n + 1]):
            reader = np.int64(order[k])
            if reader < 2 * fanins.shape[0]:
                node = first + (reader >> 1)
                becomes = _and(value, fanins[reader >> 1, 0], fanins[reader >> 1, 1])
            else:
                node = first_register + reader - 2 * fanins.shape[0]
                becomes = UNKNOWN
            if becomes != value[node] and value[node] != UNKNOWN:
                value[node] = UNKNOWN
                stack[depth] = node
                depth += 1


@njit(cache=True)
def _read(value, literal):
    x = value[np.int64(literal) >> 1]
    return x if x == UNKNOWN else x ^ (np.int64(literal) & 1)


@njit(cache=True)
def _and(value, a, b):
    x, y = _read(value, a), _read(value, b)
    if x == 0 or y == 0:
        return 0
    return UNKNOWN if x == UNKNOWN or y == UNKNOWN else 1
