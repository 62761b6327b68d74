"""A run as a waterfall: time runs down, a column for each bit, flips marked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from trilc.explain.language.terms import Terms
from trilc.explain.subject import Trace
from trilc.model import Bits

OFF, ON, FALLS, RISES = "·█▼▲"
"""Marks of a bit that is 0 or 1 as before, and of one that has just become 0 or 1."""

TICK = 10
"""Columns between two numbers of bits."""


def flips(states: Bits) -> NDArray[np.int8]:
    """(T, units) from (T + 1, units) states: 1 where a bit rises at a token, −1 where it falls."""
    now = states.astype(np.int8)
    return now[1:] - now[:-1]


def waterfall(
    trace: Trace, terms: Terms, bits: Sequence[int], first: int, last: int, width: int
) -> list[str]:
    """The lines of a waterfall of tokens ``first`` to ``last``, counted from 1, below the state before them.

    ``bits`` that do not fit a line of ``width`` characters follow in a waterfall of their own.
    """
    labels = [_label(trace, terms, place) for place in range(first - 1, last + 1)]
    widths = [max(len(label[k]) for label in labels) for k in range(3)]
    left = ["  ".join(f"{text:{wide}}" for text, wide in zip(label, widths, strict=True)) for label in labels]
    room = max(TICK, (width - len(left[0]) - 2 - len("  ▲000 ▼000")) // TICK * TICK)
    lines: list[str] = []
    for begin in range(0, len(bits), room):
        chosen = list(bits[begin : begin + room])
        lines += [""] * bool(lines) + [f"{'':{len(left[0])}}  {_ruler(chosen)}"]
        changes = flips(trace.states[first - 1 : last + 1, chosen])
        for row, place in enumerate(range(first - 1, last + 1)):
            state = trace.states[place, chosen]
            change = changes[row - 1] if row else np.zeros(len(chosen), np.int8)
            marks = np.where(change > 0, RISES, np.where(change < 0, FALLS, np.where(state, ON, OFF)))
            rise, fall = int((change > 0).sum()), int((change < 0).sum())
            told = f"  {RISES}{rise} {FALLS}{fall}" if row else ""
            lines.append(f"{left[row]}  {''.join(marks.tolist())}{told}")
    return lines


def named(terms: Terms, kind: str, index: int) -> str:
    """A token, read or said, by its name or its id."""
    names = terms.names("tok" if kind == "tok" else "out")
    return str(index) if names is None else repr(names[index])


def _label(trace: Trace, terms: Terms, place: int) -> tuple[str, str, str]:
    """The number of a token, the token, and what is said to it."""
    if not place:
        return "0", "", ""
    said = "" if trace.said is None else f"→ {named(terms, 'out', int(trace.said[place - 1]))}"
    return str(place), named(terms, "tok", trace.tokens[place - 1]), said


def _ruler(bits: Sequence[int]) -> str:
    """The number of every tenth bit above its column."""
    return "".join(f"{bit:<{TICK}}" for bit in bits[::TICK]).rstrip()
