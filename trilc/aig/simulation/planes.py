"""Transposition between codes (one integer per lane) and bit-planes (one word per bit and 64 lanes).

Codes come as bytes, eight lanes in a word with the lowest lane in the lowest byte. A multiplication gathers
one bit of each of the eight, another scatters them (Knuth, The Art of Computer Programming 4A, 7.1.3).
"""

from __future__ import annotations

import numpy as np
from numba import njit

_ONES = np.uint64(0x0101010101010101)
_GATHER = np.uint64(0x0102040810204080)
_DIAGONAL = np.uint64(0x8040201008040201)
_SEVENS = np.uint64(0x7F7F7F7F7F7F7F7F)


@njit(cache=True, nogil=True)
def pack(codes, bits, planes):
    """Plane ``i`` takes bit ``bits[i]`` of every code.

    ``codes`` is (steps, bytes, blocks · block · 8) uint64, ``planes`` (blocks, steps, planes, block) uint64.
    """
    for block in range(planes.shape[0]):
        for step in range(planes.shape[1]):
            for i in range(planes.shape[2]):
                byte, shift = bits[i] >> 3, np.uint64(bits[i] & 7)
                for w in range(planes.shape[3]):
                    at = (block * planes.shape[3] + w) * 8
                    word = np.uint64(0)
                    for eight in range(8):
                        ones = (codes[step, byte, at + eight] >> shift) & _ONES
                        word |= ((ones * _GATHER) >> np.uint64(56)) << np.uint64(8 * eight)
                    planes[block, step, i, w] = word


@njit(cache=True, nogil=True)
def unpack(planes, bits, codes):
    """The inverse of :func:`pack`; ``codes`` must be zero where no plane writes."""
    for block in range(planes.shape[0]):
        for step in range(planes.shape[1]):
            for i in range(planes.shape[2]):
                byte, shift = bits[i] >> 3, np.uint64(bits[i] & 7)
                for w in range(planes.shape[3]):
                    at = (block * planes.shape[3] + w) * 8
                    word = planes[block, step, i, w]
                    for eight in range(8):
                        few = (word >> np.uint64(8 * eight)) & np.uint64(0xFF)
                        ones = ((((few * _ONES) & _DIAGONAL) + _SEVENS) >> np.uint64(7)) & _ONES
                        codes[step, byte, at + eight] |= ones << shift
