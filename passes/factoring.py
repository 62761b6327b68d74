"""Algebraic factoring: a sum of products as few AND gates (Brayton 1987: quick divisor, weak division)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import and_

from trilc.aig.truth import Cover


class Gates:
    """AND gates over some inputs, equal ones kept once: what a factored form turns into.

    Literals are ``2·signal + complement``; signals are the constant false, the inputs, then the gates.
    """

    def __init__(self, inputs: int) -> None:
        self._first = 1 + inputs
        self._signal: dict[tuple[int, int], int] = {}

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """The fan-in literals of the gates, in topological order."""
        return list(self._signal)

    def conjunction(self, literals: Iterable[int]) -> int:
        """The AND of some literals."""
        return reduce(self._and, sorted(literals), 1)

    def disjunction(self, literals: Iterable[int]) -> int:
        """The OR of some literals."""
        return self.conjunction(literal ^ 1 for literal in literals) ^ 1

    def _and(self, a: int, b: int) -> int:
        a, b = min(a, b), max(a, b)
        if a < 2:
            return a and b
        if a ^ b < 2:
            return a if a == b else 0
        return 2 * self._signal.setdefault((a, b), self._first + len(self._signal))


def factor(cover: Cover, gates: Gates) -> int:
    """Enter a factored form of a sum of products; returns its literal."""
    if not cover:
        return 0
    common = reduce(and_, cover)
    if common:
        return gates.conjunction([*_literals(common), factor([cube & ~common for cube in cover], gates)])
    if 0 in cover:
        return 1
    divisor = _quick_divisor(cover)
    if not divisor:
        return gates.disjunction(gates.conjunction(_literals(cube)) for cube in cover)
    quotient, _ = _divide(cover, divisor)
    if len(quotient) == 1:
        return _factor_by_literal(cover, quotient[0], gates)
    quotient = _cube_free(quotient)
    divisor, remainder = _divide(cover, quotient)
    common = reduce(and_, divisor)
    if common:
        return _factor_by_literal(cover, common, gates)
    product = gates.conjunction([factor(quotient, gates), factor(divisor, gates)])
    return gates.disjunction([product, factor(remainder, gates)])


def _factor_by_literal(cover: Cover, cube: int, gates: Gates) -> int:
    """Factor out that literal of a cube which is in most cubes of the cover."""
    bits = [1 << k for k in range(cube.bit_length()) if cube >> k & 1]
    best = max(bits, key=lambda bit: (sum(1 for c in cover if c & bit), -bit))
    quotient, remainder = _divide(cover, [best])
    product = gates.conjunction([*_literals(best), factor(quotient, gates)])
    return gates.disjunction([product, factor(remainder, gates)])


def _quick_divisor(cover: Cover) -> Cover:
    """A kernel of level 0, or nothing where no literal is in two cubes."""
    divisor: Cover = []
    while (literal := _repeated_literal(cover)) is not None:
        cover = divisor = _cube_free([cube & ~literal for cube in cover if cube & literal])
    return divisor


def _repeated_literal(cover: Cover) -> int | None:
    """The first literal that is in at least two cubes."""
    once = twice = 0
    for cube in cover:
        twice |= once & cube
        once |= cube
    return twice & -twice if twice else None


def _divide(cover: Cover, divisor: Cover) -> tuple[Cover, Cover]:
    """Quotient and remainder of weak (algebraic) division."""
    parts = [{cube & ~d for cube in cover if cube & d == d} for d in divisor]
    quotient = sorted(set.intersection(*parts))
    products = {q | d for q in quotient for d in divisor}
    return quotient, [cube for cube in cover if cube not in products]


def _cube_free(cover: Cover) -> Cover:
    """The cover without the literals that all of its cubes share."""
    common = reduce(and_, cover)
    return [cube & ~common for cube in cover]


def _literals(cube: int) -> list[int]:
    """The literals of a cube, input ``i`` being signal ``1 + i``."""
    return [k + 2 for k in range(cube.bit_length()) if cube >> k & 1]
