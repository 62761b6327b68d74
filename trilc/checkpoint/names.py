"""The names that tensors of a checkpoint may bear."""

from __future__ import annotations

import re
from collections.abc import Iterable

from trilc.checkpoint.arrays import shown
from trilc.errors import InputError

_LAYER = re.compile(
    r"rnn\.(?:weight_ih|weight_hh|bias|bias_ih|bias_hh|h0)_l(0|[1-9]\d{0,5})"
    r"|rnn\.norm_l(0|[1-9]\d{0,5})\.(?:weight|bias|mean|var)",
    re.ASCII,
)
_OTHERS = ("embedding.weight", "head.weight", "head.bias")


def count_layers(names: Iterable[str]) -> int:
    """How many layers the tensors' names speak of: one more than the highest number.

    Raises :class:`InputError` for a name that the format does not have, and for a layer that is left out.
    """
    found: dict[int, str] = {}
    for name in names:
        match = _LAYER.fullmatch(name)
        if match:
            found.setdefault(int(match[1] or match[2]), name)
        elif name not in _OTHERS:
            raise InputError(f"unknown tensor {shown(name)}; expected the names of the format page")
    for k in range(len(found)):
        if k not in found:
            raise InputError(f"rnn.weight_hh_l{k} is missing, though {found[max(found)]} is there")
    return max(found, default=0) + 1
