"""``trilc fsm`` and ``trilc realise``."""

from __future__ import annotations

import json

import numpy as np
import pytest

import trilc
from tests.automata.machines import counter, drawn, dyck
from tests.cli.command import refused, said
from tests.cli.command import trilc as run
from tests.cli.conftest import save
from tests.models import random_model
from trilc.aig.simulation import simulate_nodes
from trilc.automata import explore, observation, read_automaton, write_automaton
from trilc.prove.transition import packed, unpacked


@pytest.fixture
def brackets(tmp_path):
    """Brackets up to depth two, and a net of them."""
    write_automaton(dyck(2), tmp_path / "brackets.json")
    said("realise", tmp_path / "brackets.json", "-o", tmp_path / "net.npz", "--redundant", "9", "--permute")
    return tmp_path


def test_there_and_back(brackets):
    printed = said("fsm", brackets / "net.npz", "-o", brackets / "it.dot", "-o", brackets / "it.json")
    assert "minimal: 4 states, 2 tokens" in printed
    assert "0 (start)" in printed
    machine = read_automaton(brackets / "brackets.json")
    assert read_automaton(brackets / "it.dot").equals(machine)
    assert (brackets / "it.json").read_text() == said("fsm", brackets / "net.npz", "--json")
    assert json.loads(said("fsm", brackets / "net.npz", "--json")) == {
        "states": 4, "start": 0, "delta": machine.delta.tolist(), "output": machine.output.tolist(),
    }  # fmt: skip
    assert said("fsm", brackets / "net.npz", "--equal", brackets / "it.dot") == "equal: 4 states\n"


def test_a_realised_net_is_a_checkpoint_like_any_other(brackets):
    machine = read_automaton(brackets / "brackets.json")
    word = [0, 0, 1, 1, 0, 1, 1, 0]
    wanted = " ".join(map(str, machine.run(np.array([word]))[0].tolist()))
    for ending in (".npz", ".safetensors"):
        target = brackets / f"plain{ending}"
        assert said("realise", brackets / "brackets.json", "-o", target) == f"{target}: 8 units, 2 tokens\n"
        assert said("simulate", target, stdin=" ".join(map(str, word))).split() == wanted.split()
    assert "8 units" in said("info", target)
    said("compile", target, "-o", brackets / "it.aag", "--passes", "dead")
    assert said("verify", target, brackets / "it.aag").startswith("equal")


def test_a_shortest_word(brackets):
    write_automaton(dyck(3), brackets / "other.json")
    different = run("fsm", brackets / "net.npz", "--equal", brackets / "other.json")
    assert different.code == 1
    assert "after 3 tokens" in different.out
    assert "word   0 0 0" in different.out
    as_json = run("fsm", brackets / "net.npz", "--equal", brackets / "other.json", "--json")
    assert as_json.code == 1
    assert json.loads(as_json.out) == {"answer": "different", "word": [0, 0, 0], "said": [2, 0], "states": 4}
    short = run("fsm", brackets / "net.npz", "--equal", brackets / "other.json", "--depth", "2")
    assert (short.code, short.out) == (3, "unknown: words of up to 2 tokens show no difference\n")
    assert run("fsm", brackets / "net.npz", "--equal", brackets / "other.json", "--depth", "3").code == 1


def test_certificates(brackets):
    printed = said("fsm", brackets / "net.npz", "--certificate", brackets / "proof")
    assert "certified" in printed
    assert "holds" in said("fsm", brackets / "net.npz", "--check", brackets / "proof")
    said("realise", brackets / "brackets.json", "-o", brackets / "other.npz", "--redundant", "10", "--seed", "3")
    assert "does not hold" in refused("fsm", brackets / "other.npz", "--check", brackets / "proof")
    assert "expected no --depth" in refused("fsm", brackets / "net.npz", "--certificate", "x", "--depth", "1")


@pytest.fixture
def chaos(tmp_path):
    return save(tmp_path / "chaos.npz", random_model(np.random.default_rng(3), 60, 3, 0.5))


def test_more_states_than_the_limit(chaos):
    result = run("fsm", chaos, "--limit", "1000")
    assert result.code == 3
    assert result.out.startswith("unknown: more than 1,000 states")
    found = json.loads(run("fsm", chaos, "--limit", "1000", "--json").out)
    assert found["states"] is None
    assert found["found"] == 1001
    assert run("fsm", chaos, "--memory", "1").code == 3
    bounded = said("fsm", chaos, "--limit", "1000", "--depth", "4")
    assert "exact for words of up to 4 tokens" in bounded
    assert run("fsm", chaos, "--limit", "100", "--depth", "9").code == 3


def test_a_model_with_names(checkpoint, tmp_path):
    """Two layers; a token is a blank, one is no ASCII."""
    said("fsm", checkpoint, "-o", tmp_path / "it.dot", "-o", tmp_path / "it.json")
    model, text = trilc.load(checkpoint), (tmp_path / "it.dot").read_text()
    assert '[label="%C3%A9/' in text
    words = np.random.default_rng(0).integers(0, model.vocabulary, (30, 20))
    for ending in (".dot", ".json"):
        assert (read_automaton(tmp_path / f"it{ending}").run(words) == model.run(words)).all()
    assert read_automaton(tmp_path / "it.dot").tokens == model.tokens
    assert "other" in said("fsm", checkpoint, "--observe", "ab", "--observe", "é") or model.num_outputs


