"""Transposition between codes (one integer per lane) and bit-planes (one word per bit and 64 lanes).

Codes come cut into bytes. One bit of 64 bytes becomes a word by a vector comparison whose result is taken as a
mask, and a word spreads over 64 bytes by a selection under that mask: LLVM finds the processor's instructions.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic
from numpy.typing import NDArray

_BYTES = ir.VectorType(ir.IntType(8), 64)
_MASK = ir.VectorType(ir.IntType(1), 64)


def aligned(shape: tuple[int, ...]) -> NDArray[Any]:
    """An array of words, not set, whose vectors do not straddle cache lines: that would make them slow."""
    size = math.prod(shape)
    memory = np.empty(size + 8, np.uint64)
    return memory[-memory.ctypes.data // 8 % 8 :][:size].reshape(shape)


def _splat(builder, byte):
    """A vector of one value."""
    one = builder.insert_element(ir.Constant(_BYTES, ir.Undefined), byte, ir.IntType(32)(0))
    return builder.shuffle_vector(one, one, ir.Constant(ir.VectorType(ir.IntType(32), 64), [0] * 64))


def _pointer(context, builder, kind, array, at):
    data = context.make_array(kind)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [at]), _BYTES.as_pointer())


@intrinsic
def _gather(typingctx, codes, at, chosen):
    """The word of those of 64 bytes that have the chosen bit."""

    def codegen(context, builder, signature, args):
        codes = builder.load(_pointer(context, builder, signature.args[0], *args[:2]), align=1)
        ones = builder.and_(codes, _splat(builder, args[2]))
        return builder.bitcast(builder.icmp_unsigned("!=", ones, ir.Constant(_BYTES, None)), ir.IntType(64))

    return types.uint64(codes, types.int64, types.uint8), codegen


@intrinsic
def _scatter(typingctx, codes, at, chosen, word):
    """Set the chosen bit in those of 64 bytes that the word names."""

    def codegen(context, builder, signature, args):
        pointer = _pointer(context, builder, signature.args[0], *args[:2])
        mask = builder.bitcast(args[3], _MASK)
        ones = builder.select(mask, _splat(builder, args[2]), ir.Constant(_BYTES, None))
        builder.store(builder.or_(builder.load(pointer, align=1), ones), pointer, align=1)
        return context.get_dummy_value()

    return types.void(codes, types.int64, types.uint8, types.uint64), codegen


@njit(cache=True, nogil=True)
def narrow(tokens, codes):
    """Codes in a smaller type, and the bits that any of the tokens has; both are (count,), and read but once."""
    together = np.uint64(0)
    for i in range(tokens.shape[0]):
        token = np.uint64(tokens[i])
        together |= token
        codes[i] = token
    return together


@njit(cache=True, nogil=True)
def pack(codes, bits, planes):
    """Plane ``i`` takes bit ``bits[i]`` of every code.

    ``codes`` is (steps, bytes, blocks · words · 64) uint8, ``planes`` (blocks, steps, planes, words) uint64.
    """
    flat = codes.reshape(-1)
    for block in range(planes.shape[0]):
        for step in range(planes.shape[1]):
            for i in range(planes.shape[2]):
                row = (step * codes.shape[1] + (bits[i] >> 3)) * codes.shape[2]
                for w in range(planes.shape[3]):
                    at = row + (block * planes.shape[3] + w) * 64
                    planes[block, step, i, w] = _gather(flat, at, 1 << (bits[i] & 7))


@njit(cache=True, nogil=True)
def unpack(planes, bits, codes):
    """The inverse of :func:`pack`; ``codes`` must be zero where no plane writes."""
    flat = codes.reshape(-1)
    for block in range(planes.shape[0]):
        for step in range(planes.shape[1]):
            for i in range(planes.shape[2]):
                row = (step * codes.shape[1] + (bits[i] >> 3)) * codes.shape[2]
                for w in range(planes.shape[3]):
                    at = row + (block * planes.shape[3] + w) * 64
                    _scatter(flat, at, 1 << (bits[i] & 7), planes[block, step, i, w])
