"""Reasons force what they explain, no part of them can be left out, and neurons have none with fewer parts."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.models import random_model
from trilc.explain.formula import Reading, formula
from trilc.explain.trace import reason

TOKEN = "token"


class Cases:
    """Every value of a row's bits with every token, and what the row says."""

    def __init__(self, row, model, before, after, token):
        self.parts = [*row.bits, TOKEN]
        values = np.array([*product((0, 1), repeat=len(row.bits))], np.uint8).reshape(2 ** len(row.bits), len(row.bits))
        states = np.zeros((2, len(values) * model.vocabulary, model.units), np.uint8)
        self.tokens = np.tile(np.arange(model.vocabulary), len(values))
        for k, bit in enumerate(row.bits):
            states[int(bit.after), :, bit.number] = np.repeat(values[:, k], model.vocabulary)
        self.said = row.holds(states[0], states[1], self.tokens)
        self.value = bool(row.holds(before, after, np.array(token)))
        self.same = [
            *(
                states[int(bit.after), :, bit.number] == (after if bit.after else before)[bit.number]
                for bit in row.bits
            ),
            self.tokens == token,
        ]

    def force(self, parts):
        """Whether these parts alone decide."""
        held = np.ones(len(self.said), bool)
        for part in parts:
            held &= self.same[self.parts.index(part)]
        return bool((self.said[held] == self.value).all())


def require_reason(row, model, before, after, token):
    cases = Cases(row, model, before, after, token)
    found = reason(row, before, after, token, Reading.of(model))
    assert found.value == cases.value
    for bit, value in found.bits:
        assert (after if bit.after else before)[bit.number] == value
    parts = [bit for bit, _ in found.bits] + [TOKEN] * found.token
    assert cases.force(parts)
    for part in parts:
        assert not cases.force([other for other in parts if other != part])
    if found.fewest and parts:
        assert not any(cases.force(fewer) for fewer in combinations(cases.parts, len(parts) - 1))
        fewest = [combo for combo in combinations(row.bits, len(parts)) if cases.force(combo)]
        assert not (found.token and fewest)  # the one without the token is preferred


@pytest.mark.parametrize("layers", [1, 2])
@given(st.integers(0, 2**32 - 1))
@settings(max_examples=8)
def test_reasons(layers, seed):
    rng = np.random.default_rng(seed)
    model = random_model(rng, 6 // layers, 5, 0.8, layers=layers, outputs=4, fractions=True)
    before = rng.integers(0, 2, (1, model.units), np.uint8)
    token = int(rng.integers(0, model.vocabulary))
    after = model.step(before, np.array([token]))
    said = int(model.choose(model.scores(after))[0])
    rows = [*formula(model, "h"), *formula(model, "out"), *formula(model, "h[0..2] = 0b1x0")]
    for row in rows:
        require_reason(row, model, before[0], after[0], token)
    holds = reason(formula(model, f"out={said}")[0], before[0], after[0], token, Reading.of(model))
    assert holds.value
    assert not holds.token


def test_weights_count():
    rng = np.random.default_rng(2)
    model = random_model(rng, 6, 5, 0.9, outputs=3)
    for _ in range(20):  # differences of head rows weigh 1 and 2
        before = rng.integers(0, 2, (1, 6), np.uint8)
        after = model.step(before, np.array([3]))
        (row,) = formula(model, "score[0] > score[1]")
        require_reason(row, model, before[0], after[0], 3)