def test_bad_input(brackets, checkpoint):
    net, machine = brackets / "net.npz", brackets / "brackets.json"
    assert "expected an ending among .json, .dot" in refused("fsm", net, "-o", brackets / "it.png")
    assert "expected an ending among .npz, .safetensors" in refused("realise", machine, "-o", brackets / "it.pt")
    assert "Missing option" in refused("realise", machine)
    assert "named twice" in refused("fsm", net, "-o", brackets / "a.dot", "-o", brackets / "a.dot")
    assert "the name of an output" in refused("fsm", net, "--observe", "z")
    write_automaton(drawn(4, 3, 2, 0), brackets / "wide.json")
    assert "read 2 and 3 tokens" in refused("fsm", net, "--equal", brackets / "wide.json")
    (brackets / "bad.json").write_text('{"start": 0, "delta": [[0]], "output": [[-1]]}')
    assert "bad.json: output: found -1" in refused("realise", brackets / "bad.json", "-o", brackets / "x.npz")
    assert not (brackets / "x.npz").exists()
    write_automaton(counter(300), brackets / "long.json")
    line = refused("realise", brackets / "long.json", "-o", brackets / "x.npz", "--redundant", "9000")
    assert "at most 8192 units" in line
    assert "expected an ending among .npz, .safetensors" in refused("fsm", machine)


def test_the_same_automaton_from_every_form(brackets):
    """Nets of one machine have one text, however they are blurred."""
    texts = set()
    for seed in range(3):
        target = brackets / f"{seed}.npz"
        said("realise", brackets / "brackets.json", "-o", target, "--redundant", "30", "--permute", "--seed", str(seed))
        texts.add(said("fsm", target, "--json"))
    assert len(texts) == 1


@pytest.mark.parametrize("ending", [".blif", ".aig", ".v"])
def test_of_a_netlist(brackets, ending):
    netlist = brackets / f"net{ending}"
    said("compile", brackets / "net.npz", "-o", netlist, "--prove", "never")
    assert said("fsm", netlist, "--json") == said("fsm", brackets / "net.npz", "--json")
    printed = said("fsm", netlist, "-o", brackets / "again.json")
    assert "minimal: 4 states, 2 tokens" in printed
    assert (brackets / "again.json").exists()
    assert "equal: 4 states" in said("fsm", netlist, "--equal", brackets / "brackets.json")
    assert "found a netlist; expected a checkpoint" in refused("fsm", netlist, "--depth", "3")
    few = run("fsm", netlist, "--limit", "2")
    assert few.code == 3
    assert "more than" in few.out
    assert "registers are reached" in few.out


def test_states_as_a_set(brackets, tmp_path):
    net, target = brackets / "net.npz", tmp_path / "reached.aag"
    listed = explore(observation(trilc.load(net)))
    printed = said("fsm", net, "--symbolic", "--prove", "-o", target)
    assert f"reached: {listed.states} states of {len(listed.step.kept)} bits" in printed
    assert "proved by SAT" in printed
    netlist = trilc.read_aig(target)
    assert netlist.output_names == ("reached",)
    assert netlist.num_inputs == len(listed.step.kept)
    values = simulate_nodes(netlist, packed(listed.bits().T))[int(netlist.outputs[0]) >> 1]
    inside = unpacked(values[None], listed.states)[0] ^ (int(netlist.outputs[0]) & 1)
    assert inside.all()
    said("compile", net, "-o", tmp_path / "net.blif", "--prove", "never")
    facts = json.loads(said("fsm", tmp_path / "net.blif", "--symbolic", "--json"))
    assert (facts["states"], facts["stopped"], facts["proved"]) == (facts["found"], None, None)
    assert sum(facts["levels"]) == facts["states"] > 1


def test_a_set_that_is_not_finished(chaos, tmp_path):
    some = run("fsm", chaos, "--symbolic", "--depth", "2")
    assert (some.code, some.out.startswith("bounded: ")) == (0, True)
    over = run("fsm", chaos, "--symbolic", "--memory", "1", "-o", tmp_path / "set.blif")
    assert over.code == 3
    assert over.out.startswith("unknown: the memory is used up; at least ")
    assert "nothing is written" in over.out
    assert not (tmp_path / "set.blif").exists()
    late = run("fsm", chaos, "--symbolic", "--seconds", "0", "--json")
    assert late.code == 3
    facts = json.loads(late.out)
    assert (facts["states"], facts["found"], facts["stopped"]) == (None, 0, "the time is over")
    assert "or --symbolic" in run("fsm", chaos, "--limit", "1000").out


def test_what_symbolic_takes(brackets, tmp_path):
    net = brackets / "net.npz"
    assert "expected an ending among .aig" in refused("fsm", net, "--symbolic", "-o", tmp_path / "set.json")
    assert "--symbolic lists no states" in refused("fsm", net, "--symbolic", "--limit", "9")
    assert "--symbolic lists no states" in refused("fsm", net, "--symbolic", "--equal", brackets / "brackets.json")
    assert "are for --symbolic" in refused("fsm", net, "--prove")
    assert "are for --symbolic" in refused("fsm", net, "--seconds", "3")
    said("compile", net, "-o", tmp_path / "net.aig", "--prove", "never")
    assert "found a netlist" in refused("fsm", tmp_path / "net.aig", "--symbolic", "--outputs", "state")
