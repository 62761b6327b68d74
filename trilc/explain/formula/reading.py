"""Which tokens may be read, and how they are called."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from trilc.errors import InputError
from trilc.explain.language.terms import CLASSES, Terms
from trilc.model import Model


@dataclass(frozen=True)
class Reading:
    """Some tokens of a vocabulary."""

    terms: Terms
    tokens: tuple[int, ...]
    """Their ids, ascending, at least one."""

    @classmethod
    def of(cls, model: Model, chosen: Iterable[str] = ()) -> Reading:
        """The tokens that are chosen: by name, by class (``letters``, ``vowels``, …) or by id; all where none is.

        Raises :class:`InputError` at what is none of these.
        """
        terms = terms_of(model)
        tokens: set[int] = set()
        for word in chosen:
            tokens.update(_chosen(terms, word))
        return cls(terms, tuple(sorted(tokens)) or tuple(range(terms.vocabulary)))

    def name(self, token: int) -> str:
        """A token's name, quoted, or its id."""
        names = self.terms.tokens
        return str(token) if names is None else repr(names[token])

    def condition(self, tokens: tuple[int, ...]) -> str:
        """That the token is one of these, as briefly as that can be said."""
        if len(tokens) == 1:
            return f"tok={self.name(tokens[0])}"
        chosen = set(tokens)
        others = tuple(token for token in self.tokens if token not in chosen)
        if len(others) == 1:
            return f"tok≠{self.name(others[0])}"
        sign, fewer = ("∉", others) if len(others) < len(tokens) else ("∈", tokens)
        return f"tok{sign}{{{','.join(map(self.name, fewer))}}}"


def terms_of(model: Model) -> Terms:
    """What may be named of a model."""
    layers = tuple(layer.units for layer in model.layers)
    return Terms(model.vocabulary, model.num_outputs, layers, model.tokens)


def _chosen(terms: Terms, word: str) -> tuple[int, ...]:
    if terms.tokens is not None:
        if word in terms.tokens:
            return (terms.tokens.index(word),)
        if word in CLASSES and (members := terms.of_class(word)):
            return members
    if word.isdecimal() and len(word) < 10 and int(word) < terms.vocabulary:
        return (int(word),)
    named = "" if terms.tokens is None else f"a token, {', '.join(CLASSES)}, or "
    raise InputError(f"token {word!r}: expected {named}an id from 0 to {terms.vocabulary - 1}")
