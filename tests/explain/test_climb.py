"""Streams that come nearer: distances are 0 where a statement holds and nowhere else, and what is found holds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.explain.statements import small_model, statements
from tests.models import random_model
from trilc.explain import Answer, ask
from trilc.explain.engines.climb import Machine, Streams, alphabets_of, climbing, recent_of
from trilc.explain.engines.turns import Turns
from trilc.explain.inquiry import Inquiry, question_system
from trilc.explain.judge import holds
from trilc.explain.language import parse
from trilc.explain.language.syntax import ANYTHING, Not, atoms
from trilc.explain.subject import Subject
from trilc.prove.search import Found

COMPARED = 16
"""Lanes that are judged one by one."""


def streams_of(model, formula, length):
    every = np.arange(model.vocabulary)
    return Streams(Machine(model), formula, recent_of(formula), [every] * length, np.random.default_rng(0))


def judge(model, formula, streams):
    subject = Subject(model)
    length = len(streams.tokens)
    for lane in range(COMPARED):
        trace = subject.replay(streams.tokens[:, lane].tolist())
        assert (streams.far[lane] == 0) == holds(formula, trace, length)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 20), statement=statements)
def test_what_is_not_far_holds(seed, statement):
    model = small_model(seed)
    formula = parse(f"reach {statement.text}", Subject(model).terms).formula
    if not atoms(formula):
        return
    for said in (formula, Not(formula)):
        streams = streams_of(model, said, 5)
        judge(model, said, streams)
        for _, _ in zip(range(1), streams.come_nearer(), strict=False):
            judge(model, said, streams)


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("embedding", [None, 6])
def test_sums_of_every_layer(signed, embedding):
    """A bit is as far from what it is not as its sum says, in layers above the first too."""
    rng = np.random.default_rng(5)
    model = random_model(rng, 8, 5, 0.5, layers=2, signed=signed, embedding=embedding)
    for text in ("h[2] = 1 and h[8] = 0 and h[15] = 1", "count(h[*]) > 12", "h[0..3]@-1 = h[9..12]", "out = 2"):
        formula = parse(f"reach {text}", Subject(model).terms).formula
        judge(model, formula, streams_of(model, formula, 4))
    machine = Machine(model)
    states = machine.layout.pack(rng.integers(0, 2, (6, 16)).astype(np.uint8))
    tokens = rng.integers(0, 5, 6)
    new = machine.states(states, tokens[None])[0]
    sums = machine.sums(range(16), machine.values(states), tokens, machine.values(new))
    assert ((sums >= 0) == machine.layout.unpack(new)).all()
    assert (np.abs(sums).max(axis=0) > 1).any()


def test_what_is_rare_is_found():
    """On a machine too large to go through, what sixteen thousand streams of chance don't show; and it is replayed."""
    model = random_model(np.random.default_rng(4), 40, 8, 0.2)
    state = model.run(np.random.default_rng(1).integers(0, 8, (1, 30)), "state")[0, -1]
    question = "reach tok = 3 and " + " and ".join(f"h[{k}] = {bit}" for k, bit in enumerate(state[:18]))
    formula = parse(question, Subject(model).terms).formula
    for within in (None, 40):
        climb = climbing(model, question_system(model, question), formula, ANYTHING, within)
        *_, found = climb()
        assert isinstance(found, Found)
        tokens = [sum(bit << k for k, bit in enumerate(step)) for step in found.steps]
        trace = Subject(model).replay(tokens[: len(tokens) - climb.system.lag])
        assert holds(formula, trace, len(trace.tokens))
        assert [*climb()][-1].steps == found.steps
    reply = ask(model, question, engine="simulate", seconds=120)
    assert reply.answer is Answer.YES


def test_where_there_is_nothing_to_climb():
    model = small_model(1)
    terms = Subject(model).terms

    def climb(text, source=model, within=None):
        asked = parse(f"reach {text}", terms)
        return climbing(source, question_system(model, f"reach {text}"), asked.formula, asked.assuming, within)

    assert climb("out = 1") is not None
    assert climb("once out = 1") is None
    assert climb("out = 1 assuming tok = 0") is None
    assert climb("true") is None
    assert climb("out = out@-2", within=2) is None
    assert climb("out = 1", source=Subject(model).machine("argmax")) is None
    # every token is named, and that is no such stream: it ends
    last = [*climb("tok = 0 and h[0] = 0 and h[0] = 1", within=1)()]
    assert last
    assert not any(isinstance(message, Found) for message in last)


def test_tokens_that_are_named_stay():
    terms = Subject(small_model(1)).terms
    formula = parse("never not (tok = 1 and tok@-2 in {0, 2} and tok@-1 != 0 and out = 1)", terms).formula
    alphabets = alphabets_of(formula, 3)
    assert {back: ids.tolist() for back, ids in alphabets.items()} == {0: [1], 1: [1, 2], 2: [0, 2]}


def test_turns_are_as_long_as_their_shares_say():
    now = 0.0

    def work(name, times, cost):
        def task():
            nonlocal now
            for _ in range(times):
                now += cost
                yield name

        return task

    tasks = {"a": work("a", 30, 1.0), "b": work("b", 10, 1.0)}
    turns = [*Turns(tasks, {"b": 2.0}, {"a": 3.0}, clock=lambda: now)()]
    assert turns[:2] == ["b", "b"]
    assert turns[2:10].count("a") == 6
    assert sorted(turns) == ["a"] * 30 + ["b"] * 10


@pytest.mark.parametrize(
    ("question", "given"),
    [("constant h[*]", None), ("never h[0] = 1 and h[1] = 1 and h[2] = 0 and h[3] = 1", None),
     ("minimal change of input that makes h[0..11] = 0b111111111111", [0] * 60)],
)  # fmt: skip
def test_nothing_is_begun_when_the_time_is_over(question, given, monkeypatch):
    """Counted in machines built, processes begun, and lanes tried."""
    model = random_model(np.random.default_rng(4), 40, 8, 0.2)
    begun = []
    from trilc.explain import constants, hunt, inquiry, reasons

    monkeypatch.setattr(constants.Constants, "_simulate", lambda self: None)
    for where in (constants, inquiry):
        built = where.sought
        monkeypatch.setattr(where, "sought", lambda *given, built=built: begun.append("machine") or built(*given))
    for where in (hunt, reasons):
        monkeypatch.setattr(where, "Race", lambda *given: begun.append("processes"))
    first = reasons._first_bad
    monkeypatch.setattr(reasons, "_first_bad", lambda *given: begun.append("lanes") or first(*given))
    inquiry_ = Inquiry(model, question, given, seconds=0)
    reply = inquiry_.conclude()
    assert reply.answer is Answer.UNKNOWN
    assert "the time is over" in reply.how
    assert len(begun) <= 1
    assert "processes" not in begun
