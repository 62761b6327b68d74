"""The model in integers: what every later stage is compared with.

Everything here is plain numpy, written from the format page alone; no gate, no word-level operation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trilc.cells.elman.layer import ElmanLayer, Weights
from trilc.errors import InputError
from trilc.exact.product import product

Integers = NDArray[np.int64]
Bits = NDArray[np.uint8]

OUTPUTS = ("argmax", "scores", "state")


@dataclass(frozen=True, eq=False)
class Head:
    """Scores from the last layer's new state."""

    weight: NDArray[np.int8]
    """(O, H) in {-1, 0, 1}."""
    bias: Integers
    """(O,) the integer part (floor) of what is added to each score."""
    fraction_rank: Integers
    """(O,) the rank of the fractional part of each bias: 0 for no fraction, larger for a larger one."""


@dataclass(frozen=True)
class TextRules:
    """How raw text becomes tokens, before the longest match of the token names."""

    lower: bool = False
    fold_space: bool = False
    unknown: str = "refuse"
    """``refuse``, ``skip``, or the token that stands for anything unknown."""


@dataclass(frozen=True, eq=False)
class Model:
    """A checkpoint after all folding: integers only.

    A state is (streams, units) uint8 bits, layer after layer.
    """

    signed: bool
    """Whether a state bit b has the value 2b − 1 (``pm1``) or b (``01``)."""
    embedding: Weights | None
    """(V, E) integers, or None for one-hot token vectors (E = V)."""
    layers: tuple[ElmanLayer, ...]
    head: Head | None
    output: str
    """``argmax``, ``scores`` or ``state``: the header's choice."""
    tokens: tuple[str, ...] | None = None
    text: TextRules | None = None
    score_scale: float | None = None
    """What one unit of score is worth, in nats."""
    cell: str = "elman"
    digest: str = ""
    """SHA-256 of the checkpoint file, in hexadecimal."""

    @property
    def vocabulary(self) -> int:
        """Number of tokens that can be read, V."""
        return self.layers[0].input.shape[1] if self.embedding is None else len(self.embedding)

    @property
    def units(self) -> int:
        """Number of state bits in all layers."""
        return sum(layer.units for layer in self.layers)

    @property
    def num_outputs(self) -> int:
        """Number of scores, O; 0 without a head."""
        return 0 if self.head is None else len(self.head.weight)

    @property
    def state_names(self) -> tuple[str, ...]:
        """The name of every state bit, layer after layer: ``h_l0[0]``, ``h_l0[1]``, …"""
        return tuple(f"h_l{k}[{j}]" for k, layer in enumerate(self.layers) for j in range(layer.units))

    def values(self, bits: Bits) -> NDArray[np.int8]:
        """What state bits are worth: 2b − 1, or b."""
        values = bits.astype(np.int8)
        return 2 * values - 1 if self.signed else values

    def reset_state(self, streams: int) -> Bits:
        """The (streams, units) state before the first token."""
        return np.tile(np.concatenate([layer.reset for layer in self.layers]), (streams, 1))

    def step(self, state: Bits, tokens: NDArray[Any]) -> Bits:
        """The (streams, units) state after each stream has read its token of ``tokens``, (streams,).

        Raises :class:`InputError` at a token that is not in 0 … V − 1.
        """
        wrong = (tokens < 0) | (tokens >= self.vocabulary)
        if wrong.any():
            stream = int(np.argmax(wrong))
            raise InputError(
                f"stream {stream}: found token {tokens[stream]}; expected 0 to {self.vocabulary - 1}"
            )
        x: NDArray[Any] = tokens if self.embedding is None else self.embedding[tokens]
        old = np.split(state, np.cumsum([layer.units for layer in self.layers])[:-1], axis=1)
        new: list[Bits] = []
        for layer, bits in zip(self.layers, old, strict=True):
            new.append(layer.step(self.values(bits), x))
            x = self.values(new[-1])
        return np.concatenate(new, axis=1)

    def scores(self, state: Bits) -> Integers:
        """The (streams, O) integer parts of the scores in a new state; their fractions are the head's."""
        head = self._head()
        return product(self.values(state[:, -self.layers[-1].units :]), head.weight) + head.bias

    def choose(self, scores: Integers) -> Integers:
        """The (streams,) lowest index among the largest scores: by integer part, then by fraction."""
        largest = scores == scores.max(axis=1, keepdims=True)
        best: Integers = np.argmax(np.where(largest, self._head().fraction_rank, -1), axis=1)
        return best

    def require_integer_scores(self) -> None:
        """Raise :class:`InputError` where a score is not an integer word."""
        head = self._head()
        if head.fraction_rank.any():
            row = int(np.argmax(head.fraction_rank > 0))
            raise InputError(
                f"head.bias[{row}]: found a value between {head.bias[row]} and {head.bias[row] + 1} "
                "(in units of the head's scale); expected an integer, since scores are integer words"
            )

    def require_output(self, output: str) -> None:
        """Raise :class:`InputError` for an output that is unknown or that the model can't say."""
        if output not in OUTPUTS:
            raise InputError(f"found output {output!r}; expected one of {', '.join(OUTPUTS)}")
        if output == "scores":
            self.require_integer_scores()
        elif output == "argmax":
            self._head()

    def run(self, tokens: NDArray[Any], output: str | None = None) -> NDArray[Any]:
        """What the model says at every step of ``tokens``, (streams, T), from its reset state.

        ``output`` (default: the model's own) is ``argmax``: (streams, T) int64, ``scores``: (streams, T, O)
        int64, or ``state``: (streams, T, units) uint8, the new states. Raises :class:`InputError` for a
        token outside the vocabulary, a missing head, or scores that are not integers.
        """
        output = self.output if output is None else output
        self.require_output(output)
        streams, steps = tokens.shape
        state = self.reset_state(streams)
        if output == "argmax":
            said: NDArray[Any] = np.empty((streams, steps), np.int64)
        elif output == "scores":
            said = np.empty((streams, steps, self.num_outputs), np.int64)
        else:
            said = np.empty((streams, steps, self.units), np.uint8)
        for t in range(steps):
            state = self.step(state, tokens[:, t])
            if output == "argmax":
                said[:, t] = self.choose(self.scores(state))
            else:
                said[:, t] = self.scores(state) if output == "scores" else state
        return said

    def _head(self) -> Head:
        if self.head is None:
            raise InputError("head.weight is missing; without it the only output is the state")
        return self.head
