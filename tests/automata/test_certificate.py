"""A certificate of the wrong machine, of another net, or with anything in it changed, is refused."""

from __future__ import annotations

import copy
import json
from dataclasses import replace

import numpy as np
import pytest

from tests.automata.machines import counter, dyck
from tests.models import Checkpoint, random_model
from trilc.automata import certificate, check, explore, minimise, observation, realise
from trilc.automata.certificate import _Below
from trilc.errors import InputError


def certified(model, *observed):
    reached = explore(observation(model, *observed))
    return json.loads(certificate(reached, *minimise(reached.machine())))


def refused(model, claim, path) -> str:
    path.write_text(json.dumps(claim))
    with pytest.raises(InputError) as error:
        check(model, path)
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "proof"


def test_small_models_are_certified(path):
    for seed in range(12):
        model = random_model(
            np.random.default_rng(seed), 8, 3, 0.5, layers=1 + seed % 2, signed=seed % 3 > 0, outputs=3
        )
        for observed in ((), ("argmax", ["1"]), ("scores", ["0"]), ("scores", ["0", "2"]), ("state", ["1", "4"])):
            claim = certified(model, *observed)
            path.write_text(json.dumps(claim))
            assert check(model, path).states == claim["machine"]["states"]


def test_every_change_of_a_table_is_noticed(path):
    net = realise(dyck(2), redundant=12, seed=4)
    model = Checkpoint(net.header(), net.tensors()).load()
    claim = certified(model)
    states = claim["machine"]["states"]
    for table, span in (("delta", states), ("output", 3)):
        for state in range(states):
            for token in range(2):
                changed = copy.deepcopy(claim)
                changed["machine"][table][state][token] = (claim["machine"][table][state][token] + 1) % span
                assert "does not hold" in refused(model, changed, path)
    for k in range(len(claim["net_states"])):
        changed = copy.deepcopy(claim)
        changed["stand_for"][k] = (claim["stand_for"][k] + 1) % states
        assert "does not hold" in refused(model, changed, path)
        changed = copy.deepcopy(claim)
        del changed["net_states"][k], changed["stand_for"][k]
        assert "not listed" in refused(model, changed, path)
    for k in range(len(claim["units"])):
        changed = copy.deepcopy(claim)
        del changed["units"][k]
        assert "not listed" in refused(model, changed, path)
    for k, (token, then, parent) in enumerate(claim["splits"]):
        for other in ([1 - token, then, parent], [token, k, parent], [token, then, k]):
            changed = copy.deepcopy(claim)
            changed["splits"][k] = other
            if k or other[2] == parent:  # what is said to lie above the root is not read
                assert "proof: " in refused(model, changed, path)


def test_a_machine_with_a_state_too_many_is_not_minimal(path):
    net = realise(counter(5))
    model = Checkpoint(net.header(), net.tensors()).load()
    reached = explore(observation(model))
    machine = reached.machine().canonical()
    assert machine.states > 5
    claim = json.loads(certificate(reached, *minimise(reached.machine())))
    claim["machine"] = {"start": 0, "delta": machine.delta.tolist(), "output": machine.output.tolist()}
    claim["stand_for"] = list(range(machine.states))
    claim["leaves"] += [claim["leaves"][0]] * (machine.states - 5)
    assert "does not hold: split" in refused(model, claim, path)
    claim["leaves"] = claim["leaves"][:5]
    assert "some state lies not in the tree" in refused(model, claim, path)


def test_another_net_is_another_net(path):
    nets = [realise(machine) for machine in (counter(5), counter(6), dyck(3))]
    models = [Checkpoint(net.header(), net.tensors()).load() for net in nets]
    claims = [certified(model) for model in models]
    for k, model in enumerate(models):
        for j, claim in enumerate(claims):
            if k != j:
                refused(model, claim, path)
    layer = models[0].layers[0]
    changed = layer.bias.copy()
    changed[3] += 1
    refused(replace(models[0], layers=(replace(layer, bias=changed),)), claims[0], path)


def test_what_is_no_certificate(path):
    net = realise(counter(3))
    model = Checkpoint(net.header(), net.tensors()).load()
    claim = certified(model)
    for key in claim:
        if key in ("model", "symbols"):  # what it is called does not count
            continue
        for value in (None, 7, "x", [], {}, [["x"]], [[10**9, 10**9, 10**9]]):
            changed = claim | {key: value}
            if changed != claim:
                refused(model, changed, path)
    assert "not JSON" in refused_text(model, path, "{")
    assert "No such file" in refused_text(model, path.with_name("none"), None)


def refused_text(model, path, text) -> str:
    if text is not None:
        path.write_text(text)
    with pytest.raises(InputError) as error:
        check(model, path)
    return str(error.value)


def test_too_many_states_are_not_listed():
    model = random_model(np.random.default_rng(3), 24, 4, 0.4)
    reached = explore(observation(model), limit=100)
    with pytest.raises(InputError, match="lists every state"):
        certificate(reached, reached.machine(), np.zeros(101, np.int32))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("shape", ["chain", "bushy"])
def test_what_lies_below_which_split(seed, shape):
    """Against sets, in trees of every depth, with splits below which there is nothing."""
    rng = np.random.default_rng(seed)
    count, number = int(rng.integers(1, 40)), int(rng.integers(1, 60))
    parent = np.array([-1] + [k - 1 if shape == "chain" else int(rng.integers(k)) for k in range(1, count)])
    leaves = rng.integers(0, count, number)
    sets = [{state: count + state for state in np.flatnonzero(leaves == node).tolist()} for node in range(count)]
    for node in range(count - 1, 0, -1):
        sets[parent[node]] |= dict.fromkeys(sets[node], node)
    below = _Below(parent, leaves)
    nodes, states = (each.ravel() for each in np.mgrid[:count, :number])
    inside = below.holds(nodes, states)
    assert inside.tolist() == [state in sets[node] for node, state in zip(nodes, states, strict=True)]
    children = below.child(nodes[inside], states[inside]).tolist()
    assert children == [sets[n][s] for n, s in zip(nodes[inside], states[inside], strict=True)]
