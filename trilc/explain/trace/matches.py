"""Where else the same bits switch on: the question that LSTMVis asks of a float network (Strobelt, Gehrmann,
Pfister, Rush 2018), which is exact here, since a state is bits.

Bits are looked at in words of 64 moments: in a plane of each, a few shifts say where it switches on and stays on,
and planes are added up in vertical counters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trilc.errors import InputError
from trilc.model import Bits

Planes = NDArray[np.uint64]

BEFORE, AFTER = 30, 20
"""Tokens around a match that are kept."""


@dataclass(frozen=True)
class Pattern:
    """Some bits that are 1 after each of some tokens in a row, and, where it is ``fresh``, 0 before the first."""

    bits: tuple[int, ...]
    """At least one."""
    span: int
    """Tokens in a row, at least 1."""
    fresh: bool = True

    @classmethod
    def of(
        cls, states: Bits, first: int, last: int, bits: Sequence[int] | None = None, fresh: bool = True
    ) -> Pattern:
        """What (T + 1, units) states show after the tokens from ``first`` to ``last``, counted from 1.

        ``bits`` are those that are looked at, all where there are none. Raises :class:`InputError` where none of
        them is as a pattern demands.
        """
        on: NDArray[np.bool_] = np.all(states[first : last + 1], axis=0)
        if fresh:
            on &= states[first - 1] == 0
        if bits is not None:
            on &= np.isin(np.arange(len(on)), bits)
        found = tuple(np.flatnonzero(on).tolist())
        if not found:
            switched = "switches on there" if fresh else "is on there"
            raise InputError(f"tokens {first} to {last}: no bit {switched} and stays on; expected at least one")
        return cls(found, last - first + 1, fresh)


@dataclass(frozen=True)
class Match:
    """A place where bits of a pattern are as it says."""

    shared: int
    """How many of them."""
    others: int
    """How many bits that are not in the pattern do the same there."""
    stream: int
    """From 0 on."""
    first: int
    """The first token, counted from 1 in its stream."""
    before: tuple[int, ...]
    """Tokens before it, at most :data:`BEFORE`."""
    within: tuple[int, ...]
    """The pattern's tokens."""
    after: tuple[int, ...]
    """Tokens after these, at most :data:`AFTER`."""

    @property
    def rank(self) -> tuple[int, int, int, int]:
        """What comes first in a list: most in common, fewest others, first in the corpus."""
        return -self.shared, self.others, self.stream, self.first


