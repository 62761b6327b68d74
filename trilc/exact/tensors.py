"""Named tensors, asked for by name and shape and read without rounding."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trilc.errors import InputError
from trilc.exact.ternary import Ternary, ternary


@dataclass(frozen=True)
class Entry:
    """A tensor in a file: what it says of itself, and how to read it."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    read: Callable[[], NDArray[Any]]

    @classmethod
    def of(cls, array: NDArray[Any]) -> Entry:
        """The entry of an array in memory."""
        return cls(array.dtype, array.shape, lambda: array)


class Tensors:
    """The tensors of a checkpoint. Types and shapes are checked before anything is read.

    Every method raises :class:`InputError` naming the tensor, and the entry in it, that is not as it must be.
    """

    def __init__(self, entries: Mapping[str, Entry]) -> None:
        self._entries = entries

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def require(self, name: str, beside: str) -> None:
        """Make sure that the tensor is there, since ``beside`` is."""
        if name not in self:
            raise InputError(f"{name} is missing beside {beside}")

    def size(self, name: str, axis: int) -> int:
        """The length of one axis of a matrix, at least 1."""
        if name not in self:
            raise InputError(f"{name} is missing")
        shape = self._entries[name].shape
        if len(shape) != 2 or 0 in shape:
            raise InputError(f"{name}: found shape {shape}; expected a matrix with at least one entry")
        return shape[axis]

    def ternary(self, name: str, axes: str, rows: int, columns: int) -> Ternary:
        """A ternary matrix; ``axes`` is its shape as the format page writes it, ``H, E``."""
        return ternary(name, self._read(name, "iuf", axes, (rows, columns)))

    def rationals(self, name: str, axes: str, size: int) -> list[Fraction]:
        """A vector of integers or floats, as the numbers that are stored."""
        vector = self._read(name, "iuf", axes, (size,))
        if vector.dtype.kind == "f" and not np.isfinite(vector).all():
            i = int(np.argmin(np.isfinite(vector)))
            raise InputError(f"{name}[{i}]: found {vector[i]}; expected a finite number")
        return [Fraction(number) for number in vector.tolist()]

    def bits(self, name: str, axes: str, size: int) -> NDArray[np.uint8]:
        """A vector of bits, stored as integers."""
        vector = self._read(name, "iub", axes, (size,))
        wrong = (vector != 0) & (vector != 1)
        if wrong.any():
            i = int(np.argmax(wrong))
            raise InputError(f"{name}[{i}]: found {vector[i]}; expected 0 or 1")
        return vector.astype(np.uint8)

    def _read(self, name: str, kinds: str, axes: str, shape: tuple[int, ...]) -> NDArray[Any]:
        if name not in self:
            raise InputError(f"{name} is missing")
        entry = self._entries[name]
        if entry.dtype.kind not in kinds:
            expected = "bits as integers" if kinds == "iub" else "integers or floats"
            raise InputError(f"{name}: found type {entry.dtype}; expected {expected}")
        if entry.shape != shape:
            raise InputError(f"{name}: found shape {entry.shape}; expected ({axes}) = {shape}")
        return entry.read()
