"""How well a machine foretells a text: accuracy, and bits per character.

What is said to a token foretells the next one of its stream; the first of a stream is foretold by nothing. Where a
unit of score is worth ``scale`` nats, the code length of the token x under the scores s is, in nats,

    log(Σ_o exp(−scale · (max s − s_o))) + scale · (max s − s_x),

in float64, the sum from the first output to the last. The code lengths are summed exactly and rounded once (Shewchuk
1997), so the sum does not depend on how the text is cut into pieces. Bits per character are that sum, divided by the
number of characters in the names of the tokens foretold times log 2.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from trilc.aig import AIG
from trilc.compiler import Observer
from trilc.errors import InputError
from trilc.model import Model
from trilc.runner import Runner
from trilc.streams import HELD, PADDING, run_ragged

Part = tuple[NDArray[Any], NDArray[np.integer]]
"""What is said to tokens of one stream, (T, …), and the (T,) tokens that came next."""

LARGEST_TABLE = 1 << 20
"""Differences between scores whose exponentials are looked up."""


@dataclass(frozen=True)
class Score:
    """How well a text was foretold."""

    tokens: int
    """How many were foretold: all but the first of each stream."""
    correct: int
    """How many were the one that was said."""
    nats: float | None
    """The sum of all code lengths; None where the scores are not known, or not what they are worth."""
    characters: int | None
    """In the names of the tokens foretold; None where they have none."""

    @property
    def accuracy(self) -> float:
        """The share of tokens that were said, NaN where there are none."""
        return self.correct / self.tokens if self.tokens else math.nan

    @property
    def bits_per_token(self) -> float | None:
        """The mean code length of a token, NaN where there are none."""
        return self._bits_per(self.tokens)

    @property
    def bits_per_character(self) -> float | None:
        """The mean code length of a character of the text, as the text rules leave it; None as above."""
        return None if self.characters is None else self._bits_per(self.characters)

    def _bits_per(self, count: int) -> float | None:
        if self.nats is None:
            return None
        return self.nats / (count * math.log(2)) if count else math.nan


def score(source: Model | AIG | Runner, text: str | ArrayLike) -> Score:
    """Score a text, or tokens: (T,) of one stream or (streams, T), −1 behind the end of a stream.

    Every stream begins in the reset state. Of a model all is known; a netlist that puts out the argmax alone gives no
    code lengths, nor does a model whose header gives no ``score_scale``. Raises :class:`InputError` for tokens outside
    the vocabulary, for text where tokens have no names, and where what is said are no tokens that are read.
    """
    runner = source if isinstance(source, Runner) else scoring_runner(source)
    if isinstance(text, str):
        runner.reset(1)
        return score_stream(runner, runner.named_tokens().encode_stream([text]))
    given = np.asarray(text)
    if given.ndim not in (1, 2) or given.dtype.kind not in "ui":
        raise InputError(f"tokens: found {given.dtype} {given.shape}; expected integers (T,) or (streams, T)")
    if given.ndim == 1:
        runner.reset(1)
        return score_stream(runner, [given])
    at_once = max(1, HELD // max(1, given.shape[1]))
    groups = (given[first : first + at_once] for first in range(0, len(given), at_once))
    return score_streams(runner, ([row[: _length(row)] for row in group] for group in groups))


def scoring_runner(source: Model | AIG, threads: int = 1, observer: Observer | None = None) -> Runner:
    """A runner of a model or netlist that tells as much as can be scored; the rest as for :class:`Runner`."""
    if isinstance(source, Model):
        exact = source.head is not None and not source.head.fraction_rank.any()
        output = "scores" if exact and source.score_scale is not None else "argmax"
        return Runner(source, output=output, threads=threads, observer=observer)
    return Runner(source, threads=threads)


def score_stream(runner: Runner, pieces: Iterable[NDArray[np.integer]]) -> Score:
    """One stream in constant memory, from the runner's present state on, in (T,) pieces."""
    return _score(runner, _parts(runner, pieces))


def score_streams(runner: Runner, groups: Iterable[Sequence[NDArray[np.integer]]]) -> Score:
    """Many streams, each from the state that it starts from; those of a group are held together."""

    def parts() -> Iterator[Part]:
        for streams in groups:
            for stream, said in zip(streams, run_ragged(runner, streams), strict=True):
                if len(stream):
                    yield said[:-1], stream[1:]

    return _score(runner, parts())


def code_lengths(scores: NDArray[np.int64], tokens: NDArray[np.integer], scale: float) -> NDArray[np.float64]:
    """(T,) nats: how long each of (T,) tokens is under (T, O) scores. See the module."""
    best = scores.max(axis=1)
    span = int((best - scores.min(axis=1)).max(initial=0))
    table = np.array([math.exp(-scale * k) for k in range(min(span + 1, LARGEST_TABLE))])
    sums = np.empty(len(scores))
    _sum_exponentials(scores, best, table, scale, sums)
    logarithms = np.array(list(map(math.log, sums.tolist())))
    behind = best - scores[np.arange(len(scores)), tokens]
    lengths: NDArray[np.float64] = logarithms + scale * behind
    return lengths


def _parts(runner: Runner, pieces: Iterable[NDArray[np.integer]]) -> Iterator[Part]:
    """What is said along one stream, and what comes next; the last of a piece waits for the next piece."""
    waiting: list[NDArray[Any]] = []
    for piece in pieces:
        begin = 0
        for said in runner.run_stream([piece]):
            tokens = piece[begin : begin + len(said)]
            begin += len(said)
            if waiting:
                yield waiting.pop(), tokens[:1]
            yield said[:-1], tokens[1:]
            waiting.append(said[-1:])


def _score(runner: Runner, parts: Iterable[Part]) -> Score:
    if runner.output not in ("argmax", "scores"):
        raise InputError(f"found output {runner.output!r}; expected 'argmax' or 'scores' to foretell by")
    if runner.num_outputs != runner.vocabulary:
        raise InputError(
            f"{runner.num_outputs} outputs for a vocabulary of {runner.vocabulary}: what is said foretells no token"
        )
    scale = runner.score_scale if runner.output == "scores" else None
    names = None if runner.tokenizer is None else np.array(list(map(len, runner.tokenizer.tokens)))
    tokens = correct = characters = 0

    def lengths() -> Iterator[list[float]]:
        nonlocal tokens, correct, characters
        for said, following in parts:
            chosen = said.argmax(axis=1) if runner.output == "scores" else said
            tokens += len(following)
            correct += int((chosen == following).sum())
            characters += 0 if names is None else int(names[following].sum())
            yield [] if scale is None else code_lengths(said, following, scale).tolist()

    nats = math.fsum(chain.from_iterable(lengths()))
    return Score(tokens, correct, None if scale is None else nats, None if names is None else characters)


def _length(row: NDArray[np.integer]) -> int:
    """The tokens of a stream that :data:`PADDING` may end."""
    ends = np.flatnonzero(row != PADDING)
    return int(ends[-1]) + 1 if len(ends) else 0


@njit(cache=True, nogil=True)
def _sum_exponentials(scores, best, table, scale, sums):
    """Into ``sums`` (T,) for (T, O) scores and the largest of each: Σ exp(−scale · (best − score)), in order."""
    for t in range(scores.shape[0]):
        total = 0.0
        for o in range(scores.shape[1]):
            behind = best[t] - scores[t, o]
            total += table[behind] if behind < table.shape[0] else math.exp(-scale * behind)
        sums[t] = total
