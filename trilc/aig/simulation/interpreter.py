"""The engine for any processor: a kernel that interprets a tape over many lanes at a time.

The gates are applied to LLVM vectors. These are eight words wide, and LLVM cuts them to what the processor has
(one register with AVX-512, two with AVX2, four with NEON).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

from trilc.aig.simulation.gates import GATES, Gate, Tape
from trilc.aig.simulation.planes import aligned

BLOCK = 16
"""Words of 64 lanes that one operation works on. With 8, dispatch and mispredicted branches cost a quarter of
the speed; 32 gain nothing, since fewer values fit the first caches, and few streams would wait for more."""
_VECTOR = 8


class _Vector:
    """An LLVM value under the operators that gates use."""

    def __init__(self, builder: Any, value: Any) -> None:
        self._builder, self.value = builder, value

    def __and__(self, other: _Vector) -> _Vector:
        return _Vector(self._builder, self._builder.and_(self.value, other.value))

    def __or__(self, other: _Vector) -> _Vector:
        return _Vector(self._builder, self._builder.or_(self.value, other.value))

    def __xor__(self, other: _Vector) -> _Vector:
        return _Vector(self._builder, self._builder.xor(self.value, other.value))

    def __invert__(self) -> _Vector:
        return _Vector(self._builder, self._builder.not_(self.value))


def _operation(builder: Any, gate: Gate, values: Any, operands: list[Any]) -> None:
    """One gate on one block: ``operands`` are slot numbers, fan-ins before results."""
    vector = ir.VectorType(ir.IntType(64), _VECTOR)
    places = [
        builder.bitcast(builder.gep(values, [builder.mul(slot, slot.type(BLOCK))]), vector.as_pointer())
        for slot in operands
    ]
    for part in range(BLOCK // _VECTOR):
        pointers = [builder.gep(place, [ir.IntType(64)(part)]) for place in places]
        fanins = [_Vector(builder, builder.load(pointer, align=8)) for pointer in pointers[: gate.arity]]
        for function, pointer in zip(gate.functions, pointers[gate.arity :], strict=True):
            builder.store(function(*fanins).value, pointer, align=8)


@intrinsic
def _interpret(typingctx, values, code, opcodes, counts):
    """Run the tape once over one block: for each run, dispatch on its opcode, then loop over operations."""

    def codegen(context, builder, signature, args):
        typed = zip(signature.args, args, strict=True)
        arrays = [context.make_array(kind)(context, builder, array) for kind, array in typed]
        values, code, opcodes, counts = (array.data for array in arrays)
        word = ir.IntType(64)
        cursor = cgutils.alloca_once_value(builder, word(0))
        impossible = builder.append_basic_block("no_such_gate")
        with builder.goto_block(impossible):
            builder.unreachable()
        with cgutils.for_range(builder, builder.extract_value(arrays[2].shape, 0)) as run:
            opcode = builder.load(builder.gep(opcodes, [run.index]))
            count = builder.zext(builder.load(builder.gep(counts, [run.index])), word)
            start = builder.load(cursor)
            done = builder.append_basic_block("done")
            switch = builder.switch(opcode, impossible)
            for number, gate in enumerate(GATES):
                block = builder.append_basic_block(f"gate{number}")
                switch.add_case(opcode.type(number), block)
                builder.position_at_end(block)
                width = gate.arity + len(gate.functions)
                with cgutils.for_range(builder, count) as operation:
                    at = builder.add(start, builder.mul(operation.index, word(width)))
                    operands = [
                        builder.zext(builder.load(builder.gep(code, [builder.add(at, word(k))])), word)
                        for k in range(width)
                    ]
                    _operation(builder, gate, values, operands)
                builder.store(builder.add(start, builder.mul(count, word(width))), cursor)
                builder.branch(done)
            builder.position_at_end(done)
        return context.get_dummy_value()

    return types.void(values, code, opcodes, counts), codegen


class Interpreter:
    """The engine for any processor."""

    words = BLOCK
    """Words of 64 lanes in a block."""

    def __init__(self, tape: Tape) -> None:
        self._tape = tape

    def run(self, state: NDArray[Any], inputs: NDArray[Any], outputs: NDArray[Any]) -> None:
        """All blocks through some steps.

        ``state`` (blocks, registers, words) is read and left as it is after the last step; ``inputs`` is (blocks,
        steps, inputs, words), ``outputs`` (blocks, steps, outputs, words), which is written.
        """
        tape = self._tape
        values = aligned((tape.slots * BLOCK,))
        values[:BLOCK] = 0
        run_tape(tape.code, tape.opcodes, tape.counts, tape.roots, values, state, inputs, outputs)


@njit(cache=True, nogil=True)
def run_tape(code, opcodes, counts, roots, values, state, inputs, outputs):
    """Run a tape over every block and step.

    ``values`` (slots · BLOCK,) is scratch with slot 0 all zeros; ``state`` (blocks, registers, BLOCK) is read
    and left as it is after the last step; ``inputs`` is (blocks, steps, inputs, BLOCK), ``outputs``
    (blocks, steps, outputs, BLOCK); ``roots`` (outputs + registers,) holds ``2·slot + complement``.
    """
    num_inputs, num_outputs, num_registers = inputs.shape[2], outputs.shape[2], state.shape[1]
    for block in range(inputs.shape[0]):
        for step in range(inputs.shape[1]):
            for i in range(num_inputs):
                for w in range(BLOCK):
                    values[(1 + i) * BLOCK + w] = inputs[block, step, i, w]
            for i in range(num_registers):
                for w in range(BLOCK):
                    values[(1 + num_inputs + i) * BLOCK + w] = state[block, i, w]
            _interpret(values, code, opcodes, counts)
            for i in range(num_outputs):
                at, complement = (roots[i] >> 1) * BLOCK, np.uint64(0) - np.uint64(roots[i] & 1)
                for w in range(BLOCK):
                    outputs[block, step, i, w] = values[at + w] ^ complement
            for i in range(num_registers):
                root = roots[num_outputs + i]
                at, complement = (root >> 1) * BLOCK, np.uint64(0) - np.uint64(root & 1)
                for w in range(BLOCK):
                    state[block, i, w] = values[at + w] ^ complement
