"""An Elman layer in integers, and its reference step in numpy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class ElmanLayer:
    """``b' = 1`` where ``recurrent · v(b) + input · x + bias >= 0`` (Elman 1990, binary state)."""

    recurrent: NDArray[np.int32]
    """(H, H) weights of the layer's own old state."""
    input: NDArray[np.int32]
    """(H, E) weights of the token's vector, or (H, units below) of the new state of the layer below."""
    bias: NDArray[np.int64]
    """(H,)"""
    reset: NDArray[np.uint8]
    """(H,) bits."""
