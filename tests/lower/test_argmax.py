"""The index of the largest word, for every order in which equals are preferred."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.lower.circuits import inputs, patterns, values
from trilc.aig import Builder
from trilc.lower.argmax import lower_argmax


def chosen(count: int, width: int, priority: list[int]) -> np.ndarray:
    builder = Builder()
    words = [inputs(builder, f"w{k}_", width) for k in range(count)]
    bits = values(builder, lower_argmax(builder, [words[k] for k in priority], priority))
    return bits @ (1 << np.arange(bits.shape[1]))


def expected(count: int, width: int, priority: list[int]) -> np.ndarray:
    words = patterns(count * width).reshape(1 << count * width, count, width) @ (1 << np.arange(width))
    return np.array(priority)[np.argmax(words[:, priority], axis=1)]


@pytest.mark.parametrize("priority", [list(p) for n in (1, 2, 3, 4) for p in permutations(range(n))])
def test_every_priority(priority: list[int]) -> None:
    count = len(priority)
    np.testing.assert_array_equal(chosen(count, 2, priority), expected(count, 2, priority))


@given(st.integers(1, 6).flatmap(lambda n: st.tuples(st.permutations(range(n)), st.integers(0, 12 // n))))
def test_words_of_any_width(drawn: tuple[list[int], int]) -> None:
    priority, width = drawn
    count = len(priority)
    np.testing.assert_array_equal(chosen(count, width, priority), expected(count, width, priority))
