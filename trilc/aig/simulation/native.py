"""The engine that runs a tape as machine code of its own, without dispatch.

The code is straight-line, cut into parts that the processor keeps decoded. Each part takes several blocks of
lanes before the next: so instructions, which would otherwise arrive more slowly than they are executed, come
from the innermost caches.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import platform
from typing import Any

import llvmlite.binding
import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic
from numpy.typing import NDArray

from trilc.aig.simulation.gates import Tape
from trilc.aig.simulation.microcode import expand, recipes
from trilc.aig.simulation.registers import assign
from trilc.aig.simulation.x86 import encode

PART = 3000
"""Instructions."""
CACHE = 1 << 18
"""Bytes of values that the blocks of one pass may fill together."""


def register_bits() -> int:
    """Bits of a vector register that machine code can use here: 512, 256, or 0 where there is no such code."""
    if os.name != "posix" or platform.machine() not in ("x86_64", "AMD64"):
        return 0
    features = llvmlite.binding.get_host_cpu_features()
    return 512 if features.get("avx512f") else 256 if features.get("avx2") else 0


class Native:
    """A tape compiled for this processor. Raises ``OSError`` where memory may not hold code."""

    def __init__(self, tape: Tape, bits: int) -> None:
        wide = bits == 512
        first = 1 + len(tape.input_bits) + len(tape.reset)
        plan = expand(first, tape.code, tape.opcodes, tape.counts, tape.roots, *recipes(wide))
        instructions, homes, self._homes = assign(first, *plan, 32 if wide else 16, PART)
        code, parts = encode(instructions, wide)
        self.logic = len(plan[0])
        """Logic instructions of a step; loads and stores come to them."""
        self._memory = Executable(code)
        self._parts = self._memory.address + parts
        self._roots = 2 * homes + (tape.roots & 1)
        self.words = bits // 64
        self.blocks = min(16, max(1, CACHE // (self._homes * bits // 8)))

    def run(self, state: NDArray[Any], inputs: NDArray[Any], outputs: NDArray[Any]) -> None:
        """As :meth:`Interpreter.run`."""
        size = self._homes * self.words
        scratch = np.empty(min(self.blocks, len(state)) * size + 8, np.uint64)
        values = scratch[-scratch.ctypes.data // 8 % 8 :]
        run_parts(self._parts, self._roots, values, size, state, inputs, outputs)


class Executable:
    """Memory that holds code: written first, then executed, never both."""

    def __init__(self, code: NDArray[np.uint8]) -> None:
        self._map = mmap.mmap(-1, max(1, len(code)), flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        self._map.write(code.tobytes())
        self.address = ctypes.addressof(ctypes.c_char.from_buffer(self._map))
        libc = ctypes.CDLL(None, use_errno=True)
        read_execute = mmap.PROT_READ | mmap.PROT_EXEC
        if libc.mprotect(ctypes.c_void_p(self.address), ctypes.c_size_t(len(self._map)), read_execute):
            raise OSError(ctypes.get_errno(), "memory may not hold code")


@intrinsic
def call(typingctx, address, values):
    """Call the code at an address with a pointer."""

    def codegen(context, builder, signature, args):
        pointer = ir.IntType(8).as_pointer()
        code = builder.inttoptr(args[0], ir.FunctionType(ir.VoidType(), [pointer]).as_pointer())
        builder.call(code, [builder.inttoptr(args[1], pointer)])
        return context.get_dummy_value()

    return types.void(types.int64, types.int64), codegen


@njit(cache=True, nogil=True)
def run_parts(parts, roots, values, size, state, inputs, outputs):
    """Run machine code over every block and step; see :func:`run_tape`. A block's values are ``size`` words."""
    num_inputs, num_outputs, num_registers = inputs.shape[2], outputs.shape[2], state.shape[1]
    words = state.shape[2]
    at_once = values.shape[0] // size
    address = values.ctypes.data
    for low in range(0, inputs.shape[0], at_once):
        count = min(at_once, inputs.shape[0] - low)
        for block in range(count):
            for w in range(words):
                values[block * size + w] = 0
            for i in range(num_registers):
                for w in range(words):
                    values[block * size + (1 + num_inputs + i) * words + w] = state[low + block, i, w]
        for step in range(inputs.shape[1]):
            for block in range(count):
                for i in range(num_inputs):
                    for w in range(words):
                        values[block * size + (1 + i) * words + w] = inputs[low + block, step, i, w]
            for part in parts:
                for block in range(count):
                    call(part, address + 8 * size * block)
            for block in range(count):
                for i in range(num_outputs):
                    at, complement = block * size + (roots[i] >> 1) * words, np.uint64(0) - np.uint64(roots[i] & 1)
                    for w in range(words):
                        outputs[low + block, step, i, w] = values[at + w] ^ complement
                for i in range(num_registers):
                    root = roots[num_outputs + i]
                    at, complement = block * size + (root >> 1) * words, np.uint64(0) - np.uint64(root & 1)
                    for w in range(words):
                        state[low + block, i, w] = values[at + w] ^ complement
                for i in range(num_registers):
                    for w in range(words):
                        values[block * size + (1 + num_inputs + i) * words + w] = state[low + block, i, w]
