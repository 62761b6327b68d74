"""Rows for readers: as thresholds, and in and, or and not."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from trilc.explain.formula.counting import Counted, Half, counted
from trilc.explain.formula.expression import Atom, Expression, Join, Read, leaves
from trilc.explain.formula.reading import Reading
from trilc.explain.formula.threshold import Literal, Statement, Sum, Threshold

WIDTH = 110
"""Characters of a line."""

INLINE = 40
"""Literals that are written in one expression; more are counted in groups."""

SMALL = 4
"""Literals of a group of which it needs no saying how they are counted."""

HEADS = ("adds", "needs", ["tokens"])
"""Above the lines of the tokens."""


def threshold_text(row: Statement | Sum, reading: Reading) -> str:
    """A row as sums of literals, and what every token adds to them."""
    if isinstance(row, Sum):
        unit = math.gcd(*row.weights.tolist()) or 1
        terms = [*_weighed(row.literals, (row.weights // unit).tolist())]
        tail = f" {'-' if row.constant < 0 else '+'} {abs(row.constant)}"
        if not terms:
            return f"{row.name} = {row.constant}"
        if unit == 1:
            return flowing(f"{row.name} = ", terms, " + ", tail)
        return flowing(f"{row.name} = {unit}·(", terms, " + ", f"){tail}")
    if len(row.parts) == 1:
        return "\n".join(_threshold_lines(f"{row.name} ⇔ ", row.parts[0], reading))
    lines = [f"{row.name} where all of these hold" if row.parts else f"{row.name} always"]
    for part in row.parts:
        lines += _threshold_lines("  ", part, reading)
    return "\n".join(lines)


def threshold_facts(row: Statement | Sum, reading: Reading) -> dict[str, Any]:
    """The same for JSON."""
    if isinstance(row, Sum):
        literals = _literal_facts(row.literals, row.weights.tolist())
        return {"name": row.name, "literals": literals, "constant": row.constant}
    return {"name": row.name, "all_of": [_threshold_facts(part, reading) for part in row.parts]}


def boolean_text(row: Statement, reading: Reading) -> str:
    """A row in and, or and not; where that is long, by groups of literals of which so many hold."""
    lines = boolean_lines(counted(row, reading.tokens), reading)
    return "\n".join(lines)


def boolean_lines(row: Counted, reading: Reading) -> list[str]:
    """The expression, then what it is made of."""
    writer = _Writer(row, reading, leaves(row.expression) > INLINE)
    lines = [writer.line(f"{row.statement.name} ⇔ ", row.expression)]
    done = 0
    while done < len(writer.used):  # defining one may use others
        expression = writer.used[done]
        group, sum_ = row.reached[expression]
        if len(group.literals) > SMALL:
            lines.append("  " + writer.line(f"{writer.letter(group)}≥{sum_} ⇔ ", expression))
        done += 1
    for group, letter in writer.letters.items():
        if len(group.literals) <= SMALL:
            lines.append(flowing(f"  {letter} counts ", [*_weighed(group.literals, group.weights)], ", "))
    return lines


@dataclass
class _Writer:
    """Writes expressions; in a long one, groups that reach a sum stand under their letters."""

    row: Counted
    reading: Reading
    by_groups: bool
    used: list[Expression] = field(default_factory=list)
    """What stands under a letter, in the order in which it was written first."""
    letters: dict[Half, str] = field(default_factory=dict)
    _seen: set[Expression] = field(default_factory=set)

    def line(self, begin: str, expression: Expression) -> str:
        """What an expression is, its largest parts spread over lines."""
        if isinstance(expression, Join) and expression.parts:
            sign = " ∧ " if expression.all else " ∨ "
            return flowing(begin, [self._written(part, expression) for part in expression.parts], sign)
        return begin + self._written(expression, None)

    def letter(self, group: Half) -> str:
        """A group's name."""
        if group not in self.letters:
            number, name = len(self.letters), ""
            while number >= 0:
                number, digit = divmod(number, 26)
                name, number = chr(ord("A") + digit) + name, number - 1
            self.letters[group] = name
        return self.letters[group]

    def _written(self, expression: Expression, within: Join | None) -> str:
        if isinstance(expression, Atom):
            return str(expression.literal)
        if isinstance(expression, Read):
            return self.reading.condition(expression.tokens)
        if not expression.parts:
            return "true" if expression.all else "false"
        if self.by_groups and expression in self.row.reached:
            group, sum_ = self.row.reached[expression]
            if expression not in self._seen:
                self._seen.add(expression)
                self.used.append(expression)
            return f"{self.letter(group)}≥{sum_}"
        text = ("∧" if expression.all else " ∨ ").join(self._written(part, expression) for part in expression.parts)
        return f"({text})" if within is not None and within.all else text


