"""The simulator of one circuit, written out as one file of C99.

Its gates are those of the simulator's tape, as straight-line code: values that are used soon after they are made are
variables, the others lie in the tape's slots. Functions of :data:`CHUNK` gates keep compilers fast. What is the
same for every circuit stands beside this module, in ``machine.h`` and ``machine.c``. The file is deterministic, byte
for byte, and no name of a token, a wire or a file becomes code.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numba import njit
from numpy.typing import NDArray

from backends.text import bytes_array, put_decimal
from trilc.aig import AIG
from trilc.aig.simulation.gates import GATES, Tape
from trilc.aig.simulation.tape import compile_tape
from trilc.version import VERSION

CHUNK = 64
"""Operations of one function. gcc takes twice as long for 512, and what it makes is no faster."""

_HEAD = """\
/* A circuit of {ands} AND gates and {registers} registers, and its simulator. Written by trilc {version}.

   C99, one file. As a program, which reads token ids and prints the circuit's outputs:

       cc -O2 -march=native -DTRILC_MAIN -o model model.c && echo 7 4 11 | ./model

   As a part of another: compile it without TRILC_MAIN, and copy what stands above trilc_metadata. */

#define TRILC_INPUTS {inputs}
#define TRILC_OUTPUTS {outputs}
#define TRILC_REGISTERS {registers}
#define TRILC_SLOTS {slots}
#define TRILC_VOCABULARY {vocabulary}u
"""

_OPERANDS = (b"\1", b"\2", b"\3")
"""In a gate's text, where its fan-ins stand."""

_LONGEST = 256
"""Bytes of the text of one value, at most."""


def write(aig: AIG, stream: BinaryIO) -> None:
    """Write the C file. Raises :class:`InputError` for a ``vocabulary`` that is none, ``ValueError`` for metadata
    that JSON can't say.
    """
    tape = compile_tape(aig, grouped=False)
    inputs = aig.num_inputs
    numbers = {
        "ands": aig.num_ands, "inputs": inputs, "outputs": aig.num_outputs, "registers": aig.num_registers,
        "slots": tape.slots, "vocabulary": min(tape.vocabulary or 1 << 32, 1 << min(inputs, 32), (1 << 32) - 1),
        "version": VERSION,
    }  # fmt: skip
    stream.write(_HEAD.format(**numbers).encode())
    stream.write(_beside("machine.h"))
    metadata = json.dumps(dict(aig.metadata), sort_keys=True, ensure_ascii=True, allow_nan=False)
    stream.write(_array("const char trilc_metadata", [*metadata.encode(), 0]))
    stream.write(_array("static const unsigned char trilc_reset", tape.reset.tolist()))
    stream.write(b"#if defined TRILC_CODES || defined TRILC_MAIN\n")
    stream.write(_array("static const unsigned char trilc_input_bits", tape.input_bits.tolist()))
    stream.write(_array("static const uint32_t trilc_output_bits", tape.output_bits.tolist()))
    stream.write(b"#endif\n\n")
    stream.write(_array("static const uint32_t trilc_roots", tape.roots.tolist()))
    functions = 0
    for text in _functions(tape):
        stream.write(text)
        functions += 1
    stream.write(b"static void trilc_gates(trilc_lanes *v)\n{\n")
    stream.write(b"".join(b"    trilc_gates_%d(v);\n" % k for k in range(functions)) or b"    (void)v;\n")
    stream.write(b"}\n" + _beside("machine.c"))


def _beside(name: str) -> bytes:
    return (Path(__file__).parent / name).read_bytes()


def _array(declaration: str, values: Iterable[int]) -> bytes:
    """A constant array, with one element more where there is none: C has no empty arrays."""
    words = [str(value) for value in values] or ["0"]
    lines = ",\n".join(", ".join(words[k : k + 24]) for k in range(0, len(words), 24))
    return f"{declaration}[] = {{\n{lines}\n}};\n\n".encode()


class _Text:
    """An expression of C under the operators that gates use."""

    def __init__(self, text: bytes) -> None:
        self.text = text

    def __and__(self, other: _Text) -> _Text:
        return _Text(b"(%s & %s)" % (self.text, other.text))

    def __or__(self, other: _Text) -> _Text:
        return _Text(b"(%s | %s)" % (self.text, other.text))

    def __xor__(self, other: _Text) -> _Text:
        return _Text(b"(%s ^ %s)" % (self.text, other.text))

    def __invert__(self) -> _Text:
        return _Text(b"~%s" % self.text)


