"""Verilog as words: identifiers and numbers whole, every other sign by itself, comments gone."""

from __future__ import annotations

import numpy as np
from numba import njit

from backends.words import intern_word

VOCABULARY = (
    b"module", b"endmodule", b"input", b"output", b"reg", b"wire", b"assign", b"always", b"posedge",
    b"if", b"else", b"begin", b"end", b"(", b")", b"[", b"]", b";", b",", b"=", b"<", b"~", b"&", b":", b"@",
    b"0", b"1'b0", b"1'b1",
)  # fmt: skip
(
    MODULE, ENDMODULE, INPUT, OUTPUT, REG, WIRE, ASSIGN, ALWAYS, POSEDGE, IF, ELSE,
    BEGIN, END, OPEN, CLOSE, LEFT, RIGHT, SEMICOLON, COMMA, EQUALS, LESS, NOT, AND, COLON, AT, ZERO, LOW,
    HIGH,
) = range(1, 1 + len(VOCABULARY))  # fmt: skip
"""Numbers of words."""

_SIGNS = np.zeros(256, np.bool_)
_SIGNS[list(b"()[];,=<~&:@")] = True
_LETTERS = np.zeros(256, np.bool_)
_LETTERS[list(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_$'")] = True


@njit(cache=True)
def scan(text, key, table, spans, ids, starts, state):
    """The scanner for :meth:`backends.words.Words.scan`; escaped identifiers keep their backslash."""
    size = text.shape[0]
    at, words, count = state[0], state[1], state[2]
    while at < size:
        byte = np.int64(text[at])
        if byte == 32 or 9 <= byte <= 13:
            at += 1
            continue
        if byte == 47 and at + 1 < size and text[at + 1] == 47:
            while at < size and text[at] != 10:
                at += 1
            continue
        if count == spans.shape[0]:
            break
        start = at
        if _SIGNS[byte]:
            at += 1
        elif byte == 92:
            while at < size and text[at] > 32:
                at += 1
        else:
            while at < size and _LETTERS[text[at]]:
                at += 1
            if at == start:
                break
        number = intern_word(text, start, at, key, table, spans, count)
        count += np.int64(number == count)
        ids[words] = number
        starts[words] = start
        words += 1
    state[0] = at
    state[1] = words
    state[2] = count
