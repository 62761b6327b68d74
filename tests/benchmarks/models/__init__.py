"""The checkpoints that benchmarks take where none are named: the shipped one, and others of other sizes."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).parent

SHIPPED = _HERE.parents[2] / "examples/kjv/kjv128.npz"
TRAINED = [_HERE / f"kjv{units}.npz" for units in (32, 96, 200)]
MODELS = [SHIPPED, *TRAINED]
