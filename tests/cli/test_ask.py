"""``trilc ask``."""

from __future__ import annotations

import json
import signal

import numpy as np
import pytest

import trilc as library
from tests.cli.command import line_of, refused, said, start, trilc
from tests.cli.conftest import TOKENS, save
from tests.models import random_model


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A checkpoint that goes through hundreds of states."""
    folder = tmp_path_factory.mktemp("ask")
    return save(folder / "model.npz", random_model(np.random.default_rng(8), 10, 5, 0.5), tokens=TOKENS)


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """One that nobody goes through."""
    folder = tmp_path_factory.mktemp("large")
    return save(folder / "large.npz", random_model(np.random.default_rng(1), 96, 30, 0.3))


@pytest.fixture(scope="module")
def sayable(model):
    """What it says at some time."""
    return int(library.load(model).run(np.array([[0, 3, 1, 4, 2, 2]]))[0, -1])


def test_a_witness_is_shown_and_replays(model, sayable):
    result = trilc("ask", model, f"shortest input so that out='{TOKENS[sayable]}' and h != h@-1")
    assert result.code == 0, result
    first, tokens, text, says = result.out.splitlines()
    assert first.startswith("yes: after ")
    assert "; no shorter stream does (" in first
    ids = [int(word) for word in tokens.split()[1:]]
    source = library.load(model)
    assert text == f"  text    {json.dumps(''.join(TOKENS[i] for i in ids), ensure_ascii=False)}"
    outs = source.run(np.array([ids]))[0].tolist()
    assert says == f"  says    {json.dumps(''.join(TOKENS[i] for i in outs), ensure_ascii=False)}"
    states = [source.reset_state(1)[0], *source.run(np.array([ids]), "state")[0]]
    assert outs[-1] == sayable
    assert (states[-1] != states[-2]).any()


def test_answers_and_exit_codes(model, large, sayable):
    facts = json.loads(said("ask", model, f"reach out=={sayable}", "--json"))
    assert (facts["question"], facts["answer"], facts["shortest"]) == (f"reach out = {sayable}", "yes", True)
    assert facts["witness"]["said"][-1] == sayable
    result = trilc("ask", model, f"never out={sayable}", "--json")
    assert (result.code, json.loads(result.out)["answer"]) == (1, "no")
    result = trilc("ask", model, "always tok in {0..4}")
    assert (result.code, result.out.split(":")[0]) == (0, "yes")
    result = trilc("ask", large, f"reach {' and '.join(f'h[{k}]' for k in range(40))}", "--seconds", "1")
    assert (result.code, result.out.split(":")[0]) == (3, "unknown")
    assert "the time is over" in result.out


def test_all_kinds(model, tmp_path):
    bits = trilc("ask", model, "constant h[*]")
    assert bits.out.startswith(("no: ", "yes: "))
    assert "of 10 bits are constant" in bits.out
    changed = said("ask", model, "minimal change of input that makes out != 'a'", "--text", "a ab")
    assert changed.startswith("yes: ")
    assert len(changed.splitlines()) == 8
    question = "minimal change of input that makes out != 'a'"
    again = json.loads(said("ask", model, question, "--tokens", "0 3 2", "--json"))
    assert again["against"]["tokens"] == [0, 3, 2]
    depends = trilc("ask", model, "does out depend on h[3]@-2")
    assert ("h[3] after" in depends.out) == (depends.code == 0)
    library.write_aig(library.compile(library.load(model)), tmp_path / "same.blif")
    assert said("ask", tmp_path / "same.blif", f"equal {model} on 9 tokens").startswith("yes: ")


def test_why(model):
    facts = json.loads(said("ask", model, "why out", "--text", "ab ab", "--json"))
    assert facts["minimal"]
    assert facts["tokens"] == sorted(set(facts["tokens"]))


def test_the_question_as_a_file(model, tmp_path):
    assert said("ask", model, "always h[3] == h[7]", "-o", tmp_path / "q.aig") == ""
    assert (tmp_path / "q.aig").read_bytes().split(b"\n")[0].split()[6:] == [b"1", b"1"]
    assert "expected the ending .aig or .aag" in refused("ask", model, "always h[3]", "-o", tmp_path / "q.v")
    assert "is no question about a bad state" in refused("ask", model, "constant h", "-o", tmp_path / "q.aig")


def test_bad_questions_are_one_line(model, tmp_path):
    assert refused("ask", model, "reach h =").startswith("the question, column 10: found the end; expected bits")
    assert "one of always, never, reach" in refused("ask", model, "")
    assert "give it with --text or --tokens" in refused("ask", model, "why out")
    assert "either --text or --tokens" in refused("ask", model, "why out", "--text", "a", "--tokens", "0")
    assert "expected ids between spaces" in refused("ask", model, "why out", "--tokens", "a")
    assert "no such file" in refused("ask", model, f"equal {tmp_path / 'none.npz'}").lower()
    assert "no such file" in refused("ask", tmp_path / "none.npz", "reach h[0]").lower()
    assert "is not one of" in refused("ask", model, "reach h[0]", "--engine", "tea")
    for question in ("reach 'a\n'", "reach \x00", "é" * 30):
        assert line_of(trilc("ask", model, question)).startswith("the question, column ")


def test_ctrl_c_answers_with_what_is_known(large):
    process = start("ask", large, f"reach {' and '.join(f'h[{k}]' for k in range(40))}", "--seconds", "inf")
    line = process.stderr.readline()
    while b"gates" in line:
        line = process.stderr.readline()
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=30)
    assert (process.returncode, out.decode().split(":")[0]) == (3, "unknown")
    assert "interrupted" in out.decode()
