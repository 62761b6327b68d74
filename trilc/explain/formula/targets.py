"""What of a model is asked for: neurons, scores, comparisons of these, and what is said."""

from __future__ import annotations

from trilc.errors import InputError
from trilc.explain.formula import rows
from trilc.explain.formula.reading import terms_of
from trilc.explain.formula.threshold import Statement, Sum
from trilc.explain.language.parser import parse_seen
from trilc.explain.language.syntax import Bits, Compare, Index, Match, Number, Score
from trilc.explain.language.terms import Terms
from trilc.model import Model

EXPECTED = (
    "h[3], h[0..7], h[*], score[a], score, out, out='a', score[a] > score[b] + 2, score[a] >= 5 or h[0..2] = 0b101, now"
)


MOST_LITERALS = 2_000_000
"""Literals of all rows together."""


def formula(model: Model, target: str) -> tuple[Statement | Sum, ...]:
    """What a target says of the state after a token, as thresholds or sums over bits, a row for each of its parts.

    ``h[7]``, ``h[0..7]``, ``h[*]``: neurons; ``score[a]``, ``score``: scores; ``score[a] > score[b]``,
    ``score[a] >= 5``: comparisons; ``out='a'``, ``out``: whether an output is said; ``h[0..2] = 0b101``: bits together.

    Raises :class:`InputError` for anything else, with what was expected, and for rows with more than
    :data:`MOST_LITERALS` literals together.
    """
    terms = terms_of(model)
    last = model.layers[-1].units
    if "".join(target.split()) in ("score", "score[*]"):
        _require_few(target, model.num_outputs * last)
        return tuple(rows.score(model, k, f"score[{_name(terms, k)}]") for k in range(model.num_outputs))
    try:
        seen = parse_seen(target, terms)
    except InputError as error:
        raise InputError(str(error).replace("the question", repr(target), 1)) from None
    match seen:
        case Bits(indices, 0):
            _require_few(target, sum(rows.fan_in(model, index) for index in indices))
            return tuple(rows.neuron(model, index) for index in indices)
        case Match(Bits(indices, 0), pattern):
            chosen = {index: bit for index, bit in zip(indices, pattern, strict=True) if bit is not None}
            _require_few(target, sum(rows.fan_in(model, index) for index in chosen))
            return (rows.match(model, chosen),)
        case Score(index, 0, 0):
            return (rows.score(model, index, f"score[{_name(terms, index)}]"),)
        case Index("out", 0, 0):
            _require_few(target, model.num_outputs**2 * last)
            return tuple(_said(model, terms, k) for k in range(model.num_outputs))
        case Compare("=", Index("out", 0, 0), Number(k)):
            _require_few(target, model.num_outputs * last)
            return (_said(model, terms, k),)
        case Compare():
            return (_comparison(model, terms, seen, target),)
    raise _refusal(target)


def _comparison(model: Model, terms: Terms, seen: Compare, target: str) -> Statement:
    match seen.left, seen.right:
        case Score(one, 0, plus), Number(value):
            rival, least = None, value - plus
            name = f"score[{_name(terms, one)}] {seen.operator} {least}"
        case Score(one, 0, plus), Score(other, 0, more):
            rival, least = other, more - plus
            ahead = f" {'+' if least > 0 else '-'} {abs(least)}" if least else ""
            name = f"score[{_name(terms, one)}] {seen.operator} score[{_name(terms, other)}]{ahead}"
        case _:
            raise _refusal(target)
    model.require_integer_scores()
    at_least = rows.difference(model, one, rival, least)
    above = rows.difference(model, one, rival, least + 1)
    match seen.operator:
        case ">=":
            return Statement(name, (at_least,))
        case ">":
            return Statement(name, (above,))
        case "<":
            return Statement(name, (at_least.complement(),))
        case "<=":
            return Statement(name, (above.complement(),))
        case "=":
            return Statement(name, (at_least, above.complement()))
    raise _refusal(target)


def _said(model: Model, terms: Terms, output: int) -> Statement:
    return rows.said(model, output, f"out={_name(terms, output)}")


def _require_few(target: str, literals: int) -> None:
    if literals > MOST_LITERALS:
        raise InputError(
            f"{target!r}: found rows of up to {literals:,} literals together; expected at most {MOST_LITERALS:,}"
        )


def _name(terms: Terms, output: int) -> str:
    names = terms.names("out")
    return str(output) if names is None else repr(names[output])


def _refusal(target: str) -> InputError:
    return InputError(f"{target!r}: expected {EXPECTED}")
