"""Expressions of and, or, literals and tokens, whose common parts are shared."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from trilc.explain.formula.threshold import Literal

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Atom:
    """A literal."""

    literal: Literal


@dataclass(frozen=True, eq=False)
class Read:
    """Whether the token is one of these."""

    tokens: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Join:
    """Whether all parts hold, or one does; without parts true, or false."""

    all: bool
    parts: tuple[Expression, ...]


Expression = Atom | Read | Join

TRUE, FALSE = Join(True, ()), Join(False, ())


def all_of(parts: Iterable[Expression]) -> Expression:
    """The conjunction, without constants, and without conjunctions in it."""
    return _joined(True, parts)


def any_of(parts: Iterable[Expression]) -> Expression:
    """The disjunction, likewise."""
    return _joined(False, parts)


def fold(
    expression: Expression, leaf: Callable[[Atom | Read], T], join: Callable[[Join, tuple[T, ...]], T]
) -> T:
    """What the parts give, put together; every shared part once."""
    found: dict[Expression, T] = {}
    pending = [expression]
    while pending:
        top = pending[-1]
        if top in found:
            pending.pop()
            continue
        if isinstance(top, Join):
            missing = [part for part in top.parts if part not in found]
            if missing:
                pending += missing
                continue
            found[top] = join(top, tuple(found[part] for part in top.parts))
        else:
            found[top] = leaf(top)
    return found[expression]


def leaves(expression: Expression) -> int:
    """Literals and tokens where every shared part is written out."""
    return fold(expression, lambda leaf: 1, lambda join, parts: sum(parts))


def _joined(all_: bool, parts: Iterable[Expression]) -> Expression:
    neutral, absorbing = (TRUE, FALSE) if all_ else (FALSE, TRUE)
    kept = []
    for part in parts:
        if part is absorbing:
            return absorbing
        if part is not neutral:
            kept.append(part)
    if len(kept) == 1:
        return kept[0]
    return Join(all_, tuple(kept)) if kept else neutral
