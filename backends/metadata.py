"""What no netlist format has a place for: one line of JSON in a comment.

The line is ``trilc {…}`` after the format's comment sign. Its object holds, each where there is something to
say, ``metadata`` (the graph's own), ``keep_registers``, ``constraints`` (the names of the constraint nets,
where the format cannot say it), ``names`` (kind → name in the file → true name, where the format cannot
hold the true one) and ``luts`` (how many lookup tables there are, of how many inputs, on how many levels).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, NoReturn

from backends.netlist import Netlist
from trilc.errors import InputError

KINDS = ("inputs", "registers", "outputs")

DEEPEST = 64
"""Lists and objects within each other, at most: what is read can be written again on any stack."""


@dataclass(frozen=True)
class Extras:
    """The contents of the line."""

    metadata: Mapping[str, Any] = field(default_factory=dict)
    keep_registers: bool = False
    constraints: Sequence[str] = ()
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    luts: Mapping[str, int] = field(default_factory=dict)

    @property
    def of_graph(self) -> Mapping[str, Any]:
        """The metadata of the graph that the file is read as: they say it if the file is made of LUTs."""
        return {**self.metadata, "luts": dict(self.luts)} if self.luts else self.metadata

    def true_names(self, kind: str, names: Sequence[str]) -> tuple[str, ...]:
        """The names of a kind as they were before the file's format bent them."""
        bent = self.names.get(kind, {})
        return tuple(bent.get(name, name) for name in names)


def encode(
    netlist: Netlist,
    constraints: Sequence[str] = (),
    names: Mapping[str, Mapping[str, str]] | None = None,
    luts: Mapping[str, int] | None = None,
) -> bytes:
    """``trilc {…}`` without comment sign or newline, in ASCII; empty where there is nothing to say."""
    line = {
        "metadata": {key: value for key, value in netlist.metadata.items() if key != "luts"},
        "keep_registers": netlist.keep_registers,
        "constraints": list(constraints),
        "names": {kind: dict(bent) for kind, bent in (names or {}).items() if bent},
        "luts": dict(luts or {}),
    }
    line = {key: value for key, value in line.items() if value}
    if not line:
        return b""
    text = json.dumps(line, sort_keys=True, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return b"trilc " + text.encode("ascii")


def decode(comment: bytes, where: str) -> Extras | None:
    """The contents of a comment (without its sign), or None where it is not ours.

    Raises :class:`InputError`, naming ``where``, for a line that starts like ours and is not.
    """
    if not comment.startswith(b"trilc {"):
        return None
    try:
        line = json.loads(comment[len(b"trilc ") :], parse_constant=_refuse, parse_float=_finite)
        _refuse_depth(line)
    except (ValueError, RecursionError):
        raise InputError(f"{where}: the metadata after 'trilc' is not one line of JSON") from None
    for key, value in line.items():
        if key not in _VALID:
            raise InputError(f"{where}: the metadata holds {key!r}, which this version does not know")
        if not _VALID[key](value):
            raise InputError(f"{where}: the metadata's {key!r} is not of the form that trilc writes")
    return Extras(**line)


def find(data: bytes, sign: bytes, net: str) -> Extras:
    """The contents of the line ``sign trilc {…}`` in a text netlist; empty where there is none.

    ``net`` is the pattern of a net's name, which every constraint must match. Raises :class:`InputError`.
    """
    found = re.search(rb"^" + sign + rb" (trilc \{.*)$", data, re.MULTILINE)
    if found is None:
        return Extras()
    where = f"line {data.count(bytes([10]), 0, found.start()) + 1}"
    extras = decode(found[1].rstrip(), where) or Extras()
    for name in extras.constraints:
        if not name.isprintable() or not re.fullmatch(net, name):
            raise InputError(f"{where}: the constraint {name[:80]!r} is no net's name")
    return extras


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _finite(literal: str) -> float:
    value = float(literal)
    return value if isfinite(value) else _refuse(literal)


def _refuse_depth(line: Any) -> None:
    level = [line]
    for _ in range(DEEPEST):
        level = [
            part
            for value in level
            if isinstance(value, dict | list)
            for part in (value.values() if isinstance(value, dict) else value)
        ]
    if level:
        raise ValueError("nested too deeply")


def _is_names(value: Any) -> bool:
    return isinstance(value, dict) and all(
        kind in KINDS and isinstance(bent, dict) and all(isinstance(true, str) for true in bent.values())
        for kind, bent in value.items()
    )


def _are_luts(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == {"inputs", "count", "levels"}
        and all(isinstance(number, int) for number in value.values())
    )


_VALID = {
    "metadata": lambda value: isinstance(value, dict) and "luts" not in value,
    "keep_registers": lambda value: isinstance(value, bool),
    "constraints": lambda value: isinstance(value, list) and all(isinstance(name, str) for name in value),
    "names": _is_names,
    "luts": _are_luts,
}
