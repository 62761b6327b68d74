"""``trilc report``."""

from __future__ import annotations

import json

from tests.cli.command import refused, said
from trilc.report import page


def test_pages_and_data_of_checkpoints_and_netlists(checkpoint, netlists, tmp_path):
    (tmp_path / "text.txt").write_text("ab a b")
    for source in (checkpoint, netlists[".aig"]):
        told = said(
            "report", source, tmp_path / "text.txt", "-o", tmp_path / "a.html", "-o", tmp_path / "a.json",
            "--seconds", "0", "--title", "it", "--tokens", "3",
        )  # fmt: skip
        data = json.loads((tmp_path / "a.json").read_text())
        assert (tmp_path / "a.html").read_bytes() == page(data)
        assert (data["title"], data["text"]["length"], data["text"]["cut"]) == ("it", 3, True)
        assert "text.txt" in told
    said("report", checkpoint, "-o", tmp_path / "b.html", "--seconds", "0", "--seed", "4", "-q")
    said("report", checkpoint, "-o", tmp_path / "c.html", "--seconds", "0", "--seed", "4", "-q")
    assert (tmp_path / "b.html").read_bytes() == (tmp_path / "c.html").read_bytes()


def test_what_is_asked_is_answered(checkpoint, tmp_path):
    target = tmp_path / "a.json"
    out = said("report", checkpoint, "-", "-o", target, "--ask", "reach tok=1", "--seconds", "20", stdin="ab")
    (asked,) = [question for question in json.loads(target.read_text())["questions"] if question["asked"]]
    assert (asked["question"], asked["answer"]) == ("reach tok=1", "yes")
    assert "questions: " in out
    assert "standard input" in out


def test_what_is_refused(checkpoint, folder, tmp_path):
    assert "Missing option '-o'" in refused("report", checkpoint)
    assert "a.pdf: expected an ending among .html, .json" in refused("report", checkpoint, "-o", tmp_path / "a.pdf")
    assert "named twice" in refused("report", checkpoint, "-o", tmp_path / "a.html", "-o", tmp_path / "a.html")
    assert "--input is for TEXT" in refused("report", checkpoint, "-o", tmp_path / "a.html", "--input", "ids")
    html = tmp_path / "a.html"
    assert "column 1" in refused("report", checkpoint, "-o", html, "--ask", "what?", "--seconds", "0")
    assert "can't be read" in refused("report", checkpoint, tmp_path / "none.txt", "-o", html)
    (tmp_path / "wrong.txt").write_text("ab?")
    assert "wrong.txt: line 1, column 3: found '?'" in refused("report", checkpoint, tmp_path / "wrong.txt", "-o", html)
    (tmp_path / "adder.aag").write_text("aag 1 1 0 1 0\n2\n2\n")
    assert "expected one compiled from a model" in refused("report", tmp_path / "adder.aag", "-o", html)
    assert not html.exists()
