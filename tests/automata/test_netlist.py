"""The machine of a netlist is that of the model it was compiled from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import trilc
from tests.models import random_model
from trilc.aig import UNKNOWN
from trilc.automata import difference, extract, minimise, walk
from trilc.automata.formats import json_text
from trilc.errors import InputError


@pytest.mark.parametrize("outputs", ["argmax", "scores", "state"])
@pytest.mark.parametrize("seed", range(4))
def test_it_is_the_models(seed, outputs):
    model = random_model(np.random.default_rng(seed), 9, 2 + seed, 0.4, layers=1 + seed % 2)
    aig = trilc.compile(model, outputs, keep_state=outputs == "state")
    walked = walk(aig)
    machine, _ = minimise(walked.machine)
    wanted = extract(model, outputs)
    assert difference(machine, wanted) is None
    assert machine.states == wanted.states
    assert json_text(machine) == json_text(wanted)
    assert walked.states == walked.followed >= machine.states


def test_too_many_and_what_is_refused():
    model = random_model(np.random.default_rng(7), 12, 3, 0.4)
    aig = trilc.compile(model)
    whole = walk(aig).states
    assert whole > 8
    few = walk(aig, limit=7)
    assert few.machine is None
    assert few.states > 7 >= few.followed
    assert walk(aig, limit=whole).machine is not None
    with pytest.raises(InputError, match="reset is unknown"):
        walk(replace(aig, reset=np.full(aig.num_registers, UNKNOWN, np.uint8)))
    with pytest.raises(InputError, match="does not read a token's bits"):
        walk(replace(aig, input_names=("a", "b")))
