"""One small checkpoint, to be read and to be spoilt."""

import numpy as np

from tests.models import Checkpoint


def minimal():
    """Two tokens, two units, two outputs."""
    header = {
        "format": "trilc-checkpoint",
        "version": 1,
        "cell": "elman",
        "state": "pm1",
        "output": "argmax",
        "tokens": ["a", "b"],
    }
    tensors = {
        "rnn.weight_ih_l0": np.array([[1, 0], [-1, 1]], np.int8),
        "rnn.weight_hh_l0": np.array([[0, 1], [1, -1]], np.int8),
        "rnn.bias_l0": np.array([0.5, -1.5], np.float32),
        "head.weight": np.array([[1, 0], [0, 1]], np.int8),
        "head.bias": np.array([0, 0.25], np.float32),
    }
    return Checkpoint(header, tensors)
