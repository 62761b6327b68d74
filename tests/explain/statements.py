"""Random statements, as text and as what they mean in plain Python; and what is true of small models by brute force."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from operator import eq, ge, gt, le, lt, ne

import numpy as np
from hypothesis import strategies as st

from tests.models import random_model
from trilc.model import Model

UNITS, VOCABULARY, OUTPUTS = 5, 3, 3
OPERATORS = {"=": eq, "==": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}


@dataclass(frozen=True)
class History:
    """What a model has read, and its states, the last of them last."""

    model: Model
    tokens: tuple[int, ...]
    states: tuple[tuple[int, ...], ...]

    def tok(self, back: int) -> int:
        return self.tokens[-1 - back]

    def h(self, bit: int, back: int) -> int:
        return self.states[-1 - back][bit]

    def score(self, index: int, back: int) -> int:
        return int(self.model.scores(np.array([self.states[-1 - back]], np.uint8))[0, index])

    def out(self, back: int) -> int:
        return int(self.model.choose(self.model.scores(np.array([self.states[-1 - back]], np.uint8)))[0])

    def after(self, token: int) -> History:
        new = self.model.step(np.array([self.states[-1]], np.uint8), np.array([token]))[0]
        return History(self.model, (*self.tokens, token), (*self.states, tuple(new.tolist())))

    def recent(self, number: int) -> History:
        """Only the last tokens, and the states around them."""
        return History(self.model, self.tokens[-number:], self.states[-number - 1 :])

    @cached_property
    def key(self) -> tuple[object, ...]:
        return self.tokens, self.states


@dataclass(frozen=True)
class Statement:
    text: str
    means: Callable[[History], bool]
    age: int
    """Tokens that must have been read."""

    def at(self, history: History) -> bool | None:
        return None if len(history.tokens) < self.age else bool(self.means(history))


def begin(model: Model) -> History:
    return History(model, (), (tuple(model.reset_state(1)[0].tolist()),))


def small_model(seed: int) -> Model:
    return random_model(np.random.default_rng(seed), UNITS, VOCABULARY, 0.5, outputs=OUTPUTS)


def shortest(model: Model, statement: Statement, allowed: Statement | None = None) -> int | None:
    """Tokens of the shortest stream after which a statement holds, by going through all that can be told apart."""
    reach = max(statement.age, allowed.age if allowed else 1)
    level, seen, length = [begin(model)], set(), 0
    while level:
        length += 1
        following = []
        for history in level:
            for token in range(model.vocabulary):
                new = history.after(token)
                if allowed and allowed.at(new) is False:
                    continue
                if statement.at(new):
                    return length
                new = new.recent(reach)
                if new.key not in seen:
                    seen.add(new.key)
                    following.append(new)
        level = following
    return None


def streams(model: Model, length: int) -> Iterator[History]:
    """Everything that can be read in so many tokens."""
    for tokens in product(range(model.vocabulary), repeat=length):
        history = begin(model)
        for token in tokens:
            history = history.after(token)
        yield history


def ago(back: int) -> str:
    return f"@-{back}" if back else ""


@st.composite
def atoms(draw: st.DrawFn) -> Statement:
    back = draw(st.integers(0, 2))
    other = draw(st.integers(0, 2))
    bit, second = draw(st.integers(0, UNITS - 1)), draw(st.integers(0, UNITS - 1))
    number = draw(st.integers(0, 2))
    plus = draw(st.integers(-2, 2))
    sign = draw(st.sampled_from(list(OPERATORS)))
    compared = OPERATORS[sign]
    shifted = f" {'+' if plus > 0 else '-'} {abs(plus)}" if plus else ""
    older = max(back, other)
    kind = draw(st.sampled_from(["tok", "out", "ids", "bit", "bits", "same", "pattern", "score", "count", "in"]))
    if kind == "tok":
        return Statement(f"tok{ago(back)} {sign} {number}", lambda H: compared(H.tok(back), number), back + 1)
    if kind == "out":
        return Statement(
            f"out{ago(back)}{shifted} {sign} {number}", lambda H: compared(H.out(back) + plus, number), back + 1
        )
    if kind == "ids":
        return Statement(
            f"out{ago(back)} {sign} tok{ago(other)}{shifted}", lambda H: compared(H.out(back), H.tok(other) + plus),
            older + 1,
        )  # fmt: skip
    if kind == "bit":
        return Statement(f"h[{bit}]{ago(back)}", lambda H: H.h(bit, back) == 1, max(1, back))
    if kind == "bits":
        return Statement(
            f"h[{bit}]{ago(back)} == h_l0[{second}]{ago(other)}", lambda H: H.h(bit, back) == H.h(second, other),
            max(1, older),
        )  # fmt: skip
    if kind == "same":
        return Statement(
            f"h{ago(back)} = h{ago(other)}", lambda H: H.states[-1 - back] == H.states[-1 - other], max(1, older)
        )
    if kind == "pattern":
        return Statement(
            f"h[1..3]{ago(back)} != 0b{number & 1}x{number >> 1}",
            lambda H: (H.h(1, back), H.h(3, back)) != (number & 1, number >> 1), max(1, back),
        )  # fmt: skip
    if kind == "score":
        return Statement(
            f"score[{number}]{ago(back)} {sign} score[{2 - number}]{ago(other)}{shifted}",
            lambda H: compared(H.score(number, back), H.score(2 - number, other) + plus), older + 1,
        )  # fmt: skip
    if kind == "count":
        return Statement(
            f"count(h[*]{ago(back)}) {sign} {number + 1}",
            lambda H: compared(sum(H.states[-1 - back]), number + 1), max(1, back),
        )  # fmt: skip
    return Statement(f"tok{ago(back)} in {{0, {number}..2}}", lambda H: H.tok(back) in {0, *range(number, 3)}, back + 1)


def joined(inner: st.SearchStrategy[Statement]) -> st.SearchStrategy[Statement]:
    def of(word: str, join: Callable[[bool, bool], bool]) -> st.SearchStrategy[Statement]:
        return st.builds(
            lambda a, b: Statement(
                f"({a.text}) {word} ({b.text})", lambda H: join(a.means(H), b.means(H)), max(a.age, b.age)
            ),
            inner, inner,
        )  # fmt: skip

    return st.one_of(
        of("and", lambda a, b: a and b),
        of("and", lambda a, b: a and b),
        of("or", lambda a, b: a or b),
        of("implies", lambda a, b: not a or b),
        of("iff", lambda a, b: a == b),
        inner.map(lambda a: Statement(f"not ({a.text})", lambda H: not a.means(H), a.age)),
    )


statements = st.recursive(atoms(), joined, max_leaves=4)
