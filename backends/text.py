"""Kernels that put text into byte arrays: what lets millions of gates become lines without Python objects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]

CHUNK = 1 << 24
"""Bytes that a writer formats before it hands them to the stream."""


@dataclass(frozen=True, eq=False)
class NetNames:
    """The name of every node's net: its label where it has one, else ``prefix`` and the node's number."""

    text: Bytes
    """The labels, one after the other."""
    start: NDArray[np.int64]
    """(labels + 1,) where each label starts in ``text``."""
    label: NDArray[np.int32]
    """(nodes,) the label of each node, or −1."""
    prefix: Bytes
    longest: int
    """Bytes of the longest name."""

    @classmethod
    def of(cls, nodes: int, labels: Sequence[str], labelled: NDArray[np.int64], prefix: str) -> NetNames:
        """Names for ``nodes`` nodes, of which node ``labelled[k]`` is called ``labels[k]``."""
        encoded = [label.encode() for label in labels]
        lengths = np.array([len(label) for label in encoded], np.int64)
        label_of = np.full(nodes, -1, np.int32)
        label_of[labelled] = np.arange(len(labels), dtype=np.int32)
        return cls(
            text=bytes_array(b"".join(encoded)),
            start=np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)]),
            label=label_of,
            prefix=bytes_array(prefix.encode()),
            longest=max(int(lengths.max(initial=0)), len(prefix) + 10),
        )

    def of_node(self, node: int) -> str:
        """The name of one node's net."""
        k = int(self.label[node])
        if k < 0:
            return f"{self.prefix.tobytes().decode()}{node}"
        return self.text[self.start[k] : self.start[k + 1]].tobytes().decode()


def bytes_array(text: bytes) -> Bytes:
    """A read-only array over ``text``."""
    return np.frombuffer(text, np.uint8)


@njit(cache=True)
def put_decimal(out, at, value):
    """Write a non-negative integer in decimal; returns the position after it."""
    digits = 1
    rest = value // 10
    while rest > 0:
        digits += 1
        rest //= 10
    for k in range(at + digits - 1, at - 1, -1):
        out[k] = 48 + value % 10
        value //= 10
    return at + digits


@njit(cache=True)
def put_bytes(out, at, text, start, stop):
    """Copy ``text[start:stop]``; returns the position after it."""
    for k in range(start, stop):
        out[at] = text[k]
        at += 1
    return at


@njit(cache=True)
def put_net(out, at, node, text, start, label, prefix):
    """Write the name of a node's net, by the arrays of :class:`NetNames`; returns the position after it."""
    k = label[node]
    if k >= 0:
        return put_bytes(out, at, text, start[k], start[k + 1])
    at = put_bytes(out, at, prefix, 0, prefix.shape[0])
    return put_decimal(out, at, node)
