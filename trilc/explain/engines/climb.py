"""Streams that come ever nearer to what a question looks for: subset simulation (Au, Beck 2001) over streams.

A rare event is reached by way of ever rarer ones: of many streams the nearest quarter (:mod:`trilc.explain.distance`)
become all, each is changed in a token or two, and a change is kept where the stream stays as near as that quarter.
Late tokens are changed most often: what they change is small, and the states before them are known. It can't prove
anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trilc.aig import AIG
from trilc.engines.words.kernel import SCORES, STATE, run
from trilc.engines.words.layout import Layout
from trilc.explain.distance import Distances, distance
from trilc.explain.engines.induction import Working
from trilc.explain.language.syntax import (
    ANYTHING,
    And,
    Bits,
    Compare,
    Formula,
    Index,
    Member,
    Not,
    Number,
    Or,
    atoms,
    onces,
)
from trilc.explain.system import System
from trilc.model import Model
from trilc.prove.runs import shortened
from trilc.prove.search import Found
from trilc.prove.transition import Transition

LANES = 1 << 12
"""Streams."""

PARTS = 4
"""One in so many goes on."""

ROUNDS = 6
"""Changes tried in a generation."""

LATE = 0.3
"""The chance that a change is at the last token, that it is at the one before it where it is not, and so on."""

LENGTHS = (8, 12, 20)
"""Tokens of a stream besides those that the question is about, one attempt after the other."""

PATIENCE = 12
"""Generations without one that is nearer, before another attempt."""


@dataclass(frozen=True)
class Climb:
    """Looks for a stream after which a statement holds; a worker's task.

    Yields :class:`Working`, and at last a :class:`trilc.prove.search.Found`, whose run need not be the shortest.
    """

    model: Model
    formula: Formula
    system: System
    """The machine that is bad where the formula holds."""
    longest: int | None = None
    """Tokens that the stream may have."""

    def __call__(self) -> Iterator[Working | Found]:
        """Look."""
        model, rng = self.model, np.random.default_rng(4)
        machine = Machine(model)
        recent = recent_of(self.formula)
        alphabets = alphabets_of(self.formula, model.vocabulary)
        for attempt in range(1 << 30):
            length = recent + LENGTHS[attempt % len(LENGTHS)]
            if self.longest is not None:
                length = min(length, self.longest)
            every = np.arange(model.vocabulary)
            choices = [alphabets.get(length - 1 - place, every) for place in range(length)]
            streams = Streams(machine, self.formula, recent, choices, rng)
            yield Working(f"streams of {length} tokens")
            for near in streams.come_nearer():
                yield Working(f"streams that come nearer: {near:.0f} to go")
            if streams.nearest == 0:
                yield self._found(streams.tokens[:, int(np.argmin(streams.far))])
            if streams.nearest == 0 or not streams.places.size:
                return

    def _found(self, tokens: NDArray[np.int64]) -> Found:
        """The run of a stream without tokens that it does not need; any token is read after the last."""
        aig = self.system.aig
        read = np.concatenate([tokens, np.zeros(self.system.lag, np.int64)])
        steps = (read[:, None] >> np.arange(aig.num_inputs) & 1).tolist()
        reset = aig.reset.tolist()
        return Found(shortened(Transition(self.system.miter, aig.num_inputs), steps, reset), reset)


def climbing(
    source: Model | AIG, system: System, formula: Formula, assuming: Formula, longest: int | None
) -> Climb | None:
    """The search for a stream after which a formula holds; None for gates, and where the last tokens don't decide."""
    spoken = atoms(formula)
    if not isinstance(source, Model) or assuming != ANYTHING or not spoken or onces(formula):
        return None
    if longest is not None and longest < recent_of(formula):
        return None
    return Climb(source, formula, system, longest)


def recent_of(formula: Formula) -> int:
    """Steps that a statement speaks of."""
    return 1 + max(part.back for part in atoms(formula))


