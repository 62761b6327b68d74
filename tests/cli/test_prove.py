"""``trilc compile --prove``: the proof that comes with a netlist, and what happens where there is none."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.cli.command import refused, said, trilc
from tests.cli.conftest import save
from tests.models import random_model
from trilc import compiler
from trilc.aig import AIG
from trilc.prove import conformance
from trilc.prove.equivalence import Answer, Verdict


@pytest.fixture
def compiled_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """The compiler puts out one bit with the wrong sign."""
    right: Callable[..., AIG] = compiler.compile

    def wrong(*arguments: object, **options: object) -> AIG:
        aig = right(*arguments, **options)
        return replace(aig, outputs=aig.outputs ^ (np.arange(aig.num_outputs) == 1).astype(np.uint32))

    monkeypatch.setattr(compiler, "compile", wrong)


def unproved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        conformance, "conforms", lambda *_: Verdict(Answer.UNKNOWN, "output out[0] is undecided")
    )


def test_the_result_is_proved_in_one_line(checkpoint: Path, tmp_path: Path) -> None:
    *_, line = said("compile", checkpoint, "-o", tmp_path / "net.blif").splitlines()
    assert line.startswith("proved equal to the model: every output and next state, one step from any state, by SAT (")


def test_figures(checkpoint: Path) -> None:
    proof = json.loads(said("compile", checkpoint, "--json"))["proof"]
    assert proof["answer"] == "equal"
    assert proof["seconds"] > 0
    assert json.loads(said("compile", checkpoint, "--json", "--prove", "never"))["proof"] is None


@pytest.mark.usefixtures("compiled_wrong")
@pytest.mark.parametrize("budget", ["60", "always"])
def test_what_differs_is_not_written(checkpoint: Path, tmp_path: Path, budget: str) -> None:
    result = trilc("compile", checkpoint, "-o", tmp_path / "net.blif", "--prove", budget)
    assert result.code == 1
    assert result.out == ""
    assert "the netlist differs from the model in output out[1]" in result.err
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("compiled_wrong")
def test_unless_nothing_is_to_be_proved(checkpoint: Path, tmp_path: Path) -> None:
    said("compile", checkpoint, "-o", tmp_path / "net.blif", "--prove", "never")
    assert trilc("verify", checkpoint, tmp_path / "net.blif").code == 1


def test_what_must_be_proved_and_is_not(
    checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unproved(monkeypatch)
    result = trilc("compile", checkpoint, "-o", tmp_path / "net.blif", "--prove", "always")
    assert result.code == 3
    assert "not proved equal to the model: output out[0] is undecided; nothing is written" in result.err
    assert not list(tmp_path.iterdir())
    assert "not proved: output out[0] is undecided (" in said("compile", checkpoint, "-o", tmp_path / "net.blif")
    assert (tmp_path / "net.blif").exists()


def test_larger_netlists_in_a_process_that_can_be_stopped(tmp_path: Path) -> None:
    model = random_model(np.random.default_rng(0), 48, 31, 0.4)
    path = save(tmp_path / "larger.npz", model)
    fast = ["--effort", "fast", "--json"]
    assert json.loads(said("compile", path, *fast))["ands"] > conformance.SMALL
    assert json.loads(said("compile", path, *fast, "--prove", "always"))["proof"]["answer"] == "equal"
    stopped = json.loads(said("compile", path, *fast, "--prove", "0"))["proof"]
    assert (stopped["answer"], stopped["how"]) == ("unknown", "not shown within 0 s")


@pytest.mark.parametrize("budget", ["sometimes", "-1", "nan", "inf", ""])
def test_budgets_that_are_none(checkpoint: Path, budget: str) -> None:
    assert f"found {budget!r}; expected always, never, or seconds, such as 60" in refused(
        "compile", checkpoint, "--prove", budget
    )
