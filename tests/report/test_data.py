"""The data of a report against the numpy reference."""

from __future__ import annotations

import json

import numpy as np
import pytest

import trilc
from passes import efforts
from tests.models import random_model
from trilc.errors import InputError
from trilc.explain.modules import dependence
from trilc.explain.subject import Subject
from trilc.report import Wishes, gather, json_text
from trilc.report.gather import Given
from trilc.report.packing import packed, unpacked


def states_of(data, units):
    return np.unpackbits(unpacked(data["text"]["states"]), axis=1, bitorder="little")[:, :units]


def test_arrays_come_back():
    for kind, numbers in {"u1": [0, 255], "i1": [-128, 127], "u4": [0, 2**32 - 1], "f4": [0.5, -2]}.items():
        value = packed(np.array([numbers]), kind)
        assert json.loads(json.dumps(value)) == value
        assert unpacked(value).tolist() == [numbers]
    with pytest.raises(ValueError, match="does not fit u1"):
        packed(np.array([256]), "u1")


def test_the_text_is_what_the_reference_does(model, tokens, data):
    states = states_of(data, model.units)
    assert np.array_equal(states[1:], model.run(tokens[None], "state")[0])
    assert np.array_equal(states[:1], model.reset_state(1))
    assert np.array_equal(unpacked(data["text"]["tokens"]), tokens)
    assert np.array_equal(unpacked(data["text"]["said"]), model.run(tokens[None], "argmax")[0])
    scores = 0.4 * model.run(tokens[None], "scores")[0][:-1].astype(float)
    logits = scores - np.log(np.exp(scores).sum(1, keepdims=True))
    assert np.allclose(unpacked(data["text"]["nats"]), -logits[np.arange(699), tokens[1:]], atol=1e-5)
    rises = (np.diff(states.astype(int), axis=0) > 0).sum(0)
    assert np.array_equal(unpacked(data["bits"]["rises"]), rises)
    assert np.array_equal(unpacked(data["bits"]["on"]), states[1:].sum(0))


def test_cards_say_when_a_bit_is_on(model, tokens, data):
    states = states_of(data, model.units)
    assert len(data["bits"]["cards"]) == model.units
    for bit, card in enumerate(data["bits"]["cards"]):
        formula = card["formula"]
        total = np.zeros(len(tokens), int)
        for number, after, weight in formula["literals"]:
            column = states[1:, number] if after else states[:-1, number]
            total += abs(weight) * (column == (weight > 0))
        assert np.array_equal(total >= np.array(formula["needed"])[tokens], states[1:, bit])
        for moment in card["contexts"]:
            assert states[moment, bit] > states[moment - 1, bit]
        for token, times, known in card["triggers"]:
            rises = np.flatnonzero(np.diff(states[:, bit].astype(int)) > 0)
            assert (times, known) == ((tokens[rises] == token).sum(), (tokens == token).sum())


def test_what_never_comes_together_never_does(model, data):
    states = model.run(np.random.default_rng(2).integers(0, model.vocabulary, (64, 200)), "state")
    flat = states.reshape(-1, model.units).astype(bool)
    for a, b in unpacked(data["bits"]["never_together"]):
        assert not ((flat[:, a >> 1] ^ bool(a & 1)) & (flat[:, b >> 1] ^ bool(b & 1))).any()
    for bit, value in data["bits"]["constants"]:
        assert (flat[:, bit] == value).all()
    for bit, value in data["bits"]["settled"]:
        assert (flat[:, bit] == value).all()
    still = {bit for bit in range(model.units) if (flat[:, bit] == flat[0, bit]).all()}
    assert {bit for bit, _ in data["bits"]["settled"]} <= still


def test_wires_are_as_strong_as_they_matter(model, tokens, data):
    wiring = data["wiring"]
    into, of, strength = (unpacked(wiring[key]) for key in ("to", "from", "strength"))
    depends = np.zeros((model.units, model.units), bool)
    depends[into, of] = True
    assert np.array_equal(depends, dependence(model).depends)
    moments = np.linspace(0, len(tokens) - 1, wiring["moments"]).astype(int)
    before = states_of(data, model.units)[moments]
    plain = model.step(before, tokens[moments])
    counted = np.zeros((model.units, model.units), int)
    for bit in range(model.units):
        flipped = before.copy()
        flipped[:, bit] ^= 1
        counted[:, bit] = (model.step(flipped, tokens[moments]) != plain).sum(0)
    assert np.array_equal(counted[into, of], strength)
    assert not counted[~depends].any()
    assert sorted(bit for module in wiring["modules"] for bit in module) == list(range(model.units))


