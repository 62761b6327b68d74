"""Names on their way into a file and out of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from backends.netlist import Netlist
from trilc.errors import InputError


class Namespace:
    """Hands out names that differ from all that it handed out or was given."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)
        self._next: Counter[str] = Counter()

    def take(self, wish: str) -> str:
        """``wish``, or the first free of ``wish_1``, ``wish_2``, …"""
        name = wish
        while name in self._taken:
            self._next[wish] += 1
            name = f"{wish}_{self._next[wish]}"
        self._taken.add(name)
        return name

    def prefix(self, wish: str) -> str:
        """``wish`` with as many underscores as it takes for no name to begin with it and a digit."""
        prefix = wish
        while any(name.startswith(prefix) and name[len(prefix) :][:1].isdigit() for name in self._taken):
            prefix += "_"
        return prefix


def with_defaults(
    names: Sequence[str | None], letter: str, taken: Sequence[str | None] = ()
) -> tuple[str, ...]:
    """The names; one that is missing becomes ``letter`` and its position, unlike any other and ``taken``."""
    space = Namespace(name for name in (*names, *taken) if name is not None)
    return tuple(name if name is not None else space.take(f"{letter}{i}") for i, name in enumerate(names))


def check(names: Collection[str], kind: str) -> None:
    """Raise :class:`InputError` for an empty name, a control character, or two equal names of a ``kind``."""
    for name in names:
        if not name:
            raise InputError(f"one {kind} has an empty name")
        if not name.isprintable() and any(_is_control(character) for character in name):
            raise InputError(f"the name of {kind} {name!r} holds a control character")
    if len(set(names)) != len(names):
        twice = next(name for name, count in Counter(names).items() if count > 1)
        raise InputError(f"two {kind}s bear the name {twice!r}")


def check_all(netlist: Netlist) -> None:
    """:func:`check` for the three kinds of a netlist."""
    check(netlist.input_names, "input")
    check(netlist.register_names, "register")
    check(netlist.output_names, "output")


def _is_control(character: str) -> bool:
    """Whether a character is a C0 or C1 control, a line's or paragraph's end, or half of a pair."""
    code = ord(character)
    return code < 0x20 or 0x7F <= code < 0xA0 or 0xD800 <= code < 0xE000 or code in (0x2028, 0x2029)
