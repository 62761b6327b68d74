"""Every kind of question against brute force, on models small enough to go through."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import trilc
from tests.cli.conftest import save
from tests.explain.statements import (
    OPERATORS,
    UNITS,
    History,
    Statement,
    begin,
    shortest,
    small_model,
    statements,
    streams,
)
from tests.models import random_model
from trilc.errors import InputError
from trilc.explain import Answer, ask
from trilc.explain.engines.induction import Induction, Proved
from trilc.explain.engines.pdr import Pdr
from trilc.explain.engines.proof import Proof
from trilc.explain.engines.step import is_invariant
from trilc.explain.inquiry import question_system
from trilc.explain.judge import judged
from trilc.explain.language import parse
from trilc.explain.language.syntax import Compare, Constant
from trilc.explain.ranges import settled
from trilc.explain.subject import Subject
from trilc.explain.witness import of_formula
from trilc.prove.bounded import Bounded
from trilc.prove.guided import Guided
from trilc.prove.search import Found

SEEDS = st.integers(0, 40)


@settings(max_examples=20)
@given(seed=SEEDS, statement=statements)
def test_what_can_be_reached(seed, statement):
    """By all ways: the states in turn, SAT step by step, guided, induction, and property-directed reachability."""
    model = small_model(seed)
    wanted = shortest(model, statement)
    reply = ask(model, f"shortest input so that {statement.text}")
    assert (reply.answer is Answer.YES) == (wanted is not None)
    system = question_system(model, f"reach {statement.text}")
    last = [*Pdr(system.aig)()][-1]
    induced = [*Induction(system.aig, 10_000)()][-1]
    proof = [*Proof(system.aig, 10_000)()][-1]
    assert isinstance(proof, Proved) == (wanted is None)
    guided = Guided(system.miter)
    for _ in range(4 * guided.possible):
        if guided.found is None:
            guided.advance()
    assert guided.found is None or len(guided.found) >= wanted + system.lag
    if wanted is None:
        assert ask(model, f"never {statement.text}").answer is Answer.YES
        assert isinstance(last, Proved)
        return
    assert reply.facts["shortest"]
    assert reply.witness.length == wanted
    assert isinstance(last, Found)
    assert len(last.steps) >= wanted + system.lag
    assert not isinstance(induced, Proved)
    history = begin(model)
    for token in reply.witness.tokens:
        history = history.after(token)
    assert statement.at(history)
    with Bounded(system.miter) as bounded:
        while bounded.found is None:
            assert bounded.advance(10_000)
        assert bounded.depth == wanted + system.lag - 1


@settings(max_examples=25)
@given(seed=SEEDS, statement=statements, allowed=statements, within=st.integers(1, 3))
def test_assumptions_and_bounds(seed, statement, allowed, within):
    model = small_model(seed)
    wanted = shortest(model, statement, allowed)
    reply = ask(model, f"reach {statement.text} assuming {allowed.text}")
    assert (reply.answer is Answer.YES) == (wanted is not None)
    assert reply.witness is None or reply.witness.length == wanted
    reply = ask(model, f"always not ({statement.text}) within {within} tokens assuming {allowed.text}")
    assert (reply.answer is Answer.NO) == (wanted is not None and wanted <= within)


@settings(max_examples=25)
@given(seed=SEEDS, cause=statements, effect=statements, ever=st.booleans())
def test_what_comes_after(seed, cause, effect, ever):
    """For short streams, all of them."""
    model = small_model(seed)
    text = f"always {effect.text} {'ever ' * ever}after {cause.text} within 3 tokens"
    young = max(cause.age, effect.age) if not ever else effect.age

    def wrong(history):
        if len(history.tokens) < young or effect.at(history):
            return False
        moments = range(1, len(history.tokens) + 1) if ever else [len(history.tokens)]
        return any(cause.at(prefix(history, t)) for t in moments)

    def prefix(history, t):
        return type(history)(model, history.tokens[:t], history.states[: t + 1])

    lengths = [length for length in (1, 2, 3) if any(map(wrong, streams(model, length)))]
    reply = ask(model, text)
    assert (reply.answer is Answer.NO) == bool(lengths)
    if lengths:
        assert reply.witness.length == lengths[0]


@settings(max_examples=40)
@given(seed=SEEDS, statement=statements)
def test_the_judge_means_what_was_written(seed, statement):
    model = small_model(seed)
    asked = parse(f"reach {statement.text}", Subject(model).terms)
    tokens = np.random.default_rng(seed).integers(0, 3, 5).tolist()
    trace = Subject(model).replay(tokens)
    history, wanted = begin(model), []
    for token in tokens:
        history = history.after(token)
        wanted.append(statement.at(history))
    assert judged(asked.formula, trace) == wanted


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("cause", ["tok@-0", "tok@-1", "tok@-2", "h[1]@-1", "h[0,3]@-2"])
def test_what_depends_on_what(seed, cause):
    model = small_model(seed)
    reachable = {begin(model).states[-1]}
    level = list(reachable)
    while level:
        following = {tuple(s) for state in level for s in after(model, state)}
        level = list(following - reachable)
        reachable |= following
    back = int(cause[-1])
    pairs = set()
    for state in reachable:
        if cause.startswith("tok"):
            new = [tuple(s) for s in after(model, state)]
            pairs |= set(combinations(new, 2))
        else:
            bits = [int(c) for c in cause[2:].split("]")[0].split(",")]
            flips = [[b for k, b in enumerate(bits) if code >> k & 1] for code in range(1, 1 << len(bits))]
            pairs |= {(state, tuple(bit ^ (k in flip) for k, bit in enumerate(state))) for flip in flips}
    for _ in range(back):
        pairs = {
            (tuple(c), tuple(d)) for a, b in pairs for c, d in zip(after(model, a), after(model, b), strict=True)
        }
    for seen, of in (("out", lambda s: History(model, (0,), (s, s)).out(0)), ("h[2..4]", lambda s: s[2:])):
        wanted = any(of(a) != of(b) for a, b in pairs)
        reply = ask(model, f"does {seen} depend on {cause}")
        assert (reply.answer is Answer.YES) == wanted
        if wanted:
            trace, other = reply.witness.trace, reply.witness.other
            assert of(tuple(trace.states[-1].tolist())) != of(tuple(other.states[-1].tolist()))
            assert sum(a != b for a, b in zip(trace.tokens, other.tokens, strict=True)) == cause.startswith("tok")


def after(model, state):
    """(V, units) the states after each token."""
    return model.step(np.tile(np.array(state, np.uint8), (model.vocabulary, 1)), np.arange(model.vocabulary)).tolist()


@pytest.mark.parametrize("seed", range(8))
def test_constants(seed):
    model = small_model(seed)
    values = [{shortest(model, Statement("", lambda H, k=k, v=v: H.h(k, 0) == v, 1)) and v for v in (0, 1)} - {None}
              for k in range(UNITS)]  # fmt: skip
    reply = ask(model, "constant h[*]")
    fixed = {f"h[{k}]": next(iter(v)) for k, v in enumerate(values) if len(v) == 1}
    assert reply.facts["constant"] == fixed
    assert len(reply.facts["varies"]) == UNITS - len(fixed)
    assert (reply.answer is Answer.YES) == (len(fixed) == UNITS)
    for name, value in fixed.items():
        assert ask(model, f"constant {name}").answer is Answer.YES
        assert ask(model, f"always {name} = {value}").answer is Answer.YES


def test_constants_under_assumptions():
    """A bit is constant when only one token is read, whatever it does otherwise."""
    model = small_model(3)
    for token in range(3):
        state, seen = begin(model), set()
        for _ in range(40):
            state = state.after(token)
            seen.add(state.states[-1])
        reply = ask(model, f"constant h[*] assuming tok = {token}")
        assert len(reply.facts["constant"]) == sum(len(set(bits)) == 1 for bits in zip(*seen, strict=True))
        assert not reply.facts["unknown"]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("goal", ["flips out", "flips h[1..2]@-1", "makes out = 2 and h[0]"])
def test_nearest_changes(seed, goal):
    from trilc.explain.engines.optimum import Best, Nearby
    from trilc.explain.reasons import Nearest, _forced, sought

    model = small_model(seed)
    given = np.random.default_rng(seed).integers(0, 3, 4).tolist()
    now = next(h for h in streams(model, 4) if list(h.tokens) == given)

    def does(history):
        if goal == "flips out":
            return history.out(0) != now.out(0)
        if goal.startswith("flips"):
            return history.states[-2][1:3] != now.states[-2][1:3]
        return history.out(0) == 2 and history.h(0, 0) == 1

    costs = [sum(a != b for a, b in zip(h.tokens, given, strict=True)) for h in streams(model, 4) if does(h)]
    question = f"minimal change of input that {goal}"
    reply = ask(model, question, given)
    assert (reply.answer is Answer.YES) == bool(costs)
    if costs:
        assert len(reply.facts["changed"]) == min(costs)
    subject = Subject(model)
    asked = parse(question, subject.terms)
    nearest = Nearest(subject, asked, given, None)
    system = sought(subject, nearest._goal)
    best = [*Nearby(_forced(system, given, None))()][-1]
    assert isinstance(best, Best)
    assert (best.input is None) == (not costs)
    if costs:
        tokens = best.input.tokens[:4]
        assert sum(a != b for a, b in zip(tokens, given, strict=True)) == min(costs)
        assert does(next(h for h in streams(model, 4) if h.tokens == tokens))


@pytest.mark.parametrize("seed", range(2))
def test_reasons(seed):
    """They force it, and none can be left out: by all inputs of the length."""
    model = small_model(seed)
    given = np.random.default_rng(seed).integers(0, 3, 4).tolist()
    reply = ask(model, "why out", given)
    assert reply.answer is Answer.YES
    every = list(streams(model, 4))
    now = next(h for h in every if list(h.tokens) == given)

    def forces(places):
        return all(h.out(0) == now.out(0) for h in every if all(h.tokens[p - 1] == given[p - 1] for p in places))

    places = reply.facts["tokens"]
    assert forces(places)
    assert not any(forces([p for p in places if p != left]) for left in places)
    reply = ask(model, "why out@-1 from h@-2", given)
    bits, tokens, said = reply.facts["state_bits"], reply.facts["tokens"], now.out(1)
    assert reply.facts["begin"] == 2
    assert set(tokens) <= {3}

    def forced(bits, tokens):
        for code in range(1 << UNITS):
            state = tuple(code >> k & 1 for k in range(UNITS))
            if all(state[k] == now.states[2][k] for k in bits):
                for token in [given[2]] if tokens else range(3):
                    new = type(now)(model, (), (state,)).after(token)
                    if new.out(0) != said:
                        return False
        return True

    assert forced(bits, tokens)
    assert not any(forced([b for b in bits if b != left], tokens) for left in bits)
    assert not tokens or not forced(bits, [])


@pytest.mark.parametrize("seed", range(3))
def test_equality(seed, tmp_path):
    model, other = small_model(seed), small_model(seed + 50)
    save(tmp_path / "same.npz", model)
    save(tmp_path / "other.npz", other)
    trilc.write_aig(trilc.compile(model), tmp_path / "same.blif")
    for name in ("same.npz", "same.blif"):
        assert ask(model, f"equal '{tmp_path / name}'").answer is Answer.YES
        assert ask(model, f"equal {tmp_path / name} on 5 tokens").answer is Answer.YES
    different = [n for n in (1, 2, 3) if any(
        a.out(0) != b.out(0) for a, b in zip(streams(model, n), streams(other, n), strict=True))]  # fmt: skip
    for length in (1, 2, 3):
        reply = ask(model, f"equal {tmp_path / 'other.npz'} on {length} tokens")
        assert (reply.answer is Answer.NO) == bool(different and different[0] <= length)
        if reply.answer is Answer.NO:
            assert reply.witness.trace.said[-1] != reply.witness.other.said[-1]


@pytest.mark.parametrize("seed", range(4))
def test_netlists_are_asked_as_well(seed):
    """The same answers as of their models, also where registers were removed."""
    model = small_model(seed)
    netlist = trilc.compile(model, keep_state=True)
    questions = "reach out = 2 and out@-1 = 1", "always h[1] == h[2]", "does out depend on h[2]@-1", "constant h[*]"
    for question in questions:
        one, other = ask(model, question), ask(netlist, question)
        assert one.answer is other.answer
        assert (one.witness and one.witness.length) == (other.witness and other.witness.length)
    small = trilc.compile(model)
    assert ask(small, "never out = 0 after out@-1 = 0").answer is ask(model, "never out = 0 after out@-1 = 0").answer


def test_what_cannot_be_asked():
    model = small_model(1)
    with pytest.raises(InputError, match="this question is about a certain input"):
        ask(model, "why out")
    with pytest.raises(InputError, match="this question is about every input"):
        ask(model, "never out = 1", [1])
    with pytest.raises(InputError, match="position 1: found token 3; expected 0 to 2"):
        ask(model, "why out", [1, 3])
    with pytest.raises(InputError, match="it needs 3 tokens at least"):
        ask(model, "minimal change of input that flips out@-2", [1, 1])
    with pytest.raises(InputError, match="engine 'tea': expected one of"):
        ask(model, "never out = 1", engine="tea")
    with pytest.raises(InputError, match="is no question about a bad state"):
        question_system(model, "constant h")
    with pytest.raises(InputError, match="the netlist puts out scores, and the question"):
        ask(trilc.compile(model, "scores"), "reach out = 1")


def test_an_invariant_is_one_and_others_are_not():
    """It is given by the names of registers, and the check refuses what is none."""
    model = small_model(2)
    checked = 0
    for first in range(UNITS):
        for second in range(first):
            for question in (f"never h[{first}] and h[{second}]", f"always h[{first}] or h[{second}]"):
                system = question_system(model, question)
                last = [*Pdr(system.aig)()][-1]
                if isinstance(last, Proved) and last.invariant:
                    names = {name: k + 1 for k, name in enumerate(system.aig.register_names)}
                    cubes = [tuple(-names[x[1:]] if x[0] == "!" else names[x] for x in cube) for cube in last.invariant]
                    assert is_invariant(system.aig, cubes)
                    assert not is_invariant(system.aig, cubes[1:])
                    checked += 1
    assert checked > 0


def test_guided_runs_end_as_they_should():
    """On a machine too large to go through: what is found is replayed, and is rarer than chance finds."""
    model = random_model(np.random.default_rng(4), 40, 8, 0.2)
    state = model.run(np.random.default_rng(1).integers(0, 8, (1, 30)), "state")[0, -1]
    question = "reach " + " and ".join(f"h[{k}] = {state[k]}" for k in range(12))
    reply = ask(model, question, engine="simulate", seconds=60)
    assert reply.answer is Answer.YES
    guided = Guided(question_system(model, question).miter)
    while guided.found is None:
        guided.advance()
    system = question_system(model, question)
    asked = parse(question, Subject(model).terms)
    assert of_formula(Subject(model), system, asked.formula, asked.assuming, Found(guided.found, guided.begun)).length


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("signed", [True, False])
def test_ranges_of_scores(seed, signed):
    """Whatever a comparison is replaced by, it is that in every state; and limits are reached by some state."""
    model = random_model(np.random.default_rng(seed), 6, 3, 0.7, signed=signed)
    states = (np.arange(64)[:, None] >> np.arange(6) & 1).astype(np.uint8)
    scores = model.scores(states)
    compared = 0
    for number in range(-14, 15):
        for sign, holds in OPERATORS.items():
            for right, values in ((f"{number}", number), (f"score[1] + {number}", scores[:, 1] + number)):
                text = f"reach score[0] {sign} {right}".replace("+ -", "- ")
                formula = parse(text, Subject(model).terms).formula
                known = settled(formula, model)
                truth = {bool(x) for x in holds(scores[:, 0], values)}
                assert known == (formula if isinstance(known, Compare) else Constant(truth == {True}))
                assert len(truth) == 1 or isinstance(known, Compare)
                if sign in ("<", "<=", ">", ">="):
                    assert isinstance(known, Constant) == (len(truth) == 1)
                compared += isinstance(known, Constant)
    assert compared
