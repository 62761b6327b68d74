"""The checkpoints that benchmarks take where none are named: the shipped one, and others of other sizes."""

from __future__ import annotations

from pathlib import Path

SHIPPED = Path("examples/kjv/kjv128.npz")
TRAINED = [Path(f"tests/benchmarks/models/kjv{units}.npz") for units in (32, 96, 200)]
MODELS = [SHIPPED, *TRAINED]
