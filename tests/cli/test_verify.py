"""``trilc verify`` and ``trilc diff``."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from hashlib import sha256

import numpy as np
import pytest

import trilc as library
from passes import Strash
from tests.cli.command import refused, said, trilc
from tests.cli.conftest import HEADER, TOKENS, save
from tests.cli.test_interrupt import begin
from tests.models import random_model
from tests.passes.graphs import multiplier
from tests.prove.faults import flipped, output_flipped, shortest_by_brute_force
from trilc.prove import search


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A checkpoint that goes through hundreds of states."""
    folder = tmp_path_factory.mktemp("verify")
    return save(folder / "model.npz", random_model(np.random.default_rng(8), 10, 5, 0.5), tokens=TOKENS)


@pytest.fixture(scope="module")
def files(model):
    """The model in every format, and the same with a fault that shows after more than one token."""
    source = library.load(model)
    right = library.compile(source, passes="dead")
    for row in range(right.num_ands):
        wrong = flipped(right, row, 0)
        length = shortest_by_brute_force(source, wrong, "argmax")
        if length and length > 1:
            break
    paths = {"length": length, "row": row}
    for name, netlist in (("right", right), ("wrong", wrong)):
        for ending in (".blif", ".aig", ".aag", ".v"):
            paths[name + ending] = model.parent / f"{name}{ending}"
            library.write_aig(netlist, paths[name + ending])
    return paths


@pytest.fixture(scope="module")
def hard(tmp_path_factory):
    """Multipliers that no budget proves equal."""
    folder = tmp_path_factory.mktemp("hard")
    for name, swap in (("a", False), ("b", True)):
        library.write_aig(multiplier(20, swap), folder / f"{name}.aig")
    return folder / "a.aig", folder / "b.aig"


@pytest.mark.parametrize("ending", [".blif", ".aig", ".aag", ".v"])
def test_a_netlist_in_every_format_against_its_checkpoint(ending, model, files):
    line = said("verify", model, files[f"right{ending}"])
    assert line.startswith("equal: every token was tried in each of the ")
    result = trilc("verify", model, files[f"wrong{ending}"])
    assert (result.code, result.err) == (1, "")
    first, tokens, text, left, right = result.out.splitlines()
    length = files["length"]
    assert first.startswith(f"different: after {length} tokens; no shorter stream shows one (")
    ids = [int(word) for word in tokens.split()[1:]]
    assert len(ids) == length
    assert text == f"  text    {json.dumps(''.join(TOKENS[i] for i in ids), ensure_ascii=False)}"
    source = library.load(model)
    answer = source.run(np.array([ids]))[0, -1]
    assert left.endswith(f"says {answer} {json.dumps(TOKENS[answer], ensure_ascii=False)}")
    assert left.split("says ")[1] != right.split("says ")[1]


def test_both_formats_of_a_checkpoint(model, files, tmp_path):
    source = library.load(model)
    layer, head = source.layers[0], source.head
    tensors = {
        "rnn.weight_ih_l0": layer.input.astype(np.int8), "rnn.weight_hh_l0": layer.recurrent.astype(np.int8),
        "rnn.bias_l0": layer.bias.astype(np.int32), "rnn.h0_l0": layer.reset,
        "head.weight": head.weight, "head.bias": head.bias.astype(np.int32),
    }  # fmt: skip
    header = HEADER | {"state": "pm1", "output": "argmax", "tokens": None}
    library.save(tmp_path / "same.safetensors", header, tensors)
    tensors["head.bias"] = tensors["head.bias"] + 9 * (np.arange(5) == 2).astype(np.int32)
    library.save(tmp_path / "other.npz", header, tensors)
    assert said("verify", model, tmp_path / "same.safetensors").startswith("equal: ")
    assert said("verify", tmp_path / "same.safetensors", files["right.blif"]).startswith("equal: ")
    result = trilc("verify", tmp_path / "same.safetensors", tmp_path / "other.npz")
    assert result.code == 1
    assert "other.npz         says 2\n" in result.out.replace(str(tmp_path) + "/", "")


