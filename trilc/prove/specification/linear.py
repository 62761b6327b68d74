"""Integer linear forms over literals."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass
class Linear:
    """``constant + Σ weight · literal``, over positive literals that are not constant."""

    constant: int = 0
    weights: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, terms: Iterable[tuple[int, int]], constant: int = 0) -> Linear:
        """The sum of ``(literal, weight)`` terms and a constant; ``¬x`` is ``1 − x``."""
        form = cls(constant)
        for literal, weight in terms:
            form.constant += weight * (literal & 1)
            if literal > 1:
                signed = -weight if literal & 1 else weight
                form.weights[literal & ~1] = form.weights.get(literal & ~1, 0) + signed
        form.weights = {literal: weight for literal, weight in form.weights.items() if weight}
        return form

    def __sub__(self, other: Linear) -> Linear:
        terms = [*self.weights.items(), *((literal, -weight) for literal, weight in other.weights.items())]
        return Linear.of(terms, self.constant - other.constant)

    def times(self, factor: int) -> Linear:
        """The form multiplied by an integer."""
        return Linear.of(((x, factor * weight) for x, weight in self.weights.items()), factor * self.constant)

    @property
    def low(self) -> int:
        """A lower bound: the least value if all literals were free."""
        return self.constant + sum(weight for weight in self.weights.values() if weight < 0)

    @property
    def high(self) -> int:
        """The upper bound likewise."""
        return self.constant + sum(weight for weight in self.weights.values() if weight > 0)
