"""Three ways to find a difference agree: all states in turn, SAT step by step, random runs made shorter."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.passes.graphs import machines, multiplier
from tests.prove.faults import flipped
from tests.strategies import aigs
from tests.truth import evaluate
from trilc.aig import AIG, TRUE, UNKNOWN
from trilc.errors import InputError
from trilc.prove import reach as reach_module
from trilc.prove.bounded import Bounded
from trilc.prove.counterexample import ReplayError, from_bits, replay
from trilc.prove.pair import Pair, pair
from trilc.prove.product import sequential
from trilc.prove.reach import Reach
from trilc.prove.runs import Runs, shortened
from trilc.prove.search import Search
from trilc.prove.transition import Transition, packed, transposed, unpacked


def brute_force(compared: Pair) -> int | None:
    """Steps to the first difference from any pair of states to begin with; None if there never is one."""
    a, b = compared.a, compared.b
    order = [b.output_names.index(name) for name in a.output_names]
    unknown = dict.fromkeys(
        name for aig in (a, b) for name, reset in zip(aig.register_names, aig.reset, strict=True) if reset == UNKNOWN
    )

    def begin(aig: AIG, free: dict[str, int]) -> tuple[bool, ...]:
        resets = zip(aig.register_names, aig.reset, strict=True)
        return tuple(bool(free[name]) if reset == UNKNOWN else bool(reset == TRUE) for name, reset in resets)

    level = []
    for bits in product((0, 1), repeat=len(unknown)):
        free = dict(zip(unknown, bits, strict=True))
        level.append((begin(a, free), begin(b, free)))
    inputs = [np.array(bits, bool)[:, None] for bits in product((0, 1), repeat=a.num_inputs)]
    seen, depth = set(level), 0
    while level:
        depth += 1
        reached = []
        for state in level:
            for given_ in inputs:
                left, right = (
                    evaluate(aig, given_[[a.input_names.index(name) for name in aig.input_names]],
                             np.array(now, bool)[:, None])[:, 0]
                    for aig, now in zip((a, b), state, strict=True)
                )  # fmt: skip
                if not left[a.num_outputs + a.num_registers :].all():
                    continue
                if (left[: a.num_outputs] != right[: b.num_outputs][order]).any():
                    return depth
                new = tuple(
                    tuple(roots[aig.num_outputs : aig.num_outputs + aig.num_registers].tolist())
                    for aig, roots in ((a, left), (b, right))
                )
                if new not in seen:
                    seen.add(new)
                    reached.append(new)
        level = reached
    return None


def replayed(compared: Pair, found: list[list[int]], begun: list[int]) -> int:
    """Its length, if it is a difference."""
    steps, start = from_bits(sequential(compared.a, compared.b), compared.a, found, begun)
    return len(replay(compared, steps, start).steps)


@settings(max_examples=60)
@given(aig=machines() | aigs(max_gates=15, max_inputs=3), data=st.data())
def test_every_way_agrees_with_brute_force(aig, data):
    if not aig.num_ands:
        return
    other = flipped(aig, data.draw(st.integers(0, aig.num_ands - 1)), data.draw(st.integers(0, 1)))
    try:
        compared = pair(aig, other)
    except InputError:  # a flip that makes constraints depend on the state
        return
    wanted = brute_force(compared)
    miter = sequential(compared.a, compared.b)
    transition = Transition(miter, compared.a.num_inputs)
    reach = Reach(transition)
    assert reach.possible
    while not reach.closed and reach.found is None:
        reach.advance()
    assert reach.depth == wanted - 1 if wanted else reach.closed
    with Bounded(miter) as bounded:
        bounded.skip(min(1, (wanted or 2) - 1))
        while bounded.found is None and bounded.depth < (wanted or reach.depth):
            assert bounded.advance(10_000)
    assert bounded.depth == (wanted - 1 if wanted else reach.depth)
    if wanted:
        assert replayed(compared, reach.found, reach.begun) == wanted
        assert replayed(compared, bounded.found, bounded.begun) == wanted
    runs = Runs(transition)
    runs.advance(40)
    if runs.found is not None:
        short = shortened(transition, runs.found, runs.begun)
        assert wanted <= replayed(compared, short, runs.begun) == len(short) <= len(runs.found)
    else:
        assert wanted is None or wanted > 2 or len(compared.a.constraints) or aig.num_inputs > 2


def chain(length: int, broken: bool) -> AIG:
    """A shift register whose last bit is put out, or, ``broken``, is not."""
    from trilc.aig import Builder

    b = Builder()
    x, hold = b.input("x"), b.input("hold")
    bits = [b.register(f"s{k}") for k in range(length)]
    for old, bit in zip([x, *bits], bits, strict=False):
        b.set_next(bit, b.mux(hold, bit, old))
    b.output("y", 0 if broken else bits[-1])
    return b.build()


def test_a_long_random_run_is_made_as_short_as_can_be():
    compared = pair(chain(20, False), chain(20, True))
    transition = Transition(sequential(compared.a, compared.b), 2)
    runs = Runs(transition)
    runs.advance(200)
    assert len(runs.found) > 21
    assert replayed(compared, runs.found, runs.begun) == len(runs.found)
    assert len(shortened(transition, runs.found, runs.begun)) == 21


def test_sat_proves_that_nothing_is_shorter(monkeypatch):
    """Breadth first gives up at once; the random find of the right length is then proved to be shortest."""
    compared = pair(chain(9, False), chain(9, True))
    monkeypatch.setattr("trilc.prove.search.WORK", -1)
    messages = [*Search.between(compared.a, compared.b, 10_000)()]
    assert any(message.found for message in messages)
    assert messages[-1].depth == 9


def test_it_ends_with_its_budgets(monkeypatch):
    monkeypatch.setattr("trilc.prove.search.MOST_STEPS", 300)
    last = [*Search.between(multiplier(12), multiplier(12, swap=True), 10)()][-1]
    assert (last.depth, last.steps, last.found) == (0, 300, None)


def test_too_many_states_end_the_search_half_way(monkeypatch):
    compared = pair(chain(12, False), chain(12, True))
    monkeypatch.setattr(reach_module, "MEMORY", 1 << 12)
    reach = Reach(Transition(sequential(compared.a, compared.b), 2))
    while not reach.full:
        reach.advance()
    assert not reach.closed
    assert reach.found is None


def test_too_many_inputs_are_not_gone_through():
    wide = multiplier(9)
    assert not Reach(Transition(sequential(wide, wide), 18)).possible


def test_what_is_no_difference_is_refused():
    aig = chain(3, False)
    compared = pair(aig, replace(aig))
    with pytest.raises(ReplayError):
        replayed(compared, [[1, 0]] * 5, [0] * 7)


@pytest.mark.parametrize("rows", [1, 63, 64, 65, 130])
def test_lanes_and_planes(rows):
    bits = np.random.default_rng(rows).integers(0, 2, (rows, 100)).astype(np.uint8)
    planes = packed(bits)
    assert (unpacked(planes, 100) == bits).all()
    assert (unpacked(transposed(planes), rows)[:100] == bits.T).all()
