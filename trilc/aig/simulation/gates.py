"""The gates of a tape, and the tape: a step of a circuit as straight-line code.

A gate is a Python function over anything with ``& | ^ ~``. Applied to truth tables it says what the gate
computes, applied to LLVM vectors or to traced values it is the code that computes it; so no function is written
twice.

Complements cost nothing: a tape stores each value or its complement, whichever comes out, so the list needs
no gate that another one yields when its output is complemented or its inputs are permuted, and has every
polarity of inputs that then remains. Of a gate and its complement it has the one that ANDs, ORs and ANDNs
compute without a NOT.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray


class Gate(NamedTuple):
    """An instruction of the tape: it reads its fan-ins once and writes a value per function."""

    arity: int
    functions: tuple[Callable[..., Any], ...]


def _xor(a: Any, b: Any, c: Any) -> Any:
    return a ^ b ^ c


def _majority(a: Any, b: Any, c: Any) -> Any:
    return a ^ ((a ^ b) & (a ^ c))


GATES = (
    Gate(2, (lambda a, b: a & b,)),
    Gate(2, (lambda a, b: a & ~b,)),
    Gate(2, (lambda a, b: a | b,)),
    Gate(2, (lambda a, b: a ^ b,)),
    Gate(3, (lambda a, b, c: a & b & c,)),
    Gate(3, (lambda a, b, c: a & b & ~c,)),
    Gate(3, (lambda a, b, c: a & ~(b | c),)),
    Gate(3, (lambda a, b, c: a | b | c,)),
    Gate(3, (lambda a, b, c: a & (b | c),)),
    Gate(3, (lambda a, b, c: a & (b | ~c),)),
    Gate(3, (lambda a, b, c: a & ~(b & c),)),
    Gate(3, (lambda a, b, c: ~a & (b | c),)),
    Gate(3, (lambda a, b, c: a | (b & ~c),)),
    Gate(3, (lambda a, b, c: a | (b & c),)),
    Gate(3, (lambda a, b, c: a & (b ^ c),)),
    Gate(3, (lambda a, b, c: a & ~(b ^ c),)),
    Gate(3, (lambda a, b, c: ~a & (b ^ c),)),
    Gate(3, (lambda a, b, c: a | (b ^ c),)),
    Gate(3, (lambda a, b, c: a ^ (b & c),)),
    Gate(3, (lambda a, b, c: a ^ (b & ~c),)),
    Gate(3, (lambda a, b, c: a ^ (b | c),)),
    Gate(3, (lambda a, b, c: c ^ (a & (b ^ c)),)),
    Gate(3, (lambda a, b, c: c ^ (a & ~(b ^ c)),)),
    Gate(3, (_majority,)),
    Gate(3, (lambda a, b, c: _majority(a, b, ~c),)),
    Gate(3, (_xor,)),
    Gate(3, (_xor, _majority)),
    Gate(3, (_xor, lambda a, b, c: _majority(a, b, ~c))),
    Gate(2, (lambda a, b: a ^ b, lambda a, b: a & b)),
    Gate(2, (lambda a, b: a ^ b, lambda a, b: a & ~b)),
    Gate(2, (lambda a, b: a ^ b, lambda a, b: a | b)),
)
"""The opcode of a gate is its place here. Last come the full adders and half adders: sum, then carry."""

_TYPES = {
    "code": np.uint32, "opcodes": np.uint8, "counts": np.uint32, "roots": np.int64,
    "reset": np.uint8, "input_bits": np.int64, "output_bits": np.int64,
}


@dataclass(frozen=True, eq=False)
class Tape:
    """A step of a sequential circuit as straight-line code over numbered slots.

    Slot 0 holds zeros; each step starts with the inputs in the next slots, then the registers.
    """

    code: NDArray[np.uint32]
    """The operations: slots of the fan-ins, then of the results."""
    opcodes: NDArray[np.uint8]
    """(runs,) which of :data:`GATES` each run of equal operations is."""
    counts: NDArray[np.uint32]
    """(runs,) its length."""
    roots: NDArray[np.int64]
    """(outputs + registers,) ``2·slot + complement`` of outputs, then next states."""
    slots: int
    reset: NDArray[np.uint8]
    """(registers,) 0 or 1."""
    input_bits: NDArray[np.int64]
    """(inputs,) which bit of the input code each input is."""
    output_bits: NDArray[np.int64]
    """(outputs,) which bit of the output code each output is."""
    vocabulary: int | None
    """Input codes from here on never occur and are refused."""

    def __post_init__(self) -> None:
        for name, kind in _TYPES.items():
            object.__setattr__(self, name, np.ascontiguousarray(getattr(self, name), kind))
