"""What questions are asked about: a model or a netlist, as gates to reason on and as a reference to replay on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from trilc.aig import AIG, UNKNOWN
from trilc.aig.simulation import evaluate
from trilc.compiler import compile
from trilc.errors import InputError
from trilc.explain.language import Terms
from trilc.metadata import require
from trilc.model import Model

PASSES = "strash, dead"
"""More would take longer than it saves."""

Flips = Mapping[int, Sequence[int]]
"""State bits that are flipped after so many tokens."""


@dataclass(frozen=True, eq=False)
class Trace:
    """What a machine did, token by token; row ``t − 1`` is the ``t``-th token's."""

    tokens: tuple[int, ...]
    states: NDArray[np.uint8]
    """(T + 1, units): before the first token, and after each."""
    said: NDArray[np.int64] | None
    """(T,) the best index; None without a head."""
    scores: NDArray[np.int64] | None
    """(T, O) where they are integers."""


@dataclass(frozen=True, eq=False)
class Subject:
    """A model, or a netlist that trilc compiled from one."""

    source: Model | AIG
    _machines: dict[str, AIG] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if isinstance(self.source, AIG):
            require(self.source.metadata)
            width = max(1, (self.source.metadata["vocabulary"] - 1).bit_length())
            if self.source.input_names != tuple(f"tok[{bit}]" for bit in range(width)):
                raise InputError(f"the netlist does not read tok[0] to tok[{width - 1}]; expected one that trilc wrote")
            if (self.source.reset == UNKNOWN).any():
                raise InputError("the netlist has a register whose reset is unknown; expected 0 or 1 for each")

    @cached_property
    def terms(self) -> Terms:
        """What a question about it may name."""
        source = self.source
        if isinstance(source, Model):
            layers = tuple(layer.units for layer in source.layers)
            return Terms(source.vocabulary, source.num_outputs, layers, source.tokens)
        about = source.metadata
        outputs = 0 if about["output"] == "state" else about["num_outputs"]
        names = about["tokens"]
        return Terms(about["vocabulary"], outputs, _layers(about["state"]), names and tuple(names))

    @property
    def token_bits(self) -> int:
        """Bits of a token's code."""
        return max(1, (self.terms.vocabulary - 1).bit_length())

    def machine(self, outputs: str) -> AIG:
        """A netlist that puts out ``argmax``, ``scores`` or ``state``, with as many registers as it needs.

        Raises :class:`InputError` where it can't be had.
        """
        if isinstance(self.source, AIG):
            has = self.source.metadata["output"]
            if outputs not in ("state", has):
                raise InputError(f"the netlist puts out {has}, and the question is about {outputs}")
            return self.source
        if outputs not in self._machines:
            self._machines[outputs] = compile(self.source, outputs, PASSES, keep_state=True)
        return self._machines[outputs]

    def registers(self) -> list[str]:
        """How each state bit is had: a register's name, with ``!`` its complement, or ``0`` or ``1``.

        Raises :class:`InputError` at one that a netlist has lost.
        """
        if isinstance(self.source, Model):
            return list(self.source.state_names)
        own = set(self.source.register_names)
        removed = self.source.metadata["removed"]
        found = []
        for name in self.source.metadata["state"]:
            said = name if name in own else removed.get(name)
            if said is None or (said not in ("0", "1") and said.removeprefix("!") not in own):
                raise InputError(f"register {name!r} was removed: no output depends on it; compile with --keep-state")
            found.append(said)
        return found

    def replay(self, tokens: Sequence[int], flips: Flips | None = None) -> Trace:
        """What it does at each of some tokens from reset on.

        A model is run as :class:`Model` says; a netlist gate by gate. ``flips`` intervenes in the state of a model or
        of a netlist that has all registers.
        """
        flips = flips or {}
        if isinstance(self.source, Model):
            return _run(self.source, tokens, flips)
        return self._walk(self.source, tokens, flips)

    def _walk(self, aig: AIG, tokens: Sequence[int], flips: Flips) -> Trace:
        kind = aig.metadata["output"]
        bits = range(self.token_bits)
        try:
            sources = self.registers()
        except InputError:
            sources = []  # then no question is about the state
        place = {name: k for k, name in enumerate(aig.register_names)}

        def state() -> list[int]:
            return [
                int(said) if said in ("0", "1") else registers[place[said.removeprefix("!")]] ^ said.startswith("!")
                for said in sources
            ]

        registers = aig.reset.tolist()
        states, put_out = [state()], []
        for step, token in enumerate(tokens):
            for bit in flips.get(step, ()):
                registers[place[sources[bit].removeprefix("!")]] ^= 1
            roots = evaluate(aig, [*(token >> bit & 1 for bit in bits), *registers])
            put_out.append(roots[: aig.num_outputs])
            registers = roots[aig.num_outputs : aig.num_outputs + aig.num_registers].tolist()
            states.append(state())
        words = np.array(put_out, np.int64).reshape(len(tokens), aig.num_outputs)
        said = words @ (1 << np.arange(aig.num_outputs)) if kind == "argmax" else None
        scores = None
        if kind == "scores":
            width = aig.num_outputs // self.terms.num_outputs
            weights = 1 << np.arange(width, dtype=np.int64)
            weights[-1] *= -1
            scores = words.reshape(len(tokens), -1, width) @ weights
        return Trace(tuple(tokens), np.array(states, np.uint8), said, scores)


def _run(model: Model, tokens: Sequence[int], flips: Flips) -> Trace:
    state = model.reset_state(1)
    states, said, scores = [state[0]], [], []
    for step, token in enumerate(tokens):
        state = state.copy()
        state[0, list(flips.get(step, ()))] ^= 1
        state = model.step(state, np.array([token]))
        states.append(state[0])
        if model.head is not None:
            scores.append(model.scores(state)[0])
            said.append(int(model.choose(scores[-1][None])[0]))
    integral = model.head is not None and not model.head.fraction_rank.any()
    return Trace(
        tuple(tokens),
        np.array(states, np.uint8),
        np.array(said, np.int64) if model.head is not None else None,
        np.array(scores, np.int64).reshape(len(tokens), -1) if integral else None,
    )


def _layers(names: Sequence[str]) -> tuple[int, ...]:
    """State bits of each layer, by their names; layers follow one another."""
    sizes: dict[str, int] = {}
    for name in names:
        layer = name.partition("[")[0]
        sizes[layer] = sizes.get(layer, 0) + 1
    return tuple(sizes.values())
