"""A netlist as a machine that reads tokens, and says what the model would say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trilc.aig import AIG
from trilc.aig.simulation import Simulator
from trilc.compiler import Observer, compile
from trilc.errors import InputError
from trilc.lanes import Lanes
from trilc.metadata import require
from trilc.model import Bits, Model, TextRules
from trilc.outputs import putting_out
from trilc.saved_state import SavedState
from trilc.state import StatePlace
from trilc.text import Tokenizer

FAST = "dead"
"""Passes before a simulation: more would cost more time than they save."""

HELD = 1 << 22
"""Numbers said to a stream that are held at a time."""


class Runner:
    """Runs a model or a netlist compiled from one, in many streams at once.

    ``output`` is ``argmax``, ``scores`` or ``state``; None takes the source's own. A netlist says what its
    outputs are; the state it can always say, unless a register that nothing depends on was removed. An
    ``observer`` follows the compilation of a model.

    Raises :class:`InputError` for a netlist that trilc did not compile, or that can't say what is asked.
    """

    def __init__(
        self,
        source: Model | AIG,
        streams: int = 1,
        output: str | None = None,
        threads: int = 1,
        observer: Observer | None = None,
    ) -> None:
        if isinstance(source, Model):
            aig = compile(source, output, FAST, observer=observer)
        else:
            require(source.metadata)
            aig = putting_out(source, output)
        about = aig.metadata
        self.output: str = output or about["output"]
        self._chooses = self.output == "argmax" and about["output"] == "scores"
        self.vocabulary: int = about["vocabulary"]
        self.num_outputs: int = about["num_outputs"]
        self.score_scale: float | None = about.get("score_scale")
        self.tokenizer: Tokenizer | None = None
        if about.get("tokens") is not None:
            rules = about.get("text")
            self.tokenizer = Tokenizer(about["tokens"], None if rules is None else TextRules(**rules))
        self.model: str = str(about.get("model", ""))
        self._word = _score_width(aig, self.num_outputs) if about["output"] == "scores" else 1
        self._place = StatePlace.of(aig)
        self._start: tuple[Bits, bool] | None = None
        self._simulator = Simulator(aig, streams, threads)

    @property
    def streams(self) -> int:
        """How many streams run side by side."""
        return self._simulator.streams

    @property
    def width(self) -> int:
        """Numbers that are said to a token: 1 for ``argmax``, O for ``scores``, units for ``state``."""
        return 1 if self.output == "argmax" else self._simulator.num_outputs // self._word

    @property
    def state(self) -> SavedState:
        """Where every stream stands, to be written to a file or to start from."""
        reached = self._start is None or self._start[1]
        return SavedState(self._place.bits(self._simulator.state), self.model, reached)

    def start_from(self, saved: SavedState) -> None:
        """Let every reset from now on, the first at once, put streams into these states, one for all or each its own.

        Raises :class:`InputError` for a state of another model or shape, for one that lacks a bit which is needed
        here, and for one in which the netlist need not do what the model does.
        """
        if saved.model not in (None, self.model):
            raise InputError(f"found a state of model {saved.model[:16]!r}; expected one of {self.model[:16]!r}")
        if saved.bits.shape[1] != len(self._place.names):
            raise InputError(f"found {saved.bits.shape[1]} bits of state; expected {len(self._place.names)}")
        registers = self._place.registers(saved.bits, saved.reached)
        if len(saved.bits) not in (1, self.streams):
            self._simulator.reset(len(saved.bits))
        self._start = registers, saved.reached
        self.reset()

    @property
    def state_names(self) -> Sequence[str]:
        """The names of the state's bits."""
        return self._place.names

    @property
    def starts(self) -> int | None:
        """For how many streams there is a state to start from, None where that is the reset state or one for all."""
        return None if self._start is None or len(self._start[0]) == 1 else len(self._start[0])

    def reset(self, streams: int | None = None, first: int = 0) -> None:
        """Put every stream back into the state that it starts from; ``streams`` changes how many there are.

        ``first`` is the number of the first of them among those of :meth:`start_from`.
        """
        self._simulator.reset(streams)
        if self._start is not None:
            rows = self._start[0]
            if len(rows) > 1:
                rows = rows[first : first + self.streams]
            elif self.streams > 1:
                rows = np.repeat(rows, self.streams, axis=0)
            if len(rows) != self.streams:
                raise InputError(f"found states of {self.starts} streams; expected one for each stream")
            self._simulator.state = rows

    def named_tokens(self) -> Tokenizer:
        """From text to the tokens that are read. Raises :class:`InputError` where they have no names."""
        if self.tokenizer is None:
            raise InputError("the tokens have no names, so there is no text; expected 'tokens' in the header")
        return self.tokenizer

    def named_outputs(self) -> Tokenizer:
        """From what is said to text. Raises :class:`InputError` where it is not said in tokens with names."""
        if self.num_outputs != self.vocabulary:
            raise InputError(
                f"{self.num_outputs} outputs for {self.vocabulary} tokens: what is said is no text"
            )
        return self.named_tokens()

    def run(self, tokens: ArrayLike) -> NDArray[Any]:
        """Read (steps, streams) tokens from the present state on; returns what is said at each step.

        (steps, streams) for ``argmax``; (steps, streams, O) int64 for ``scores``; (steps, streams, units) bits
        for ``state``. Raises :class:`InputError` at a token outside the vocabulary.
        """
        if self.output == "argmax" and not self._chooses:
            return self._simulator.run(tokens)
        parts = [self._decode(bits) for bits in self._simulator.run_bits(tokens)]
        nothing = self._decode(np.zeros((0, self.streams, self._simulator.num_outputs), np.uint8))
        return np.concatenate([nothing, *parts])

    def run_stream(self, pieces: Iterable[NDArray[np.integer]]) -> Iterator[NDArray[Any]]:
        """One stream in constant memory: what is said to tokens that arrive in (some steps,) pieces.

        A long piece is read in many lanes at once (:mod:`trilc.lanes`), which changes nothing of what is said.
        Yields (fewer steps, …) parts as :meth:`run` says them, none of them empty. Raises :class:`InputError` where
        more than one stream runs, or would start.
        """
        if self.streams != 1:
            raise InputError(f"found {self.streams} streams, each with its state; expected one")
        at_once = max(1, HELD // self.width)
        lanes = Lanes(self._simulator, self.run)
        for piece in pieces:
            for begin in range(0, len(piece), at_once):
                yield lanes.read(piece[begin : begin + at_once])

    def _decode(self, bits: NDArray[np.uint8]) -> NDArray[Any]:
        if self.output == "state":
            return bits
        words = bits.reshape(*bits.shape[:2], self.num_outputs, self._word)
        weights = 1 << np.arange(self._word, dtype=np.int64)
        weights[-1] *= -1
        scores: NDArray[np.int64] = words @ weights
        return scores.argmax(-1) if self._chooses else scores


def simulate(
    source: Model | AIG, tokens: ArrayLike, output: str | None = None, threads: int = 1
) -> NDArray[Any]:
    """What a model or netlist says to token streams, each from the reset state.

    ``tokens`` is (T,) for one stream or (streams, T); the result has the same shape for ``argmax``, and a
    last axis of scores or state bits otherwise, as :meth:`trilc.Model.run` gives it.
    """
    given = np.asarray(tokens)
    if given.ndim not in (1, 2):
        raise InputError(f"tokens: found shape {given.shape}; expected (T,) or (streams, T)")
    streams = np.atleast_2d(given)
    said = Runner(source, len(streams), output, threads).run(streams.T)
    return said[:, 0] if given.ndim == 1 else said.swapaxes(0, 1)


def _score_width(aig: AIG, num_outputs: int) -> int:
    """Bits of a score."""
    width, rest = divmod(aig.num_outputs, num_outputs) if num_outputs else (0, 0)
    if rest or not 1 <= width <= 63:
        raise InputError(f"{aig.num_outputs} outputs are not the bits of {num_outputs} scores, up to 63 for each")
    return width
