"""A small machine with hostile names, and its report; a browser to open it."""

from __future__ import annotations

import json

import numpy as np
import pytest

import trilc
from tests.cli.conftest import save
from tests.models import random_model
from trilc.report import Wishes, gather, json_text, page
from trilc.report.gather import Given

HOSTILE = "</script><img src=x onerror=alert(1)>"
TOKENS = ["a", " ", "\u202e", "</script>", HOSTILE, "{{script}}"]


@pytest.fixture(scope="session")
def model(tmp_path_factory):
    made = random_model(np.random.default_rng(5), 20, len(TOKENS), 0.3)
    return trilc.load(save(tmp_path_factory.mktemp("model") / "it.npz", made, tokens=TOKENS, score_scale=0.4))


@pytest.fixture(scope="session")
def tokens():
    return np.random.default_rng(1).integers(0, len(TOKENS), 700)


@pytest.fixture(scope="session")
def data(model, tokens):
    """Without seconds, so the same every time."""
    asked = ("shortest input so that h[3]", "always h[0] == h[1]")
    return gather(model, Given([tokens[:300], tokens[300:]], "a text"), Wishes(HOSTILE, asked, seconds=0))


@pytest.fixture(scope="session")
def html(data):
    return page(data)


@pytest.fixture(scope="session")
def report(html, data, tmp_path_factory):
    """The page as a file, beside its data."""
    folder = tmp_path_factory.mktemp("report")
    (folder / "report.json").write_text(json_text(data))
    (folder / "report.html").write_bytes(html)
    assert json.loads((folder / "report.json").read_text()) == json.loads(json.dumps(data))
    return folder / "report.html"
