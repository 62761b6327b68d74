"""Numbers as weighted literals, added up by adders that a hint names.

An adder replaces three literals of one weight by their sum, of the same weight, and their carry, of twice that:
``a + b + c = s + 2·c'``, so the number stays what it is whichever literals a hint chooses. Hints only decide how
alike the gates are to those of another netlist.
"""

from __future__ import annotations

from collections import Counter

import numpy as np

from trilc.aig import FALSE, TRUE, Builder
from trilc.hints import UNBUILT, CountHint
from trilc.prove.specification.linear import Linear

MOST_OPEN = 16
"""Literals of one weight that a comparison is decided over without adding them up further."""


class Adders:
    """Full adders, each built once whatever the signs, and which literal of the hints is which of ours."""

    def __init__(self, builder: Builder) -> None:
        self.builder = builder
        self.ours: dict[int, int] = {FALSE: FALSE}
        """What stands for a positive literal of the hints; a mere claim."""
        self._built: dict[tuple[int, int, int], tuple[int, int]] = {}

    def literal(self, claimed: int) -> int | None:
        """Our literal for one of the hints."""
        found = self.ours.get(claimed & ~1)
        return None if found is None else found ^ (claimed & 1)

    def claim(self, claimed: int, literal: int) -> None:
        """From here on a literal of the hints, unless it is a constant, stands for one of ours."""
        if claimed > TRUE:
            self.ours[claimed & ~1] = literal ^ (claimed & 1)

    def full(self, a: int, b: int, c: int) -> tuple[int, int]:
        """The sum and the carry of three literals."""
        flip = a & 1
        key = (a ^ flip, b ^ flip, c ^ flip)
        if key not in self._built:
            x, y, z = key
            half = self.builder.xor(x, y & ~1) ^ (y & 1)
            total = self.builder.xor(half & ~1, z & ~1) ^ (half & 1) ^ (z & 1)
            carry = self.builder.or_(self.builder.and_(x, y), self.builder.and_(half, z))
            self._built[key] = int(total), int(carry)
        total, carry = self._built[key]
        return total ^ flip, carry ^ flip


class Sum:
    """``constant + Σ 2^j · literal``: the literals of each weight, as often as they count."""

    def __init__(self, adders: Adders, form: Linear) -> None:
        self.adders = adders
        self.constant = form.constant
        self.columns: list[Counter[int]] = []
        for literal, weight in form.weights.items():
            self._add(literal, weight, 0)

    def follow(self, hint: CountHint) -> None:
        """Use the adders of a hint, as far as they find their literals here."""
        settled = 0
        for column, a, b, c, total, carry in hint.adders.tolist():
            while settled <= column:
                self._pair(settled)
                settled += 1
            operands = [self.adders.literal(claimed) for claimed in (a, b, c)]
            if None not in operands and column < len(self.columns):
                built = self._replace(column, [x for x in operands if x is not None])
                if built and total != UNBUILT:
                    self.adders.claim(total, built[0])
                if built:
                    self.adders.claim(carry, built[1])

    def bits(self, width: int) -> list[int]:
        """The low bits of the number, modulo 2^width."""
        found = []
        for column in range(width):
            while len(self.columns) <= column:
                self.columns.append(Counter())
            self._pair(column)
            while len(self.columns[column]) + (self.constant >> column & 1) > 1:
                first = list(self.columns[column])[:3]
                ones = [TRUE] * min(self.constant >> column & 1, 3 - len(first))
                self._replace(column, [*first, *ones, *[FALSE] * (3 - len(first) - len(ones))])
            left = [*self.columns[column], *[TRUE] * (self.constant >> column & 1)]
            found.append(left[0] if left else FALSE)
        return found

    def at_least(self, threshold: int) -> int:
        """The literal ``number >= threshold``: a diagram over the literals, heaviest first (Eén, Sörensson 2006)."""
        column = 0
        while column < len(self.columns):
            self._pair(column)
            while len(self.columns[column]) > MOST_OPEN:
                self._replace(column, list(self.columns[column])[:3])
            column += 1
        terms = [(x, 1 << j) for j, held in enumerate(self.columns) for x in held]
        below = np.concatenate([[0], np.cumsum([weight for _, weight in terms])]).tolist()
        builder = self.adders.builder
        # from the lightest literals up, what is needed of them, for every need that can come up
        needs: list[set[int]] = [set() for _ in range(len(terms) + 1)]
        needs[len(terms)] = {min(max(threshold - self.constant, 0), below[-1] + 1)}
        for k in range(len(terms), 0, -1):
            for need in needs[k]:
                for then in (need, need - terms[k - 1][1]):
                    needs[k - 1].add(min(max(then, 0), below[k - 1] + 1))
        holds = {0: TRUE, 1: FALSE}
        for k, (literal, weight) in enumerate(terms, 1):
            holds = {
                need: TRUE
                if need == 0
                else FALSE
                if need > below[k]
                else builder.mux(
                    literal,
                    holds[min(max(need - weight, 0), below[k - 1] + 1)],
                    holds[min(need, below[k - 1] + 1)],
                )
                for need in needs[k]
            }
        return int(next(iter(holds[need] for need in needs[len(terms)])))

    def _add(self, literal: int, weight: int, column: int) -> None:
        """Add ``weight · 2^column · literal``."""
        if weight < 0:
            self.constant += weight << column
            literal, weight = literal ^ 1, -weight
        if literal <= TRUE:
            self.constant += (weight << column) * literal
            return
        while len(self.columns) < column + weight.bit_length():
            self.columns.append(Counter())
        for j in range(weight.bit_length()):
            if weight >> j & 1:
                self.columns[column + j][literal] += 1

    def _pair(self, column: int) -> None:
        """Twice a literal is one of twice the weight, and a literal and its complement are one."""
        if column >= len(self.columns):
            return
        held, self.columns[column] = self.columns[column], Counter()
        for literal in list(held):
            both = min(held[literal], held[literal ^ 1])
            self.constant += both << column
            held[literal] -= both
            held[literal ^ 1] -= both
        for literal, count in held.items():
            self._add(literal, count, column)

    def _replace(self, column: int, operands: list[int]) -> tuple[int, int] | None:
        """Put a sum and a carry in the place of three literals, if all but constants are held."""
        held = self.columns[column]
        wanted = Counter(literal for literal in operands if literal > TRUE)
        if any(held[literal] < count for literal, count in wanted.items()):
            return None
        for literal, count in wanted.items():
            held[literal] -= count
            if not held[literal]:
                del held[literal]
        self.constant -= operands.count(TRUE) << column
        total, carry = self.adders.full(operands[0], operands[1], operands[2])
        self._add(total, 1, column)
        self._add(carry, 1, column + 1)
        return total, carry
