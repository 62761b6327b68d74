"""Reads a question, symbol by symbol, with one function for each rule of the grammar in ``QUESTIONS.md``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal, NoReturn, cast

from trilc.errors import InputError
from trilc.explain.language.scanner import Scanner, Symbol
from trilc.explain.language.syntax import (
    ANYTHING,
    Always,
    And,
    Bits,
    Change,
    Compare,
    Constant,
    Count,
    Depends,
    Equal,
    Fixed,
    Formula,
    Iff,
    Index,
    Match,
    Member,
    Not,
    Number,
    Once,
    Or,
    Question,
    Reach,
    Same,
    Score,
    Why,
    Word,
)
from trilc.explain.language.terms import CLASSES, Terms
from trilc.text import Tokenizer

MOST_BACK = 1000
"""Tokens that a question may look back."""

MOST_NUMBER = 10**9
"""Numbers are no larger."""

DEEPEST = 60
"""Parentheses and negations in one another."""

QUESTIONS = ("always", "never", "reach", "shortest", "constant", "does", "minimal", "why", "equal")

_COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")


def parse(text: str, terms: Terms) -> Question:
    """The question that a text asks.

    Raises :class:`InputError` that names the column, what is there, and what was expected.
    """
    return _Parser(text, terms).question()


def parse_seen(text: str, terms: Terms) -> Bits | Word | Formula:
    """State bits, a number (``out``, ``score['a']``) or a statement: what can be seen at one moment.

    Raises :class:`InputError` as :func:`parse` does.
    """
    return _Parser(text, terms).seen() or _Parser(text, terms).statement()


class _Parser:
    def __init__(self, text: str, terms: Terms) -> None:
        self._terms = terms
        self._symbols = Scanner(text)
        self._depth = 0

    # Questions -----------------------------------------------------------------------------------------

    def question(self) -> Question:
        first = self._symbols.now
        if first.kind != "name" or first.text not in QUESTIONS:
            self._refuse(first, f"one of {', '.join(QUESTIONS)}")
        self._symbols.advance()
        asked = cast("Callable[[], Question]", getattr(self, f"_{first.text}"))()
        if self._symbols.now.kind != "end":
            self._refuse(self._symbols.now, "the end")
        return asked

    def seen(self) -> Bits | Word | None:
        """State bits or a number; None where more follows."""
        name = self._symbols.now
        found = self._bits() if name.kind == "name" and _is_state(name.text) else self._word(None)
        return found if self._symbols.now.kind == "end" else None

    def statement(self) -> Formula:
        """One statement without connectives."""
        found = self._statement()
        if self._symbols.now.kind != "end":
            self._refuse(self._symbols.now, "the end")
        return found

    def _always(self) -> Always:
        return self._judged(self._formula())

    def _never(self) -> Always:
        return self._judged(Not(self._formula()))

    def _judged(self, formula: Formula) -> Always:
        if ever := self._take("ever"):
            self._expect("after")
        if ever or self._take("after"):
            cause = self._formula()
            formula = Or((Not(Once(cause) if ever else cause), formula))
        return Always(formula, self._within(), self._assuming())

    def _reach(self) -> Reach:
        return Reach(self._formula(), False, self._within(), self._assuming())

    def _shortest(self) -> Reach:
        self._expect("input")
        if not self._take("such"):
            self._expect("so")
        self._expect("that")
        return Reach(self._formula(), True, self._within(), self._assuming())

    def _constant(self) -> Fixed:
        return Fixed(self._bits(), self._within(), self._assuming())

    def _does(self) -> Depends:
        seen = self._seen()
        self._expect("depend")
        self._expect("on")
        where = self._symbols.now
        cause = self._tok() if where.text == "tok" else self._bits("tok or state bits, such as tok@-5 or h[3]@-1")
        if cause.back < seen.back + isinstance(cause, Bits):
            before = "before" if isinstance(cause, Bits) else "at or before"
            self._refuse(where, f"what was {before} what it is asked about")
        return Depends(seen, cause, self._within())

    def _minimal(self) -> Change:
        for word in ("change", "of", "input", "that"):
            self._expect(word)
        if self._take("flips"):
            return Change(self._seen())
        self._expect("makes", "flips or makes")
        return Change(None, self._formula())

    def _why(self) -> Why:
        seen = self._seen()
        if not self._take("from"):
            return Why(seen)
        where = self._symbols.now
        if where.text != "h":
            self._refuse(where, "h@-1 or another state before")
        self._symbols.advance()
        since = self._back()
        if since < seen.back + 1:
            self._refuse(where, "a state before what it is asked about")
        return Why(seen, since)

    def _equal(self) -> Equal:
        where = self._symbols.now
        if where.kind == "end":
            self._refuse(where, "the name of a file")
        path = self._symbols.path()
        return Equal(path, self._steps() if self._take("on") else None)

    def _within(self) -> int | None:
        return self._steps() if self._take("within") else None

    def _steps(self) -> int:
        where = self._symbols.now
        steps = self._number()
        if steps < 1:
            self._refuse(where, "at least 1")
        if not self._take("tokens"):
            self._take("token")
        return steps

    def _assuming(self) -> Formula:
        return self._formula() if self._take("assuming") else ANYTHING

    def _seen(self) -> Index | Bits:
        """What may be one or another: ``out`` or state bits."""
        if self._symbols.now.text == "out":
            return self._index("out")
        return self._bits("out or state bits")

    def _tok(self) -> Index:
        return self._index("tok")

    # Statements ----------------------------------------------------------------------------------------

    def _formula(self) -> Formula:
        left = self._implication()
        return Iff(left, self._implication()) if self._take("iff") else left

    def _implication(self) -> Formula:
        parts = [self._disjunction()]
        while self._take("implies"):
            parts.append(self._disjunction())
        return _one_of([*map(Not, parts[:-1]), parts[-1]], Or)

    def _disjunction(self) -> Formula:
        parts = [self._conjunction()]
        while self._take("or"):
            parts.append(self._conjunction())
        return _one_of(parts, Or)

    def _conjunction(self) -> Formula:
        parts = [self._negation()]
        while self._take("and"):
            parts.append(self._negation())
        return _one_of(parts, And)

    def _negation(self) -> Formula:
        where = self._symbols.now
        self._depth += 1
        if self._depth > DEEPEST:
            self._refuse(where, f"at most {DEEPEST} parentheses and negations in one another")
        try:
            if self._take("not"):
                return Not(self._negation())
            if self._take("once"):
                return Once(self._negation())
            if self._take("("):
                inner = self._formula()
                self._expect(")")
                return inner
            return self._statement()
        finally:
            self._depth -= 1

    def _statement(self) -> Formula:
        where = self._symbols.now
        if where.kind == "name" and where.text in ("true", "false"):
            return Constant(self._symbols.advance().text == "true")
        if where.kind == "name" and where.text in ("read", "said"):
            self._symbols.advance()
            return self._spelled("tok" if where.text == "read" else "out")
        if where.kind == "name" and _is_state(where.text):
            return self._about_bits()
        return self._about_numbers()

    def _spelled(self, kind: Literal["tok", "out"]) -> Formula:
        where = self._symbols.now
        if where.kind != "text":
            self._refuse(where, "a quoted text")
        self._symbols.advance()
        names = self._terms.names(kind)
        if names is None:
            self._refuse(where, "no text, since there are no names")
        try:
            ids = Tokenizer(names).encode(where.text).tolist()
        except InputError as error:
            raise InputError(f"the question, column {where.column}: in {where.text!r}, {error}") from None
        if not 0 < len(ids) <= MOST_BACK:
            self._refuse(where, f"1 to {MOST_BACK} tokens")
        parts: list[Formula] = [
            Compare("=", Index(kind, back), Number(token)) for back, token in enumerate(reversed(ids))
        ]
        return _one_of(parts, And)

    def _about_bits(self) -> Formula:
        left = self._bits()
        sign = self._symbols.now
        if sign.kind != "sign" or sign.text not in _COMPARISONS:
            if len(left.indices) > 1:
                self._refuse(sign, "= or !=, since these are several bits")
            return Match(left, (1,))
        self._symbols.advance()
        if sign.text not in ("=", "!="):
            self._refuse(sign, "= or !=, since these are bits")
        where = self._symbols.now
        same: Formula
        if where.kind == "name" and _is_state(where.text):
            right = self._bits()
            if len(right.indices) != len(left.indices):
                self._refuse(where, f"{_several(len(left.indices))} as on the left, not {len(right.indices)}")
            same = Same(left, right)
        else:
            same = Match(left, self._pattern(len(left.indices)))
        return same if sign.text == "=" else Not(same)

    def _pattern(self, width: int) -> tuple[int | None, ...]:
        where = self._symbols.now
        if where.kind == "number" and width == 1 and where.text in ("0", "1"):
            return (int(self._symbols.advance().text),)
        if where.kind != "pattern":
            self._refuse(where, "0 or 1, or a bit" if width == 1 else "bits such as 0b01x1…, or other state bits")
        self._symbols.advance()
        digits = where.text[2:].rstrip("….")
        open_ended = len(digits) < len(where.text) - 2
        if len(digits) > width or (len(digits) < width and not open_ended):
            self._refuse(where, f"{_several(width)}, not {len(digits)} (… leaves the rest open)")
        bits = tuple(None if digit == "x" else int(digit) for digit in digits)
        return bits + (None,) * (width - len(digits))

    def _about_numbers(self) -> Formula:
        first = self._symbols.now
        left = self._word(None)
        kind = left.kind if isinstance(left, Index) else None
        sign = self._symbols.now
        denied = sign.text == "not" and sign.kind == "name"
        if denied:
            self._symbols.advance()
        if denied or (sign.text == "in" and sign.kind == "name"):
            self._expect("in")
            if kind is None:
                self._refuse(first, "tok or out before 'in'")
            member = Member(cast("Index", left), self._class(kind))
            return Not(member) if denied else member
        if sign.kind != "sign" or sign.text not in _COMPARISONS:
            self._refuse(sign, "a comparison (= != < <= > >=) or in")
        self._symbols.advance()
        right = self._word(kind)
        if isinstance(left, Number) and isinstance(right, Number):
            self._refuse(first, "tok, out, score, count or h on one side")
        return Compare(cast("Literal['=']", sign.text), left, right)

    def _class(self, kind: Literal["tok", "out"]) -> tuple[int, ...]:
        where = self._symbols.now
        ids: set[int] = set()
        if self._take("{"):
            ids.update(self._span(kind))
            while self._take(","):
                ids.update(self._span(kind))
            self._expect("}")
        elif where.kind == "name" and where.text in CLASSES:
            self._symbols.advance()
            if self._terms.names(kind) is None:
                self._refuse(where, "ids, since there are no names")
            ids.update(self._terms.of_class(where.text))
        else:
            ids.update(self._span(kind))
        return tuple(sorted(ids))

    def _span(self, kind: Literal["tok", "out"]) -> range:
        where = self._symbols.now
        first = last = self._id(kind)
        if self._take(".."):
            last = self._id(kind)
        if last < first:
            self._refuse(where, "ids in ascending order")
        return range(first, last + 1)

    # Numbers and bits ----------------------------------------------------------------------------------

    def _word(self, kind: Literal["tok", "out"] | None) -> Word:
        """A number; quoted names are those of what ``kind`` is about."""
        where = self._symbols.now
        word: Word
        if where.kind == "text":
            if kind is None:
                self._refuse(where, "tok, out, score, count or h first, then the name")
            return Number(self._id(kind))
        if where.kind == "number" or where.text == "-":
            negative = self._take("-")
            value = self._number()
            if kind is not None and not negative and value >= self._terms.number(kind):
                self._refuse(where, f"an id below {self._terms.number(kind)}")
            return Number(-value if negative else value)
        if where.kind == "name" and where.text in ("tok", "out"):
            word = self._index(cast("Literal['tok', 'out']", where.text))
        elif where.kind == "name" and where.text == "score":
            self._symbols.advance()
            self._require_outputs(where)
            self._expect("[")
            index = self._id("out")
            self._expect("]")
            word = Score(index, self._back())
        elif where.kind == "name" and where.text == "count":
            self._symbols.advance()
            self._expect("(")
            word = Count(self._bits())
            self._expect(")")
        else:
            self._refuse(where, "tok, out, h, score, count, read, said, not, once, true, false or (")
        for sign, factor in (("+", 1), ("-", -1)):
            if self._take(sign):
                return replace(word, plus=factor * self._number())
        return word

    def _index(self, kind: Literal["tok", "out"]) -> Index:
        where = self._symbols.now
        if where.text != kind or where.kind != "name":
            self._refuse(where, kind)
        self._symbols.advance()
        if kind == "out":
            self._require_outputs(where)
        return Index(kind, self._back())

    def _bits(self, expected: str = "state bits, such as h[3], h[0..7], h[*] or h_l0[3]") -> Bits:
        where = self._symbols.now
        if where.kind != "name" or not _is_state(where.text):
            self._refuse(where, expected)
        self._symbols.advance()
        first, size = 0, self._terms.units
        if where.text != "h":
            layer = int(where.text[3:])
            if layer >= len(self._terms.layers):
                self._refuse(where, f"a layer below {len(self._terms.layers)}")
            first, size = sum(self._terms.layers[:layer]), self._terms.layers[layer]
        indices: list[int] = []
        if not self._take("["):
            indices = list(range(size))
        elif self._take("*"):
            indices = list(range(size))
            self._expect("]")
        else:
            indices += self._numbers(size)
            while self._take(","):
                indices += self._numbers(size)
            self._expect("]")
        if len(indices) > size:
            self._refuse(where, f"at most {_several(size)}")
        return Bits(tuple(first + index for index in indices), self._back())

    def _numbers(self, size: int) -> range:
        where = self._symbols.now
        low = high = self._number()
        if self._take(".."):
            high = self._number()
        if not low <= high < size:
            self._refuse(where, f"bits from 0 to {size - 1}")
        return range(low, high + 1)

    def _back(self) -> int:
        if not self._take("@"):
            return 0
        where = self._symbols.now
        negative = self._take("-")
        back = self._number()
        if back > MOST_BACK or (back and not negative):
            self._refuse(where, f"@0, or @-1 to @-{MOST_BACK}")
        return back

    def _id(self, kind: Literal["tok", "out"]) -> int:
        """The id of a token or output, by its name or as it is."""
        where = self._symbols.now
        if where.kind in ("text", "name"):
            self._symbols.advance()
            names = self._terms.names(kind)
            if names is None:
                self._refuse(where, f"an id below {self._terms.number(kind)}, since there are no names")
            if where.text not in names:
                self._refuse(where, f"one of the names {_some(names)}")
            return names.index(where.text)
        value = self._number("an id, or a name in quotes")
        if value >= self._terms.number(kind):
            self._refuse(where, f"an id below {self._terms.number(kind)}")
        return value

    def _number(self, expected: str = "a number") -> int:
        where = self._symbols.now
        if where.kind != "number" or len(where.text) > 10 or int(where.text) > MOST_NUMBER:
            self._refuse(where, expected if where.kind != "number" else f"a number up to {MOST_NUMBER}")
        return int(self._symbols.advance().text)

    # Symbols -------------------------------------------------------------------------------------------

    def _take(self, text: str) -> bool:
        """Take a word or sign, if it is the next."""
        if self._symbols.now.kind in ("name", "sign") and self._symbols.now.text == text:
            self._symbols.advance()
            return True
        return False

    def _expect(self, text: str, expected: str | None = None) -> None:
        if not self._take(text):
            self._refuse(self._symbols.now, expected or repr(text))

    def _require_outputs(self, where: Symbol) -> None:
        if not self._terms.num_outputs:
            self._refuse(where, "tok or h alone, since there is no head")

    def _refuse(self, where: Symbol, expected: str) -> NoReturn:
        raise InputError(f"the question, column {where.column}: found {where}; expected {expected}")


def _one_of(parts: list[Formula], joined: Callable[[tuple[Formula, ...]], Formula]) -> Formula:
    return parts[0] if len(parts) == 1 else joined(tuple(parts))


def _is_state(name: str) -> bool:
    return name == "h" or (name.startswith("h_l") and name[3:].isdecimal() and len(name) < 8)


def _several(number: int) -> str:
    return f"{number} bit{'s' * (number != 1)}"


def _some(names: tuple[str, ...]) -> str:
    shown = ", ".join(repr(name) for name in names[:12])
    return shown + (f" and {len(names) - 12} more" if len(names) > 12 else "")
