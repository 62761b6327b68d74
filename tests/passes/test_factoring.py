"""Espresso and factoring keep the function."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passes.espresso import minimise
from passes.factoring import Gates, factor
from tests.aig.test_cuts import covered
from trilc.aig.truth import irredundant_cover

INPUTS = 6


@st.composite
def cubes(draw):
    parts = draw(st.lists(st.integers(0, 2), min_size=INPUTS, max_size=INPUTS))
    return sum(part << 2 * i for i, part in enumerate(parts))


covers = st.lists(cubes(), max_size=10, unique=True)


def value_of(gates, literal):
    minterm = np.arange(1 << INPUTS)
    signals = [np.zeros(1 << INPUTS, bool), *(minterm >> i & 1 == 1 for i in range(INPUTS))]
    for a, b in gates.pairs:
        signals.append((signals[a >> 1] ^ bool(a & 1)) & (signals[b >> 1] ^ bool(b & 1)))
    return signals[literal >> 1] ^ bool(literal & 1)


@given(cover=covers)
def test_espresso_keeps_the_function_with_no_more_cubes(cover):
    irredundant = irredundant_cover(covered(cover, INPUTS), 64)
    minimal = minimise(irredundant, INPUTS)
    assert (covered(minimal, INPUTS) == covered(cover, INPUTS)).all()
    assert len(minimal) <= len(irredundant)


@given(cover=covers)
def test_factoring_keeps_the_function(cover):
    irredundant = irredundant_cover(covered(cover, INPUTS), 64)
    gates = Gates(INPUTS)
    assert (value_of(gates, factor(irredundant, gates)) == covered(cover, INPUTS)).all()
    literals = sum(cube.bit_count() for cube in irredundant)
    assert len(gates.pairs) <= max(literals - 1, 0)


@pytest.mark.parametrize(
    ("products", "gates"),
    [
        (["ac", "ad", "bc", "bd"], 3),
        (["ab", "ac", "d"], 3),
        (["abc", "abd"], 3),
        (["ac", "ad", "bc", "bd", "e"], 4),
        (["ace", "ade", "bce", "bde", "f"], 5),
    ],
)
def test_sums_that_factor(products, gates):
    cover = [sum(1 << 2 * "abcdef".index(letter) for letter in product) for product in products]
    built = Gates(INPUTS)
    factor(cover, built)
    assert len(built.pairs) == gates
