"""Two sources are called equal only where they are, and what tells them apart is as short as can be."""

from __future__ import annotations

import os
import signal
from dataclasses import replace

import numpy as np
import pytest

import trilc
from tests.models import random_model
from tests.passes.graphs import multiplier
from tests.prove.faults import flipped, output_flipped, shortest_by_brute_force, swapped
from trilc.aig import AIG, UNKNOWN, Builder
from trilc.errors import InputError
from trilc.model import Model
from trilc.prove import race, search, verification
from trilc.prove.counterexample import ReplayError, replay
from trilc.prove.equivalence import Answer
from trilc.prove.pair import pair
from trilc.prove.verification import Investigation, verify

SEEDS = [5, 7, 8, 15, 4, 10]
"""Of models that go through dozens of states."""

KINDS = ["argmax", "scores", "state"]


@pytest.fixture
def no_glance(monkeypatch):
    """Whatever the pair: the workers must decide."""
    monkeypatch.setattr(search, "GLANCE", -1)


def model(seed: int, output: str = "argmax", units: int = 7, layers: int = 1) -> Model:
    return random_model(np.random.default_rng(seed), units, 5, 0.5, layers=layers, output=output)


@pytest.mark.parametrize("output", KINDS)
@pytest.mark.parametrize("seed", range(3))
def test_a_netlist_equals_its_model(seed, output):
    source = model(seed, output)
    found = verify(source, trilc.compile(source))
    assert found.answer is Answer.EQUAL
    assert found.how.startswith("every token was tried in each of the")


