"""The engine of gates: a netlist, simulated in the lanes of machine words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trilc.aig import AIG
from trilc.aig.simulation import Simulator
from trilc.compiler import compile
from trilc.engines.lanes import Lanes
from trilc.errors import InputError
from trilc.model import Bits, Model
from trilc.outputs import putting_out
from trilc.state import StatePlace

if TYPE_CHECKING:
    from trilc.compiler import Observer

FAST = "dead"
"""Passes before a simulation: more would cost more time than they save."""


class Gates:
    """Runs a netlist, or what a model compiles to, as :class:`trilc.engines.engine.Engine` says.

    The metadata of a netlist are believed. Raises :class:`InputError` where it can't say what is asked.
    """

    def __init__(
        self,
        source: Model | AIG,
        streams: int,
        output: str | None,
        threads: int = 1,
        observer: Observer | None = None,
    ) -> None:
        if isinstance(source, Model):
            aig = compile(source, output, FAST, observer=observer)
        else:
            aig = putting_out(source, output)
        about = aig.metadata
        self._output: str = output or about["output"]
        self._num_outputs: int = about["num_outputs"]
        self._chooses = self._output == "argmax" and about["output"] == "scores"
        self._word = _score_width(aig, self._num_outputs) if about["output"] == "scores" else 1
        self._place = StatePlace.of(aig)
        self._simulator = Simulator(aig, streams, threads)
        self._lanes = Lanes(self._simulator, self._side_by_side)

    @property
    def streams(self) -> int:
        """How many streams run side by side."""
        return self._simulator.streams

    @property
    def width(self) -> int:
        """Numbers that are said to a token."""
        return 1 if self._output == "argmax" else self._simulator.num_outputs // self._word

    def reset(self, streams: int | None = None) -> None:
        """Put every stream back into the reset state."""
        self._simulator.reset(streams)

    @property
    def state(self) -> Bits:
        """(streams, units) where every stream stands, by the registers that are left."""
        return self._place.bits(self._simulator.state)

    def start(self, states: Bits, reached: bool) -> None:
        """Put streams into states. Raises :class:`InputError` as :meth:`StatePlace.registers` does."""
        registers = self._place.registers(states, reached)
        self._simulator.state = np.broadcast_to(registers, (self.streams, registers.shape[1])).copy()

    def run(self, tokens: ArrayLike) -> NDArray[Any]:
        """What is said to (steps, streams) tokens; one long stream is read in many lanes."""
        given = np.asarray(tokens)
        if self.streams == 1 and given.shape[1:] == (1,):
            return self._lanes.read(given[:, 0])[:, None]
        return self._side_by_side(given)

    def _side_by_side(self, tokens: NDArray[Any]) -> NDArray[Any]:
        if self._output == "argmax" and not self._chooses:
            return self._simulator.run(tokens)
        parts = [self._decode(bits) for bits in self._simulator.run_bits(tokens)]
        nothing = self._decode(np.zeros((0, self.streams, self._simulator.num_outputs), np.uint8))
        return np.concatenate([nothing, *parts])

    def _decode(self, bits: NDArray[np.uint8]) -> NDArray[Any]:
        if self._output == "state":
            return bits
        words = bits.reshape(*bits.shape[:2], self._num_outputs, self._word)
        weights = 1 << np.arange(self._word, dtype=np.int64)
        weights[-1] *= -1
        scores: NDArray[np.int64] = words @ weights
        return scores.argmax(-1) if self._chooses else scores


def _score_width(aig: AIG, num_outputs: int) -> int:
    """Bits of a score."""
    width, rest = divmod(aig.num_outputs, num_outputs) if num_outputs else (0, 0)
    if rest or not 1 <= width <= 63:
        raise InputError(f"{aig.num_outputs} outputs are not the bits of {num_outputs} scores, up to 63 for each")
    return width
