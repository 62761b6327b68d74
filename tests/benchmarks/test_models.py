"""What figures are measured on is alive."""

from __future__ import annotations

import numpy as np
import pytest

import trilc
from tests.benchmarks.models import MODELS


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_every_unit_moves_and_many_tokens_are_said(path):
    model = trilc.load(path)
    tokens = np.random.default_rng(0).integers(0, model.vocabulary, (8, 400))
    states = model.run(tokens, "state").reshape(-1, model.units)
    assert not (states == states[0]).all(axis=0).any()
    assert len(np.unique(model.run(tokens))) > model.vocabulary // 2
