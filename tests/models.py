"""Models for tests and benchmarks: random ones of any size, and a hypothesis strategy for checkpoints."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from trilc.cells.elman.layer import ElmanLayer
from trilc.checkpoint import load, save
from trilc.model import OUTPUTS, Head, Model


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


Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint file holds, before it is written."""

    header: dict[str, Any]
    tensors: Arrays

    def save(self, path: Path) -> Path:
        """Write it, by the path's ending; returns the path."""
        save(path, self.header, self.tensors)
        return path

    def load(self, ending: str = ".npz") -> Model:
        """The model that a file of it gives."""
        with tempfile.TemporaryDirectory() as folder:
            return load(self.save(Path(folder) / f"checkpoint{ending}"))


SCALES = np.array([1, 0.5, 3, 0.1, 1 / 3, 2**-9, 250], np.float16).astype(np.float64)
"""Of 11 significant bits, so that products of a few of them, and of small integers, are floats."""


@st.composite
def checkpoints(
    draw: st.DrawFn,
    *,
    outputs: tuple[str, ...] = OUTPUTS,
    max_layers: int = 3,
    max_units: int = 5,
    max_vocabulary: int = 6,
    max_outputs: int = 5,
) -> Checkpoint:
    """Valid checkpoints with everything that the format page allows, small."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    output = draw(st.sampled_from(outputs))
    vocabulary = draw(st.integers(1, max_vocabulary))
    signed = draw(st.booleans())
    tensors: Arrays = {}
    header: dict[str, Any] = {
        "format": "trilc-checkpoint",
        "version": 1,
        "cell": "elman",
        "state": "pm1" if signed else "01",
        "output": output,
        "tokens": draw(st.sampled_from([None, [chr(ord("a") + i) for i in range(vocabulary)]])),
    }
    below, unit = vocabulary, 1.0
    if draw(st.booleans()):
        below = draw(st.integers(1, 4))
        tensors["embedding.weight"], unit = _embedding(draw, rng, vocabulary, below)
    for k in range(draw(st.integers(1, max_layers))):
        units = draw(st.integers(1, max_units))
        recurrent, from_below = _weights(draw, rng, units, below, unit)
        tensors |= {f"rnn.weight_hh_l{k}": recurrent, f"rnn.weight_ih_l{k}": from_below}
        tensors |= _bias(draw, rng, k, units)
        if draw(st.booleans()):
            tensors |= _norm(rng, k, units)
            header["norm_eps"] = draw(st.sampled_from([0.5, 1e-5, 0.1, 1]))
        if draw(st.booleans()):
            tensors[f"rnn.h0_l{k}"] = rng.integers(0, 2, units, np.uint8)
        below, unit = units, 1.0
    if output != "state" or draw(st.booleans()):
        tensors |= _head(draw, rng, (draw(st.integers(1, max_outputs)), below), output == "scores")
    return Checkpoint(header, tensors)


def models(**options: Any) -> st.SearchStrategy[Model]:
    """The models of :func:`checkpoints`."""
    return checkpoints(**options).map(Checkpoint.load)


def _embedding(
    draw: st.DrawFn, rng: np.random.Generator, vocabulary: int, wide: int
) -> tuple[NDArray[Any], float]:
    """An embedding, and the unit of which its rows' scales are multiples (0 if it is all 0)."""
    signs = ternary(rng, vocabulary, wide, 0.7)
    kind = draw(st.sampled_from(["integers", "one scale", "a scale per row"]))
    if kind == "integers":
        return signs, float(signs.any())
    unit = float(rng.choice(SCALES))
    rows = rng.integers(1, 256, vocabulary) if kind == "a scale per row" else np.ones(vocabulary, np.int64)
    multiples = signs * rows[:, None]
    return multiples * unit, unit * float(np.gcd.reduce(multiples, axis=None))


def _weights(
    draw: st.DrawFn, rng: np.random.Generator, units: int, below: int, unit: float
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Both weight tensors of a layer, whose scales have small ratios row by row."""
    recurrent = ternary(rng, units, units, 0.6)
    from_below = ternary(rng, units, below, 0.6)
    kind = draw(st.sampled_from(["integers", "float16", "a scale per row"]))
    if kind == "a scale per row" or unit not in (0.0, 1.0):
        base = rng.choice(SCALES, units)
        recurrent = recurrent * (base * (unit or 1.0) * rng.integers(1, 256, units))[:, None]
        from_below = from_below * (base * rng.integers(1, 256, units))[:, None]
    elif kind == "float16":
        scale = rng.choice(SCALES)
        recurrent, from_below = ((w * scale).astype(np.float16) for w in (recurrent, from_below))
    return recurrent, from_below


def _bias(draw: st.DrawFn, rng: np.random.Generator, k: int, units: int) -> Arrays:
    kind = draw(st.sampled_from(["none", "integers", "floats", "torch"]))
    if kind == "integers":
        return {f"rnn.bias_l{k}": rng.integers(-3, 4, units).astype(np.int32)}
    if kind == "floats":
        return {f"rnn.bias_l{k}": rng.choice([-2.5, -1, -0.1, 0, 0.1, 1e-30, 1.75, 1e30], units)}
    halves = ("ih", "hh") if kind == "torch" else ()
    values = np.array([-1.5, -0.1, 0.1, 0.3, 2], np.float32)
    return {f"rnn.bias_{half}_l{k}": rng.choice(values, units) for half in halves}


def _norm(rng: np.random.Generator, k: int, units: int) -> Arrays:
    return {
        f"rnn.norm_l{k}.weight": rng.choice(np.array([-2, -0.3, 0, 0.1, 1, 5], np.float32), units),
        f"rnn.norm_l{k}.bias": rng.choice(np.array([-3, -0.7, -0.0, 0, 0.2, 1, 4], np.float32), units),
        f"rnn.norm_l{k}.mean": rng.choice([-1.5, -1, 0, 0.3, 2], units),
        f"rnn.norm_l{k}.var": rng.choice([0, 0.1, 0.25, 0.5, 3.5, 9], units),
    }


def _head(
    draw: st.DrawFn, rng: np.random.Generator, shape: tuple[int, int], integers: bool
) -> Arrays:
    outputs, units = shape
    weight: NDArray[Any] = ternary(rng, outputs, units, 0.6)
    bias: NDArray[Any] = rng.integers(-2, 3, outputs)
    if not integers and draw(st.booleans()):
        bias = rng.choice([-1.5, -0.5, 0, 0.25, 0.5, 0.75, 2], outputs)
    if draw(st.booleans()) and weight.any():
        scale = rng.choice(SCALES)
        weight, bias = weight * scale, bias * scale
    return {"head.weight": weight} | ({"head.bias": bias} if draw(st.booleans()) else {})
