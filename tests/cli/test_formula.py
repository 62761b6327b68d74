"""``trilc formula``."""

from __future__ import annotations

import json

import numpy as np
import pytest

import trilc
from tests.cli.command import refused, said


def test_a_neuron(checkpoint):
    printed = said("formula", checkpoint, "h[3]", "--token", "a")
    assert printed.startswith("h'[3] ⇔ ")
    assert printed.count("\n") == 1
    for form in ("boolean", "pyeda", "dimacs", "smt", "table"):
        assert said("formula", checkpoint, "h[3]", "--form", form)


def test_json_agrees_with_the_reference(checkpoint):
    model = trilc.load(checkpoint)
    found = json.loads(said("formula", checkpoint, "h[*]", "--json"))
    rng = np.random.default_rng(0)
    before = rng.integers(0, 2, (50, model.units), np.uint8)
    tokens = rng.integers(0, model.vocabulary, 50)
    after = model.step(before, tokens)
    assert [token["name"] for token in found["tokens"]] == list(model.tokens)
    for index, row in enumerate(found["rows"]):
        (part,) = row["all_of"]
        total = np.zeros(50, int)
        for literal in part["literals"]:
            value = (after if literal["after"] else before)[:, literal["bit"]] == literal["positive"]
            total += literal["weight"] * value
        needed = {token: group["needed"] for group in part["by_token"] for token in group["tokens"]}
        assert np.array_equal(total >= [needed[token] for token in tokens], after[:, index])


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["h[99]"], "'h[99]', column 3: found '99'; expected bits from 0 to 11"),
        (["h[1]@-1"], "'h[1]@-1': expected h[3]"),
        (["score[q]"], "found 'q'; expected one of the names"),
        (["score[a]", "--form", "pyeda"], "score['a'] is a number; expected the form threshold"),
        (["h[1]", "--token", "q"], "token 'q': expected a token, letters"),
        (["h[1]", "--form", "xml"], "'xml' is not one of"),
    ],
)
def test_what_is_wrong_is_one_line(checkpoint, arguments, line):
    assert line in refused("formula", checkpoint, *arguments)


def test_a_netlist_has_no_neurons(netlists):
    assert "has gates, not neurons" in refused("formula", netlists[".aig"], "h[1]")
