"""AIGER 1.9, ascii and binary (Biere, Heljanko, Wieringa 2011: "AIGER 1.9 And Beyond")."""

from __future__ import annotations

from typing import BinaryIO

from backends import metadata, names
from backends.aiger import ascii as ascii_format
from backends.aiger import binary as binary_format
from backends.aiger.header import Header
from backends.aiger.symbols import Symbols
from trilc.aig import AIG


def read(data: bytes) -> AIG:
    """The graph in a file's bytes; the magic word decides between ascii and binary.

    Bad-state properties become outputs after the others. What has no symbol is named after its kind and
    position. Files that break our invariants or the topological order (the ascii format allows both) are
    sorted and hashed. Raises :class:`trilc.errors.InputError` for anything malformed, for loops, and for
    justice and fairness properties.
    """
    header = Header.parse(data)
    reader = ascii_format if header.ascii else binary_format
    body = reader.read(data, header)
    symbols = Symbols.parse(data, body.end, header)
    return AIG(
        fanins=body.fanins,
        input_names=symbols.inputs,
        register_names=symbols.registers,
        output_names=symbols.outputs,
        next_state=body.next_state,
        reset=body.reset,
        outputs=body.outputs,
        constraints=body.constraints,
        metadata=symbols.extras.metadata,
        keep_registers=symbols.extras.keep_registers,
    )


def write(aig: AIG, stream: BinaryIO, ascii: bool = False, bad: bool = False) -> None:
    """Write a graph with its symbols, and its metadata as a line of the comment section.

    ``bad`` makes bad-state properties of its outputs. Raises :class:`trilc.errors.InputError` for a name that is empty
    or holds a control character.
    """
    names.check_all(aig)
    stream.write(Header.of(aig, ascii, bad).line())
    (ascii_format if ascii else binary_format).write(aig, stream)
    for letter, kind in (("i", aig.input_names), ("l", aig.register_names), ("b" if bad else "o", aig.output_names)):
        stream.write("".join(f"{letter}{i} {name}\n" for i, name in enumerate(kind)).encode())
    comment = metadata.encode(aig)
    if comment:
        stream.write(b"c\n" + comment + b"\n")
