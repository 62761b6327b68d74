"""The set of all states as one diagram: as many as the explicit search lists, step by step, and none but these."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings

from tests.automata.machines import counter, dyck
from tests.models import Checkpoint, models, random_model
from trilc.aig import AIG, UNKNOWN, Builder
from trilc.aig.simulation import simulate_nodes
from trilc.automata import Observation, explore, observation, realise, walk
from trilc.automata.symbolic import Diagram, inductive, reach_symbolic
from trilc.automata.symbolic.invariant import Inductive
from trilc.automata.symbolic.order import arranged
from trilc.automata.symbolic.relation import _reads, _sample, bit_names
from trilc.automata.symbolic.search import Full, Level, Search
from trilc.cells.elman.layer import ElmanLayer
from trilc.compiler import compile as compiled
from trilc.errors import InputError
from trilc.model import Model
from trilc.prove.transition import packed, unpacked

SMALL = 64 << 20


def found(source: Observation | AIG, memory: int = SMALL, depth: int | None = None) -> tuple[list[Level], Diagram]:
    """What the search finds, in this process."""
    messages = [message for message in Search(source, memory, depth, True)() if not isinstance(message, str)]
    *levels, last = messages
    assert isinstance(last, Diagram)
    return levels, last


def holds(source: Observation | AIG, diagram: Diagram) -> bool:
    """What SAT says of the set."""
    return next(message for message in Inductive(source, diagram)() if isinstance(message, bool))


def every(bits: int) -> np.ndarray:
    return np.arange(1 << bits)[:, None] >> np.arange(bits) & 1


def window(length: int, width: int, one_hot: bool, seed: int = 0) -> Model:
    """A net that stores the last tokens, in bits or one-hot, its units being shuffled."""
    vocabulary = width if one_hot else 1 << width
    units = length * width
    code = np.eye(width, dtype=np.int8) if one_hot else every(width).T.astype(np.int8)
    entering = np.zeros((units, vocabulary), np.int8)
    entering[:width] = code
    order = np.random.default_rng(seed).permutation(units)
    recurrent = np.eye(units, k=-width, dtype=np.int8)[np.ix_(order, order)]
    layer = ElmanLayer(recurrent, entering[order], np.full(units, -1, np.int64), np.zeros(units, np.uint8))
    return Model(False, None, (layer,), None, "state")


def agree(observed: Observation) -> None:
    """With the explicit search: the numbers at each depth, the bits that change, the set, and SAT's word for it."""
    listed = explore(observed)
    levels, diagram = found(observed)
    assert sum(level.new for level in levels) == listed.states
    for depth in range(len(levels)):
        assert sum(level.new for level in levels[: depth + 1]) == explore(observed, depth=depth).states
    bits = listed.bits()
    assert diagram.contains(bits).all()
    assert diagram.contains(every(bits.shape[1])).sum() == listed.states
    changed = {bit for level in levels for bit in level.changed}
    assert changed == set(np.flatnonzero((bits != bits[0]).any(axis=0)).tolist())
    assert holds(observed, diagram)


@settings(max_examples=40, deadline=None)
@given(models(max_units=4, max_vocabulary=4, max_layers=2))
def test_states_are_those_of_the_explicit_search(model):
    agree(observation(model))


@pytest.mark.parametrize("seed", range(8))
def test_larger_nets_of_every_form(seed):
    rng = np.random.default_rng(seed)
    embedding = 3 if seed % 4 == 1 else None
    model = random_model(rng, 6 if seed & 2 else 13, 3, 0.4, layers=1 + (seed & 2) // 2, signed=bool(seed & 1),
                         embedding=embedding)  # fmt: skip
    agree(observation(model, "state"))


@pytest.mark.parametrize("machine", [counter(37), dyck(6)])
def test_realised_machines(machine):
    net = realise(machine, redundant=9, permute=True)
    observed = observation(Checkpoint(net.header(), net.tensors()).load())
    listed, (levels, diagram) = explore(observed), found(observed)
    assert sum(level.new for level in levels) == listed.states
    assert len(levels) == listed.depth
    assert diagram.contains(listed.bits()).all()


@pytest.mark.parametrize(("length", "width", "one_hot"), [(30, 3, False), (20, 8, True), (1, 9, True), (35, 1, False)])
def test_far_more_states_than_can_be_listed(length, width, one_hot):
    """Words up to a length, and which: their number is known by construction."""
    observed = observation(window(length, width, one_hot))
    levels, diagram = found(observed)
    vocabulary = width if one_hot else 1 << width
    wanted = [vocabulary**depth for depth in range(length + 1)]
    if not one_hot:  # a word that begins with zeros is as a shorter one
        wanted = [1, *(after - before for before, after in itertools.pairwise(wanted))]
    assert [level.new for level in levels] == wanted
    assert holds(observed, diagram)
    if one_hot:
        last = observed.model.run(np.random.default_rng(1).integers(0, vocabulary, (50, 2 * length)))[:, -1]
        assert diagram.contains(last).all()
        assert not diagram.contains(1 - last).any()


def test_a_diagram_says_the_same_as_a_netlist():
    observed = observation(random_model(np.random.default_rng(4), 10, 3, 0.5), "state")
    _, diagram = found(observed)
    states = every(10)
    netlist = diagram.netlist(bit_names(observed))
    assert netlist.output_names == ("reached",)
    values = simulate_nodes(netlist, packed(states.T))
    literal = int(netlist.outputs[0])
    said = unpacked(values[[literal >> 1]], len(states))[0] ^ (literal & 1)
    assert (said == diagram.contains(states)).all()
    assert 0 < said.sum() < len(states)


