"""Rows as a script of SMT-LIB 2.6, in linear integer arithmetic: thresholds stay thresholds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from trilc.explain.formula.reading import Reading
from trilc.explain.formula.threshold import Literal, Statement, Sum, Threshold

LEGEND = "; h is the state before the token, h' the state after it; assert what is to hold, then (check-sat)"


def smt_text(rows: Sequence[Statement | Sum], reading: Reading) -> str:
    """Declarations of the bits and the token, and a definition for each row, as Bool or, of a score, as Int."""
    lines = [LEGEND, "(set-logic QF_LIA)"]
    bits = {bit for row in rows for bit in row.bits}
    symbols = {"tok"}
    for bit in sorted(bits, key=lambda bit: (bit.after, bit.number)):
        symbols.add(str(bit))
        lines.append(f"(declare-const |{bit}| Bool)")
    if any(isinstance(row, Statement) and row.reads_token for row in rows):
        lines.append("(declare-const tok Int)")
        if reading.terms.tokens is not None:
            lines += [f"; {token} is {reading.name(token)}" for token in reading.tokens]
        lines.append(f"(assert {_among(reading.tokens)})")
    for row in rows:
        symbol = _symbol(row.name, symbols)
        if isinstance(row, Sum):
            body = _plus([*_terms(row.literals, row.weights.tolist()), _number(row.constant)])
            lines.append(f"(define-fun |{symbol}| () Int {body})")
        else:
            body = _all([_threshold(part, reading) for part in row.parts])
            lines.append(f"(define-fun |{symbol}| () Bool {body})")
    return "\n".join(lines)


def _threshold(part: Threshold, reading: Reading) -> str:
    classes = part.classes(reading.tokens)
    needed = _number(classes[-1][0])
    for asked, tokens in classes[-2::-1]:
        needed = f"(ite {_among(tokens)} {asked} {needed})"
    return f"(>= {_plus(list(_terms(part.literals, part.weights.tolist())))} {needed})"


def _terms(literals: Iterable[Literal], weights: Iterable[int]) -> Iterable[str]:
    for (bit, positive), weight in zip(literals, weights, strict=True):
        yield f"(ite |{bit}| {weight} 0)" if positive else f"(ite |{bit}| 0 {weight})"


def _among(tokens: tuple[int, ...]) -> str:
    """That the token is one of some, span by span."""
    spans: list[list[int]] = []
    for token in tokens:
        if spans and token == spans[-1][1] + 1:
            spans[-1][1] = token
        else:
            spans.append([token, token])
    parts = [f"(= tok {low})" if low == high else f"(<= {low} tok {high})" for low, high in spans]
    return parts[0] if len(parts) == 1 else f"(or {' '.join(parts)})"


def _plus(terms: list[str]) -> str:
    if len(terms) < 2:
        return terms[0] if terms else "0"
    return f"(+ {' '.join(terms)})"


def _all(parts: list[str]) -> str:
    if len(parts) < 2:
        return parts[0] if parts else "true"
    return f"(and {' '.join(parts)})"


def _number(value: int) -> str:
    return str(value) if value >= 0 else f"(- {-value})"


def _symbol(name: str, taken: set[str]) -> str:
    """A name that is a symbol between bars, and no other's."""
    symbol = base = re.sub(r"[|\\]", "_", name)
    number = 2
    while symbol in taken:
        symbol, number = f"{base}_{number}", number + 1
    taken.add(symbol)
    return symbol
