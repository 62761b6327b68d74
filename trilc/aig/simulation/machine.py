"""The simulator of a tape: many independent streams, one lane of a machine word each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trilc.aig.simulation.gates import Tape
from trilc.aig.simulation.interpreter import Interpreter
from trilc.aig.simulation.native import Native, register_bits
from trilc.aig.simulation.planes import aligned, narrow, pack, unpack
from trilc.errors import InputError

Words = NDArray[np.uint64]
Store = Callable[[slice, slice, Words], None]
"""Takes steps, lanes and their output planes (blocks, steps, outputs, words)."""

_TASK = 4096
"""Lanes that one task of a thread takes through a chunk."""
_CHUNK = 64
"""Steps between two transpositions: with a task's lanes, a few hundred kilobytes of codes and planes."""

Engine = Interpreter | Native


def fastest(tape: Tape) -> Engine:
    """Machine code where there is any for this processor and the system lets it run, else the interpreter."""
    bits = register_bits()
    if bits:
        try:
            return Native(tape, bits)
        except OSError:
            pass
    return Interpreter(tape)


class Machine:
    """Runs a tape. All streams start in the reset state; the state stays inside between calls.

    ``threads`` splits the streams; the result does not depend on it. Memory does not grow with the steps.
    """

    def __init__(
        self, tape: Tape, streams: int, threads: int = 1, engine: Callable[[Tape], Engine] = fastest
    ) -> None:
        if threads < 1:
            raise InputError(f"{threads} threads: at least one is needed")
        self.threads = threads
        self._tape = tape
        self._engine = engine(tape)
        self._words = self._engine.words
        self._lanes = 64 * self._words
        self.reset(streams)

    @property
    def num_inputs(self) -> int:
        """Number of inputs of the circuit."""
        return len(self._tape.input_bits)

    @property
    def num_outputs(self) -> int:
        """Number of outputs of the circuit."""
        return len(self._tape.output_bits)

    def reset(self, streams: int | None = None) -> None:
        """Put every stream into the reset state; ``streams`` changes how many there are.

        A register whose reset value is unknown starts at 0.
        """
        if streams is not None:
            if streams < 1:
                raise InputError(f"{streams} streams: at least one is needed")
            self.streams = streams
            self._blocks = -(-streams // self._lanes)
        rows = -self._tape.reset.astype(np.int64).view(np.uint64)
        shape = (self._blocks, len(rows), self._words)
        self._state = aligned(shape)
        self._state[:] = rows[:, None]
        self.position = 0
        """Steps made since the last reset."""

    @property
    def state(self) -> NDArray[np.uint8]:
        """(streams, registers) uint8: the present state. Assign the same shape to set it."""
        return _lanes(self._state[:, None])[0, : self.streams]

    @state.setter
    def state(self, bits: ArrayLike) -> None:
        given = np.asarray(bits)
        shape = (self.streams, len(self._tape.reset))
        if given.shape != shape or given.dtype.kind not in "bui" or ((given != 0) & (given != 1)).any():
            raise InputError(f"state: {given.dtype} {given.shape} where bits {shape} are expected")
        padded = np.zeros((self._blocks, self._lanes, shape[1]), np.uint8)
        padded.reshape(self._blocks * self._lanes, shape[1])[: self.streams] = given
        packed = np.packbits(padded.transpose(0, 2, 1), axis=-1, bitorder="little")
        self._state[:] = np.ascontiguousarray(packed).view(np.uint64)

    def step_bits(self, inputs: ArrayLike) -> Words:
        """One step on raw words: (inputs, words) uint64 to (outputs, words), words being ⌈streams/64⌉.

        Stream ``s`` is bit ``s mod 64`` of word ``s // 64``. Environment constraints are not checked.
        Raises ``InputError`` on another shape or type.
        """
        given, words = np.asarray(inputs), -(-self.streams // 64)
        if given.shape != (self.num_inputs, words) or given.dtype != np.uint64:
            raise InputError(
                f"inputs: {given.dtype} {given.shape} where uint64 {(self.num_inputs, words)} is expected"
            )
        padded = np.zeros((self.num_inputs, self._blocks * self._words), np.uint64)
        padded[:, :words] = given
        bits_in = padded.reshape(self.num_inputs, self._blocks, 1, -1).transpose(1, 2, 0, 3)
        bits_out = np.empty((self._blocks, 1, self.num_outputs, self._words), np.uint64)
        self._engine.run(self._state, np.ascontiguousarray(bits_in), bits_out)
        self.position += 1
        return bits_out[:, 0].transpose(1, 0, 2).reshape(self.num_outputs, -1)[:, :words]

    def run(self, tokens: ArrayLike) -> NDArray[Any]:
        """Read (steps, streams) integer codes; returns (steps, streams) codes, the outputs being their bits.

        The result has the smallest unsigned type that holds all outputs. Raises ``InputError`` where there
        are more than 64 inputs or outputs, where shape or type are wrong, and for a token out of range,
        before any step is made.
        """
        given = self.checked(tokens)
        result = np.empty(given.shape, _code_type(self.num_outputs, "outputs"))
        width = result.dtype.itemsize

        def store(steps: slice, lanes: slice, bits: Words) -> None:
            codes = np.zeros((bits.shape[1], width, len(bits) * self._lanes), np.uint8)
            unpack(bits, self._tape.output_bits, codes)
            part = codes[:, :, : lanes.stop - lanes.start]
            target = result[steps, lanes]
            target[:] = part[:, 0]
            for byte in range(1, width):
                target |= part[:, byte].astype(result.dtype) << result.dtype.type(8 * byte)

        for low in range(0, len(given), _CHUNK):
            self._advance(given, slice(low, min(low + _CHUNK, len(given))), store)
        return result

    def run_bits(self, tokens: ArrayLike) -> Iterator[NDArray[np.uint8]]:
        """The same, yielding the output bits of a few steps at a time: (some steps, streams, outputs) uint8.

        The outputs stand in their own order. Raises as :meth:`run` does, at once.
        """
        return self._bits_of(self.checked(tokens))

    def _bits_of(self, given: NDArray[Any]) -> Iterator[NDArray[np.uint8]]:
        chunk = max(1, min(_CHUNK, (1 << 26) // (self._blocks * self._lanes * max(1, self.num_outputs))))
        for low in range(0, len(given), chunk):
            steps = slice(low, min(low + chunk, len(given)))
            result = np.empty((steps.stop - low, self.streams, self.num_outputs), np.uint8)

            def store(_: slice, lanes: slice, bits: Words, result: NDArray[np.uint8] = result) -> None:
                result[:, lanes] = _lanes(bits)[:, : lanes.stop - lanes.start]

            self._advance(given, steps, store)
            yield result

    def checked(self, tokens: ArrayLike) -> NDArray[Any]:
        """The codes of tokens that :meth:`run` would take. Raises as it does, naming stream and position."""
        given = np.asarray(tokens)
        if given.ndim != 2 or given.shape[1] != self.streams or given.dtype.kind not in "ui":
            raise InputError(
                f"tokens: {given.dtype} {given.shape} where integers (steps, {self.streams}) are expected"
            )
        codes = np.empty(given.shape, _code_type(self.num_inputs, "inputs"))
        limit = min(1 << self.num_inputs, self._tape.vocabulary or 1 << 64)
        native = given.astype(given.dtype.newbyteorder("="), copy=False)
        together = int(narrow(native.reshape(-1), codes.reshape(-1)))
        outside = together >> 8 * codes.itemsize or (given.dtype.kind == "i" and together >> 63)
        if outside or codes.max(initial=0) >= limit:
            step, stream = np.argwhere((given < 0) | (given >= limit))[0]
            place = f"stream {stream}, position {self.position + step}"
            raise InputError(f"{place}: token {given[step, stream]} is not in 0 … {limit - 1}")
        return codes

    def _advance(self, tokens: NDArray[Any], steps: slice, store: Store) -> None:
        """Take all streams through a chunk, group by group of blocks, and hand the output planes over."""
        width = _code_type(self.num_inputs, "inputs").itemsize

        def task(low: int) -> None:
            blocks = slice(low, min(low + group, self._blocks))
            count = blocks.stop - blocks.start
            lanes = slice(blocks.start * self._lanes, min(blocks.stop * self._lanes, self.streams))
            part = tokens[steps, lanes]
            codes = np.zeros((len(part), width, count * self._lanes), np.uint8)
            for byte in range(width):
                shifted = part >> part.dtype.type(8 * byte) if byte else part
                codes[:, byte, : part.shape[1]] = shifted.astype(np.uint8)
            bits_in = aligned((count, len(part), self.num_inputs, self._words))
            bits_out = aligned((count, len(part), self.num_outputs, self._words))
            pack(codes, self._tape.input_bits, bits_in)
            self._engine.run(self._state[blocks], bits_in, bits_out)
            store(steps, lanes, bits_out)

        group = min(_TASK // self._lanes, -(-self._blocks // self.threads))
        tasks = range(0, self._blocks, group)
        if self.threads == 1 or len(tasks) == 1:
            for low in tasks:
                task(low)
        else:
            with ThreadPoolExecutor(self.threads) as pool:
                list(pool.map(task, tasks))
        self.position += steps.stop - steps.start


@cache
def _code_type(bits: int, what: str) -> np.dtype[Any]:
    """The smallest unsigned integer type of so many bits."""
    if bits > 64:
        raise InputError(f"the circuit has {bits} {what}, more than the 64 bits of a code")
    return np.dtype(f"u{next(size for size in (1, 2, 4, 8) if 8 * size >= bits)}")


def _lanes(bits: Words) -> NDArray[np.uint8]:
    """(blocks, steps, planes, words) words as (steps, lanes, planes) bits."""
    blocks, steps, count, words = bits.shape
    spread = np.unpackbits(bits.view(np.uint8), axis=-1, bitorder="little")
    return spread.transpose(1, 0, 3, 2).reshape(steps, 64 * blocks * words, count)
