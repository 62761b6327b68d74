"""Ternary matrices and common units."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trilc.errors import InputError
from trilc.exact.ternary import ternary
from trilc.exact.unit import common_unit


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@given(rows=st.integers(1, 6), columns=st.integers(1, 6), seed=st.integers(0, 2**32))
def test_signs_times_scales_is_what_was_stored(dtype, rows, columns, seed):
    rng = np.random.default_rng(seed)
    signs = rng.integers(-1, 2, (rows, columns))
    stored = (signs * rng.choice([0.1, 1, 7.5], (rows, 1))).astype(dtype)
    found = ternary("w", stored)
    assert np.array_equal(found.signs, signs) and found.signs.dtype == np.int8
    assert np.array_equal(found.signs * found.scales[:, None], stored.astype(np.float64))
    assert ((found.scales == 0) == (signs == 0).all(axis=1)).all()


def test_many_blocks():
    stored = np.zeros((5, 1 << 19), np.float32)
    stored[3, 7], stored[4, -1] = -2, 3
    assert ternary("w", stored).scales.tolist() == [0, 0, 0, 2, 3]
    stored[4, 5] = 1
    with pytest.raises(InputError, match=r"w\[4, 524287\]: found 3.0 where row 4 holds ±1.0"):
        ternary("w", stored)
    whole = np.zeros((5, 1 << 19), np.int64)
    whole[4, 9] = -(2**40)
    with pytest.raises(InputError, match=r"w\[4, 9\]: found -1099511627776; expected -1, 0 or 1"):
        ternary("w", whole)


@given(*[st.fractions(0, 100, max_denominator=50)] * 2)
def test_common_unit_is_the_largest(a, b):
    unit = common_unit(a, b)
    if not a and not b:
        assert unit == 0
        return
    p, q = a / unit, b / unit
    assert p.denominator == q.denominator == 1
    assert common_unit(p, q) == Fraction(1)
