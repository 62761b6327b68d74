"""What a question may name: the tokens, outputs and state bits of what it is about."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Literal

VOWELS = frozenset("aeiouAEIOU")

CLASSES = {
    "letters": lambda name: name.isalpha(),
    "vowels": lambda name: name in VOWELS,
    "digits": lambda name: name.isdigit(),
    "spaces": lambda name: name.isspace(),
    "punctuation": lambda name: all(unicodedata.category(c).startswith("P") for c in name),
}
"""Classes of tokens, by their names."""


@dataclass(frozen=True)
class Terms:
    """The vocabulary of a machine."""

    vocabulary: int
    """Token ids are below this."""
    num_outputs: int
    """Indices that ``out`` can be, or 0 where there is no ``out``."""
    layers: tuple[int, ...]
    """State bits of each layer."""
    tokens: tuple[str, ...] | None = None
    """Their names."""

    @property
    def units(self) -> int:
        """State bits in all."""
        return sum(self.layers)

    def names(self, kind: Literal["tok", "out"]) -> tuple[str, ...] | None:
        """The names of tokens read, or of what is said: these are the same where there are as many."""
        named = kind == "tok" or self.num_outputs == self.vocabulary
        return self.tokens if named else None

    def number(self, kind: Literal["tok", "out"]) -> int:
        """How many of them there are."""
        return self.vocabulary if kind == "tok" else self.num_outputs

    def of_class(self, name: str) -> tuple[int, ...]:
        """The ids of the tokens in one of :data:`CLASSES`."""
        return tuple(i for i, token in enumerate(self.tokens or ()) if CLASSES[name](token))
