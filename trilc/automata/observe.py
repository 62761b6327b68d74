"""What is said after a state: numbers, by what of a model's outputs is observed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trilc.automata.cone import Units, cone, read_by_head
from trilc.errors import InputError
from trilc.model import OUTPUTS, Model

OTHER = "other"
"""The name of all outputs that are not observed."""


@dataclass(frozen=True, eq=False)
class Observation:
    """A model, and what is observed of it.

    With ``argmax`` a token's index is said; where only some are observed, their place in the list, and one number more
    for every other. A score, or a state bit, that is observed alone is said as it is; several together as the rank of
    their values, in lexicographic order, among those that occur.
    """

    model: Model
    outputs: str
    """``argmax``, ``scores`` or ``state``."""
    chosen: tuple[int, ...] | None
    """Which outputs, scores or state bits; None for all."""

    def units(self) -> Units:
        """(units,) those that what is observed depends on."""
        if self.outputs == "state":
            seeds = np.zeros(self.model.units, np.bool_)
            seeds[self._columns()] = True
        else:
            seeds = read_by_head(self.model, self._columns() if self.outputs == "scores" else None)
        return cone(self.model, seeds)

    def values(self, states: NDArray[np.uint8]) -> NDArray[np.int64]:
        """(n, observed) of (n, units) new states; units outside of :meth:`units` may have any value."""
        if self.outputs == "state":
            return states[:, self._columns()].astype(np.int64)
        scores = self.model.scores(states)
        if self.outputs == "scores":
            return scores[:, self._columns()]
        said = self.model.choose(scores)[:, None]
        if self.chosen is None:
            return said
        place = np.full(self.model.num_outputs, len(self.chosen))
        place[list(self.chosen)] = np.arange(len(self.chosen))
        return place[said]

    def names(self, values: NDArray[np.int64]) -> tuple[str, ...] | None:
        """The names of what is said, where that has some: ``values`` are those that occur, in order."""
        if self.outputs != "argmax":
            return tuple(f"({' '.join(map(str, row))})" for row in values.tolist()) if values.shape[1] > 1 else None
        named = self.model.tokens if self.model.num_outputs == self.model.vocabulary else None
        if self.chosen is None:
            return named
        names = tuple(str(k) if named is None else named[k] for k in self.chosen)
        return (*names, OTHER if OTHER not in names else "any other")

    def _columns(self) -> NDArray[np.int64]:
        number = self.model.units if self.outputs == "state" else self.model.num_outputs
        return np.arange(number) if self.chosen is None else np.array(self.chosen, np.int64)


def observation(model: Model, outputs: str | None = None, observe: Sequence[str] = ()) -> Observation:
    """What is observed of a model: its ``outputs``, and of these the ones in ``observe``, or all.

    ``outputs`` is ``argmax``, ``scores`` or ``state``; None takes the model's own. An output, or a score, is named by
    its token, or else its number; a state bit by its name (``h_l0[3]``) or its number. Raises :class:`InputError` where
    there is none, or scores are not integers.
    """
    outputs = model.output if outputs is None else outputs
    if outputs not in OUTPUTS:
        raise InputError(f"found output {outputs!r}; expected one of {', '.join(OUTPUTS)}")
    if outputs != "state" and model.head is None:
        raise InputError("head.weight is missing; without it the only output is the state")
    if outputs == "scores":
        model.require_integer_scores()
    number = model.units if outputs == "state" else model.num_outputs
    names = model.state_names if outputs == "state" else model.tokens if number == model.vocabulary else None
    known = {name: k for k, name in enumerate(names or ())}
    chosen = []
    for name in observe:
        found = known.get(name, int(name) if name.isdecimal() and len(name) < 10 else -1)
        if not 0 <= found < number:
            raise InputError(f"found {name!r} to observe; expected the name of an output, or a number below {number}")
        chosen.append(found)
    if len(set(chosen)) < len(chosen):
        raise InputError("an output is observed twice; expected each once")
    return Observation(model, outputs, tuple(chosen) if chosen else None)