def flowing(begin: str, items: list[str], sign: str, end: str = "") -> str:
    """Items with signs between them, broken before a sign where a line gets too long."""
    indent = min(len(begin), 12)
    lines, line = [], begin
    for number, item in enumerate(items):
        piece = item if number == 0 else sign + item
        if len(line) + len(piece) > WIDTH and number:
            lines.append(line.rstrip())
            line = " " * indent + piece.lstrip()
        else:
            line += piece
    return "\n".join([*lines, line + end])


def _threshold_lines(begin: str, part: Threshold, reading: Reading) -> list[str]:
    classes = part.classes(reading.tokens)
    summands = [*_weighed(part.literals, part.weights.tolist())]
    if len(classes) == 1:
        needed = classes[0][0]
        if needed == 0 or needed > part.total:
            return [f"{begin}{'true' if needed == 0 else 'false'}"]
        return [flowing(begin, summands, " + ", f" ≥ {needed}")]
    lines = [flowing(begin, [*summands, "token"], " + ", f" ≥ {part.base}")]
    rows = [HEADS, *(_token_row(part, tokens, reading) for tokens in _by_addition(part, reading.tokens))]
    widths = [max(len(row[k]) for row in rows) for k in range(2)]
    for adds, asks, names in rows:
        lines.append(_listed(f"    {adds:>{widths[0]}}  {asks:{widths[1]}}  ", names))
    return lines


def _token_row(part: Threshold, tokens: tuple[int, ...], reading: Reading) -> tuple[str, str, list[str]]:
    """What tokens add, what that asks of the literals, and the tokens' names."""
    needed = int(part.needed[tokens[0]])
    forced = "always" if needed <= 0 else "never" if needed > part.total else f"{needed} of {part.total}"
    adds = part.base - needed
    return f"{adds:+d}" if adds else "0", forced, [reading.name(token) for token in tokens]


def _by_addition(part: Threshold, tokens: Iterable[int]) -> list[tuple[int, ...]]:
    """Tokens that add the same, the largest addition first."""
    groups: dict[int, list[int]] = {}
    for token in tokens:
        groups.setdefault(int(part.needed[token]), []).append(token)
    return [tuple(groups[needed]) for needed in sorted(groups)]


def _listed(begin: str, names: list[str]) -> str:
    lines, line = [], begin
    for name in names:
        if len(line) + len(name) > WIDTH and line.strip():
            lines.append(line.rstrip())
            line = " " * len(begin)
        line += name + " "
    return "\n".join([*lines, line.rstrip()])


def _weighed(literals: Iterable[Literal], weights: Iterable[int]) -> Iterable[str]:
    for literal, weight in zip(literals, weights, strict=True):
        yield str(literal) if weight == 1 else f"{weight}·{literal}"


def _threshold_facts(part: Threshold, reading: Reading) -> dict[str, Any]:
    tokens = []
    for group in _by_addition(part, reading.tokens):
        needed = int(part.needed[group[0]])
        forces = 1 if needed <= 0 else 0 if needed > part.total else None
        tokens.append({"adds": part.base - needed, "needed": needed, "forces": forces, "tokens": list(group)})
    return {
        "literals": _literal_facts(part.literals, part.weights.tolist()),
        "total": part.total,
        "base": part.base,
        "by_token": tokens,
    }


def _literal_facts(literals: Iterable[Literal], weights: Iterable[int]) -> list[dict[str, Any]]:
    return [
        {"bit": bit.number, "after": bit.after, "positive": positive, "weight": weight}
        for (bit, positive), weight in zip(literals, weights, strict=True)
    ]