@pytest.mark.parametrize("output", KINDS)
def test_seeded_faults_are_found_with_the_shortest_stream(output):
    """Against a brute force that shares nothing with the search; in gates, fan-ins and outputs."""
    rng = np.random.default_rng(KINDS.index(output))
    lengths = []
    for trial in range(24):
        source = model(SEEDS[trial // 4], output, units=9, layers=1 + trial // 4 % 2)
        netlist = trilc.compile(source, passes="dead")
        row, side, which = (int(rng.integers(n)) for n in (netlist.num_ands, 2, netlist.num_outputs))
        faults = flipped(netlist, row, side), swapped(netlist, row, side, rng), output_flipped(netlist, which)
        faulty = faults[trial % 3]
        wanted = shortest_by_brute_force(source, faulty, output)
        for sources in ((source, faulty), (faulty, source)):
            found = verify(*sources)
            if wanted is None:
                assert found.answer is Answer.EQUAL
            else:
                assert found.answer is Answer.DIFFERENT
                assert found.shortest
                example = found.counterexample
                assert len(example.tokens) == wanted
                place = sources.index(source)
                said = source.run(np.array([example.tokens]), output)[0, -1]
                assert np.array_equal(np.ravel(said), example.said[place])
                assert (example.said[0] != example.said[1]) == (example.held == (True, True))
        lengths.append(wanted)
    assert max(length or 0 for length in lengths) > 1
    assert sum(length is not None for length in lengths) > 12


def test_every_output_flip_shows_at_once():
    source = model(1, "scores")
    netlist = trilc.compile(source)
    for which, name in enumerate(netlist.output_names):
        found = verify(source, output_flipped(netlist, which))
        assert found.counterexample.where == (name,)
        assert (len(found.counterexample.steps), found.shortest) == (1, True)


def test_the_workers_prove_what_takes_longer(no_glance, monkeypatch):
    source = model(2, units=8)
    netlist = trilc.compile(source)
    monkeypatch.setattr(verification, "Search", idle)
    found = verify(source, netlist)
    assert found.answer is Answer.EQUAL
    assert "one step from any state, by SAT" in found.how
    assert found.steps == 0


class idle(search.Search):  # noqa: N801
    """A search that finds nothing; it must be picklable."""

    def __call__(self):
        yield search.Progress("nothing")


def test_the_workers_find_what_takes_longer(no_glance):
    source = model(3, units=10)
    netlist = trilc.compile(source, passes="dead")
    for row in range(netlist.num_ands):
        faulty = flipped(netlist, row, 0)
        wanted = shortest_by_brute_force(source, faulty, "argmax")
        if wanted and wanted > 2:
            break
    found = verify(source, faulty)
    assert found.answer is Answer.DIFFERENT
    assert len(found.counterexample.tokens) == wanted
    assert found.shortest


def permuted(source: Model, order: np.ndarray) -> Model:
    layer = source.layers[0]
    moved = replace(
        layer, recurrent=layer.recurrent[order][:, order], input=layer.input[order], bias=layer.bias[order],
        reset=layer.reset[order],
    )  # fmt: skip
    return replace(source, layers=(moved,), head=replace(source.head, weight=source.head.weight[:, order]))


def doubled(source: Model, unit: int) -> Model:
    """A unit a second time, that nothing reads."""
    layer = source.layers[0]
    twice = np.append(np.arange(layer.units), unit)
    recurrent = np.concatenate([layer.recurrent, np.zeros((layer.units, 1), np.int8)], axis=1)[twice]
    more = replace(
        layer, recurrent=recurrent, input=layer.input[twice], bias=layer.bias[twice], reset=layer.reset[twice]
    )
    weight = np.concatenate([source.head.weight, np.zeros((len(source.head.weight), 1), np.int8)], axis=1)
    return replace(source, layers=(more,), head=replace(source.head, weight=weight))


def test_units_in_another_order_or_twice_are_the_same_machine(no_glance, monkeypatch):
    monkeypatch.setattr(verification, "Search", idle)
    source = model(4, units=6)
    for other in (permuted(source, np.array([3, 1, 5, 0, 2, 4])), doubled(source, 2)):
        found = verify(source, other)
        assert found.answer is Answer.EQUAL
        assert found.how
    assert any(np.any(layer.recurrent) for layer in source.layers)


def test_two_checkpoints_that_differ():
    source = model(5, units=6)
    layer = source.layers[0]
    bias = layer.bias.copy()
    bias[1] += 3
    other = replace(source, layers=(replace(layer, bias=bias),))
    found = verify(source, other)
    stream = np.array([found.counterexample.tokens])
    left, right = source.run(stream)[0], other.run(stream)[0]
    assert left[-1] != right[-1]
    assert np.array_equal(left[:-1], right[:-1])
    assert found.counterexample.said == ((left[-1],), (right[-1],))


def test_what_a_netlist_puts_out_is_compared():
    source = model(6)
    for output in KINDS:
        assert verify(source, trilc.compile(source, output)).answer is Answer.EQUAL
    kept = trilc.compile(source, "argmax", keep_state=True)
    assert verify(source, kept, outputs="state").answer is Answer.EQUAL
    with pytest.raises(InputError, match="the netlist puts out scores, not argmax"):
        verify(source, trilc.compile(source, "scores"), outputs="argmax")
    with pytest.raises(InputError, match="the netlist puts out argmax, not scores"):
        verify(source, trilc.compile(source, "argmax"), outputs="scores")
    with pytest.raises(InputError, match="the checkpoints put out argmax and scores: choose with --outputs"):
        verify(source, replace(source, output="scores"))


def plain(netlist: AIG) -> AIG:
    """As it comes back from a tool that knows neither metadata nor constraints."""
    return replace(netlist, metadata={}, constraints=np.zeros(0, np.uint32))


def wrong_at(netlist: AIG, code: int) -> AIG:
    """The netlist with its first output flipped where a code is read."""
    b = Builder()
    inputs = [b.input(name) for name in netlist.input_names]
    registers = [b.register(n, int(r)) for n, r in zip(netlist.register_names, netlist.reset, strict=True)]
    from trilc.aig.copying import at, copy

    nodes = copy(b, netlist, np.array([0, *inputs, *registers], np.uint32))
    for register, literal in zip(registers, at(nodes, netlist.next_state).tolist(), strict=True):
        b.set_next(register, literal)
    read = 1
    for bit, literal in enumerate(inputs):
        read = b.and_(read, literal ^ 1 ^ (code >> bit & 1))
    for k, (name, literal) in enumerate(zip(netlist.output_names, at(nodes, netlist.outputs).tolist(), strict=True)):
        b.output(name, b.xor(literal, read) if k == 0 else literal)
    for literal in at(nodes, netlist.constraints).tolist():
        b.constrain(literal)
    return b.build(netlist.metadata)


def test_codes_that_no_token_has_do_not_count_where_that_is_said():
    source = model(7)
    netlist = trilc.compile(source)
    for code, answer in ((4, Answer.DIFFERENT), (5, Answer.EQUAL), (7, Answer.EQUAL)):
        other = wrong_at(netlist, code)
        assert verify(source, other).answer is answer
        assert verify(source, plain(other)).answer is answer
        assert verify(plain(netlist), other).answer is answer
        assert verify(plain(netlist), plain(other)).answer is Answer.DIFFERENT
        assert verify(plain(netlist), plain(other), tokens=5).answer is answer
    found = verify(plain(netlist), plain(wrong_at(netlist, 6)))
    assert found.counterexample.tokens == (6,)
    assert verify(source, wrong_at(netlist, 4), tokens=4).answer is Answer.EQUAL


def test_constraints_without_metadata_exclude_as_well():
    netlist = trilc.compile(model(7))
    constrained = replace(netlist, metadata={})
    assert verify(constrained, plain(wrong_at(netlist, 6))).answer is Answer.EQUAL
    assert verify(constrained, plain(wrong_at(netlist, 2))).answer is Answer.DIFFERENT


def test_what_cannot_be_compared_is_one_line():
    source = model(7)
    netlist = trilc.compile(source)
    wide = random_model(np.random.default_rng(0), 4, 9)
    with pytest.raises(InputError, match=r"only the second has the input 'tok\[3\]'; .*\(3 here, 4 there\)"):
        verify(source, wide)
    more = random_model(np.random.default_rng(0), 4, 6, outputs=5)
    with pytest.raises(InputError, match="they read 5 and 6 tokens; --tokens 5 compares those of both"):
        verify(source, more)
    assert verify(source, more, tokens=5).answer is Answer.DIFFERENT
    for tokens in (0, 6):
        with pytest.raises(InputError, match=f"--tokens {tokens}: expected 1 to 5"):
            verify(source, netlist, tokens=tokens)
    with pytest.raises(InputError, match="--tokens: the inputs are no token's bits"):
        verify(multiplier(2), multiplier(2), tokens=3)
    renamed = replace(netlist, output_names=("out[0]", "out[1]", "odd"))
    with pytest.raises(InputError, match=r"only the first has the output 'out\[2\]'"):
        verify(source, renamed)


def test_metadata_of_a_stranger_are_not_believed():
    source = model(8)
    netlist = trilc.compile(source)
    for lie in ({"removed": "all"}, {"removed": {"h_l0[0]": "nowhere"}}, {"vocabulary": -1}, {"tokens": 7}):
        assert verify(source, replace(netlist, metadata={**netlist.metadata, **lie})).answer is Answer.EQUAL


def test_constraints_must_let_every_token_in():
    source = model(7)
    netlist = trilc.compile(source)
    assert len(netlist.constraints) == 1
    for closed in (0, netlist.input_literals[0]):
        narrow = replace(netlist, constraints=np.array([closed], np.uint32))
        for sources in ((source, narrow), (narrow, source), (netlist, narrow)):
            found = verify(*sources)
            assert found.counterexample.where == ("the constraints",)
            assert (len(found.counterexample.steps), found.shortest) == (1, True)
            assert found.counterexample.held == tuple(one is not narrow for one in sources)


def test_constraints_of_foreign_netlists_are_compared():
    free = counter(3)
    full = free.outputs[0]
    until_full = replace(free, constraints=np.array([full ^ 1], np.uint32))
    never = replace(free, constraints=np.zeros(1, np.uint32))
    assert verify(until_full, until_full).answer is Answer.EQUAL
    found = verify(until_full, never)
    assert (len(found.counterexample.steps), found.counterexample.held) == (1, (True, False))
    beyond = replace(counter(3), constraints=np.array([free.register_literals[2] ^ 1], np.uint32))
    assert len(verify(until_full, beyond).counterexample.steps) == 5
    dead = counter(3, wrong=6)
    same = replace(dead, constraints=np.array([dead.register_literals[1] ^ 1], np.uint32))
    other = replace(free, constraints=np.array([free.register_literals[1] ^ 1], np.uint32))
    assert verify(same, other).answer is Answer.EQUAL  # what follows a broken constraint is nobody's business
    with pytest.raises(InputError, match="only one of the netlists has constraints, and these depend on its state"):
        verify(free, until_full)


def test_names_that_proofs_need_are_refused():
    aig = counter(2)
    for names in ({"input_names": ("state x",)}, {"output_names": ("the constraints",)}):
        odd = replace(aig, **names)
        with pytest.raises(InputError, match="is one that proofs use for themselves; rename it"):
            verify(odd, odd)


def counter(width: int, reset: int = 0, wrong: int | None = None) -> AIG:
    """Counts its input's ones; says whether it is at its end, or, ``wrong``, at another number."""
    b = Builder()
    x = b.input("x")
    bits = [b.register(f"s{k}", reset) for k in range(width)]
    carry, full = x, 1
    for k, bit in enumerate(bits):
        b.set_next(bit, b.xor(bit, carry))
        carry = b.and_(bit, carry)
        full = b.and_(full, bit ^ (0 if wrong is None else 1 ^ (wrong >> k & 1)))
    b.output("end", full)
    return b.build()


def test_other_netlists_differ_step_by_step():
    found = verify(counter(4), counter(4, wrong=9))
    assert found.counterexample.tokens is None
    assert [step["x"] for step in found.counterexample.steps[:-1]] == [1] * 9
    assert found.counterexample.where == ("end",)
    assert (found.shortest, found.depth) == (True, 9)


def test_a_register_that_starts_anyhow_starts_alike_in_both():
    assert verify(counter(3, UNKNOWN), counter(3, UNKNOWN)).answer is Answer.EQUAL
    found = verify(counter(3, UNKNOWN), counter(3, UNKNOWN, wrong=5))
    assert len(found.counterexample.steps) == 1
    number = sum(bit << int(name[1:]) for name, bit in found.counterexample.start.items())
    assert number in (5, 7)


def test_circuits_without_state():
    assert verify(multiplier(3), multiplier(3, swap=True)).how == "every input was tried"
    found = verify(multiplier(3), flipped(multiplier(3), 9, 1))
    assert len(found.counterexample.steps) == 1
    assert found.shortest


def test_budgets_end_in_unknown():
    hard = multiplier(9), multiplier(9, swap=True)
    found = verify(*hard, conflicts=10)
    assert found.answer is Answer.UNKNOWN
    assert found.how.startswith("no difference up to 0 steps")
    assert "none in 4,096 random streams of 10,000 steps" in found.how
    assert "the proof left output o" in found.how
    found = verify(*hard, seconds=0.01)
    assert found.how.endswith("the time is over")


def test_a_worker_that_is_killed_is_told():
    hard = multiplier(16), multiplier(16, swap=True)
    investigation = Investigation(pair(*hard), conflicts=10**9, seconds=20)
    running = investigation.run()
    started = []

    class Watched(race.Worker):
        def __init__(self, name):
            super().__init__(name)
            started.append(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(race, "Worker", Watched)
        next(running)
        os.kill(started[0]._process.pid, signal.SIGKILL)
        while "the proof stopped: its process was ended from outside" not in investigation.verdict().how:
            next(running)
        os.kill(started[1]._process.pid, signal.SIGKILL)
        for _ in running:
            pass
    assert investigation.verdict().answer is Answer.UNKNOWN
    assert "the search stopped" in investigation.verdict().how


def test_a_difference_is_believed_only_after_a_replay():
    source = model(9)
    compared = pair(source, trilc.compile(source))
    step = dict.fromkeys(compared.a.input_names, 0)
    with pytest.raises(ReplayError, match="a stream of 2 steps was to show a difference, and shows none"):
        replay(compared, [step, step], {})
    lying = replace(compared, a=output_flipped(compared.a, 0))
    with pytest.raises(ReplayError, match="the specification of the checkpoint is not what the reference says"):
        replay(lying, [step], {})