def test_certificates(model, files, tmp_path):
    """Written of what is equal, with a program that accepts them."""
    folder = tmp_path / "proof"
    lines = said("verify", model, files["right.v"], "--certificate", folder).splitlines()
    assert lines[1:] == [f"certificate: {folder} (4 proofs)"]
    command = [sys.executable, "-I", folder / "check"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "accepted"
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["machines"][0]["name"] == "model.npz"
    assert (folder / "0.npz").read_bytes() == model.read_bytes()
    assert sha256(model.read_bytes()).hexdigest() in done.stdout
    assert "it exists already" in refused("verify", model, files["right.v"], "--certificate", folder)
    facts = json.loads(said("verify", model, files["right.aig"], "--json", "--certificate", tmp_path / "again"))
    assert (facts["certificate"]["proofs"], facts["certificate"]["missing"]) == (4, [])
    result = trilc("verify", model, files["wrong.v"], "--certificate", tmp_path / "none")
    assert result.code == 1
    assert result.out.splitlines()[-1] == "no certificate: that is written of what is equal"
    assert not (tmp_path / "none").exists()


def test_json(model, files):
    facts = json.loads(said("verify", model, files["right.v"], "--json"))
    assert (facts["answer"], facts["outputs"], facts["vocabulary"]) == ("equal", "argmax", 5)
    assert facts["counterexample"] is None
    assert facts["states"] > 100
    result = trilc("verify", files["right.aig"], files["wrong.v"], "--json")
    assert result.code == 1
    facts = json.loads(result.out)
    example = facts["counterexample"]
    assert (facts["answer"], example["shortest"]) == ("different", True)
    assert len(example["tokens"]) == files["length"] == facts["no_difference_up_to"] + 1
    assert example["text"] == "".join(TOKENS[i] for i in example["tokens"])
    for token, step in zip(example["tokens"], example["steps"], strict=True):
        assert sum(bit << int(name[4:-1]) for name, bit in step.items()) == token
    assert example["where"] == [name for name in example["a"] if example["a"][name] != example["b"][name]]
    assert example["said"][0] != example["said"][1]


@pytest.mark.parametrize("output", ["scores", "state"])
def test_what_else_can_be_compared(output, model, tmp_path):
    source = library.load(model)
    netlist = library.compile(source, output)
    library.write_aig(netlist, tmp_path / "right.aig")
    library.write_aig(output_flipped(netlist, 1), tmp_path / "wrong.aig")
    assert said("verify", model, tmp_path / "right.aig").startswith("equal: ")
    assert said("verify", model, model, "--outputs", output).startswith("equal: ")
    result = trilc("verify", model, tmp_path / "wrong.aig")
    name = "score0" if output == "scores" else "state_l0[1]"
    assert result.out.count(f"says {name}=") == 2
    assert result.out.startswith("different: after 1 token; no shorter stream shows one")


def test_tokens_are_limited(files, tmp_path):
    other = library.read_aig(files["right.aig"])
    from tests.prove.test_verification import plain, wrong_at

    library.write_aig(plain(other), tmp_path / "a.blif")
    library.write_aig(plain(wrong_at(other, 6)), tmp_path / "b.aag")
    result = trilc("verify", tmp_path / "a.blif", tmp_path / "b.aag")
    assert (result.code, result.out.splitlines()[1]) == (1, "  tokens  6")
    assert said("verify", tmp_path / "a.blif", tmp_path / "b.aag", "--tokens", "6").startswith("equal: ")
    assert refused("verify", tmp_path / "a.blif", tmp_path / "b.aag", "--tokens", "9") == "--tokens 9: expected 1 to 8"


def test_other_circuits_show_their_inputs(tmp_path):
    library.write_aig(multiplier(3), tmp_path / "a.aig")
    library.write_aig(output_flipped(multiplier(3), 2), tmp_path / "b.aig")
    result = trilc("verify", tmp_path / "a.aig", tmp_path / "b.aig")
    assert result.code == 1
    _, step, left, right = result.out.splitlines()
    assert step.startswith("  step 1  x0=")
    assert {left.split("says ")[1], right.split("says ")[1]} == {"o2=0", "o2=1"}


def test_what_is_not_decided_is_unknown(hard):
    result = trilc("verify", *hard, "--seconds", "4")
    assert (result.code, result.out.split(":")[0]) == (3, "unknown")
    assert "the time is over" in result.out
    assert trilc("verify", hard[0], hard[0], "--seconds", "inf").out.startswith("equal: every output")
    result = trilc("verify", *hard, "--seconds", "0", "--json")
    assert (result.code, json.loads(result.out)["answer"]) == (3, "unknown")


@pytest.mark.parametrize("seconds", [0.5, 3])
def test_ctrl_c_answers_with_what_is_known(seconds, hard):
    process = begin("verify", *hard, "--conflicts", str(10**9))
    if seconds > 1:
        assert process.stderr.readline().startswith(b"trilc: ")  # it is at work
    else:
        time.sleep(seconds)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    if seconds > 1:
        assert (process.returncode, out.decode().split(":")[0]) == (3, "unknown")
        assert "interrupted" in out.decode()
    else:  # perhaps it was still reading
        assert process.returncode == 3 or err.endswith(b"interrupted; no file is half-written\n")


def test_ctrl_c_ends_diff_as_well(hard):
    process = begin("diff", *hard, "--conflicts", str(10**9))
    assert process.stderr.readline().startswith(b"trilc: ")
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=20)
    assert process.returncode == 3
    assert out.startswith(b"unknown: no difference up to ")
    assert b"; interrupted (" in out
    assert b" stages against the source" not in out


def stopped(monkeypatch, place, reached=lambda *_: True):
    """Ctrl-C where a function of :mod:`trilc.bisection.bisect` is called."""
    honest = getattr(place, "conclude", None)

    def conclude(self, say):
        if reached(self):
            raise KeyboardInterrupt
        return honest(self, say)

    monkeypatch.setattr(place, "conclude", conclude)


