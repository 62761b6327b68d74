"""``trilc score``: what the library says, from every source and of every kind of text."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

import trilc as library
from tests.cli.command import refused, said
from tests.cli.conftest import TOKENS as NAMES
from tests.cli.conftest import save
from tests.models import random_model

TOKENS = np.random.default_rng(3).integers(0, len(NAMES), (7, 40))
TEXT = "".join(NAMES[token] for token in TOKENS[0])


@pytest.fixture(scope="module")
def model(checkpoint):
    return library.load(checkpoint)


def summary(*arguments, stdin=b""):
    found = json.loads(said("score", *arguments, "--json", stdin=stdin))
    assert found.pop("seconds") >= 0
    return found


def expected(model, tokens):
    found = library.score(model, tokens)
    return {
        "tokens": found.tokens, "correct": found.correct, "accuracy": found.accuracy,
        "nats": found.nats, "bits_per_character": found.bits_per_character,
    }  # fmt: skip


def test_text_from_a_file_and_from_standard_input(checkpoint, scoring, model, tmp_path):
    (tmp_path / "text").write_text(TEXT, encoding="utf-8")
    stream = library.Runner(model).named_tokens().encode(TEXT)
    for source in (checkpoint, scoring):
        assert summary(source, tmp_path / "text") == expected(model, stream)
        assert summary(source, stdin=TEXT) == expected(model, stream)


def test_ids_bytes_and_arrays(checkpoint, model, tmp_path):
    ids = " ".join(map(str, TOKENS[0]))
    assert summary(checkpoint, "--input", "ids", stdin=ids) == expected(model, TOKENS[0])
    raw = TOKENS[0].astype(np.uint8).tobytes()
    assert summary(checkpoint, "--input", "bytes", stdin=raw) == expected(model, TOKENS[0])
    for array in (TOKENS, TOKENS[0], np.where(np.arange(40) < np.arange(7)[:, None] * 5, TOKENS, -1)):
        np.save(tmp_path / "in.npy", array)
        assert summary(checkpoint, tmp_path / "in.npy") == expected(model, array)


def test_every_line_is_a_stream(checkpoint, model):
    lines = "\n".join(" ".join(map(str, row[: 3 * k])) for k, row in enumerate(TOKENS))
    padded = np.where(np.arange(40) < 3 * np.arange(7)[:, None], TOKENS, -1)
    assert summary(checkpoint, "--input", "ids", "--lines", stdin=lines) == expected(model, padded)


def test_the_table(checkpoint, netlists, folder, model):
    ids = " ".join(map(str, TOKENS[0]))
    found = library.score(model, TOKENS[0])
    printed = said("score", checkpoint, "--input", "ids", stdin=ids)
    assert f"{found.bits_per_character:.6f}" in printed
    assert f"{found.accuracy:.4%} ({found.correct:,})" in printed
    assert re.search(r"tokens foretold\W+39\b", printed)
    assert re.search(r"tokens per second\W+\d", printed)
    assert "bits" not in said("score", netlists[".v"], "--input", "ids", stdin=ids)
    unnamed = save(folder / "unnamed.npz", random_model(np.random.default_rng(0), 5, 5), score_scale=1)
    assert "bits per token" in said("score", unnamed, stdin=ids)


@pytest.mark.parametrize("text", ["", "a"])
def test_nothing_to_foretell(text, checkpoint):
    found = summary(checkpoint, stdin=text)
    assert found == {"tokens": 0, "correct": 0, "accuracy": None, "nats": 0.0, "bits_per_character": None}
    assert "none" in said("score", checkpoint, stdin=text)


def test_refusals(checkpoint, folder, tmp_path):
    np.save(tmp_path / "in.npy", np.array([[0, 1], [5, 0]]))
    assert "token 5 is not in 0 … 4" in refused("score", checkpoint, tmp_path / "in.npy")
    assert "holds ids" in refused("score", checkpoint, tmp_path / "in.npy", "--input", "text")
    assert refused("score", checkpoint, stdin="ax") == "standard input: line 1, column 2: found 'x' (U+0078); " + (
        "expected a token"
    )
    deaf = save(folder / "deaf.npz", random_model(np.random.default_rng(0), 5, 5, outputs=0, output="state"))
    assert "has no head.weight" in refused("score", deaf, stdin="1 2")
