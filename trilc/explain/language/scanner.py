"""From text to symbols, each with its column."""

from __future__ import annotations

import re
from dataclasses import dataclass

from trilc.errors import InputError

LONGEST = 10_000
"""Characters of a question."""

_SYMBOL = re.compile(
    r"""\s*(?:
    (?P<pattern>0b[01x]*(?:…|\.\.\.)?)
  | (?P<number>[0-9]+)
  | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
  | (?P<sign><->|<=>|->|=>|==|!=|<=|>=|\.\.|[=<>()\[\]{},@+\-!&|*≠≤≥¬∧∨→↔])
  | (?P<wrong>\S)
  | (?P<end>$)
    )""",
    re.VERBOSE | re.DOTALL,
)

_ONE_WAY = {
    "==": "=", "≠": "!=", "≤": "<=", "≥": ">=", "¬": "not", "!": "not", "∧": "and", "&": "and", "∨": "or", "|": "or",
    "→": "implies", "->": "implies", "=>": "implies", "↔": "iff", "<->": "iff", "<=>": "iff",
}  # fmt: skip

_ESCAPES = {"n": "\n", "t": "\t"}


@dataclass(frozen=True)
class Symbol:
    """A word, number, text or sign."""

    kind: str
    text: str
    """As it is written, of several ways always the same; of a quoted text what it means."""
    column: int
    """From 1 on."""

    def __str__(self) -> str:
        if self.kind == "end":
            return "the end"
        if self.kind == "wrong" and self.text in "'\"":
            return "a quote that is not closed"
        return repr(self.text)


class Scanner:
    """Reads symbols one at a time; :attr:`now` is the next."""

    def __init__(self, text: str) -> None:
        if len(text) > LONGEST:
            raise InputError(f"the question: found {len(text)} characters; expected at most {LONGEST}")
        self._text = text
        self._position = 0
        self.now = self._read()

    def advance(self) -> Symbol:
        """Take the next symbol."""
        taken = self.now
        self.now = self._read()
        return taken

    def path(self) -> str:
        """Take a file's name: quoted, or up to the next space."""
        if self.now.kind == "text":
            return self.advance().text
        begin = self.now.column - 1
        found = re.compile(r"\S*").match(self._text, begin)
        assert found is not None
        self._position = found.end()
        self.now = self._read()
        return found[0]

    def _read(self) -> Symbol:
        found = _SYMBOL.match(self._text, self._position)
        assert found is not None
        assert found.lastgroup is not None
        kind, text = found.lastgroup, found[found.lastgroup]
        column = found.start(kind) + 1
        self._position = found.end()
        if kind == "text":
            text = re.sub(r"\\(.)", lambda pair: _ESCAPES.get(pair[1], pair[1]), text[1:-1], flags=re.DOTALL)
        elif kind == "sign":
            text = _ONE_WAY.get(text, text)
        return Symbol(kind, text, column)