def test_ctrl_c_tells_how_far_a_bisection_came(model, monkeypatch):
    """In a pass, in the comparison of the whole, and when a pass is known to be wrong."""
    from trilc.bisection.bisect import Investigation

    honest = Strash.apply
    asked = ["diff", model, "--passes", "dead, strash, rewrite"]
    with monkeypatch.context() as patch:
        patch.setattr(Strash, "apply", interrupt_now)
        result = trilc(*asked)
        assert (result.code, result.out.split(" (")[0]) == (
            3, "unknown: nothing was compared yet; interrupted in pass 2, strash"
        )  # fmt: skip
        assert json.loads(trilc(*asked, "--json").out)["how"] == result.out[9:].split(" (")[0]
    with monkeypatch.context() as patch:
        stopped(patch, Investigation)
        result = trilc(*asked)
        assert result.code == 3
        assert "no difference up to 0 tokens" in result.out
        assert "interrupted (all 4 stages against the source)" in result.out
    monkeypatch.setattr(Strash, "apply", lambda self, aig: output_flipped(honest(self, aig), 0))
    calls = []
    stopped(monkeypatch, Investigation, lambda which: calls.append(which) or len(calls) > 1)
    result = trilc(*asked)
    assert result.code == 1
    assert result.out.startswith("different: pass 2, strash, changes what the circuit does: after 1 token; ")
    assert "; interrupted; whether an earlier one does, too, is not known" in result.out


def test_ctrl_c_while_a_certificate_is_written(model, files, tmp_path, monkeypatch):
    """The verdict is known by then; nothing is half-written."""
    from trilc.prove.certificate import write

    monkeypatch.setattr(write, "_link", interrupt_now)
    result = trilc("verify", model, files["right.aig"], "--certificate", tmp_path / "proof")
    assert (result.code, result.out.split(":")[0]) == (0, "equal")
    assert result.out.splitlines()[-1].startswith("no certificate: the time was over, or it was interrupted, ")
    assert list(tmp_path.iterdir()) == []


def interrupt_now(*_):
    raise KeyboardInterrupt


@pytest.mark.parametrize("command", ["verify", "diff"])
def test_bad_input_is_one_line(command, model, files, tmp_path):
    assert "no such file" in refused(command, model, tmp_path / "none.aig").lower()
    assert "expected an ending among" in refused(command, model, tmp_path / "none.txt")
    library.write_aig(multiplier(2), tmp_path / "foreign.aig")
    assert "only the first has the input 'tok[0]'" in refused(command, model, tmp_path / "foreign.aig")
    assert "is not in the range" in refused(command, model, files["right.v"], "--conflicts", "0")
    for seconds in ("-1", "nan"):
        assert "is not in the range" in refused(command, model, files["right.v"], "--seconds", seconds)
    (tmp_path / "bad.aig").write_bytes(b"aig 1 2 3")
    assert "bad.aig" in refused(command, tmp_path / "bad.aig", model)


def test_diff_names_the_gate(files):
    result = trilc("diff", files["right.aig"], files["wrong.aig"])
    assert result.code == 1
    netlist = library.read_aig(files["wrong.aig"])
    assert f"  wrong gate: n{netlist.first_and + files['row']} = " in result.out
    assert "  differ first: " in result.out
    assert said("diff", files["right.aig"], files["right.v"]).startswith("equal: ")
    facts = json.loads(trilc("diff", files["right.aig"], files["wrong.aig"], "--json").out)
    assert facts["blame"]["gates"][0]["node"] == netlist.first_and + files["row"]


def test_diff_names_the_pass(model, monkeypatch):
    assert said("diff", model, "--passes", "strash, dead").startswith("equal: ")
    honest = Strash.apply
    monkeypatch.setattr(Strash, "apply", lambda self, aig: output_flipped(honest(self, aig), 0))
    result = trilc("diff", model, "--passes", "dead, strash, rewrite")
    assert result.code == 1
    assert result.out.startswith("different: pass 2, strash, changes what the circuit does: after 1 token; no shorter")
    assert "  differ first: output out[0]\n" in result.out
    facts = json.loads(trilc("diff", model, "--passes", "dead, strash, rewrite", "--json").out)
    assert facts["stage"] == {"position": 2, "name": "strash", "first": True}


def test_diff_wants_one_of_two(model):
    for arguments in ([model], [model, model, "--passes", "dead"]):
        assert "expected either OTHER or --passes" in refused("diff", *arguments)
    assert "expected one of the passes" in refused("diff", model, "--passes", "lie")


def test_the_processes_end_with_the_command(hard, monkeypatch):
    """Nothing is left running, whatever the answer."""
    from trilc.prove import race

    started = []

    class Watched(race.Worker):
        def __init__(self, name):
            super().__init__(name)
            started.append(self)

    monkeypatch.setattr(race, "Worker", Watched)
    monkeypatch.setattr(search, "GLANCE", -1)
    assert trilc("verify", *hard, "--seconds", "2").code == 3
    assert len(started) == 2
    assert all(worker._process.poll() is not None for worker in started)
