"""The first line of an AIGER file."""

from __future__ import annotations

from dataclasses import dataclass

from trilc.aig import AIG
from trilc.errors import InputError

_LARGEST = 2**31 - 2
"""The largest variable whose literals fit 32 bits, one literal being set aside."""


@dataclass(frozen=True)
class Header:
    """``aag|aig M I L O A [B [C [J [F]]]]``."""

    ascii: bool
    largest: int
    inputs: int
    registers: int
    outputs: int
    ands: int
    bad: int = 0
    constraints: int = 0

    @classmethod
    def parse(cls, data: bytes) -> Header:
        """The header at the start of a file. Raises :class:`InputError`."""
        fields = data[: data.find(b"\n", 0, 256)].split() if b"\n" in data[:256] else []
        if not fields or fields[0] not in (b"aag", b"aig"):
            raise InputError("line 1: not an AIGER file (expected 'aag' or 'aig' and the counts M I L O A)")
        if not 6 <= len(fields) <= 10 or not all(field.isdigit() and len(field) < 12 for field in fields[1:]):
            raise InputError("line 1: expected 'aag' or 'aig' and five to nine counts: M I L O A B C J F")
        counts = [int(field) for field in fields[1:]]
        if any(counts[7:]):
            raise InputError("line 1: justice and fairness properties (J, F) are not supported")
        header = cls(fields[0] == b"aag", *counts[:7])
        defined = header.inputs + header.registers + header.ands
        if header.largest > _LARGEST:
            raise InputError(f"line 1: {header.largest} variables are too many (at most {_LARGEST})")
        if defined > header.largest or (not header.ascii and defined < header.largest):
            relation = "at least" if header.ascii else "equal to"
            raise InputError(f"line 1: M is {header.largest}, expected {relation} I + L + A = {defined}")
        if header.inputs > len(data) + 2**20:  # a binary file spends no byte on an input; a name does
            raise InputError(f"line 1: {header.inputs} inputs in a file of {len(data)} bytes")
        return header

    @classmethod
    def of(cls, aig: AIG, ascii: bool, bad: bool) -> Header:
        """The header for a graph; ``bad`` says what its outputs are."""
        outputs = (0, aig.num_outputs) if bad else (aig.num_outputs, 0)
        return cls(
            ascii, aig.num_nodes - 1, aig.num_inputs, aig.num_registers, outputs[0], aig.num_ands, outputs[1],
            len(aig.constraints),
        )  # fmt: skip

    def line(self) -> bytes:
        """The header as it stands in a file."""
        counts = [self.largest, self.inputs, self.registers, self.outputs, self.ands]
        if self.bad or self.constraints:
            counts.append(self.bad)
        if self.constraints:
            counts.append(self.constraints)
        return f"{'aag' if self.ascii else 'aig'} {' '.join(map(str, counts))}\n".encode()
