"""An Elman layer in integers, and its reference step in numpy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trilc.exact.product import product

Weights = NDArray[np.signedinteger[Any]]
"""Integers of the smallest type that holds them: int8 unless scales were folded into larger ones."""


@dataclass(frozen=True, eq=False)
class ElmanLayer:
    """``b' = 1`` where ``recurrent · v(b) + input · x + bias >= 0`` (Elman 1990, binary state)."""

    recurrent: Weights
    """(H, H) weights of the layer's own old state."""
    input: Weights
    """(H, E) weights of the token's vector, or (H, units below) of the new state of the layer below."""
    bias: NDArray[np.int64]
    """(H,)"""
    reset: NDArray[np.uint8]
    """(H,) bits."""

    @property
    def units(self) -> int:
        """Number of state bits, H."""
        return len(self.bias)

    def step(self, old_values: NDArray[Any], x: NDArray[Any]) -> NDArray[np.uint8]:
        """New bits (streams, H) from the values (streams, H) of the old ones.

        ``x`` holds the input vectors, (streams, E), or, as (streams,) indices, one-hot vectors.
        """
        from_input = self.input.T[x] if x.ndim == 1 else product(x, self.input)
        pre = product(old_values, self.recurrent) + from_input + self.bias
        return (pre >= 0).astype(np.uint8)
