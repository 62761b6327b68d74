"""A static order of the variables: bits that read each other, or that tell of each other, come close together.

Bits tell of each other by their mutual information in states of random runs, so that the bits that are one thing
together, such as a one-hot code, stand side by side although no bit reads another. They stand in the order of the
Fiedler vector of the graph of both (spectral linear arrangement, Juvan and Mohar 1992).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]

NOISE = 5.0
"""Mutual information that independent bits seldom show, in nats, times the number of states."""

LARGEST = 2048
"""Bits of a connected part that is arranged: that takes the cube of them."""

DECIMALS = 6
"""Of the vector, so that no processor's last bits decide."""


def arranged(reads: NDArray[np.bool_], states: NDArray[np.uint8]) -> NDArray[np.int64]:
    """The bits in order, (n,), from which bits the next value of each reads, (n, n), and (m, n) states."""
    weight = mutual_information(states) + (reads | reads.T)
    np.fill_diagonal(weight, 0)
    parts = [_along(weight, part) for part in _components(weight > 0)]
    return np.concatenate([np.zeros(0, np.int64), *parts])


def mutual_information(states: NDArray[np.uint8]) -> Reals:
    """(n, n) of every two bits in (m, n) states, as part of their entropy; 0 where it is no more than chance."""
    values = states.astype(np.float32)  # which holds whole numbers of states
    ones = values.sum(axis=0, dtype=np.float64)
    both = (values.T @ values).astype(np.float64)
    joint = {(1, 1): both, (1, 0): ones[:, None] - both, (0, 1): ones - both}
    joint[0, 0] = len(states) - both - joint[1, 0] - joint[0, 1]
    alone = {1: ones, 0: len(states) - ones}
    total = np.zeros_like(both)
    for (left, right), count in joint.items():
        independent = np.outer(alone[left], alone[right])
        ratio = np.divide(count * len(states), independent, out=np.ones_like(both), where=count > 0)
        total += count / len(states) * np.log(ratio)
    shares = np.array([count / len(states) for count in alone.values()])
    entropy = -(shares * np.log(shares, out=np.zeros_like(shares), where=shares > 0)).sum(axis=0)
    scale = np.sqrt(np.outer(entropy, entropy))
    return np.divide(total, scale, out=np.zeros_like(total), where=(total * len(states) > NOISE) & (scale > 0))


def _components(linked: NDArray[np.bool_]) -> list[NDArray[np.int64]]:
    """The bits that are connected, part by part."""
    left = np.ones(len(linked), np.bool_)
    parts = []
    while left.any():
        part = np.zeros(len(linked), np.bool_)
        edge = np.zeros(len(linked), np.bool_)
        edge[np.argmax(left)] = True
        while edge.any():
            part |= edge
            edge = linked[edge].any(axis=0) & ~part
        parts.append(np.flatnonzero(part))
        left &= ~part
    return parts


def _along(weight: Reals, part: NDArray[np.int64]) -> NDArray[np.int64]:
    """The bits of a connected part along its Fiedler vector."""
    if not 3 <= len(part) <= LARGEST:
        return part
    laplacian = -weight[np.ix_(part, part)]
    np.fill_diagonal(laplacian, -laplacian.sum(axis=1))
    vector = np.linalg.eigh(laplacian)[1][:, 1].round(DECIMALS)
    return part[np.argsort(vector if vector[np.argmax(vector != 0)] > 0 else -vector, kind="stable")]