def _templates() -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The text of every gate's functions one behind the other, and where that of function m of gate g starts: at
    entry ``2·g + m``, up to the entry behind it.
    """
    texts = []
    for gate in GATES:
        operands = [_Text(sign) for sign in _OPERANDS[: gate.arity]]
        functions: list[Any] = [function(*operands) for function in gate.functions]
        texts += [function.text for function in functions] + [b""] * (2 - len(functions))
    starts = np.cumsum([0] + [len(text) for text in texts])
    return bytes_array(b"".join(texts)), starts


def _functions(tape: Tape) -> Iterator[bytes]:
    """The functions of :data:`CHUNK` operations."""
    gates = np.repeat(tape.opcodes.astype(np.int64), tape.counts)
    arity = np.array([gate.arity for gate in GATES])
    results = np.array([len(gate.functions) for gate in GATES])
    code = tape.code.astype(np.int64)
    source, use, starts = _link(gates, code, arity, results, tape.roots, tape.slots, CHUNK)
    text, at = _templates()
    out = np.empty(2 * CHUNK * _LONGEST, np.uint8)
    for number, begin in enumerate(range(0, len(gates), CHUNK)):
        end = min(begin + CHUNK, len(gates))
        length = _put(out, begin, end, gates, code, arity, results, source, use, starts, text, at, CHUNK)
        yield b"static void trilc_gates_%d(trilc_lanes *v)\n{\n%s}\n\n" % (number, out[:length].tobytes())


UNUSED, NEAR, FAR = 0, 1, 2
"""Bits that say where a value is used: within its function, and beyond."""


@njit(cache=True)
def _link(gates, code, arity, results, roots, slots, chunk):
    """Where each operation's fan-ins come from, how each value is used, and where each operation's code starts.

    Value ``2·p + m`` is result m of operation p; what a step starts with is −1.
    """
    source = np.full((gates.shape[0], 3), -1, np.int64)
    use = np.zeros(2 * gates.shape[0], np.int64)
    starts = np.empty(gates.shape[0], np.int64)
    holder = np.full(slots, -1, np.int64)
    at = 0
    for p in range(gates.shape[0]):
        starts[p] = at
        for m in range(arity[gates[p]]):
            value = holder[code[at + m]]
            source[p, m] = value
            if value >= 0:
                use[value] |= NEAR if (value >> 1) // chunk == p // chunk else FAR
        at += arity[gates[p]]
        for m in range(results[gates[p]]):
            holder[code[at + m]] = 2 * p + m
        at += results[gates[p]]
    for root in roots:
        if holder[root >> 1] >= 0:
            use[holder[root >> 1]] |= FAR
    return source, use, starts


@njit(cache=True)
def _put(out, begin, end, gates, code, arity, results, source, use, starts, text, text_starts, chunk):
    """Write operations as C; returns how many bytes. Both results are made before any slot is written."""
    lead, is_, end_of_line = b"    const trilc_lanes t", b" = ", b";\n"
    slot_lead, slot_end = b"v[", b"]"
    at = 0
    for p in range(begin, end):
        gate = gates[p]
        for m in range(results[gate]):
            if use[2 * p + m] == UNUSED:
                continue
            at = _put_text(out, at, lead)
            at = put_decimal(out, at, 2 * (p - begin) + m)
            at = _put_text(out, at, is_)
            for k in range(text_starts[2 * gate + m], text_starts[2 * gate + m + 1]):
                operand = np.int64(text[k]) - 1
                if operand > 2:
                    out[at] = text[k]
                    at += 1
                elif source[p, operand] >= 0 and (source[p, operand] >> 1) // chunk == p // chunk:
                    out[at] = 116  # t
                    at = put_decimal(out, at + 1, source[p, operand] - 2 * begin)
                else:
                    at = _put_text(out, at, slot_lead)
                    at = put_decimal(out, at, code[starts[p] + operand])
                    at = _put_text(out, at, slot_end)
            at = _put_text(out, at, end_of_line)
        for m in range(results[gate]):
            if use[2 * p + m] & FAR:
                at = _put_text(out, at, b"    v[")
                at = put_decimal(out, at, code[starts[p] + arity[gate] + m])
                at = _put_text(out, at, b"] = t")
                at = put_decimal(out, at, 2 * (p - begin) + m)
                at = _put_text(out, at, end_of_line)
    return at


@njit(cache=True)
def _put_text(out, at, text):
    for k in range(len(text)):
        out[at] = text[k]
        at += 1
    return at
