"""Every form of every row says what the reference does."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyeda.inter import expr
from pysat.formula import CNF
from pysat.solvers import Solver

from tests.explain.formula.outside import boolean, smt
from tests.models import models, random_model
from trilc.errors import InputError
from trilc.explain.formula import Reading, Sum, facts, formula, written

seeds = st.integers(0, 2**32 - 1)


def steps(model, rng, count):
    """States before and after random tokens."""
    before = rng.integers(0, 2, (count, model.units), np.uint8)
    tokens = rng.integers(0, model.vocabulary, count)
    return before, model.step(before, tokens), tokens


def small(seed, **options):
    """A model of two layers with token names, and some of its steps."""
    rng = np.random.default_rng(seed)
    model = random_model(rng, 5, 6, 0.7, **{"layers": 2, "fractions": False} | options)
    model = replace(model, tokens=("a", "b", "e", " ", "'", "é"))
    return model, *steps(model, rng, 12)


def values(before, after, token):
    """The same by the names of bits."""
    named = {f"h[{k}]": int(bit) for k, bit in enumerate(before)}
    return named | {f"h'[{k}]": int(bit) for k, bit in enumerate(after)} | {"tok": int(token)}


@given(models(), seeds)
@settings(max_examples=20)
def test_neurons_scores_and_what_is_said_are_thresholds(model, seed):
    before, after, tokens = steps(model, np.random.default_rng(seed), 32)
    for k, row in enumerate(formula(model, "h")):
        assert np.array_equal(row.holds(before, after, tokens), after[:, k])
        (part,) = row.parts
        assert np.array_equal(part.complement().holds(before, after, tokens), 1 - after[:, k])
    if model.head is None:
        return
    chosen = model.choose(model.scores(after))
    for k, row in enumerate(formula(model, "out")):
        assert np.array_equal(row.holds(before, after, tokens), chosen == k)
    if model.head.fraction_rank.any():
        with pytest.raises(InputError, match="expected an integer"):
            formula(model, "score")
        return
    scores = model.scores(after)
    for k, row in enumerate(formula(model, "score")):
        true = np.array([after[:, bit.number] == positive for bit, positive in row.literals]).reshape(-1, len(after))
        assert np.array_equal(row.weights @ true + row.constant, scores[:, k])
    for sign, compared in (
        (">", np.greater), (">=", np.greater_equal), ("<", np.less), ("<=", np.less_equal), ("=", np.equal)
    ):  # fmt: skip
        (row,) = formula(model, f"score[0] {sign} score[{model.num_outputs - 1}] - 2")
        assert np.array_equal(row.holds(before, after, tokens), compared(scores[:, 0], scores[:, -1] - 2))
        (row,) = formula(model, f"score[0] + 1 {sign} -3")
        assert np.array_equal(row.holds(before, after, tokens), compared(scores[:, 0] + 1, -3))


TARGETS = ("h[2]", "h[7]", "h[9]", "out='b'", "score[a] > score[e]", "h[1..3] = 0b1x0")


@pytest.mark.parametrize("tokens", [(), ("e",), ("vowels", "é")])
@given(seed=seeds)
@settings(max_examples=3)
def test_every_form_says_what_the_reference_does(tokens, seed):
    model, before, _, read = small(seed)
    reading = Reading.of(model, tokens)
    for target in TARGETS:
        (row,) = formula(model, target)
        text, script = written([row], "boolean", reading), written([row], "smt", reading)
        function = expr(written([row], "pyeda", reading))
        table = facts([row], "table", reading)["rows"][0]
        cnf, names = clauses_of(written([row], "dimacs", reading))
        with Solver("glucose4", bootstrap_with=cnf) as solver:
            for number in range(len(read)):
                token = reading.tokens[int(read[number]) % len(reading.tokens)]
                new = model.step(before[number : number + 1], np.array([token]))[0]
                said = bool(row.holds(before[number], new, np.array(token)))
                point = values(before[number], new, token)
                assert boolean(text, point, model.tokens) == said
                assert smt(script, point)[f"|{row.name}|"] is said
                assert evaluated(function, point) == said
                assert looked_up(table, point) == said
                held = [name if point[bit] else -name for bit, name in names.items() if bit in point]
                held += [names[f"tok={model.tokens[token]!r}"]] if f"tok={model.tokens[token]!r}" in names else []
                assert solver.solve([*held, names[row.name] * (1 if said else -1)])
                assert not solver.solve([*held, names[row.name] * (-1 if said else 1)])


def clauses_of(text):
    """The clauses, and the literals that comments name."""
    comments = [line.split(" = ", 1) for line in text.splitlines() if line.startswith("c ") and " = " in line]
    cnf = CNF(from_string=text)
    header = next(line for line in text.splitlines() if line.startswith("p cnf"))
    assert header == f"p cnf {max(cnf.nv, int(header.split()[2]))} {len(cnf.clauses)}"
    return cnf.clauses, {name: int(number[2:]) for number, name in comments}


def evaluated(function, point):
    bits = {"h": "h[{}]", "next": "h'[{}]"}
    chosen = {}
    for variable in function.support:
        (index,) = variable.indices
        name = variable.names[0]
        chosen[variable] = index == point["tok"] if name == "tok_is" else point[bits[name].format(index)]
    return bool(function.restrict(chosen))


def looked_up(table, point):
    names = [f"h{chr(39) * bit['after']}[{bit['bit']}]" for bit in table["bits"]]
    row = int("".join(str(point[name]) for name in names) or "0", 2)
    column = next(k for k, group in enumerate(table["classes"]) if point["tok"] in group)
    return bool(table["values"][row][column])


@given(seeds)
@settings(max_examples=4)
def test_scores_as_sums(seed):
    model, before, after, read = small(seed)
    reading, scores = Reading.of(model), model.scores(after)
    rows = formula(model, "score[*]")
    script = written(rows, "smt", reading)
    tables = facts(rows, "table", reading)["rows"]
    for number, token in enumerate(read):
        point = values(before[number], after[number], token)
        said = smt(script, point)
        for k, (row, table) in enumerate(zip(rows, tables, strict=True)):
            assert isinstance(row, Sum)
            assert said[f"|{row.name}|"] == scores[number, k]
            names = [f"h'[{bit['bit']}]" for bit in table["bits"]]
            place = int("".join(str(point[name]) for name in names) or "0", 2)
            assert table["values"][place] == [scores[number, k]]


@given(seeds)
@settings(max_examples=3)
def test_large_thresholds_count_in_groups(seed):
    rng = np.random.default_rng(seed)
    model = random_model(rng, 40, 7, 0.9)
    before, after, tokens = steps(model, rng, 4)
    reading = Reading.of(model)
    for target, index in (("h[5]", 5), ("h[11]", 11)):
        rows = formula(model, target)
        text = written(rows, "boolean", reading)
        assert len(text) < 100_000
        cnf, names = clauses_of(written(rows, "dimacs", reading))
        with Solver("glucose4", bootstrap_with=cnf) as solver:
            for number, token in enumerate(tokens):
                point = values(before[number], after[number], token)
                said = bool(after[number, index])
                assert boolean(text, point) == said
                held = [name if point[bit] else -name for bit, name in names.items() if bit in point and bit != "tok"]
                held += [names[f"tok={token}"]] if f"tok={token}" in names else []
                names_row = names[f"h'[{index}]"]
                assert not solver.solve([*held, names_row * (-1 if said else 1)])


@given(models(max_units=3, max_layers=2), seeds)
@settings(max_examples=8)
def test_weights_of_any_size(model, seed):
    before, after, tokens = steps(model, np.random.default_rng(seed), 4)
    reading = Reading.of(model)
    for index, row in enumerate(formula(model, "h[*]")):
        text, script = written([row], "boolean", reading), written([row], "smt", reading)
        function = expr(written([row], "pyeda", reading))
        for number, token in enumerate(tokens):
            point = values(before[number], after[number], token)
            said = bool(after[number, index])
            assert boolean(text, point, model.tokens) == said
            assert smt(script, point)[f"|{row.name}|"] is said
            assert evaluated(function, point) == said


def test_what_tokens_add_is_what_they_add():
    model, *_ = small(3, layers=1)
    for index in range(model.units):
        (row,) = facts(formula(model, f"h[{index}]"), "threshold", Reading.of(model))["rows"]
        (part,) = row["all_of"]
        unit = 2  # a bit is worth ±1
        added = {token: group["adds"] for group in part["by_token"] for token in group["tokens"]}
        rest = part["total"] - part["base"]
        for token, adds in added.items():
            weights = model.layers[0].recurrent[index].astype(int)
            most = np.abs(weights).sum() + model.layers[0].input[index, token] + model.layers[0].bias[index]
            assert rest + adds == most // unit


def test_forms_that_get_too_long_are_refused():
    rng = np.random.default_rng(0)
    model = random_model(rng, 60, 31, 1.0)
    reading = Reading.of(model)
    with pytest.raises(InputError, match=r"h'\[0\]: found .* literals .* choose a token"):
        written(formula(model, "h[0]"), "pyeda", reading)
    with pytest.raises(InputError, match=r"h'\[0\] depends on 60 bits"):
        written(formula(model, "h[0]"), "table", reading)
    odd = replace(model.layers[0], recurrent=(model.layers[0].recurrent.astype(np.int64) * rng.integers(1, 2**16, 60)))
    weighed = replace(model, layers=(odd,))
    for form in ("boolean", "dimacs", "pyeda"):
        with pytest.raises(InputError, match="more than 4096 sums; the forms threshold and smt have no such limit"):
            written(formula(weighed, "h[0]"), form, reading)
    (row,) = formula(weighed, "h[0]")
    before, after, tokens = steps(weighed, rng, 8)
    script = written([row], "smt", reading)
    for number, token in enumerate(tokens):
        assert smt(script, values(before[number], after[number], token))["|h'[0]|"] == after[number, 0]
    with pytest.raises(InputError, match=r"score\[0\] is a number"):
        written(formula(model, "score[0]"), "boolean", reading)


@pytest.mark.parametrize("target", ["h[60]", "tok", "g[1]", "h[1]@-1", "h[1] and h[2]", "score[99]", "out != 3", ""])
def test_a_target_that_is_none_is_refused(target):
    model = random_model(np.random.default_rng(0), 60, 31, 0.1)
    with pytest.raises(InputError, match="expected") as found:
        formula(model, target)
    assert "\n" not in str(found.value)


def test_a_token_that_is_none_is_refused():
    with pytest.raises(InputError, match=r"expected a token, letters, .* or an id from 0 to 5"):
        Reading.of(small(0)[0], ["q"])


def test_json_is_json():
    model, *_ = small(1)
    for form in ("threshold", "boolean", "table", "pyeda", "dimacs", "smt"):
        rows = formula(model, "h[*]")
        found = json.loads(json.dumps(facts(rows, form, Reading.of(model))))
        assert len(found["rows"]) == model.units


def test_rows_without_end_are_refused():
    model = random_model(np.random.default_rng(0), 40, 300, 0.1)
    with pytest.raises(InputError, match=r"'out': found rows of up to 3,600,000 literals together; expected at most"):
        formula(model, "out")