class Machine:
    """A model that goes on from any states, many at once."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.layout = layout = Layout(model)
        self._order = np.zeros(0, np.int64) if layout.scores is None else layout.scores.order

    def states(self, begin: NDArray[np.uint64], tokens: NDArray[np.int64]) -> NDArray[np.uint64]:
        """(steps, lanes, words) after each of (steps, lanes) tokens."""
        said = np.empty((*tokens.shape, self.layout.words), np.int64)
        self._run(begin.copy(), tokens, STATE, said)
        return said.view(np.uint64)

    def scores(self, state: NDArray[np.uint64], tokens: NDArray[np.int64]) -> tuple[NDArray[np.uint64], NDArray[Any]]:
        """(lanes, words) new states and (lanes, O) scores after one token each."""
        assert self.layout.scores is not None
        new = state.copy()
        said = np.empty((1, len(tokens), self.model.num_outputs), np.int64)
        self._run(new, tokens[None], SCORES, said)
        return new, self.layout.scores.of_sums(said[0])

    def values(self, states: NDArray[np.uint64]) -> NDArray[np.float32]:
        """(lanes, units) what state bits are worth."""
        return self.model.values(self.layout.unpack(states)).astype(np.float32)

    def sums(
        self, bits: Sequence[int], before: NDArray[np.float32], tokens: NDArray[np.int64], after: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """(lanes, bits) pre-activations in one step, between values."""
        model = self.model
        found = np.empty((len(tokens), len(bits)), np.float32)
        wanted, first = np.array(bits, np.int64), 0
        for k, layer in enumerate(model.layers):
            end = first + layer.units
            here = np.flatnonzero((wanted >= first) & (wanted < end))
            if here.size:
                rows = wanted[here] - first
                total = before[:, first:end] @ layer.recurrent[rows].T.astype(np.float32)
                if k:
                    below = after[:, first - model.layers[k - 1].units : first]
                    total += below @ layer.input[rows].T.astype(np.float32)
                elif model.embedding is None:
                    total += layer.input[rows[:, None], tokens].T
                else:
                    total += model.embedding[tokens].astype(np.float32) @ layer.input[rows].T.astype(np.float32)
                found[:, here] = total + layer.bias[rows]
            first = end
        return found

    def _run(self, states: NDArray[np.uint64], tokens: NDArray[np.int64], kind: int, said: NDArray[np.int64]) -> None:
        layout = self.layout
        layout.by_token.find(tokens)
        run(
            layout.banks, layout.layers, layout.tables, layout.planes, layout.fixed, layout.by_token.rows,
            layout.head, self._order, tokens, states, kind, said,
        )  # fmt: skip


class Last:
    """The last steps of many runs: see :class:`trilc.explain.distance.Moments`."""

    def __init__(self, machine: Machine, states: list[NDArray[np.uint64]], tokens: NDArray[np.int64],
                 scores: list[NDArray[Any]]) -> None:  # fmt: skip
        self.lanes = tokens.shape[1]
        self._machine, self._states, self._tokens, self._scores = machine, states, tokens, scores
        self._values: dict[int, NDArray[np.float32]] = {}

    def tokens(self, back: int) -> NDArray[np.int64]:
        """See there."""
        read: NDArray[np.int64] = self._tokens[-1 - back]
        return read

    def scores(self, back: int) -> NDArray[Any]:
        """See there."""
        return self._scores[-1 - back]

    def sums(self, bits: Sequence[int], back: int) -> NDArray[Any]:
        """See there."""
        for step in (back, back + 1):
            if step not in self._values:
                self._values[step] = self._machine.values(self._states[-1 - step])
        return self._machine.sums(bits, self._values[back + 1], self.tokens(back), self._values[back])


class Streams:
    """A population of streams of one length."""

    def __init__(
        self, machine: Machine, formula: Formula, recent: int, choices: list[NDArray[np.int64]],
        rng: np.random.Generator,
    ) -> None:  # fmt: skip
        self._machine, self._formula, self._recent, self._choices, self._rng = machine, formula, recent, choices, rng
        self._scored = any(not isinstance(part, Bits) for part in atoms(formula) if part != Index("tok"))
        self.tokens = np.array([rng.choice(ids, LANES) for ids in choices])
        """(length, lanes)"""
        reset = machine.layout.pack(machine.model.reset_state(LANES))
        self._states = np.empty((len(choices) + 1, *reset.shape), np.uint64)
        self._states[0] = reset
        self._states[1:], self.far = self._follow(0, self.tokens)
        self.places = np.array([place for place, ids in enumerate(choices) if len(ids) > 1], np.int64)
        """Where a token may be another."""

    @property
    def nearest(self) -> float:
        """How far the nearest is."""
        return float(self.far.min())

    def come_nearer(self) -> Iterator[float]:
        """Change streams until one is there or none comes nearer for long; yields how far the nearest is."""
        best, waited = (np.inf, np.inf), 0
        while self.nearest > 0 and waited < PATIENCE and self.places.size:
            limit = self._select()
            waited = 0 if (self.nearest, limit) < best else waited + 1
            best = min(best, (self.nearest, limit))
            for _ in range(ROUNDS):
                self._change(limit)
                if self.nearest == 0:
                    break
            yield self.nearest

    def _select(self) -> float:
        """Let the nearest go on, different ones if possible; returns how far the last of them is."""
        order = np.argsort(self.far, kind="stable")
        rows = self._states[-1][order]
        _, first = np.unique(rows.view([("", rows.dtype)] * rows.shape[1]).ravel(), return_index=True)
        different = order[np.sort(first)][: LANES // PARTS]
        chosen = np.resize(different, LANES)
        self.tokens, self.far = self.tokens[:, chosen], self.far[chosen]
        self._states = self._states[:, chosen]
        return float(self.far[len(different) - 1])

    def _change(self, limit: float) -> None:
        """Change each from one place on, and keep what is as near as the limit."""
        rng, last = self._rng, len(self.places) - 1
        at = max(0, last - int(rng.geometric(LATE)) + 1)
        place = int(self.places[at])
        changed = self.tokens[place:].copy()
        changed[0] = rng.choice(self._choices[place], LANES)
        if at < last and rng.random() < 0.5:
            more = int(self.places[rng.integers(at + 1, last + 1)])
            changed[more - place] = rng.choice(self._choices[more], LANES)
        states, far = self._follow(place, changed)
        kept = far <= limit
        self.tokens[place:, kept] = changed[:, kept]
        self._states[place + 1 :, kept] = states[:, kept]
        self.far[kept] = far[kept]

    def _follow(self, place: int, tokens: NDArray[np.int64]) -> tuple[NDArray[np.uint64], Distances]:
        """The states after each token from a place on, and how far the streams are then."""
        machine, recent = self._machine, self._recent
        length = len(self._choices)
        states = machine.states(self._states[place], tokens)
        last = [*self._states[max(0, length - recent) : place + 1], *states][-recent - 1 :]
        read = np.concatenate([self.tokens[:place], tokens])[-recent:]
        scores = [machine.scores(last[k], read[k])[1] for k in range(recent)] if self._scored else []
        return states, distance(self._formula, Last(machine, last, read, scores), machine.model.head)


def alphabets_of(formula: Formula, vocabulary: int) -> dict[int, NDArray[np.int64]]:
    """The tokens that a statement permits so many tokens ago, where it names them."""
    found: dict[int, NDArray[np.int64]] = {}
    for part, holds in _conjuncts(formula, True):
        ids: Sequence[int]
        match part:
            case Compare("=" | "!=" as operator, Index("tok", back, plus), Number(value)):
                ids, wanted = [value - plus], (operator == "=") == holds
            case Member(Index("tok", back, plus), named):
                ids, wanted = [number - plus for number in named], holds
            case _:
                continue
        permitted = np.flatnonzero(np.isin(np.arange(vocabulary), ids) == wanted)
        before = found.get(back, permitted)
        both = np.intersect1d(before, permitted)
        found[back] = both if both.size else before  # then nothing holds
    return found


def _conjuncts(formula: Formula, holds: bool) -> Iterator[tuple[Formula, bool]]:
    """The parts that must hold, or must not."""
    match formula:
        case Not(of):
            yield from _conjuncts(of, not holds)
        case And(parts) if holds:
            for part in parts:
                yield from _conjuncts(part, True)
        case Or(parts) if not holds:
            for part in parts:
                yield from _conjuncts(part, False)
        case _:
            yield formula, holds
