"""Letting a machine write: what it says is what it reads next."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trilc.errors import InputError
from trilc.runner import Runner


def generate(
    runner: Runner,
    prompt: Iterable[NDArray[np.integer]],
    count: int,
    temperature: float | None = None,
    seed: int = 0,
) -> Iterator[int]:
    """Yield ``count`` tokens that follow the ``prompt``, in (T,) pieces, from the runner's present state on.

    Without a temperature each is the best one: the runner's output is ``argmax``. With one, it is drawn from
    softmax(scores · scale / temperature), the scale being what a unit of score is worth in nats (1 where the
    model does not say): the output is ``scores``. Raises :class:`InputError` for another output, for a
    temperature of 0 or less, for an empty prompt, and where the tokens that are said are not those that are read.
    """
    needed = "argmax" if temperature is None else "scores"
    if runner.output != needed:
        raise InputError(f"found output {runner.output!r}; expected {needed!r} to choose tokens by")
    if temperature is not None and not temperature > 0:
        raise InputError(f"found temperature {temperature}; expected more than 0")
    if runner.num_outputs != runner.vocabulary:
        raise InputError(
            f"{runner.num_outputs} scores for a vocabulary of {runner.vocabulary}: what is said can't be read again"
        )
    said = _last(runner.run_stream(prompt))
    if said is None:
        raise InputError("the prompt is empty; expected at least one token to begin with")
    draws = np.random.default_rng(seed)
    for left in range(count - 1, -1, -1):
        token = int(said) if temperature is None else _draw(said, runner.score_scale or 1.0, temperature, draws)
        yield token
        if left:
            said = runner.run([[token]])[0, 0]


def _last(parts: Iterable[NDArray[Any]]) -> Any:
    """What was said last of all."""
    kept = deque(parts, maxlen=1)
    return kept[0][-1] if kept else None


def _draw(scores: NDArray[np.int64], scale: float, temperature: float, draws: np.random.Generator) -> int:
    with np.errstate(over="ignore"):  # near a temperature of 0 all but the best become impossible
        logits = (scores - scores.max()) / temperature * scale
    cumulative = np.cumsum(np.exp(logits))
    return int(np.searchsorted(cumulative, draws.random() * cumulative[-1], side="right"))
