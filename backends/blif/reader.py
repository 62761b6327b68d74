"""From BLIF to a graph: anybody's file, as long as it is one flat model of covers and latches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backends import metadata, names
from backends.blif.covers import Covers
from backends.blif.scanner import CLOCK, END, INPUTS, LATCH, MODEL, NAMES, NEWLINE, OUTPUTS, VOCABULARY, scan
from backends.linking import LoopError, link, resolve
from backends.words import Words
from trilc.aig import AIG, UNKNOWN, Literals
from trilc.errors import InputError

Positions = NDArray[np.int64]


def read(data: bytes) -> AIG:
    """The graph in a file's bytes.

    Latches may have two to five fields; all must share one clock. An input that does nothing but clock
    latches is dropped. Raises :class:`InputError`, naming the line, for anything malformed: nets without or
    with two drivers, loops, covers of the wrong width, constructs beyond one flat model.
    """
    extras = metadata.find(data, b"#", r"[^\s#\\.][^\s#\\]*")
    marked = list(dict.fromkeys(name.encode() for name in extras.constraints))
    words = Words.scan(data, scan, [*VOCABULARY, *marked])
    starts, ends = _statements(words)
    heads = words.ids[starts]
    inputs = _arguments(words, starts[heads == INPUTS], ends[heads == INPUTS])
    outputs = _arguments(words, starts[heads == OUTPUTS], ends[heads == OUTPUTS])
    latches = _Latches.parse(words, starts[heads == LATCH], ends[heads == LATCH])
    covers = Covers.find(words, starts[heads == NAMES], ends[heads == NAMES])
    gates, variables = covers.gates(len(words.spans))

    number = {name: k for k, name in enumerate(marked, 1 + len(VOCABULARY))}
    constraints = np.array([number[name.encode()] for name in extras.constraints], np.uint32)
    used = np.zeros(variables, np.bool_)
    for literals in (
        gates[:, 1:].ravel(),
        2 * words.ids[outputs],
        2 * constraints,
        2 * words.ids[latches.after],
    ):
        used[literals >> 1] = True
    driver = _drivers(words, np.concatenate([inputs, latches.present, covers.targets]))
    _refuse_undriven(words, used, driver)
    inputs = inputs[(words.ids[inputs] != latches.clock) | used[words.ids[inputs]]]

    leaves = words.ids[np.concatenate([inputs, latches.present])].astype(np.int64)
    try:
        fanins, literal_of = link(variables, leaves, gates)
    except LoopError as loop:
        place = _cover_of(loop.variable, gates, words, driver)
        raise InputError(f"{place}: a combinational loop goes through this cover") from None
    aig = AIG(
        fanins=fanins,
        input_names=extras.true_names("inputs", _names(words, inputs)),
        register_names=extras.true_names("registers", _names(words, latches.present)),
        output_names=extras.true_names("outputs", _names(words, outputs)),
        next_state=resolve(literal_of, 2 * words.ids[latches.after]),
        reset=latches.reset,
        outputs=resolve(literal_of, 2 * words.ids[outputs]),
        constraints=resolve(literal_of, 2 * constraints),
        metadata=extras.of_graph,
        keep_registers=extras.keep_registers,
    )
    names.check_all(aig)
    return aig


def _statements(words: Words) -> tuple[Positions, Positions]:
    """Where the statements between ``.model`` and ``.end`` start and end: rows of covers belong to theirs."""
    if not len(words.ids):
        raise InputError("line 1: not a BLIF file (expected .model)")
    lines = np.concatenate([[0], np.flatnonzero(words.ids == NEWLINE)[:-1] + 1])
    first_bytes = np.frombuffer(words.text, np.uint8)[words.starts[lines]]
    starts = lines[first_bytes == 46]
    if words.ids[0] != MODEL:
        raise InputError(f"{words.line(0)}: expected .model, found {words.quoted(int(words.ids[0]))}")
    ends = np.append(starts[1:], len(words.ids))
    heads = words.ids[starts]
    for position in starts[1:][heads[1:] == MODEL][:1]:
        raise InputError(f"{words.line(int(position))}: a second .model (one model per file is supported)")
    for position in starts[~np.isin(heads, [MODEL, INPUTS, OUTPUTS, NAMES, LATCH, CLOCK, END])][:1]:
        raise InputError(
            f"{words.line(int(position))}: {words.quoted(int(words.ids[position]))} is not supported"
        )
    for position in starts[heads == END][:1]:
        if position + 2 < len(words.ids):
            raise InputError(f"{words.line(int(position) + 2)}: expected nothing after .end")
    newlines = np.cumsum(words.ids == NEWLINE)
    several = newlines[ends - 1] - newlines[starts] > 1
    for k in np.flatnonzero(several & (heads != NAMES))[:1]:
        row = starts[k] + np.argmax(words.ids[starts[k] : ends[k]] == NEWLINE) + 1
        raise InputError(f"{words.line(int(row))}: a row outside a cover")
    return starts, ends


def _arguments(words: Words, starts: Positions, ends: Positions) -> Positions:
    """The positions of the words after the first of some one-line statements."""
    spans = [np.arange(start + 1, end - 1) for start, end in zip(starts, ends, strict=True)]
    return np.concatenate([np.zeros(0, np.int64), *spans]).astype(np.int64)


@dataclass(frozen=True, eq=False)
class _Latches:
    """The latches of a file."""

    after: Positions
    """(latches,) positions of the next-state nets."""
    present: Positions
    """(latches,) positions of the nets that the latches drive."""
    reset: NDArray[np.uint8]
    clock: int
    """The number of the clock's word, or −1."""

    @classmethod
    def parse(cls, words: Words, starts: Positions, ends: Positions) -> _Latches:
        reset = np.full(len(starts), UNKNOWN, np.uint8)
        clock: tuple[int, int] | None = None
        for k, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
            fields = words.ids[start + 1 : end - 1].tolist()
            where = words.line(start) if not 2 <= len(fields) <= 5 else ""
            if where:
                raise InputError(f"{where}: .latch has {len(fields)} fields, expected 2 to 5")
            if len(fields) in (3, 5):
                init = words.spelling(fields[-1])
                if init not in _RESETS:
                    raise InputError(
                        f"{words.line(start)}: the initial value of a latch is {words.quoted(fields[-1])}, "
                        "expected 0, 1, 2 or 3"
                    )
                reset[k] = _RESETS[init]
            if len(fields) >= 4:
                kind = fields[2], fields[3]
                if words.spelling(kind[0]) not in (b"re", b"fe"):
                    raise InputError(
                        f"{words.line(start)}: a latch of type {words.quoted(kind[0])}, "
                        "expected re or fe (edge-triggered)"
                    )
                if clock not in (None, kind):
                    raise InputError(
                        f"{words.line(start)}: a second clock, {words.quoted(kind[1])} (one is supported)"
                    )
                clock = kind
        return cls(starts + 1, starts + 2, reset, clock[1] if clock else -1)


