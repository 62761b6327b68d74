"""What a netlist of a model puts out, and how to have it put out something else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trilc.aig import AIG
from trilc.errors import InputError
from trilc.state import UNKNOWN, StatePlace


def putting_out(aig: AIG, output: str | None) -> AIG:
    """A netlist of a model, with the outputs that are asked for, or with scores to choose the largest of.

    Raises :class:`InputError` where it can't put out ``argmax``, ``scores`` or ``state``.
    """
    has = aig.metadata["output"]
    if output in (None, has) or (output, has) == ("argmax", "scores"):
        return aig
    if output == "state":
        return _with_state_outputs(aig)
    raise InputError(f"the netlist puts out {has}, not {output}; compile the model with --outputs {output}")


def output_bits(number: int, said: NDArray[Any]) -> NDArray[np.uint8]:
    """What is said as the ``number`` bits that a netlist puts out, (T, number).

    It is (T,) indices, (T, O) scores or (T, units) bits.
    """
    words = said.reshape(len(said), -1)
    width = number // words.shape[1]
    return ((words[:, :, None] >> np.arange(width)) & 1).astype(np.uint8).reshape(len(said), -1)


def _with_state_outputs(aig: AIG) -> AIG:
    """The netlist putting out the model's whole new state, removed registers rebuilt."""
    place = StatePlace.of(aig)
    if (place.source == UNKNOWN).any():
        name = aig.metadata["state"][int(np.argmax(place.source == UNKNOWN))]
        raise InputError(f"register {name!r} was removed: no output depends on it; compile with --keep-state")
    literals = np.append(aig.next_state, np.uint32(0))[place.source] ^ place.flip
    names = tuple(name.replace("h_l", "state_l", 1) for name in aig.metadata["state"])
    about = {**aig.metadata, "output": "state"}
    return replace(aig, outputs=literals.astype(np.uint32), output_names=names, metadata=about)
