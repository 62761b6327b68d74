"""A model or netlist as a machine that reads tokens, and says what the model would say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trilc.engines.choice import build, choose
from trilc.errors import InputError
from trilc.metadata import metadata, require
from trilc.model import Bits, Model, TextRules
from trilc.saved_state import SavedState
from trilc.text import Tokenizer

if TYPE_CHECKING:
    from trilc.aig import AIG
    from trilc.compiler import Observer

HELD = 1 << 22
"""Numbers said to a stream that are held at a time."""


class Runner:
    """Runs a model or a netlist compiled from one, in many streams at once.

    ``output`` is ``argmax``, ``scores`` or ``state``; None takes the source's own. A netlist says what its
    outputs are; the state it can always say, unless a register that nothing depends on was removed.
    ``engine`` is ``gates``, ``words``, ``reference`` or, by the streams and how many ``tokens`` come in all of them
    together, ``auto``. An ``observer`` follows the compilation of a model to gates.

    Raises :class:`InputError` for a netlist that trilc did not compile, for what can't say what is asked, and for
    an engine that can't run it.
    """

    def __init__(
        self,
        source: Model | AIG,
        streams: int = 1,
        output: str | None = None,
        threads: int = 1,
        observer: Observer | None = None,
        engine: str = "auto",
        tokens: int | None = None,
    ) -> None:
        self.choice = choose(source, engine, streams, tokens)
        """The engine that runs, and why."""
        if isinstance(source, Model):
            about: Mapping[str, Any] = metadata(source, output)
        else:
            about = source.metadata
            require(about)
        self._engine = build(self.choice, source, streams, output, threads, observer)
        self.output: str = output or about["output"]
        self.vocabulary: int = about["vocabulary"]
        self.num_outputs: int = about["num_outputs"]
        self.score_scale: float | None = about.get("score_scale")
        self.tokenizer: Tokenizer | None = None
        if about.get("tokens") is not None:
            rules = about.get("text")
            self.tokenizer = Tokenizer(about["tokens"], None if rules is None else TextRules(**rules))
        self.model: str = str(about.get("model", ""))
        self.state_names: Sequence[str] = about["state"]
        """The names of the state's bits."""
        self._start: tuple[Bits, bool] | None = None

    @property
    def streams(self) -> int:
        """How many streams run side by side."""
        return self._engine.streams

    @property
    def width(self) -> int:
        """Numbers that are said to a token: 1 for ``argmax``, O for ``scores``, units for ``state``."""
        return self._engine.width

    @property
    def state(self) -> SavedState:
        """Where every stream stands, to be written to a file or to start from."""
        reached = self._start is None or self._start[1]
        return SavedState(self._engine.state, self.model, reached)

    def start_from(self, saved: SavedState) -> None:
        """Let every reset from now on, the first at once, put streams into these states, one for all or each its own.

        Raises :class:`InputError` for a state of another model or shape, for one that lacks a bit which is needed
        here, and for one in which the netlist need not do what the model does.
        """
        if saved.model not in (None, self.model):
            raise InputError(f"found a state of model {saved.model[:16]!r}; expected one of {self.model[:16]!r}")
        if saved.bits.shape[1] != len(self.state_names):
            raise InputError(f"found {saved.bits.shape[1]} bits of state; expected {len(self.state_names)}")
        if len(saved.bits) not in (1, self.streams):
            self._engine.reset(len(saved.bits))
        self._start = saved.bits, saved.reached
        self.reset()

    @property
    def starts(self) -> int | None:
        """For how many streams there is a state to start from, None where that is the reset state or one for all."""
        return None if self._start is None or len(self._start[0]) == 1 else len(self._start[0])

    def reset(self, streams: int | None = None, first: int = 0) -> None:
        """Put every stream back into the state that it starts from; ``streams`` changes how many there are.

        ``first`` is the number of the first of them among those of :meth:`start_from`.
        """
        self._engine.reset(streams)
        if self._start is not None:
            states, reached = self._start
            if len(states) > 1:
                states = states[first : first + self.streams]
                if len(states) != self.streams:
                    raise InputError(f"found states of {self.starts} streams; expected one for each stream")
            self._engine.start(states, reached)

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
        return self._engine.run(tokens)

    def run_stream(self, pieces: Iterable[NDArray[np.integer]]) -> Iterator[NDArray[Any]]:
        """One stream in constant memory: what is said to tokens that arrive in (some steps,) pieces.

        Yields (fewer steps, …) parts as :meth:`run` says them, none of them empty. Raises :class:`InputError` where
        more than one stream runs, or would start.
        """
        if self.streams != 1:
            raise InputError(f"found {self.streams} streams, each with its state; expected one")
        at_once = max(1, HELD // self.width)
        for piece in pieces:
            for begin in range(0, len(piece), at_once):
                yield self.run(piece[begin : begin + at_once, None])[:, 0]


def simulate(
    source: Model | AIG,
    tokens: ArrayLike,
    output: str | None = None,
    threads: int = 1,
    engine: str = "auto",
) -> NDArray[Any]:
    """What a model or netlist says to token streams, each from the reset state.

    ``tokens`` is (T,) for one stream or (streams, T); the result has the same shape for ``argmax``, and a
    last axis of scores or state bits otherwise, as :meth:`trilc.Model.run` gives it. ``engine`` is as for
    :class:`Runner`.
    """
    given = np.asarray(tokens)
    if given.ndim not in (1, 2):
        raise InputError(f"tokens: found shape {given.shape}; expected (T,) or (streams, T)")
    streams = np.atleast_2d(given)
    runner = Runner(source, len(streams), output, threads, engine=engine, tokens=streams.size)
    said = runner.run(streams.T)
    return said[:, 0] if given.ndim == 1 else said.swapaxes(0, 1)