def test_gates_are_the_netlist(model, data):
    gates = data["gates"]
    netlist = trilc.compile(model, None, efforts.pipeline("fast"), keep_state=True)
    assert np.array_equal(unpacked(gates["fanins"]), netlist.fanins)
    assert np.array_equal(unpacked(gates["next_state"]), netlist.next_state)
    assert unpacked(gates["places"]).shape == (netlist.num_nodes, 2)
    assert data["overview"]["size"]["ands"] == netlist.num_ands


def test_the_same_input_gives_the_same_bytes(model, tokens, data):
    asked = ("shortest input so that h[3]", "always h[0] == h[1]")
    again = gather(model, Given([tokens], "a text"), Wishes(data["title"], asked, seconds=0))
    assert json_text(again) == json_text(data)


def test_without_a_text_it_writes_one(model):
    one = gather(model, None, Wishes("it", seconds=0))
    assert one["text"]["own"]
    assert "wrote itself" in one["text"]["origin"]
    assert one["text"]["length"] == 2000
    assert one["questions"] == []
    silent = random_model(np.random.default_rng(3), 6, 4, 0.5, outputs=0, output="state")
    other = gather(silent, None, Wishes("it", seconds=0))
    assert "at random" in other["text"]["origin"]
    assert other["text"]["said"] is other["text"]["nats"] is other["bits"]["votes"] is None


def test_questions_come_with_verdicts():
    model = trilc.load("examples/parity/parity.npz")
    asked = ("always h[0] implies not h[1]", "minimal change of input that flips out")
    data = gather(model, Given([np.array([0, 1, 1, 0])], "x"), Wishes("parity", asked, seconds=30))
    assert [question["answer"] for question in data["questions"][:2]] == ["yes", "yes"]
    assert data["questions"][1]["given"] == [0, 1, 1, 0]
    assert len(data["questions"]) > 4
    assert data["overview"]["proof"]["answer"] == "equal"
    for question in data["questions"]:
        if question["witness"]:
            trace = Subject(model).replay(question["witness"]["tokens"])
            assert question["witness"]["said"] == trace.said.tolist()
    machine = data["automaton"]["machine"]
    state, said = machine["start"], []
    for token in (1, 0, 1, 1):
        said.append(machine["output"][state][token])
        state = machine["delta"][state][token]
    assert said == [1, 1, 0, 1]


def test_a_netlist_does_for_a_model(model, tokens, data):
    netlist = trilc.compile(model, None, "strash, dead", keep_state=True)
    of_it = gather(netlist, Given([tokens], "a text"), Wishes("it", seconds=0))
    assert of_it["text"]["states"] == data["text"]["states"]
    assert of_it["text"]["said"] == data["text"]["said"]
    for key in ("from", "to", "strength", "modules"):
        assert of_it["wiring"][key] == data["wiring"][key]
    assert of_it["automaton"] is of_it["overview"]["proof"] is None
    assert all(card["formula"] is None for card in of_it["bits"]["cards"])


def test_layers_that_nothing_reads_and_large_vocabularies():
    rng = np.random.default_rng(8)
    deep = random_model(rng, 7, 300, 0.4, layers=2, embedding=9)
    data = gather(deep, Given([rng.integers(0, 300, 50)], "x"), Wishes("it", seconds=0))
    assert data["layers"] == [7, 7]
    assert np.array_equal(states_of(data, 14)[1:], deep.run(unpacked(data["text"]["tokens"])[None], "state")[0])


def test_what_is_refused(model):
    with pytest.raises(InputError, match="x: found no token; expected at least one"):
        gather(model, Given([], "x"), Wishes("it", seconds=0))
    with pytest.raises(InputError, match="token 6"):
        gather(model, Given([np.array([0, 6])], "x"), Wishes("it", seconds=0))
    with pytest.raises(InputError, match="column 1"):
        gather(model, Given([np.array([0])], "x"), Wishes("it", ("what now?",), seconds=0))
    lost = trilc.compile(random_model(np.random.default_rng(4), 12, 4, 0.15), None, "strash, dead")
    assert lost.metadata["removed"]
    with pytest.raises(InputError, match="keep-state"):
        gather(lost, None, Wishes("it", seconds=0))
