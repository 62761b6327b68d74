"""From a graph to BLIF: one ``.names`` per gate, five fields per ``.latch``."""

from __future__ import annotations

from typing import BinaryIO

import numpy as np
from numba import njit
from numpy.typing import NDArray

from backends.blif.frame import Frame
from backends.text import CHUNK, NetNames, put_net
from trilc.aig import AIG


def write(aig: AIG, stream: BinaryIO, model: str = "trilc") -> None:
    """Write a graph as the model ``model``.

    Raises :class:`trilc.errors.InputError` for a name that is empty or holds a control character.
    """
    frame = Frame.of(aig, aig.outputs, aig.next_state, aig.constraints, aig.num_nodes)
    frame.put_head(stream, model)
    if (aig.fanins < 2).any() or (aig.roots < 2).any():
        frame.put_constant(stream)
    _write_gates(aig, frame.nets, stream)
    frame.put_tail(stream)


def _write_gates(aig: AIG, nets: NetNames, stream: BinaryIO) -> None:
    longest = 3 * nets.longest + 16
    step = max(1, CHUNK // longest)
    out = np.empty(longest * min(step, aig.num_ands), np.uint8)
    for start in range(0, aig.num_ands, step):
        fanins = aig.fanins[start : start + step]
        used = _put_gates(
            fanins, aig.first_and + start, out, nets.text, nets.start, nets.label, nets.prefix, _NAMES
        )  # fmt: skip
        stream.write(out[:used].data)


_NAMES: NDArray[np.uint8] = np.frombuffer(b".names ", np.uint8)


@njit(cache=True)
def _put_gates(fanins, first, out, text, start, label, prefix, keyword):
    at = 0
    for i in range(fanins.shape[0]):
        out[at : at + keyword.shape[0]] = keyword
        at += keyword.shape[0]
        for k in range(2):
            at = put_net(out, at, np.int64(fanins[i, k] >> 1), text, start, label, prefix)
            out[at] = 32
            at += 1
        at = put_net(out, at, np.int64(first + i), text, start, label, prefix)
        out[at] = 10
        out[at + 1] = 49 - (fanins[i, 0] & 1)
        out[at + 2] = 49 - (fanins[i, 1] & 1)
        out[at + 3] = 32
        out[at + 4] = 49
        out[at + 5] = 10
        at += 6
    return at