_RESETS = {b"0": 0, b"1": 1, b"2": UNKNOWN, b"3": UNKNOWN}


def _drivers(words: Words, positions: Positions) -> Positions:
    """(spellings,) the position where each net is driven, or −1. ``positions`` hold all of them."""
    ids = words.ids[positions]
    order = np.lexsort((positions, ids))
    again = order[1:][ids[order[1:]] == ids[order[:-1]]]
    if again.size:
        position = int(positions[again].min())
        raise InputError(
            f"{words.line(position)}: net {words.quoted(int(words.ids[position]))} is driven twice"
        )
    driver = np.full(len(words.spans), -1, np.int64)
    driver[0] = 0  # the constant
    driver[ids] = positions
    return driver


def _refuse_undriven(words: Words, used: NDArray[np.bool_], driver: Positions) -> None:
    undriven = used[: len(driver)] & (driver < 0)
    if undriven.any():
        place = int(np.argmax(undriven[words.ids])) if undriven[words.ids].any() else len(words.ids)
        number = int(words.ids[place]) if place < len(words.ids) else int(np.argmax(undriven))
        raise InputError(f"{words.line(place)}: net {words.quoted(number)} is never driven")


def _cover_of(variable: int, gates: Literals, words: Words, driver: Positions) -> str:
    """The line of the cover that a variable belongs to: inner variables come before their cover's net."""
    row = int(np.argmax(gates[:, 0] == variable))
    while gates[row, 0] >= len(driver):
        row += 1
    return words.line(int(driver[gates[row, 0]]))


def _names(words: Words, positions: Positions) -> tuple[str, ...]:
    spelled = [words.spelling(number) for number in words.ids[positions].tolist()]
    try:
        return tuple(name.decode() for name in spelled)
    except UnicodeDecodeError as error:
        raise InputError(f"the name {error.object!r} is not UTF-8") from None
