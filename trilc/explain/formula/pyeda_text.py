"""Rows as text that pyeda reads: ``pyeda.inter.expr(text)``.

``h[3]`` is a bit of the state before the token, ``next[3]`` of the state after it, ``tok_is[5]`` whether the token
is 5; just one of these holds.
"""

from __future__ import annotations

from trilc.errors import InputError
from trilc.explain.formula.counting import counted
from trilc.explain.formula.expression import Atom, Join, Read, fold, leaves
from trilc.explain.formula.reading import Reading
from trilc.explain.formula.threshold import Statement

MOST_LEAVES = 100_000
"""Literals of a text in which nothing is shared."""


def pyeda_text(row: Statement, reading: Reading) -> str:
    """A row in pyeda's functions ``Or`` and ``And``.

    Raises :class:`InputError` where it takes more than :data:`MOST_LEAVES` literals.
    """
    expression = counted(row, reading.tokens).expression
    if (count := leaves(expression)) > MOST_LEAVES:
        raise InputError(
            f"{row.name}: found {count:,} literals where nothing is shared; expected at most {MOST_LEAVES:,}: "
            "choose a token (--token), or the form dimacs"
        )
    return fold(expression, _leaf, _join)


def _leaf(leaf: Atom | Read) -> str:
    if isinstance(leaf, Atom):
        bit, positive = leaf.literal
        return f"{'' if positive else '~'}{'next' if bit.after else 'h'}[{bit.number}]"
    return _call("Or", [f"tok_is[{token}]" for token in leaf.tokens])


def _join(join: Join, parts: tuple[str, ...]) -> str:
    if not parts:
        return "1" if join.all else "0"
    return _call("And" if join.all else "Or", parts)


def _call(function: str, parts: tuple[str, ...] | list[str]) -> str:
    return f"{function}({', '.join(parts)})" if len(parts) > 1 else parts[0]