class Matches:
    """Reads streams piece by piece, and keeps the best places."""

    def __init__(self, pattern: Pattern, keep: int = 10) -> None:
        self.pattern = pattern
        self.places = 0
        """Where all bits are as the pattern says."""
        self.tokens = 0
        """That were read."""
        self.streams = 0
        """That were begun."""
        self.best: list[Match] = []
        """The best places, in order."""
        self._keep = keep

    def begin(self, state: Bits) -> None:
        """A stream begins in a (units,) state."""
        self._states = np.asarray(state, np.uint8)[None]
        self._read = np.zeros(0, np.int64)
        self._at = 0  # the token before the first that is held
        self._done = 0  # the last token at which a pattern was looked for
        self.streams += 1

    def read(self, tokens: NDArray[np.integer], states: Bits) -> None:
        """(T,) more tokens, and the (T, units) states after them."""
        self.tokens += len(tokens)
        self._read = np.concatenate([self._read, tokens])
        self._states = np.concatenate([self._states, states])
        self._look(self._at + len(self._read) - self.pattern.span - AFTER + 1)

    def end(self) -> None:
        """The stream ends."""
        self._look(self._at + len(self._read) - self.pattern.span + 1)

    def _look(self, last: int) -> None:
        """Look at the tokens up to ``last``, which are held with all that is needed; forget what no longer is."""
        if last <= self._done:
            return
        begin = self._done - self._at  # of the held states, the one before the first new token
        count = last - self._done
        counters, valid = _counted(self._states[begin:, list(self.pattern.bits)], self.pattern, count)
        self._choose(counters, valid, begin)
        self._done = last
        forget = max(0, last - BEFORE - self._at)
        self._at += forget
        self._read, self._states = self._read[forget:], self._states[forget:]

    def _choose(self, counters: list[Planes], valid: Planes, begin: int) -> None:
        """Of the places by what they share, the best."""
        chosen: list[Match] = []
        total = len(self.pattern.bits)
        worst = self.best[-1].shared if len(self.best) == self._keep else 1
        for shared in range(min(total, 2 ** len(counters) - 1), worst - 1, -1):
            where = valid.copy()
            for digit, plane in enumerate(counters):
                where &= plane if shared >> digit & 1 else ~plane
            places = _places(where)
            if shared == total:
                self.places += len(places)
            if len(places):
                chosen += self._of(places + begin, shared)
            if len(chosen) >= self._keep:
                break
        if chosen:
            self.best = sorted([*self.best, *chosen], key=lambda match: match.rank)[: self._keep]

    def _of(self, places: NDArray[np.int64], shared: int) -> list[Match]:
        """The best matches among places, each the number of the held state before its first token."""
        on = np.ones((len(places), self._states.shape[1]), bool)
        for step in range(self.pattern.span):
            on &= self._states[places + 1 + step] == 1
        if self.pattern.fresh:
            on &= self._states[places] == 0
        others = on.sum(1) - shared
        found = []
        for k in np.lexsort((places, others))[: self._keep].tolist():
            place, end = int(places[k]), int(places[k]) + self.pattern.span
            parts = self._read[max(0, place - BEFORE) : place], self._read[place:end], self._read[end : end + AFTER]
            texts = [tuple(part.tolist()) for part in parts]
            found.append(Match(shared, int(others[k]), self.streams - 1, self._at + place + 1, *texts))
        return found


def _counted(states: Bits, pattern: Pattern, count: int) -> tuple[list[Planes], Planes]:
    """How many bits are as the pattern says, in binary, plane by plane, at ``count`` moments; and which moments
    there are.

    ``states`` are (at least count + span, bits), the first being that before the first moment.
    """
    words = -(-(count + pattern.span) // 64)
    packed = np.zeros((states.shape[1], 8 * words), np.uint8)
    bits = np.packbits(states[: count + pattern.span].T, axis=1, bitorder="little")
    packed[:, : bits.shape[1]] = bits
    planes: Planes = packed.view("<u8").astype(np.uint64)
    counters: list[Planes] = []
    for plane in planes:
        stays = _shifted(plane, 1)
        length = 1
        while length < pattern.span:
            step = min(length, pattern.span - length)
            stays = stays & _shifted(stays, step)
            length += step
        carry = stays & ~plane if pattern.fresh else stays
        for digit in range(len(counters)):
            counters[digit], carry = counters[digit] ^ carry, counters[digit] & carry
        counters.append(carry)
        if len(counters) > 1 and not carry.any():
            counters.pop()
    valid = np.zeros(64 * words, np.uint8)
    valid[:count] = 1
    return counters, np.packbits(valid, bitorder="little").view("<u8").astype(np.uint64)


def _shifted(plane: Planes, by: int) -> Planes:
    """Every moment sees what comes so much later."""
    words, bits = divmod(by, 64)
    found = np.zeros_like(plane)
    found[: len(plane) - words] = plane[words:]
    if bits:
        later = np.zeros_like(plane)
        later[:-1] = found[1:]
        found = (found >> np.uint64(bits)) | (later << np.uint64(64 - bits))
    return found


def _places(plane: Planes) -> NDArray[np.int64]:
    """The moments that are set."""
    return np.flatnonzero(np.unpackbits(plane.astype("<u8").view(np.uint8), bitorder="little"))
