"""The simulator of one circuit, written out as a Python program that needs only numpy and numba.

The program holds the tape as data and the very source of the modules that run tapes in this package, so
nothing is written twice. It is deterministic, byte for byte.
"""

from __future__ import annotations

import ast
import base64
import inspect
import json
import textwrap
from collections.abc import Iterator
from dataclasses import fields
from types import ModuleType
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from backends.standalone import program
from trilc import errors
from trilc.aig import AIG
from trilc.aig.simulation import gates, interpreter, machine, microcode, native, planes, registers, x86
from trilc.aig.simulation.tape import compile_tape
from trilc.version import VERSION

_HEAD = '''#!/usr/bin/env python3
"""A circuit of {ands} AND gates and {registers} registers, and its simulator. Written by trilc {version}.

Needs numpy and numba, nothing else. As a program it reads token ids and prints the circuit's outputs
(--help). As a module it has ``Simulator(streams, threads)`` with ``run(tokens)``, ``run_bits(tokens)``,
``reset()`` and ``state``.
"""

from __future__ import annotations

'''

_MODULES = (errors, gates, planes, interpreter, microcode, registers, x86, native, machine, program)

_TAIL = '''

class Simulator(Machine):
    """This file's circuit in ``streams`` streams at once."""

    def __init__(self, streams: int, threads: int = 1) -> None:
        super().__init__(read_tape(_TAPE), streams, threads)


if __name__ == "__main__":
    sys.exit(main(Simulator, METADATA))
'''


def write(aig: AIG, stream: BinaryIO) -> None:
    """Write the program. Its interface is that of :class:`trilc.aig.simulation.Simulator`.

    The graph's metadata is the program's constant ``METADATA``. Raises ``ValueError`` for metadata that JSON
    cannot say.
    """
    head = _HEAD.format(ands=aig.num_ands, registers=aig.num_registers, version=VERSION)
    metadata = json.dumps(dict(aig.metadata), sort_keys=True, ensure_ascii=True, allow_nan=False)
    stream.write(head.encode())
    for module in _MODULES:
        stream.write(_source(module).encode())
    stream.write(f"\n\nMETADATA = json.loads({metadata!r})\n_TAPE = {{\n".encode())
    tape = compile_tape(aig)
    for field in fields(tape):
        stream.write("".join(_entry(field.name, getattr(tape, field.name))).encode())
    stream.write(b"}\n" + _TAIL.encode())


def _source(module: ModuleType) -> str:
    """A module's source without its docstring and without the imports that the one file makes needless."""
    source = inspect.getsource(module)
    lines = source.splitlines(keepends=True)
    for number, statement in enumerate(ast.parse(source).body):
        is_docstring = number == 0 and isinstance(statement, ast.Expr)
        home = str(statement.module).split(".")[0] if isinstance(statement, ast.ImportFrom) else ""
        if is_docstring or home in ("trilc", "__future__"):
            for line in range(statement.lineno - 1, statement.end_lineno or 0):
                lines[line] = ""
    return "\n\n" + "".join(lines).strip("\n") + "\n"


def _entry(name: str, value: NDArray[Any] | int | None) -> Iterator[str]:
    """A field of the tape as an item of a dictionary: arrays in base 85, of the narrowest type."""
    if not isinstance(value, np.ndarray):
        yield f"    {name!r}: {value!r},\n"
        return
    width = next(size for size in (1, 2, 4) if int(value.max(initial=0)) < 1 << 8 * size)
    text = base64.b85encode(value.astype(f"<u{width}").tobytes()).decode()
    yield f'    {name!r}: ("<u{width}", """\n'
    yield "\n".join(textwrap.wrap(text, 110, break_on_hyphens=False))
    yield '\n"""),\n'
