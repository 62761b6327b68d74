"""From a model to its minimal machine in one call."""

from __future__ import annotations

from collections.abc import Sequence

from trilc.automata.explore import LIMIT, MEMORY, explore
from trilc.automata.machine import Machine
from trilc.automata.minimise import minimise
from trilc.automata.observe import observation
from trilc.errors import InputError
from trilc.model import Model


def extract(
    model: Model,
    outputs: str | None = None,
    observe: Sequence[str] = (),
    limit: int = LIMIT,
    memory: int = MEMORY,
) -> Machine:
    """The minimal Mealy machine that says what a model says, in canonical numbering.

    ``outputs`` and ``observe`` say what counts (:func:`~trilc.automata.observe.observation`). Raises
    :class:`InputError` where the model reaches more states than ``limit``, or than ``memory`` bytes hold.
    """
    reached = explore(observation(model, outputs, observe), limit, memory)
    if not reached.complete:
        raise InputError(f"more than {reached.states - 1:,} states are reached; expected fewer, or a higher limit")
    return minimise(reached.machine())[0]
