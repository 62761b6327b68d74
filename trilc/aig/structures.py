"""The library of small structures for four-input functions: per NPN class, a forest of AND gates.

The data are made by :mod:`trilc.aig.exact` and shipped as ``structures.npz``.
"""

from __future__ import annotations

from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from trilc.aig import npn

PATH = Path(__file__).with_name("structures.npz")

WORDS = 2
"""Machine words of a set of gates of a forest."""

GATES = 64 * WORDS
"""Gates that a forest may have."""


class Forest(NamedTuple):
    """Alternative structures of one function, gates in common kept once.

    Literals are ``2·signal + complement``; signals are the constant false, the four inputs, then the gates.
    """

    gates: list[tuple[int, ...]]
    """The two fan-in literals of each gate, in topological order."""
    roots: list[int]
    """The literals that compute the function, each by a structure of its own."""


class Structures(NamedTuple):
    """The forests of all classes, end to end."""

    first_gate: NDArray[np.int32]
    """(classes + 1,) where the gates of each class begin."""
    gates: NDArray[np.uint16]
    """(gates, 2) fan-in literals within the forest."""
    first_root: NDArray[np.int32]
    """(classes + 1,) where the roots of each class begin."""
    roots: NDArray[np.uint16]
    """(roots,) literals within the forest."""

    @classmethod
    def pack(cls, forests: list[Forest]) -> Structures:
        """Lay forests end to end, in the order of their classes."""
        return cls(
            np.array([0, *accumulate(len(forest.gates) for forest in forests)], np.int32),
            np.array([gate for forest in forests for gate in forest.gates], np.uint16).reshape(-1, 2),
            np.array([0, *accumulate(len(forest.roots) for forest in forests)], np.int32),
            np.array([root for forest in forests for root in forest.roots], np.uint16),
        )

    def save(self, path: Path) -> None:
        """Write the library."""
        np.savez_compressed(path, **self._asdict())

    def cones(self) -> NDArray[np.uint64]:
        """(gates, WORDS) the set of gates in the cone of each gate, itself included, as bits within its forest."""
        masks: list[int] = []
        for start, end in zip(self.first_gate[:-1].tolist(), self.first_gate[1:].tolist(), strict=True):
            forest: list[int] = [0] * 5
            for i, (a, b) in enumerate(self.gates[start:end].tolist()):
                forest.append(forest[a >> 1] | forest[b >> 1] | 1 << i)
            masks += forest[5:]
        return np.array([[mask >> 64 * w & (1 << 64) - 1 for w in range(WORDS)] for mask in masks], np.uint64)


class Library(NamedTuple):
    """All that is needed to look a function up, as the kernels take it."""

    kind: NDArray[np.uint8]
    transform: NDArray[np.uint16]
    permutations: NDArray[np.uint8]
    first_gate: NDArray[np.int32]
    gates: NDArray[np.uint16]
    first_root: NDArray[np.int32]
    roots: NDArray[np.uint16]
    cones: NDArray[np.uint64]


@cache
def library() -> Library:
    """The shipped structures with the classes that they belong to."""
    classes, shipped = npn.classes(), structures()
    return Library(classes.kind, classes.transform, npn.PERMUTATIONS, *shipped, shipped.cones())


@cache
def structures() -> Structures:
    """The shipped library."""
    with np.load(PATH, allow_pickle=False) as data:
        return Structures(**{name: data[name] for name in Structures._fields})
