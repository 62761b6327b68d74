"""The specification says what the reference says, whatever it is hinted at, and owes nothing to the lowering."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import trilc.prove.specification
from tests.exactness.agreement import same, streams
from tests.exactness.cases import kinds_of_output
from tests.models import Checkpoint, checkpoints, random_model
from trilc.compiler import words
from trilc.hints import Hints
from trilc.lower.gates import to_gates
from trilc.model import Model
from trilc.prove import equivalent
from trilc.prove.equivalence import Answer
from trilc.prove.specification import net, specification
from trilc.prove.specification.contest import claimed
from trilc.runner import simulate


def hinted(model: Model, output: str) -> Hints:
    hints = Hints()
    to_gates(words(model, output), hints=hints)
    return hints


def agrees(model: Model, output: str, hints: Hints | None) -> bool:
    tokens = streams(model, 0, 40, 12)
    return same(simulate(specification(model, output, hints), tokens), model.run(tokens, output))


@settings(max_examples=60)
@given(checkpoint=checkpoints(), data=st.data())
def test_it_says_what_the_reference_says(checkpoint: Checkpoint, data: st.DataObject) -> None:
    model = checkpoint.load()
    output = data.draw(st.sampled_from(kinds_of_output(model)))
    assert agrees(model, output, None)
    assert agrees(model, output, hinted(model, output))


@settings(max_examples=40)
@given(seed=st.integers(0, 2**32 - 1))
def test_wrong_hints_do_no_harm(seed: int) -> None:
    """Literals, weights, constants, columns, adders and tables that are mixed up change structure, never meaning."""
    rng = np.random.default_rng(seed)
    model = random_model(rng, 12, 9, 0.5, fractions=True, signed=bool(seed & 1))
    hints = hinted(model, "argmax")
    literals = [*hints.registers.values(), *hints.new_state.values(), *hints.tables]
    for names in (hints.registers, hints.new_state):
        names.update({name: int(rng.choice(literals)) for name in names if rng.random() < 0.2})
    for literal, values in hints.tables.items():
        if rng.random() < 0.2:
            hints.tables[literal] = rng.permutation(values)
    for name, hint in hints.counts.items():
        adders = hint.adders.copy()
        if adders.size:
            adders[rng.random(adders.shape) < 0.1] = rng.integers(0, 60)
            adders[:, 0] %= 8
        weights = np.where(rng.random(len(hint.weights)) < 0.05, 2, hint.weights)
        constant = hint.constant + int(rng.integers(-1, 2) if rng.random() < 0.3 else 0)
        hints.counts[name] = replace(hint, adders=adders, weights=weights, constant=constant)
    assert agrees(model, "argmax", hints)


def test_scores_are_left_out_only_where_rivals_are_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither hints without a score nor mixtures that show nothing change what is said."""
    rng = np.random.default_rng(6)
    model = random_model(rng, 10, 5, 0.5)
    for left_out in range(5):
        hints = hinted(model, "argmax")
        hints.counts.pop(f"score {left_out}", None)
        mixtures = {o: rng.integers(-1, 3, 5) for o in range(5)}
        monkeypatch.setattr(net, "beaten", lambda *_, mixtures=mixtures: mixtures)
        assert agrees(model, "argmax", hints)


def test_what_the_lowering_leaves_out_is_seen_to_be_never_the_best(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the search for rivals ends undecided: it must be the same search."""
    rows = ["0-+--", "0-0-+", "-+-+-", "--0-0", "0-00+", "---0+", "000-0", "00+-0", "0-0--", "00++0"]
    weight = np.array([["-0+".index(sign) - 1 for sign in row] for row in rows], np.int8)
    model = random_model(np.random.default_rng(0), 5, 10)
    head = replace(model._head(), weight=weight, bias=np.array([3, 2, -1, 0, 1, 2, -1, 0, 3, 1]))
    seen = []
    monkeypatch.setattr(net, "claimed", lambda *claim: seen.append(claimed(*claim)) or seen[-1])
    model = replace(model, head=head)
    specification(model, "argmax", hinted(model, "argmax"))
    assert [contest is not None for contest in seen] == [True]


@pytest.mark.parametrize("output", ["argmax", "scores", "state"])
@pytest.mark.parametrize("signed", [True, False])
def test_the_lowering_is_proved_from_it(output: str, signed: bool) -> None:
    model = random_model(np.random.default_rng(3), 24, 13, 0.4, layers=2, signed=signed, output=output)
    hints = Hints()
    lowered = to_gates(words(model), hints=hints)
    assert equivalent(specification(model, None, hints), lowered).answer is Answer.EQUAL


def test_hints_make_it_like_the_lowering() -> None:
    """Most of its gates are the lowering's, so that a proof has little to do."""
    model = random_model(np.random.default_rng(4), 48, 16, 0.4)
    hints = Hints()
    lowered = to_gates(words(model), hints=hints)
    own = specification(model, None, hints).num_ands
    assert own < 1.4 * lowered.num_ands
    assert specification(model).num_ands > own


def test_it_shares_no_code_with_the_lowering() -> None:
    for file in Path(trilc.prove.specification.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            assert not [name for name in names if name.startswith(("trilc.lower", "trilc.ir", "trilc.cells"))]
