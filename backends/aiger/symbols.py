"""The symbol table and the comment section at the end of an AIGER file."""

from __future__ import annotations

from dataclasses import dataclass

from backends import metadata, names
from backends.aiger.header import Header
from trilc.errors import InputError


@dataclass(frozen=True)
class Symbols:
    """Names of everything, and what our line among the comments says."""

    inputs: tuple[str, ...]
    registers: tuple[str, ...]
    outputs: tuple[str, ...]
    """Outputs, then bad-state properties."""
    extras: metadata.Extras

    @classmethod
    def parse(cls, data: bytes, position: int, header: Header) -> Symbols:
        """Read from ``position`` to the end. Raises :class:`InputError` naming the symbol."""
        table: dict[str, list[str | None]] = {
            "i": [None] * header.inputs,
            "l": [None] * header.registers,
            "o": [None] * header.outputs,
            "b": [None] * header.bad,
            "c": [None] * header.constraints,
        }
        while position < len(data):
            end = data.find(b"\n", position)
            end = len(data) if end < 0 else end
            line = data[position:end]
            position = end + 1
            if line == b"c":
                break
            _enter(line, table)
        outputs = names.with_defaults(table["o"], "o", table["b"])
        found = cls(
            inputs=names.with_defaults(table["i"], "i"),
            registers=names.with_defaults(table["l"], "l"),
            outputs=(*outputs, *names.with_defaults(table["b"], "b", outputs)),
            extras=_comments(data, position),
        )
        names.check(found.inputs, "input")
        names.check(found.registers, "register")
        names.check(found.outputs, "output")
        return found


def _enter(line: bytes, table: dict[str, list[str | None]]) -> None:
    """Put one line, such as ``i0 name``, into the table."""
    place, space, name = line.partition(b" ")
    letter, digits = place[:1].decode("latin-1"), place[1:]
    if not space or letter not in table or not digits.isdigit() or len(digits) > 10:
        raise InputError(f"symbol table: expected a line such as 'i0 name', found {line[:40]!r}")
    index, kind = int(digits), table[letter]
    if index >= len(kind):
        raise InputError(f"symbol {letter}{index}: there are only {len(kind)} of its kind")
    if kind[index] is not None:
        raise InputError(f"symbol {letter}{index} is given twice")
    try:
        kind[index] = name.decode()
    except UnicodeDecodeError:
        raise InputError(f"symbol {letter}{index}: the name is not UTF-8") from None


def _comments(data: bytes, position: int) -> metadata.Extras:
    """What our line says, of a comment section that starts at ``position``."""
    while position < len(data):
        end = data.find(b"\n", position)
        end = len(data) if end < 0 else end
        extras = metadata.decode(data[position:end], "comment section")
        if extras is not None:
            return extras
        position = end + 1
    return metadata.Extras()
