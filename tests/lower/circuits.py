"""The values of built literals under every pattern of the inputs."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tests.truth import truth_tables
from trilc.aig import Builder


def inputs(builder: Builder, name: str, width: int) -> NDArray[np.uint32]:
    """The literals of the new inputs ``name0`` …"""
    return np.array([builder.input(f"{name}{bit}") for bit in range(width)], np.uint32)


def patterns(count: int) -> NDArray[np.int64]:
    """(2^count, count) bits, as :func:`values` orders them."""
    return (np.arange(1 << count)[:, None] >> np.arange(count)) & 1


def values(builder: Builder, literals: ArrayLike) -> NDArray[np.int64]:
    """(2^inputs, literals) bits."""
    for place, literal in enumerate(np.asarray(literals).tolist()):
        builder.output(f"y{place}", literal)
    aig = builder.build()
    aig.check()
    return truth_tables(aig).T.astype(np.int64)
