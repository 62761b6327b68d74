"""Two machines side by side as one function from inputs and state to what differs and the next state."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from trilc.aig import TRUE, UNKNOWN
from trilc.aig.simulation import Simulator
from trilc.prove.miter import Miter

Words = NDArray[np.uint64]
Bits = NDArray[np.uint8]

ONES = ~np.uint64(0)

MOST_INPUTS = 16
"""With more of them, their codes are not enumerated."""


class Transition:
    """Steps a miter (:func:`trilc.prove.miter.sequential`) in many lanes at once, lane ``64·word + bit``."""

    def __init__(self, miter: Miter, lasting: int) -> None:
        aig = miter.aig
        self.num_inputs = aig.num_inputs
        self.lasting = lasting
        """Inputs that count in every step; those after them are read in the first step only."""
        self.num_registers = aig.num_registers
        self.gates = aig.num_ands
        self.reset = aig.reset
        self._differing, self._held = len(aig.outputs), len(aig.constraints)
        roots = np.concatenate([aig.outputs, aig.constraints, aig.next_state])
        step = replace(
            aig,
            input_names=tuple(f"leaf {k}" for k in range(aig.first_and - 1)),
            register_names=(),
            next_state=np.zeros(0, np.uint32),
            reset=np.zeros(0, np.uint8),
            outputs=roots,
            output_names=tuple(f"root {k}" for k in range(len(roots))),
            constraints=np.zeros(0, np.uint32),
            metadata={},
        )
        self._simulator = Simulator(step, 64)

    def step(self, inputs: Words, state: Words) -> tuple[Words, Words, Words]:
        """(words,) where some output differs, (words,) where the constraints hold, (registers, words) next states.

        ``inputs`` are (inputs, words), ``state`` (registers, words).
        """
        differ, permitted, following = self.outputs(inputs, state)
        return np.bitwise_or.reduce(differ, axis=0, initial=np.uint64(0)) & permitted, permitted, following

    def outputs(self, inputs: Words, state: Words) -> tuple[Words, Words, Words]:
        """(outputs, words) each output, (words,) where the constraints hold, (registers, words) next states."""
        words = state.shape[1]
        if self._simulator.streams != 64 * words:
            self._simulator.reset(64 * words)
        roots = self._simulator.step_bits(np.concatenate([inputs, state]))
        differ, held, following = np.split(roots, [self._differing, self._differing + self._held])
        return differ, np.bitwise_and.reduce(held, axis=0, initial=ONES), following

    def beginning(self, words: int, rng: np.random.Generator) -> Words:
        """(registers, words) the reset state, drawn at random where it is unknown."""
        state: Words = np.where(self.reset[:, None] == TRUE, ONES, np.uint64(0)) * np.ones(words, np.uint64)
        free = self.reset == UNKNOWN
        state[free] = rng.integers(0, 2**64, (int(free.sum()), words), np.uint64)
        return state


def codes(number: int, bits: int) -> Words:
    """(bits, number) the bits of 0, 1, …, each as a word of equal lanes."""
    bit = np.arange(bits, dtype=np.uint64)[:, None]
    table: Words = (np.arange(number, dtype=np.uint64) >> bit & np.uint64(1)) * ONES
    return table


def packed(bits: NDArray[Any]) -> Words:
    """(rows, words) of (rows, lanes) bits, lanes being filled up with zeros."""
    lanes = -bits.shape[1] % 64
    rows = np.packbits(np.pad(bits, ((0, 0), (0, lanes))), axis=1, bitorder="little")
    return np.ascontiguousarray(rows).view(np.uint64)


def unpacked(words: Words, lanes: int) -> Bits:
    """(rows, lanes) of (rows, words)."""
    return np.unpackbits(np.ascontiguousarray(words).view(np.uint8), axis=1, bitorder="little")[:, :lanes]


def transposed(planes: Words) -> Words:
    """(64·words, ⌈rows / 64⌉) of (rows, words): a row for each lane, its bits being what the rows were."""
    rows, words = planes.shape
    across = np.zeros((64 * words, max(1, -(-rows // 64))), np.uint64)
    _transpose(np.ascontiguousarray(planes), across)
    return across


@njit(cache=True, nogil=True)
def _transpose(planes, across):
    """Square by square (Warren, Hacker's Delight, 7-3), the lowest bit first."""
    square = np.empty(64, np.uint64)
    for column in range(planes.shape[1]):
        for begin in range(0, planes.shape[0], 64):
            for k in range(64):
                square[k] = planes[begin + k, column] if begin + k < planes.shape[0] else np.uint64(0)
            width = 32
            mask = np.uint64(0x00000000FFFFFFFF)
            while width:
                shift = np.uint64(width)
                k = 0
                while k < 64:
                    swap = ((square[k] >> shift) ^ square[k | width]) & mask
                    square[k] ^= swap << shift
                    square[k | width] ^= swap
                    k = ((k | width) + 1) & ~width
                width >>= 1
                mask ^= mask << np.uint64(width)
            for k in range(64):
                across[64 * column + k, begin // 64] = square[k]
