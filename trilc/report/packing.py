"""Arrays in JSON."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray

KINDS = {"u1", "u2", "u4", "i1", "i2", "i4", "f4"}
"""Of numbers that a page can view in place."""


def packed(array: NDArray[Any], kind: str) -> dict[str, Any]:
    """An array of any shape as numbers of a kind (numpy's name, little-endian), row by row, in base64.

    Raises ``ValueError`` where an integer does not fit.
    """
    if kind not in KINDS:
        raise ValueError(f"found kind {kind!r}; expected one of {', '.join(sorted(KINDS))}")
    numbers = np.ascontiguousarray(array).astype(f"<{kind}")
    if kind != "f4" and not np.array_equal(numbers, array):
        raise ValueError(f"found a number that does not fit {kind}")
    return {"kind": kind, "shape": list(numbers.shape), "base64": base64.b64encode(numbers.tobytes()).decode()}


def unpacked(value: dict[str, Any]) -> NDArray[Any]:
    """The array again."""
    numbers = np.frombuffer(base64.b64decode(value["base64"]), f"<{value['kind']}")
    return numbers.reshape(value["shape"])
