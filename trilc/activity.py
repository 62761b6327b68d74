"""How often every net of a netlist switches while it reads: what power estimation and interpretability ask for.

Registers are run first; then the gates, which have no memory, are evaluated with one lane of a machine word for each
step of time. A net's switches are the ones of its word xored with the same word one step later.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numba import njit
from numpy.typing import NDArray

from trilc.aig import AIG
from trilc.aig.popcount import popcount
from trilc.aig.simulation import Simulator
from trilc.aig.simulation.tape import code_bits
from trilc.model import Bits

Counts = NDArray[np.int64]

STEPS = 4096
"""Steps that are evaluated together."""

BLOCK = 16
"""Words of 64 steps in which every node is evaluated before the next."""


@dataclass(frozen=True, eq=False)
class Activity:
    """What was counted."""

    steps: int
    """Tokens read."""
    pairs: int
    """Pairs of tokens, one behind the other in a stream, between which a net can switch."""
    ones: Counts
    """(nodes,) at how many steps each node was 1: the constant, inputs, registers (before the step), gates."""
    toggles: Counts
    """(nodes,) between how many pairs it changed."""

    def of_literals(self, literals: NDArray[np.uint32]) -> tuple[Counts, Counts]:
        """(literals,) ones and toggles of literals."""
        ones = self.ones[literals >> 1]
        return np.where(literals & 1, self.steps - ones, ones), self.toggles[literals >> 1]


class Meter:
    """Counts the switches of a netlist of a model, in many streams at once and in constant memory.

    ``start`` is (1, registers), the state in which every stream begins, or (streams, registers), that of each; the
    reset state if it is None.
    """

    def __init__(self, aig: AIG, start: Bits | None = None) -> None:
        self.aig, self._start = aig, start
        nexts = replace(aig, outputs=aig.next_state, output_names=aig.register_names)
        self._simulator = Simulator(nexts, 1)
        self._input_bits = code_bits(aig.input_names)
        self._ones, self._toggles = (np.zeros(aig.num_nodes, np.int64) for _ in range(2))
        self._steps = self._pairs = 0
        self.begin(1)

    @property
    def activity(self) -> Activity:
        """What has been counted so far."""
        return Activity(self._steps, self._pairs, self._ones.copy(), self._toggles.copy())

    def begin(self, streams: int, first: int = 0) -> None:
        """So many new streams begin, from the state of the ``first`` on where each has its own."""
        self._simulator.reset(streams)
        if self._start is not None:
            own = self._start[first : first + streams]
            self._simulator.state = own if len(self._start) > 1 else np.repeat(self._start, streams, axis=0)
        self._last: tuple[NDArray[np.int64], Bits] | None = None

    def read(self, tokens: NDArray[np.integer], lengths: NDArray[np.int64] | None = None) -> None:
        """The streams read (steps, streams) tokens more, and of these each as many as ``lengths`` (streams,) says.

        A stream that has read less than the others ends there. Raises :class:`trilc.errors.InputError` at a token
        outside the vocabulary, behind the end, too.
        """
        at_once = max(1, STEPS // self._simulator.streams)
        if lengths is None:
            lengths = np.full(self._simulator.streams, len(tokens))
        for begin in range(0, len(tokens), at_once):
            part = np.asarray(tokens[begin : begin + at_once], np.int64)
            self._count(part, np.arange(begin, begin + len(part)) < lengths[:, None])

    def _count(self, tokens: NDArray[np.int64], counts: NDArray[np.bool_]) -> None:
        """``counts``, (streams, steps), says which tokens are read."""
        steps, streams = tokens.shape
        before = self._simulator.state[None]
        states = np.concatenate([before, *self._simulator.run_bits(tokens)])[:steps]
        if self._last is not None:  # the step before, from which nets change to the first of these
            tokens = np.concatenate([self._last[0][None], tokens])
            states = np.concatenate([self._last[1][None], states])
        self._last = tokens[-1], states[-1]
        rows = len(tokens)
        bits = (tokens[:, :, None] >> self._input_bits).astype(np.uint8) & 1
        leaves = np.concatenate([bits, states], axis=2).transpose(2, 1, 0).reshape(-1, streams * rows)
        new = np.zeros((streams, rows), np.uint8)
        new[:, rows - steps :] = counts
        follows = new.copy()
        follows[:, 0] = 0
        _count_switches(
            self.aig.fanins, self.aig.first_and, _words(leaves), _words(new.reshape(1, -1))[0],
            _words(follows.reshape(1, -1))[0], self._ones, self._toggles,
        )  # fmt: skip
        self._steps += int(new.sum())
        self._pairs += int(follows.sum())


def _words(bits: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """(rows, words) uint64 of (rows, lanes) bits, lane 0 the lowest bit; whole blocks, zeros behind."""
    lanes = 64 * BLOCK * -(-bits.shape[1] // (64 * BLOCK))
    padded = np.zeros((len(bits), lanes // 8), np.uint8)
    packed = np.packbits(bits, axis=1, bitorder="little")
    padded[:, : packed.shape[1]] = packed
    return padded.view(np.uint64)


@njit(cache=True, nogil=True)
def _count_switches(fanins, first, leaves, new, follows, ones, toggles):
    """Add to ``ones`` and ``toggles``, (nodes,), what (leaves, words) planes over time give.

    A step counts where ``new`` (words,) has a one, and its difference from the step before where ``follows`` has.
    """
    nodes = first + fanins.shape[0]
    values = np.zeros((nodes, BLOCK), np.uint64)
    last = np.zeros(nodes, np.uint64)
    for begin in range(0, leaves.shape[1], BLOCK):
        for n in range(nodes):
            if n >= first:
                x, y = np.int64(fanins[n - first, 0]), np.int64(fanins[n - first, 1])
                flip_x, flip_y = np.uint64(0) - np.uint64(x & 1), np.uint64(0) - np.uint64(y & 1)
                for w in range(BLOCK):
                    values[n, w] = (values[x >> 1, w] ^ flip_x) & (values[y >> 1, w] ^ flip_y)
            elif n > 0:
                for w in range(BLOCK):
                    values[n, w] = leaves[n - 1, begin + w]
            one, changed = np.int64(0), np.int64(0)
            carry = last[n]
            for w in range(BLOCK):
                word = values[n, w]
                one += popcount(word & new[begin + w])
                changed += popcount((word ^ ((word << np.uint64(1)) | carry)) & follows[begin + w])
                carry = word >> np.uint64(63)
            last[n] = carry
            ones[n] += one
            toggles[n] += changed
