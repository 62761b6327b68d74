"""What a question is once it has been read; every node prints as text that reads back as itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

# Numbers and bits ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Index:
    """``tok`` or ``out``: an id, ``back`` tokens ago."""

    kind: Literal["tok", "out"]
    back: int = 0
    plus: int = 0

    def __str__(self) -> str:
        return f"{self.kind}{_ago(self.back)}{_plus(self.plus)}"


@dataclass(frozen=True)
class Score:
    """The score of an output."""

    index: int
    back: int = 0
    plus: int = 0

    def __str__(self) -> str:
        return f"score[{self.index}]{_ago(self.back)}{_plus(self.plus)}"


@dataclass(frozen=True)
class Bits:
    """State bits, by their numbers in all layers together."""

    indices: tuple[int, ...]
    back: int = 0

    def __str__(self) -> str:
        spans: list[list[int]] = []
        for index in self.indices:
            if spans and index == spans[-1][1] + 1:
                spans[-1][1] = index
            else:
                spans.append([index, index])
        shown = ",".join(str(low) if low == high else f"{low}..{high}" for low, high in spans)
        return f"h[{shown}]{_ago(self.back)}"


@dataclass(frozen=True)
class Count:
    """How many of some state bits are 1."""

    bits: Bits
    plus: int = 0

    def __str__(self) -> str:
        return f"count({self.bits}){_plus(self.plus)}"


@dataclass(frozen=True)
class Number:
    """A number, or the id of a token written by its name."""

    value: int

    def __str__(self) -> str:
        return str(self.value)


Word = Index | Score | Count | Number

# Statements ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Constant:
    """True or false."""

    value: bool

    def __str__(self) -> str:
        return "true" if self.value else "false"


@dataclass(frozen=True)
class Compare:
    """A comparison of numbers."""

    operator: Literal["=", "!=", "<", "<=", ">", ">="]
    left: Word
    right: Word

    def __str__(self) -> str:
        return f"{self.left} {self.operator} {self.right}"


@dataclass(frozen=True)
class Member:
    """Whether an id is one of several."""

    word: Index
    ids: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.word} in {{{', '.join(map(str, self.ids))}}}"


@dataclass(frozen=True)
class Match:
    """Whether state bits are as a pattern says; None is any bit."""

    bits: Bits
    pattern: tuple[int | None, ...]

    def __str__(self) -> str:
        return f"{self.bits} = 0b{''.join('x' if bit is None else str(bit) for bit in self.pattern)}"


@dataclass(frozen=True)
class Same:
    """Whether state bits are the same as as many others."""

    left: Bits
    right: Bits

    def __str__(self) -> str:
        return f"{self.left} = {self.right}"


@dataclass(frozen=True)
class Not:
    """The contrary."""

    of: Formula

    def __str__(self) -> str:
        return f"not ({self.of})"


@dataclass(frozen=True)
class And:
    """All of them."""

    parts: tuple[Formula, ...]

    def __str__(self) -> str:
        return " and ".join(f"({part})" for part in self.parts)


@dataclass(frozen=True)
class Or:
    """At least one of them."""

    parts: tuple[Formula, ...]

    def __str__(self) -> str:
        return " or ".join(f"({part})" for part in self.parts)


@dataclass(frozen=True)
class Iff:
    """Both or none."""

    left: Formula
    right: Formula

    def __str__(self) -> str:
        return f"({self.left}) iff ({self.right})"


@dataclass(frozen=True)
class Once:
    """Whether it held now or after some token before."""

    of: Formula

    def __str__(self) -> str:
        return f"once ({self.of})"


Formula = Constant | Compare | Member | Match | Same | Not | And | Or | Iff | Once

ANYTHING = Constant(True)

# Questions ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Always:
    """Whether something holds after every token of every stream."""

    formula: Formula
    within: int | None = None
    """Only for streams of so many tokens or fewer."""
    assuming: Formula = ANYTHING
    """Only streams in which this holds after every token count."""

    def __str__(self) -> str:
        return f"always {self.formula}{_rest(self.within, self.assuming)}"


@dataclass(frozen=True)
class Reach:
    """Whether there is a stream after which something holds."""

    formula: Formula
    shortest: bool = False
    """Whether it must be the shortest."""
    within: int | None = None
    assuming: Formula = ANYTHING

    def __str__(self) -> str:
        verb = "shortest input so that" if self.shortest else "reach"
        return f"{verb} {self.formula}{_rest(self.within, self.assuming)}"


@dataclass(frozen=True)
class Fixed:
    """Whether state bits are constant, each by itself."""

    bits: Bits
    within: int | None = None
    assuming: Formula = ANYTHING

    def __str__(self) -> str:
        return f"constant {self.bits}{_rest(self.within, self.assuming)}"


@dataclass(frozen=True)
class Depends:
    """Whether what is seen now can be another when one token, or some bits of the state, had been others."""

    seen: Index | Bits
    cause: Index | Bits
    within: int | None = None

    def __str__(self) -> str:
        return f"does {self.seen} depend on {self.cause}{_rest(self.within)}"


@dataclass(frozen=True)
class Change:
    """The fewest tokens of a given input to change so that something else is said, or that something holds."""

    flips: Index | Bits | None
    makes: Formula = ANYTHING

    def __str__(self) -> str:
        goal = f"makes {self.makes}" if self.flips is None else f"flips {self.flips}"
        return f"minimal change of input that {goal}"


@dataclass(frozen=True)
class Why:
    """A smallest part of a given input, or of it and a state before, that makes what is seen what it is."""

    seen: Index | Bits
    since: int | None = None
    """So many tokens before the last the state counts, and what came before does not."""

    def __str__(self) -> str:
        return f"why {self.seen}{'' if self.since is None else f' from h{_ago(self.since)}'}"


@dataclass(frozen=True)
class Equal:
    """Whether another model or netlist says the same."""

    path: str
    within: int | None = None

    def __str__(self) -> str:
        quoted = "".join("\\" + c if c in "\\'" else c for c in self.path)
        return f"equal '{quoted}'{'' if self.within is None else f' on {self.within} tokens'}"


Question = Always | Reach | Fixed | Depends | Change | Why | Equal


def atoms(formula: Formula) -> list[Index | Score | Bits]:
    """Everything that a statement speaks of."""
    match formula:
        case Constant():
            return []
        case Compare(_, left, right):
            return [part for word in (left, right) for part in _atoms_of(word)]
        case Member(word, _):
            return [replace(word, plus=0)]
        case Match(bits, _):
            return [bits]
        case Same(left, right):
            return [left, right]
        case Not(of) | Once(of):
            return atoms(of)
        case And(parts) | Or(parts):
            return [atom for part in parts for atom in atoms(part)]
        case Iff(one, other):
            return atoms(one) + atoms(other)


def age(formula: Formula) -> int:
    """Tokens that must have been read for all to exist that a statement speaks of; at least 1.

    The state before the first token is the reset state, which exists; what was ``once`` may not have existed.
    """
    match formula:
        case Once():
            return 1
        case Not(of):
            return age(of)
        case And(parts) | Or(parts):
            return max(map(age, parts))
        case Iff(left, right):
            return max(age(left), age(right))
        case _:
            return max([1, *(part.back + (not isinstance(part, Bits)) for part in atoms(formula))])


def onces(formula: Formula) -> list[Once]:
    """Every :class:`Once` in a statement, inner ones first."""
    match formula:
        case Once(of):
            return [*onces(of), formula]
        case Not(of):
            return onces(of)
        case And(parts) | Or(parts):
            return [once for part in parts for once in onces(part)]
        case Iff(one, other):
            return onces(one) + onces(other)
        case _:
            return []


def _atoms_of(word: Word) -> list[Index | Score | Bits]:
    match word:
        case Count(bits, _):
            return [bits]
        case Number():
            return []
        case _:
            return [replace(word, plus=0)]


def _ago(back: int) -> str:
    return f"@-{back}" if back else ""


def _plus(number: int) -> str:
    return f" {'+' if number > 0 else '-'} {abs(number)}" if number else ""


def _rest(within: int | None, assuming: Formula = ANYTHING) -> str:
    bound = "" if within is None else f" within {within} tokens"
    return bound + ("" if assuming == ANYTHING else f" assuming {assuming}")
