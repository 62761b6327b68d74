"""Write down, by hand, the ternary net that tells whether the number of 1s read so far is odd.

README.md beside this file derives the numbers.

    python examples/parity/make.py                  # writes parity.npz beside this file
    python examples/parity/make.py elsewhere.npz
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

HEADER = {
    "format": "trilc-checkpoint",
    "version": 1,
    "cell": "elman",
    "state": "01",
    "output": "argmax",
    "tokens": ["0", "1"],
    "text": {"unknown": "skip"},
}


def parity() -> dict[str, NDArray[Any]]:
    """The checkpoint's entries. Unit 0, `rose`: even before, 1 read. Unit 1, `stayed`: odd before, 0 read."""
    return {
        "__trilc__": np.array(json.dumps(HEADER)),
        "rnn.weight_ih_l0": np.array([[-1, 0], [1, -1]], np.int8),  # columns: token 0, token 1
        "rnn.weight_hh_l0": np.array([[-1, -1], [1, 1]], np.int8),  # columns: old rose, old stayed
        "rnn.bias_l0": np.array([0, -2], np.int32),
        "rnn.h0_l0": np.array([0, 0], np.uint8),
        "head.weight": np.array([[0, 0], [1, 1]], np.int8),  # columns: new rose, new stayed
        "head.bias": np.array([0, 0], np.int32),
    }


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("parity.npz")
    np.savez_compressed(target, **parity())
