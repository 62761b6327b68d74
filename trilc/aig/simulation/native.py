"""The engine that runs a tape as machine code of its own, without dispatch; it is ready in milliseconds.

Why not the interpreter: its dispatch, and the loads and stores of values that registers could keep, cost two
thirds of the time. Why not LLVM or a C compiler: they take minutes for what is here done in one linear pass, and
keep fewer values in registers. Code is straight-line, and read again for every block of lanes; measured on a Zen 3,
reading it is what takes the time: some 16 bytes in a cycle from the second cache, three instructions where the core
could do four. Hence operands are read from memory by the instructions that use them, ``x86`` makes addresses short, and
``registers`` chooses registers that do so: 5 to 5.2 bytes an instruction.

To take several blocks through a part of the code, that the first cache holds, before the next part does not pay, for
10,000 instructions or 230,000: such a part alone would do 0.7 of the core's logic limit, not half, but the values of
several blocks don't fit the first cache. Where values that no later part uses share their memory, whatever the block,
it is even at best, and up to a tenth slower for 230,000 instructions (a quarter faster where other programs fill the
second cache): nearly all values that leave registers are used by later parts. Huge pages for the code change nothing,
nor do prices in the mapping that count instructions; another order of the roots saves 2 % of the loads and stores.

Where code cannot run, the interpreter takes the tape.
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
from trilc.aig.simulation.planes import aligned
from trilc.aig.simulation.registers import HOME, assign
from trilc.aig.simulation.x86 import INPUTS, NEW, OLD, OUTPUTS, REGIONS, SCRATCH, encode

PART = 6000
"""Instructions of a part: each has its own bases for addresses. From 3000 on the speed hardly changes."""


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
        inputs, registers, outputs = len(tape.input_bits), len(tape.reset), len(tape.output_bits)
        first = 1 + inputs + registers
        known = recipes(wide)
        steps = known.steps, known.lengths, known.results, known.arity
        kinds, operands, roots = expand(first, tape.code, tape.opcodes, tape.counts, tape.roots, *steps)
        self.logic = len(kinds)
        """Logic instructions of a step; loads and stores come to them."""
        instructions, homes = assign(first + 1, kinds, operands, roots, 32 if wide else 16, PART)
        # where homes lie: zeros, inputs, old states, ones, outputs, new states, and what registers cannot keep
        regions = (1, inputs, registers, 1, outputs, registers, homes - first - 1 - outputs - registers)
        region = np.repeat((SCRATCH, INPUTS, OLD, SCRATCH, OUTPUTS, NEW, SCRATCH), regions)
        begins = (0, 0, 0, 1, 0, 0, 2)
        index = np.concatenate([begin + np.arange(n) for begin, n in zip(begins, regions, strict=True)])
        places = instructions[:, 2:]  # the most used first, for a base reaches few
        uses = np.bincount(places[places >= HOME] - HOME, minlength=homes)
        kept = homes - regions[-1]
        index[kept + np.argsort(-uses[kept:], kind="stable")] = 2 + np.arange(regions[-1])
        code, parts = encode(instructions, region, index, wide)
        self._memory = Executable(code)
        self._parts = self._memory.address + parts
        self.words = bits // 64
        self._size = (2 + regions[-1]) * self.words

    def run(self, state: NDArray[Any], inputs: NDArray[Any], outputs: NDArray[Any]) -> None:
        """As :meth:`Interpreter.run`."""
        scratch, new = aligned((self._size,)), aligned(state.shape[1:])
        run_parts(self._parts, scratch, state, new, inputs, outputs)


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
def call(typingctx, address, regions):
    """Call the code at an address with a pointer to the pointers to its regions."""

    def codegen(context, builder, signature, args):
        pointer = ir.IntType(8).as_pointer()
        code = builder.inttoptr(args[0], ir.FunctionType(ir.VoidType(), [pointer]).as_pointer())
        builder.call(code, [builder.inttoptr(args[1], pointer)])
        return context.get_dummy_value()

    return types.void(types.int64, types.int64), codegen


@njit(cache=True, nogil=True)
def run_parts(parts, scratch, state, new, inputs, outputs):
    """Run machine code over every block and step.

    ``scratch`` has zeros, ones, and what registers cannot keep. Old and new states change places at each step.
    """
    words = state.shape[2]
    for w in range(words):
        scratch[w] = 0
        scratch[words + w] = ~np.uint64(0)
    size, size_in, size_out = 8 * words * state.shape[1], 8 * words * inputs.shape[2], 8 * words * outputs.shape[2]
    regions = np.empty(REGIONS, np.int64)
    regions[SCRATCH], regions[INPUTS], regions[OUTPUTS] = scratch.ctypes.data, inputs.ctypes.data, outputs.ctypes.data
    for block in range(inputs.shape[0]):
        regions[OLD], regions[NEW] = state.ctypes.data + size * block, new.ctypes.data
        for _ in range(inputs.shape[1]):
            for part in parts:
                call(part, regions.ctypes.data)
            regions[OLD], regions[NEW] = regions[NEW], regions[OLD]
            regions[INPUTS] += size_in
            regions[OUTPUTS] += size_out
        if inputs.shape[1] & 1:
            for i in range(new.shape[0]):  # by numbers: an assignment of arrays takes seconds to compile
                for w in range(words):
                    state[block, i, w] = new[i, w]
