"""What compile makes is proved, also where many words compete and passes made their comparison anew."""

from __future__ import annotations

import numpy as np

import trilc
from tests.models import random_model
from trilc.prove.conformance import conforms
from trilc.prove.equivalence import Answer

FEW = 1000
"""Conflicts for a question that is hard unless the gates before it were merged."""


def test_the_best_of_fifty_scores() -> None:
    model = random_model(np.random.default_rng(0), 24, 50)
    assert conforms(model, trilc.compile(model), conflicts=FEW).answer is Answer.EQUAL


def test_two_layers_and_fifty_scores() -> None:
    model = random_model(np.random.default_rng(0), 24, 50, layers=2)
    assert conforms(model, trilc.compile(model), conflicts=FEW).answer is Answer.EQUAL
