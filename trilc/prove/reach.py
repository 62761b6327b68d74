"""Breadth-first search over the states that two machines side by side can reach: exact, and shortest first."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from trilc.aig import TRUE, UNKNOWN
from trilc.prove.transition import MOST_INPUTS, Transition, Words, codes, packed, transposed, unpacked

LANES = 1 << 15
"""Steps that are simulated together, and between two looks at an interrupt."""

MOST_STARTS = 12
"""With more registers that start unknown, there are too many states to begin with."""

OVERHEAD = 1 << 14
"""Gates that take as long as keeping a state does."""

FEWEST = 256
"""Lanes that take as long as a level does, however small."""

MEMORY = 1 << 28
"""Bytes that the states may take."""


class Reach:
    """The states reached after 0, 1, 2 … steps from reset, each kept once with how it was first reached."""

    def __init__(self, transition: Transition) -> None:
        self._transition = transition
        self._free = np.flatnonzero(transition.reset == UNKNOWN)
        self.possible = transition.num_inputs <= MOST_INPUTS and len(self._free) <= MOST_STARTS
        """Whether inputs and states to begin with are few enough to go through."""
        self.depth = 0
        """No difference shows in this number of steps or fewer."""
        self.closed = False
        """Whether every state that can be reached was seen."""
        self.full = False
        """Whether there is no room for more states."""
        self.found: list[list[int]] | None = None
        """(steps, inputs) bits of a shortest run that ends in a difference."""
        self.begun: list[int] = []
        """(registers,) bits of the state in which that run begins."""
        width = max(1, -(-transition.num_registers // 64))
        self._rows: NDArray[np.uint64] = np.zeros((1024, width), np.uint64)
        self._parents = np.zeros((1024, 2), np.int32)
        self._table = np.zeros(4096, np.int32)
        self.states = 0
        """Different states so far."""
        self._level = 0
        if self.possible:
            self._begin()

    def work(self) -> int:
        """Gates that the next level takes, each in one lane; what is done with a state or a level counts as so many."""
        lanes = (self.states - self._level) * self._number()
        return max(lanes, FEWEST) * (self._transition.gates + OVERHEAD)

    def advance(self) -> None:
        """Try every input in every state of the last level; stops half-way where the memory is :attr:`full`."""
        begin, end = self._level, self.states
        number = self._number()
        table = codes(number, self._transition.num_inputs)
        several = max(1, LANES // (64 * -(-(end - begin) // 64)))
        for low in range(begin, end, LANES):
            high = min(low + LANES, end)
            state = self._planes(low, high)
            words = state.shape[1]
            valid = packed(np.ones((1, high - low), np.bool_))[0]
            for first in range(0, number, several):
                now = table[:, first : first + several]
                count = now.shape[1]
                differ, permitted, following = self._transition.step(
                    np.repeat(now, words, axis=1), np.tile(state, count)
                )
                valid_now = np.tile(valid, count)
                wrong = np.flatnonzero(unpacked((differ & valid_now)[None], 64 * words * count)[0])
                if wrong.size:
                    code, lane = divmod(int(wrong[0]), 64 * words)
                    self._trace(low + lane, first + code)
                    return
                if self._transition.num_registers:
                    self._enter(transposed(following), permitted & valid_now, low, 64 * words, first)
                self.full = self._rows.nbytes + self._parents.nbytes + self._table.nbytes > MEMORY
                if self.full:
                    return
        self._level = end
        self.depth += 1
        self.closed = self.states == end

    def _begin(self) -> None:
        reset = (self._transition.reset == TRUE)[:, None]
        starts = np.tile(reset, 1 << len(self._free))
        starts[self._free] = np.arange(1 << len(self._free)) >> np.arange(len(self._free))[:, None] & 1
        planes = packed(starts)
        self._enter(transposed(planes), packed(np.ones((1, starts.shape[1]), np.bool_))[0], 0, 0, 0)
        self._level = 0

    def _number(self) -> int:
        """Codes that may be read in the next step."""
        return 1 << (self._transition.lasting if self.depth else self._transition.num_inputs)

    def _planes(self, low: int, high: int) -> Words:
        """(registers, words) of states."""
        rows = self._rows[low:high]
        padded = np.zeros((64 * -(-len(rows) // 64), rows.shape[1]), np.uint64)
        padded[: len(rows)] = rows
        # the rows of 64 lanes are a plane's words, transposed back
        squares = padded.reshape(-1, 64, rows.shape[1]).transpose(1, 0, 2).reshape(64, -1)
        back = transposed(squares).reshape(-1, rows.shape[1], 64)
        planes = back.transpose(1, 2, 0).reshape(64 * rows.shape[1], -1)
        return np.ascontiguousarray(planes[: self._transition.num_registers])

    def _enter(self, rows: Words, lanes: Words, low: int, stride: int, first: int) -> None:
        """Keep those of (lanes, width) states that are new; lane ``stride·c + s`` came from state ``low + s``."""
        need = self.states + len(rows)
        if need > len(self._rows):
            size = max(need, 2 * len(self._rows))
            self._rows = np.concatenate([self._rows, np.zeros((size - len(self._rows), rows.shape[1]), np.uint64)])
            self._parents = np.concatenate([self._parents, np.zeros((size - len(self._parents), 2), np.int32)])
        if 2 * need > len(self._table):
            self._table = np.zeros(1 << (4 * need - 1).bit_length(), np.int32)
            _fill(self._rows, self._table, self.states)
        self.states = _add(
            self._rows, self._parents, self._table, self.states, rows, lanes, low, max(1, stride), first
        )

    def _trace(self, state: int, code: int) -> None:
        """Note the run that leads to a state and then reads a code."""
        taken = [code]
        for _ in range(self.depth):
            state, code = self._parents[state].tolist()
            taken.append(code)
        inputs = self._transition.num_inputs
        self.found = [[code >> bit & 1 for bit in range(inputs)] for code in reversed(taken)]
        width = self._transition.num_registers
        bits = np.unpackbits(self._rows[state].view(np.uint8), bitorder="little")
        self.begun = bits[:width].tolist()


@njit(cache=True, inline="always")
def _slot(row, table):
    mixed = np.uint64(0x9E3779B97F4A7C15)
    for k in range(row.shape[0]):
        mixed = (mixed ^ row[k]) * np.uint64(0xBF58476D1CE4E5B9)
        mixed ^= mixed >> np.uint64(29)
    return np.int64(mixed >> np.uint64(8)) & (table.shape[0] - 1)


@njit(cache=True, nogil=True)
def _fill(rows, table, count):
    for k in range(count):
        slot = _slot(rows[k], table)
        while table[slot]:
            slot = (slot + 1) & (table.shape[0] - 1)
        table[slot] = k + 1


@njit(cache=True, nogil=True)
def _add(rows, parents, table, count, new, lanes, low, stride, first):
    """Enter the marked rows that are not there; returns how many there are then."""
    for lane in range(new.shape[0]):
        if not (lanes[lane >> 6] >> np.uint64(lane & 63)) & np.uint64(1):
            continue
        slot = _slot(new[lane], table)
        while table[slot]:
            known = table[slot] - 1
            same = True
            for k in range(new.shape[1]):
                if rows[known, k] != new[lane, k]:
                    same = False
                    break
            if same:
                break
            slot = (slot + 1) & (table.shape[0] - 1)
        if table[slot] == 0:
            rows[count] = new[lane]
            parents[count, 0] = low + lane % stride
            parents[count, 1] = first + lane // stride
            count += 1
            table[slot] = count
    return count
