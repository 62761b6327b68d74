"""``trilc simulate --generate``."""

from __future__ import annotations

import numpy as np
import pytest

import trilc as library
from tests.cli.command import refused, said
from tests.cli.conftest import TOKENS as NAMES
from tests.cli.conftest import save
from tests.models import random_model
from trilc.generation import generate

PROMPT = [2, 3, 0, 4]
TEXT = "ab aé"


def continued(model, choose):
    """The tokens that follow the prompt, by the numpy reference: ``choose`` picks one by the last scores."""
    read = list(PROMPT)
    while len(read) < len(PROMPT) + 30:
        read.append(choose(read))
    return read[len(PROMPT) :]


@pytest.fixture(scope="module")
def greedy(checkpoint):
    model = library.load(checkpoint)
    return continued(model, lambda read: int(model.run(np.array([read]))[0, -1]))


def test_greedy_from_every_kind_of_prompt(checkpoint, netlists, scoring, greedy, tmp_path):
    text = "".join(NAMES[token] for token in greedy) + "\n"
    ids = " ".join(map(str, greedy)) + "\n"
    (tmp_path / "prompt").write_text(TEXT)
    for source in (checkpoint, scoring, *netlists.values()):
        assert said("simulate", source, "--generate", "30", "--prompt", TEXT) == text
    asked = ["simulate", checkpoint, "--generate", "30"]
    assert said(*asked, "--input", "text", stdin=TEXT) == text
    assert said(*asked, tmp_path / "prompt", "--input", "text") == text
    assert said(*asked, stdin="2 3 0 4") == text
    assert said(*asked, "--prompt", TEXT, "--show", "tokens") == ids


def test_by_temperature_and_seed(checkpoint, scoring):
    asked = ["--generate", "30", "--prompt", TEXT, "--show", "tokens", "--temperature"]
    first = said("simulate", checkpoint, *asked, "1.5", "--seed", "4")
    assert said("simulate", checkpoint, *asked, "1.5", "--seed", "4") == first
    assert said("simulate", scoring, *asked, "1.5", "--seed", "4") == first
    assert said("simulate", checkpoint, *asked, "1.5", "--seed", "5") != first
    model = library.load(checkpoint)
    draws = np.random.default_rng(4)

    def draw(read):
        scores = model.run(np.array([read]), "scores")[0, -1]
        weights = np.exp((scores - scores.max()) * 0.5 / 1.5)  # the header's score_scale over the temperature
        return int(np.flatnonzero(np.cumsum(weights) > draws.random() * weights.sum())[0])

    assert [int(word) for word in first.split()] == continued(model, draw)


def test_the_edges_of_temperature(checkpoint, scoring):
    """Near 0 only tokens of the largest score are left; at infinity all are equally likely."""
    model = library.load(checkpoint)
    asked = ["simulate", scoring, "--generate", "200", "--prompt", TEXT, "--show", "tokens", "--temperature"]
    read = [*PROMPT, *map(int, said(*asked, "1e-300").split())]
    scores = model.run(np.array([read[:-1]]), "scores")[0]
    for at in range(len(PROMPT) - 1, len(scores)):
        assert scores[at, read[at + 1]] == scores[at].max()
    counts = np.bincount([int(word) for word in said(*asked, "inf").split()], minlength=5)
    assert counts.min() > 20


def test_refusals(checkpoint, netlists, scoring, tmp_path):
    asked = ["--generate", "3", "--prompt"]
    for temperature in ("0", "-1", "nan"):
        line = refused("simulate", scoring, *asked, "ab", "--temperature", temperature)
        assert "expected more than 0" in line
    assert "--outputs scores" in refused("simulate", netlists[".v"], *asked, "ab", "--temperature", "1")
    assert refused("simulate", checkpoint, *asked, "abz") == (
        "the prompt: line 1, column 3: found 'z' (U+007A); expected a token"
    )
    assert "the prompt is empty" in refused("simulate", checkpoint, *asked, "")
    assert "the prompt is empty" in refused("simulate", checkpoint, "--generate", "3")
    nameless = save(tmp_path / "nameless.npz", random_model(np.random.default_rng(0), 3, 4))
    assert "no names" in refused("simulate", nameless, *asked, "ab")
    said("simulate", nameless, "--generate", "3", stdin="0 3")
    other = save(tmp_path / "other.npz", random_model(np.random.default_rng(0), 3, 4, outputs=2))
    assert "can't be read again" in refused("simulate", other, "--generate", "3", stdin="0")
    assert "is no text" in refused("simulate", other, "--show", "text", stdin="0")


def test_the_library_takes_a_prompt_in_pieces(checkpoint, greedy):
    runner = library.Runner(library.load(checkpoint))
    pieces = [np.array(PROMPT[:1]), np.zeros(0, np.int64), np.array(PROMPT[1:])]
    assert list(generate(runner, pieces, 30)) == greedy
    scores = library.Runner(library.load(checkpoint), output="scores")
    with pytest.raises(library.InputError, match="expected 'argmax'"):
        list(generate(scores, pieces, 1))
    with pytest.raises(library.InputError, match="expected 'scores'"):
        list(generate(runner, pieces, 1, temperature=1.0))