@pytest.mark.parametrize("seed", range(4))
def test_netlists(seed):
    model = random_model(np.random.default_rng(seed), 12, 3, 0.4, signed=bool(seed % 2))
    netlist = compiled(model)
    walked, (levels, diagram) = walk(netlist), found(netlist)
    assert sum(level.new for level in levels) == walked.states
    assert len(levels) == walked.depth
    assert holds(netlist, diagram)


@pytest.mark.parametrize("seed", range(6))
def test_netlists_of_any_origin(seed):
    """Registers that begin as either bit, and constraints: against all states and inputs in turn."""
    rng = np.random.default_rng(seed)
    builder = Builder()
    inputs = [builder.input(f"i{k}") for k in range(2)]
    registers = [builder.register(f"r{k}", int(rng.choice([0, 1, UNKNOWN]))) for k in range(5)]
    literals = [*inputs, *registers]
    for _ in range(25):
        a, b = rng.choice(literals, 2)
        literals.append(builder.and_(int(a) ^ int(rng.integers(2)), int(b) ^ int(rng.integers(2))))
    for register in registers:
        builder.set_next(register, int(rng.choice(literals[7:])) ^ int(rng.integers(2)))
    builder.constrain(builder.or_(int(rng.choice(literals[2:])), inputs[0]))
    aig = builder.build()
    leaves = every(7)
    values = unpacked(simulate_nodes(aig, packed(leaves.T)), 128)
    held = values[aig.constraints >> 1][0] ^ (aig.constraints[0] & 1)
    following = ((values[aig.next_state >> 1] ^ (aig.next_state & 1)[:, None]).T @ (1 << np.arange(5))).tolist()
    own = (leaves[:, 2:] @ (1 << np.arange(5))).tolist()
    begun = ((leaves[:, 2:] == aig.reset) | (aig.reset == UNKNOWN)).all(axis=1)
    met, sizes = {state for state, first in zip(own, begun, strict=True) if first}, []
    new = met
    while new:
        sizes.append(len(new))
        new = {following[k] for k in range(128) if own[k] in new and held[k]} - met
        met |= new
    levels, diagram = found(aig)
    assert [level.new for level in levels] == sizes
    assert set(np.flatnonzero(diagram.contains(every(5))).tolist()) == met
    assert holds(aig, diagram)


def test_sat_refuses_a_set_that_is_not_closed():
    observed = observation(window(6, 2, True))
    levels, short = found(observed, depth=4)
    assert len(levels) == 5
    assert not holds(observed, short)
    _, whole = found(observed)
    assert inductive(observed, whole)
    rows = np.array([[-1, 0, 0], [-1, 1, 1], [0, 0, 1]], np.int32)  # bit 0, which is 0 at reset
    without_reset = Diagram(*rows.T)
    assert not inductive(observed, without_reset)
    assert inductive(observed, whole, seconds=0) is None


def test_bits_that_are_one_thing_stand_together():
    model = window(6, 5, True, seed=3)
    order = arranged(_reads(model), _sample(model))
    assert sorted(order.tolist()) == list(range(30))
    place = np.argsort(np.random.default_rng(3).permutation(30))  # of each plain unit
    slot = np.empty(30, np.int64)
    slot[place] = np.arange(30) // 5
    assert (np.diff(slot[order]) != 0).sum() == 5


def test_memory_that_does_not_suffice():
    """How far it comes is a matter of when dead nodes are cleared away, but what it says of that is exact."""
    observed = observation(random_model(np.random.default_rng(3), 40, 4, 0.4))
    messages = [message for message in Search(observed, 1 << 20, None, True)() if not isinstance(message, str)]
    assert isinstance(messages[-1], Full)
    stopped = reach_symbolic(observed, memory=1 << 20)
    assert (stopped.complete, stopped.stopped, stopped.diagram) == (False, "the memory is used up", None)
    for news in ([level.new for level in messages[:-1]], stopped.levels):
        for depth in range(len(news)):
            assert sum(news[: depth + 1]) == explore(observed, depth=depth).states


def test_time_and_interrupts():
    observed = observation(random_model(np.random.default_rng(3), 60, 3, 0.5))
    over = reach_symbolic(observed, seconds=0)
    assert (over.complete, over.stopped, over.states) == (False, "the time is over", 0)

    def impatient(doing: str) -> None:
        if " 2 tokens deep" in doing:
            raise KeyboardInterrupt

    interrupted = reach_symbolic(observed, say=impatient)
    assert (interrupted.complete, interrupted.stopped, interrupted.depth) == (False, "interrupted", 2)
    assert interrupted.states == explore(observed, depth=2).states


def test_a_state_of_too_many_bits():
    builder = Builder()
    for k in range(8193):
        register = builder.register(f"r{k}")
        builder.set_next(register, register)
    with pytest.raises(InputError, match="found a state of 8,193 bits; expected at most 8,192"):
        reach_symbolic(builder.build())


def test_of_words_up_to_a_length():
    observed = observation(window(30, 2, False))
    some = reach_symbolic(observed, depth=7)
    assert (some.complete, some.stopped, some.states, some.depth) == (False, None, 4**7, 7)
    assert set(some.constant.values()) == {0}
    assert len(some.constant) == 60 - 14
    assert some.diagram is not None
    assert reach_symbolic(observed, wanted=False).diagram is None
