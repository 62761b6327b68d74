"""What a model or a netlist is, in figures: before it is compiled, and after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from passes import Size
from trilc.aig import AIG
from trilc.cells.elman.layer import Weights
from trilc.compiler import words
from trilc.exact.product import product
from trilc.lower.bound import bound
from trilc.model import Model

Interval = tuple[int, int]

T = TypeVar("T")


@dataclass(frozen=True)
class Matrix:
    """Weights."""

    shape: tuple[int, int]
    nonzero: int
    density: float
    """The share of weights that are not 0."""
    interval: Interval


@dataclass(frozen=True)
class Layer:
    """One layer of neurons."""

    units: int
    recurrent: Matrix
    input: Matrix
    sums: Interval
    """Holds every neuron's pre-activation, bias included, in any state and at any token."""


@dataclass(frozen=True)
class ModelFacts:
    """What is known of a model before it is compiled."""

    kind: str
    sha256: str
    cell: str
    state: str
    output: str
    vocabulary: int
    embedding: Matrix | None
    """None where tokens are one-hot."""
    layers: tuple[Layer, ...]
    head: Matrix | None
    token_names: bool
    score_scale: float | None
    gates_at_most: int
    """ANDs before any pass; time and memory of a compilation grow in proportion."""
    bytes_at_most: int
    """Peak memory of a compilation."""


@dataclass(frozen=True)
class NetlistFacts:
    """What a netlist has, and what it says of where it came from."""

    kind: str
    inputs: int
    outputs: int
    registers: int
    ands: int
    levels: int
    constraints: int
    compiled_by: str | None
    """The version of trilc."""
    sha256: str | None
    """Of the checkpoint."""
    output: str | None
    vocabulary: int | None
    removed_registers: int
    luts: int | None
    """Lookup tables that the file holds, where trilc mapped it to them."""
    lut_inputs: int | None
    lut_levels: int | None


def describe(source: Model | AIG) -> ModelFacts | NetlistFacts:
    """The figures of a model or a netlist."""
    return _of_model(source) if isinstance(source, Model) else _of_netlist(source)


def _of_model(model: Model) -> ModelFacts:
    limit = bound(words(model))
    return ModelFacts(
        kind="checkpoint",
        sha256=model.digest,
        cell=model.cell,
        state="pm1" if model.signed else "01",
        output=model.output,
        vocabulary=model.vocabulary,
        embedding=None if model.embedding is None else _matrix(model.embedding),
        layers=tuple(
            Layer(layer.units, _matrix(layer.recurrent), _matrix(layer.input), _sums(model, k))
            for k, layer in enumerate(model.layers)
        ),
        head=None if model.head is None else _matrix(model.head.weight),
        token_names=model.tokens is not None,
        score_scale=model.score_scale,
        gates_at_most=limit.gates,
        bytes_at_most=limit.bytes,
    )


def _of_netlist(aig: AIG) -> NetlistFacts:
    size = Size.of(aig)
    luts = aig.metadata.get("luts", {})
    removed = aig.metadata.get("removed")
    return NetlistFacts(
        kind="netlist",
        inputs=aig.num_inputs,
        outputs=aig.num_outputs,
        registers=size.registers,
        ands=size.ands,
        levels=size.levels,
        constraints=len(aig.constraints),
        compiled_by=_said(aig, "trilc", str),
        sha256=_said(aig, "model", str),
        output=_said(aig, "output", str),
        vocabulary=_said(aig, "vocabulary", int),
        removed_registers=len(removed) if isinstance(removed, dict) else 0,
        luts=luts.get("count"),
        lut_inputs=luts.get("inputs"),
        lut_levels=luts.get("levels"),
    )


def _said(aig: AIG, key: str, kind: type[T]) -> T | None:
    """What the metadata, which may be anybody's, say of something, if that is of its kind."""
    value = aig.metadata.get(key)
    return value if isinstance(value, kind) else None


def _matrix(weights: Weights) -> Matrix:
    rows, columns = weights.shape
    nonzero = int(np.count_nonzero(weights))
    interval = (int(weights.min(initial=0)), int(weights.max(initial=0)))
    return Matrix((rows, columns), nonzero, round(nonzero / max(1, weights.size), 4), interval)


def _sums(model: Model, k: int) -> Interval:
    """The interval of a layer's pre-activations: what is fixed (bias, token), and the states' free choice."""
    layer = model.layers[k]
    fixed, free = layer.bias[None], [layer.recurrent.astype(np.int64)]
    if k:
        free.append(layer.input.astype(np.int64))
    elif model.embedding is None:
        fixed = fixed + layer.input.T
    else:
        fixed = fixed + product(model.embedding, layer.input)
    weights = np.concatenate(free, axis=1)
    if model.signed:
        highest = np.abs(weights).sum(1)
        lowest = -highest
    else:
        lowest, highest = np.minimum(weights, 0).sum(1), np.maximum(weights, 0).sum(1)
    return int((fixed.min(0) + lowest).min()), int((fixed.max(0) + highest).max())
