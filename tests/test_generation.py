"""A machine that reads what it says goes where the reference goes."""

from __future__ import annotations

import numpy as np
import pytest

from tests.models import random_model
from trilc.compiler import compile
from trilc.errors import InputError
from trilc.generation import generate
from trilc.model import Model
from trilc.runner import Runner

PROMPT = [3, 1, 4, 1]


def some_model() -> Model:
    return random_model(np.random.default_rng(5), 16, 6, 0.5)


def test_the_best_tokens_follow() -> None:
    model = some_model()
    read = list(PROMPT)
    for _ in range(40):
        read.append(int(model.run(np.array([read]))[0, -1]))
    for source in (model, compile(model), compile(model, "scores")):
        runner = Runner(source, output="argmax")
        assert list(generate(runner, [np.array(PROMPT)], 40)) == read[len(PROMPT) :]


def test_generation_goes_on_from_the_present_state() -> None:
    runner, again = Runner(some_model()), Runner(some_model())
    tokens = list(generate(runner, [np.array(PROMPT)], 20))
    first = list(generate(again, [np.array(PROMPT)], 12))
    assert first == tokens[:12]
    assert list(generate(again, [np.array(first[-1:])], 8)) == tokens[12:]


def test_a_seed_draws_the_same_and_scores_are_what_it_draws_by() -> None:
    model = some_model()
    drawn = [
        list(generate(Runner(model, output="scores"), [np.array(PROMPT)], 60, 1.5, seed)) for seed in (1, 1, 2)
    ]
    assert drawn[0] == drawn[1] != drawn[2]
    read = [*PROMPT, *drawn[0]]
    scores = model.run(np.array([read]), "scores")[0]
    uniform = np.random.default_rng(1)
    for at in range(len(PROMPT) - 1, len(read) - 1):
        likely = np.exp((scores[at] - scores[at].max()) / 1.5)
        edges = np.cumsum(likely)
        assert read[at + 1] == np.searchsorted(edges, uniform.random() * edges[-1], side="right")


def test_nothing_is_asked_for() -> None:
    assert list(generate(Runner(some_model()), [np.array(PROMPT)], 0)) == []


@pytest.mark.parametrize(
    ("output", "temperature", "prompt", "message"),
    [
        ("state", None, PROMPT, "found output 'state'; expected 'argmax'"),
        ("argmax", 1.0, PROMPT, "found output 'argmax'; expected 'scores'"),
        ("scores", 0.0, PROMPT, "found temperature 0.0; expected more than 0"),
        ("argmax", None, [], "the prompt is empty"),
        ("argmax", None, [6], "token 6 is not in"),
    ],
)
def test_refusals(output: str, temperature: float | None, prompt: list[int], message: str) -> None:
    with pytest.raises(InputError, match=message):
        list(generate(Runner(some_model(), output=output), [np.array(prompt, np.int64)], 3, temperature))


def test_what_is_said_must_be_readable() -> None:
    runner = Runner(random_model(np.random.default_rng(0), 3, 4, outputs=2))
    with pytest.raises(InputError, match=r"2 scores for a vocabulary of 4: .* can't be read again"):
        list(generate(runner, [np.array([0])], 1))
