"""The forms that rows can be written in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from trilc.errors import InputError
from trilc.explain.formula.dimacs import dimacs_text
from trilc.explain.formula.pyeda_text import pyeda_text
from trilc.explain.formula.reading import Reading
from trilc.explain.formula.smtlib import smt_text
from trilc.explain.formula.table import table, table_text
from trilc.explain.formula.text import boolean_text, threshold_facts, threshold_text
from trilc.explain.formula.threshold import Statement, Sum

Rows = Sequence[Statement | Sum]


def written(rows: Rows, form: str, reading: Reading) -> str:
    """Rows in a form: ``threshold``, ``boolean``, ``table``, ``pyeda``, ``dimacs`` or ``smt``.

    Raises :class:`InputError` where a score is asked for in a form of true and false, and where a form gets too
    long.
    """
    match form:
        case "threshold":
            return "\n".join(threshold_text(row, reading) for row in rows)
        case "boolean":
            return "\n".join(boolean_text(row, reading) for row in _statements(rows))
        case "table":
            return "\n\n".join(table_text(table(row, reading), reading) for row in rows)
        case "pyeda":
            return "\n".join(pyeda_text(row, reading) for row in _statements(rows))
        case "dimacs":
            return dimacs_text(_statements(rows), reading)
        case "smt":
            return smt_text(rows, reading)
    raise InputError(f"found form {form!r}; expected threshold, boolean, table, pyeda, dimacs or smt")


def facts(rows: Rows, form: str, reading: Reading) -> dict[str, Any]:
    """The same for JSON: rows by their parts where they are thresholds or tables, else texts."""
    names = reading.terms.tokens
    named = {"tokens": [{"id": token, "name": names and names[token]} for token in reading.tokens]}
    match form:
        case "threshold":
            return {**named, "rows": [threshold_facts(row, reading) for row in rows]}
        case "table":
            tables = [table(row, reading) for row in rows]
            return {
                **named,
                "rows": [
                    {
                        "name": found.name,
                        "bits": [{"bit": bit.number, "after": bit.after} for bit in found.bits],
                        "classes": [list(group) for group in found.classes],
                        "values": found.values.tolist(),
                    }
                    for found in tables
                ],
            }
        case "boolean" | "pyeda":
            return {**named, "rows": [{"name": row.name, "text": written([row], form, reading)} for row in rows]}
    return {**named, "rows": [row.name for row in rows], "text": written(rows, form, reading)}


def _statements(rows: Rows) -> list[Statement]:
    for row in rows:
        if isinstance(row, Sum):
            raise InputError(
                f"{row.name} is a number; expected the form threshold, table or smt, or a comparison such as "
                f"{row.name} >= 0"
            )
    return [row for row in rows if isinstance(row, Statement)]
