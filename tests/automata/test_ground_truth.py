"""Automata realised as nets, plain and blurred: the minimal automaton of the net is the one that went in, certified."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import trilc
from tests.automata.machines import TOMITA, counter, dyck, ground_truths, slowly_minimised, text, tomita
from trilc.automata import certificate, check, explore, extract, minimise, observation, realise
from trilc.errors import InputError

WAYS = {
    "plain": {},
    "redundant": {"redundant": 40, "permute": True, "seed": 5},
    "permuted": {"permute": True, "seed": 1},
}


@pytest.mark.parametrize("way", WAYS)
def test_the_minimal_automaton_is_the_ground_truth_and_certified(way, tmp_path):
    for name, machine in ground_truths():
        net = realise(machine, **WAYS[way])
        trilc.save(tmp_path / "net.npz", net.header(), net.tensors())
        model = trilc.load(tmp_path / "net.npz")
        reached = explore(observation(model))
        assert reached.complete, name
        minimal, classes = minimise(reached.machine())
        assert minimal.equals(machine), name
        assert extract(model).equals(machine), name
        (tmp_path / "proof").write_bytes(certificate(reached, minimal, classes))
        assert check(model, tmp_path / "proof").equals(machine), name


def test_ground_truths_are_minimal_and_what_they_are_called():
    for name, machine in ground_truths():
        assert slowly_minimised(machine).equals(machine), name
        assert machine.canonical().equals(machine), name
    words = np.array(list(itertools.product(range(2), repeat=9)))
    for number, belongs in TOMITA.items():
        said = tomita(number).run(words)
        assert said.tolist() == [
            [int(belongs(text(word[: n + 1]))) for n in range(9)] for word in words.tolist()
        ]
    assert [tomita(number).states for number in TOMITA] == [2, 3, 5, 4, 4, 3, 5]
    assert (counter(5).run(words)[:, -1] == (words.sum(axis=1) % 5 == 0)).all()
    heights = np.cumsum(1 - 2 * words, axis=1)
    lost = np.maximum.accumulate((heights < 0) | (heights > 3), axis=1)
    assert (dyck(3).run(words) == np.where(lost, 2, heights == 0)).all()


def test_a_net_says_what_the_machine_says_whatever_is_added():
    for _, machine in ground_truths():
        net = realise(machine, redundant=60, permute=True, seed=machine.states)
        model = _model(net)
        words = np.random.default_rng(0).integers(0, machine.vocabulary, (20, 50))
        assert (model.run(words) == machine.run(words)).all()


def test_units_that_are_added_are_of_every_kind():
    """Some that the output depends on, some that it doesn't; each kind of reader is moved."""
    machine = dyck(5)
    plain, blurred = realise(machine), realise(machine, redundant=200, seed=2)
    assert blurred.units == plain.units + 200
    assert (blurred.head != 0).sum() == (plain.head != 0).sum()
    assert (blurred.head < 0).any()
    assert (blurred.head[:, plain.units :] > 0).any()
    used = observation(_model(blurred)).units()
    assert plain.units < used.sum() < blurred.units


def test_the_same_seed_gives_the_same_net():
    nets = [realise(dyck(3), 20, True, seed) for seed in (7, 7, 8)]
    same = [
        all(np.array_equal(a, b) for a, b in zip(nets[0].tensors().values(), net.tensors().values(), strict=True))
        for net in nets
    ]
    assert same == [True, True, False]


def test_what_can_not_be_realised():
    from trilc.automata import UNSAID, Machine

    one = np.zeros((1, 2), np.int32)
    with pytest.raises(InputError, match="long words"):
        realise(Machine(one + UNSAID, one))
    with pytest.raises(InputError, match="found -3"):
        realise(Machine(one, one - 3))
    with pytest.raises(InputError, match="at most 8192 units"):
        realise(Machine(one, one), redundant=10_000)
    with pytest.raises(InputError, match="outputs up to 9999999"):
        realise(Machine(one, one + 9999999))


def _model(net):
    from tests.models import Checkpoint

    return Checkpoint(net.header(), net.tensors()).load()
