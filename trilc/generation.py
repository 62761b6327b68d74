"""Letting a machine write: what it says is what it reads next."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from trilc.errors import InputError
from trilc.runner import Runner


def generate(
    runner: Runner, prompt: NDArray[np.integer], count: int, temperature: float | None = None, seed: int = 0
) -> Iterator[int]:
    """Yield ``count`` tokens that follow the ``prompt`` (T,), from the runner's present state on.

    Without a temperature each is the best one. With one, it is drawn from softmax(scores · scale / temperature),
    the scale being what a unit of score is worth in nats (1 where the model does not say); this takes a runner
    whose output is ``scores``. Raises :class:`InputError` for an empty prompt, or where the tokens that are
    said are not those that are read.
    """
    if runner.num_outputs != runner.vocabulary:
        raise InputError(
            f"{runner.num_outputs} scores for a vocabulary of {runner.vocabulary}: what is said can't be read again"
        )
    if len(prompt) == 0:
        raise InputError("the prompt is empty; expected at least one token to begin with")
    draws = np.random.default_rng(seed)
    said = runner.run(prompt[:, None])[-1, 0]
    for left in range(count - 1, -1, -1):
        token = (
            int(said) if temperature is None else _draw(said, runner.score_scale or 1.0, temperature, draws)
        )
        yield token
        if left:
            said = runner.run(np.array([[token]]))[0, 0]


def _draw(scores: NDArray[np.int64], scale: float, temperature: float, draws: np.random.Generator) -> int:
    logits = (scores - scores.max()) * (scale / temperature)
    cumulative = np.cumsum(np.exp(logits))
    return int(np.searchsorted(cumulative, draws.random() * cumulative[-1], side="right"))
