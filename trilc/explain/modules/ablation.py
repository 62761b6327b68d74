"""What a module is worth: the model reads on with the module's bits frozen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trilc.errors import InputError
from trilc.explain.modules.structure import Groups
from trilc.model import Model

FREEZES = ("reset", "majority")


@dataclass(frozen=True)
class Effect:
    """How a model does on a text with some bits frozen."""

    tokens: int
    """That were foretold: all but the first."""
    accuracy: float | None
    """The share of tokens that were said one step before they came; None where what is said is not what is read."""
    bits: float | None
    """log2 of 1 ÷ probability, on average over tokens; None without a score_scale or without integer scores."""
    unchanged: float
    """The share of steps at which the model says what it says with no bit frozen."""


def ablation(model: Model, modules: Groups, tokens: NDArray[np.int64], freeze: str = "reset") -> list[Effect]:
    """The model on (T,) tokens as it is, then with each module frozen in turn; all side by side.

    A frozen bit is its reset value, or with ``majority`` what it mostly is when the model reads the text as it is, at
    every step and for whoever reads it. Raises :class:`InputError` for fewer than two tokens, or without a head.
    """
    if len(tokens) < 2:
        raise InputError(f"found {len(tokens)} token{'s' * (len(tokens) != 1)} of text; expected two at least")
    values = model.reset_state(1)[0]
    if freeze == "majority":
        values = (2 * model.run(tokens[None], "state")[0].sum(0, dtype=np.int64) > len(tokens)).astype(np.uint8)
    frozen = np.zeros((1 + len(modules), model.units), np.bool_)
    for row, module in enumerate(modules, 1):
        frozen[row, list(module)] = True
    state = np.where(frozen, values, model.reset_state(len(frozen)))
    reads_itself = model.num_outputs == model.vocabulary
    scale = model.score_scale if reads_itself and model.head and not model.head.fraction_rank.any() else None
    right, same, bits = (np.zeros(len(frozen)) for _ in range(3))
    for token, following in zip(tokens[:-1].tolist(), tokens[1:].tolist(), strict=True):
        state = _step(model, state, token, frozen, values)
        scores = model.scores(state)
        said = model.choose(scores)
        right += said == following
        same += said == said[0]
        if scale is not None:
            logits = scale * (scores - scores.max(1, keepdims=True))
            bits += np.log2(np.exp(logits).sum(1)) - logits[:, following] / np.log(2)
    count = len(tokens) - 1
    return [
        Effect(
            count, float(right[k]) / count if reads_itself else None,
            float(bits[k]) / count if scale is not None else None, float(same[k]) / count,
        )
        for k in range(len(frozen))
    ]  # fmt: skip


def _step(
    model: Model, state: NDArray[np.uint8], token: int, frozen: NDArray[np.bool_], values: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """As :meth:`Model.step`, frozen bits staying as they are also for the layer above."""
    codes = np.full(len(state), token)
    x = codes if model.embedding is None else model.embedding[codes]
    cuts = np.cumsum([layer.units for layer in model.layers])[:-1]
    new = []
    for layer, old, fixed, at in zip(
        model.layers, np.split(state, cuts, axis=1), np.split(frozen, cuts, axis=1), np.split(values, cuts), strict=True
    ):
        new.append(np.where(fixed, at, layer.step(model.values(old), x)))
        x = model.values(new[-1])
    return np.concatenate(new, axis=1)
