"""Models for tests and benchmarks: random ones of any size, and a hypothesis strategy for checkpoints."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trilc.cells.elman.layer import ElmanLayer
from trilc.model import Head, Model


def random_model(
    rng: np.random.Generator,
    units: int,
    vocabulary: int,
    density: float = 0.3,
    *,
    layers: int = 1,
    embedding: int | None = None,
    outputs: int | None = None,
    signed: bool = True,
    output: str = "argmax",
    fractions: bool = False,
) -> Model:
    """A ternary Elman model with random weights, biases around the middle of each neuron's range.

    ``units`` per layer, ``embedding`` columns (default: one-hot), ``outputs`` scores (default: V; 0: no head,
    then ``output`` must be ``state``). ``density`` is the share of weights that are not 0.
    """
    outputs = vocabulary if outputs is None else outputs
    wide = vocabulary if embedding is None else embedding
    return Model(
        signed=signed,
        embedding=None if embedding is None else ternary(rng, vocabulary, embedding, 2 / 3),
        layers=tuple(
            random_layer(rng, units, wide if k == 0 else units, density) for k in range(layers)
        ),
        head=random_head(rng, outputs, units, density, fractions) if outputs else None,
        output=output,
    )


def ternary(rng: np.random.Generator, rows: int, columns: int, density: float) -> NDArray[np.int8]:
    """(rows, columns) weights in {-1, 0, 1}."""
    weights = np.zeros((rows, columns), np.int8)
    chosen = rng.random((rows, columns), np.float32) < density
    weights[chosen] = 2 * rng.integers(0, 2, int(chosen.sum()), np.int8) - 1
    return weights


def random_layer(rng: np.random.Generator, units: int, wide: int, density: float) -> ElmanLayer:
    """A layer of ``units`` neurons that reads ``wide`` inputs."""
    recurrent = ternary(rng, units, units, density)
    return ElmanLayer(
        recurrent=recurrent,
        input=ternary(rng, units, wide, density),
        bias=rng.integers(-3, 4, units) - recurrent.sum(axis=1, dtype=np.int64) // 4,
        reset=rng.integers(0, 2, units, np.uint8),
    )


def random_head(
    rng: np.random.Generator, outputs: int, units: int, density: float, fractions: bool
) -> Head:
    """A head whose biases have fractions, or none."""
    return Head(
        weight=ternary(rng, outputs, units, density),
        bias=rng.integers(-3, 4, outputs),
        fraction_rank=rng.integers(0, 4 if fractions else 1, outputs),
    )
