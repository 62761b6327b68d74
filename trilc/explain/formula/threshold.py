"""What a ternary neuron is: a count of literals that must reach what the token asks for.

``Σ c·b + a ≥ 0`` over bits ``b`` is ``Σ |c|·ℓ ≥ T``, where the literal ``ℓ`` is ``b`` for a positive coefficient
and ``¬b`` for a negative one, whose ``c·b = c + |c|·¬b``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from math import gcd
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Integers = NDArray[np.int64]


class Bit(NamedTuple):
    """A bit of the state, before the token is read or after it."""

    number: int
    """Among the bits of all layers."""
    after: bool = False

    def __str__(self) -> str:
        return f"h{chr(39) * self.after}[{self.number}]"


class Literal(NamedTuple):
    """A bit, or its complement."""

    bit: Bit
    positive: bool = True

    def __str__(self) -> str:
        return f"{'' if self.positive else '¬'}{self.bit}"


@dataclass(frozen=True, eq=False)
class Threshold:
    """Holds where ``Σ weight · literal ≥ needed[token]``."""

    literals: tuple[Literal, ...]
    """(n,) of different bits."""
    weights: Integers
    """(n,) positive, without a common divisor."""
    needed: Integers
    """(V,) by the token that is read: 0 or less where it makes the threshold hold, whatever the bits; more than
    :attr:`total` where it makes it fail."""
    base: int
    """What would be needed if the token added nothing."""

    @classmethod
    def of(cls, bits: list[Bit], coefficients: ArrayLike, added: ArrayLike, base: int) -> Threshold:
        """Where ``Σ coefficient · bit + added[token] ≥ 0``; without a token's part, added would be ``base``."""
        c = np.asarray(coefficients, np.int64)
        used = np.flatnonzero(c)
        weights = np.abs(c[used])
        unit = gcd(*weights.tolist()) or 1
        below = int(c[c < 0].sum())
        literals = tuple(Literal(bits[k], bool(c[k] > 0)) for k in used.tolist())
        needed = -((np.asarray(added, np.int64) + below) // unit)
        return cls(literals, weights // unit, needed, -((base + below) // unit))

    @cached_property
    def total(self) -> int:
        """The sum of all weights."""
        return int(self.weights.sum())

    @property
    def is_count(self) -> bool:
        """Whether every literal weighs the same."""
        return bool((self.weights == 1).all())

    @property
    def reads_token(self) -> bool:
        """Whether tokens ask for different sums."""
        clipped = np.clip(self.needed, 0, self.total + 1)
        return bool((clipped != clipped[:1]).any())

    def complement(self) -> Threshold:
        """Holds where this one does not."""
        literals = tuple(Literal(bit, not positive) for bit, positive in self.literals)
        return replace(
            self, literals=literals, needed=self.total + 1 - self.needed, base=self.total + 1 - self.base
        )

    def true(self, before: NDArray[np.uint8], after: NDArray[np.uint8]) -> NDArray[np.bool_]:
        """(…, n) which literals are true in (…, units) states before and after the token."""
        index = [literal.bit.number for literal in self.literals]
        later = np.array([literal.bit.after for literal in self.literals], bool)
        positive = np.array([literal.positive for literal in self.literals], bool)
        found: NDArray[np.bool_] = np.where(later, after[..., index], before[..., index]) == positive
        return found

    def holds(
        self, before: NDArray[np.uint8], after: NDArray[np.uint8], tokens: NDArray[np.integer]
    ) -> NDArray[np.bool_]:
        """(…,) whether it holds in (…, units) states before and after (…,) tokens."""
        found: NDArray[np.bool_] = self.true(before, after) @ self.weights >= self.needed[tokens]
        return found

    def classes(self, tokens: tuple[int, ...]) -> list[tuple[int, tuple[int, ...]]]:
        """What is needed, ascending, and the tokens that need it; those that force the same are together."""
        groups: dict[int, list[int]] = {}
        for token in tokens:
            groups.setdefault(min(max(int(self.needed[token]), 0), self.total + 1), []).append(token)
        return [(needed, tuple(groups[needed])) for needed in sorted(groups)]


@dataclass(frozen=True, eq=False)
class Statement:
    """Holds where all of its thresholds do."""

    name: str
    parts: tuple[Threshold, ...]

    def holds(
        self, before: NDArray[np.uint8], after: NDArray[np.uint8], tokens: NDArray[np.integer]
    ) -> NDArray[np.bool_]:
        """(…,) whether it holds in (…, units) states before and after (…,) tokens."""
        found = np.ones(np.shape(tokens), bool)
        for part in self.parts:
            found &= part.holds(before, after, tokens)
        return found

    @property
    def reads_token(self) -> bool:
        """Whether it depends on the token other than through the bits."""
        return any(part.reads_token for part in self.parts)

    @property
    def bits(self) -> tuple[Bit, ...]:
        """All bits that it depends on, in order."""
        return tuple(sorted({literal.bit for part in self.parts for literal in part.literals}, key=_place))


@dataclass(frozen=True, eq=False)
class Sum:
    """A score: ``Σ weight · literal + constant``."""

    name: str
    literals: tuple[Literal, ...]
    weights: Integers
    """(n,) positive."""
    constant: int

    @property
    def bits(self) -> tuple[Bit, ...]:
        """All bits that it depends on, in order."""
        return tuple(literal.bit for literal in self.literals)


def _place(bit: Bit) -> tuple[bool, int]:
    return bit.after, bit.number
