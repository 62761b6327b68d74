"""``trilc simulate``: streams of lines, states saved and loaded, waveforms, switches, progress."""

from __future__ import annotations

import io
import json
import sys

import numpy as np
import pytest

import trilc as library
from tests.cli.command import refused, said
from tests.cli.conftest import TOKENS as NAMES
from trilc.cli import pace, sources
from trilc.cli.said import Printer
from trilc.runner import Runner
from trilc.saved_state import read_state

TOKENS = np.random.default_rng(3).integers(0, len(NAMES), (7, 40))
LENGTHS = np.array([5, 0, 40, 1, 17, 39, 40])
PADDED = np.where(np.arange(40) < LENGTHS[:, None], TOKENS, -1)
IDS = [" ".join(map(str, row[:length])) for row, length in zip(TOKENS, LENGTHS, strict=True)]


@pytest.fixture(scope="module")
def model(checkpoint):
    return library.load(checkpoint)


def expected(model, output="argmax"):
    whole = model.run(TOKENS, output)
    return [row[:length].tolist() for row, length in zip(whole, LENGTHS, strict=True)]


@pytest.mark.parametrize("piece", [1, 7, 1 << 20])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_are_streams_of_any_length(piece, end, netlists, model, monkeypatch):
    monkeypatch.setattr(sources, "LINES", piece)
    wanted = [" ".join(map(str, row)) for row in expected(model)]
    for last in ("", end):
        printed = said("simulate", netlists[".aig"], "--lines", stdin=end.join(IDS) + last)
        assert printed.splitlines() == wanted
    assert said("simulate", netlists[".aig"], "--lines") == ""


def test_lines_of_text_and_of_bytes(checkpoint, model):
    lines = ["ab a", "", "b éA"]
    cut = library.Runner(model).named_tokens().encode
    wanted = ["".join(NAMES[i] for i in model.run(cut(line)[None])[0]) for line in lines]
    printed = said("simulate", checkpoint, "--lines", "--input", "text", "--show", "text", stdin="\n".join(lines))
    assert printed.splitlines() == wanted
    raw = b"\x00\x01\x04\n\x03"
    printed = said("simulate", checkpoint, "--lines", "--input", "bytes", stdin=raw)
    rows = [model.run(np.array([row]))[0].tolist() for row in ([0, 1, 4], [3])]
    assert printed.splitlines() == [" ".join(map(str, row)) for row in rows]


def test_an_empty_line_ends_the_scores_of_a_stream(checkpoint, model, tmp_path):
    blocks = ["".join(" ".join(map(str, row)) + "\n" for row in stream) for stream in expected(model, "scores")]
    wanted = "".join(block + "\n" for block in blocks)
    assert said("simulate", checkpoint, "--lines", "--show", "scores", stdin="\n".join(IDS)) == wanted
    np.save(tmp_path / "in.npy", PADDED)
    assert said("simulate", checkpoint, tmp_path / "in.npy", "--show", "scores") == wanted


@pytest.mark.parametrize("held", [1, 15, 100, 1 << 24])
def test_padding_ends_a_stream_of_an_array(held, checkpoint, model, tmp_path, monkeypatch):
    from trilc.cli import said as output

    monkeypatch.setattr(output, "HELD", held)
    np.save(tmp_path / "in.npy", PADDED.astype(np.int8))
    printed = said("simulate", checkpoint, tmp_path / "in.npy")
    assert printed.splitlines() == [" ".join(map(str, row)) for row in expected(model)]
    for show, filler in (("tokens", -1), ("scores", 0), ("state", 0)):
        said("simulate", checkpoint, tmp_path / "in.npy", "--show", show, "-o", tmp_path / "out.npy")
        whole = model.run(TOKENS, {"tokens": "argmax"}.get(show, show))
        whole[PADDED < 0] = filler
        found = np.load(tmp_path / "out.npy")
        np.testing.assert_array_equal(found, whole)
        assert show != "tokens" or found.dtype == np.int8


def test_padding_in_the_middle_is_refused(checkpoint, tmp_path):
    for array, line in (
        ([[0, -1, 1], [0, 0, -1]], "stream 0, position 2: found token 1 behind the stream's end; expected -1"),
        ([[0, -1, 1]], "stream 0, position 1: token -1 is not in 0 … 4"),
        ([[0, -2, -1]], "stream 0, position 1: token -2 is not in 0 … 4"),
    ):
        np.save(tmp_path / "in.npy", np.array(array))
        assert refused("simulate", checkpoint, tmp_path / "in.npy") == line


@pytest.mark.parametrize(
    ("arguments", "stdin", "line"),
    [
        ([], b"0 1\n0 x", "standard input: line 2: position 1: found 'x'; expected a token id"),
        ([], b"0 1\n0 5", "standard input: line 2: position 1: token 5 is not in 0 … 4"),
        (["--input", "text"], b"a\nb\xff", "standard input: line 2: byte 1: found 0xff; expected UTF-8"),
        (["--input", "text"], b"a\n\nbx", "standard input: line 3: line 1, column 2: found 'x'"),
        ([], b"1 " * 600, "standard input: line 1: found more than 1000 bytes; expected lines"),
    ],
)
def test_lines_that_are_none(arguments, stdin, line, checkpoint, monkeypatch):
    monkeypatch.setattr(sources, "LONGEST_LINE", 1000)
    assert refused("simulate", checkpoint, "--lines", *arguments, stdin=stdin).startswith(line)


def test_a_run_is_cut_in_two(checkpoint, netlists, model, tmp_path):
    state, ids = tmp_path / "state.npz", " ".join(map(str, TOKENS[0, :13]))
    rest, wanted = " ".join(map(str, TOKENS[0, 13:])), model.run(TOKENS[:1])[0]
    for first in (checkpoint, netlists[".blif"]):
        begun = said("simulate", first, "--save-state", state, stdin=ids)
        for second in (checkpoint, netlists[".v"]):
            ended = said("simulate", second, "--load-state", state, stdin=rest)
            assert (begun + ended).split() == [str(index) for index in wanted]
    written = said("simulate", checkpoint, "--load-state", state, "--generate", "5", "--show", "tokens", stdin=rest)
    whole = said("simulate", checkpoint, "--generate", "5", "--show", "tokens", stdin=f"{ids} {rest}")
    assert written == whole


def test_states_of_an_array_of_streams(checkpoint, model, tmp_path):
    np.save(tmp_path / "a.npy", TOKENS[:, :13])
    np.save(tmp_path / "b.npy", TOKENS[:, 13:])
    state = tmp_path / "state.npz"
    said("simulate", checkpoint, tmp_path / "a.npy", "--save-state", state, "-o", tmp_path / "out.npy")
    np.testing.assert_array_equal(read_state(state).bits, model.run(TOKENS, "state")[:, 12])
    printed = said("simulate", checkpoint, tmp_path / "b.npy", "--load-state", state)
    assert [row.split() for row in printed.splitlines()] == [[*map(str, row)] for row in model.run(TOKENS)[:, 13:]]
    line = refused("simulate", checkpoint, "--load-state", state, stdin="1 2")
    assert "found 7 streams, each with its state" in line


@pytest.mark.parametrize("held", [1 << 24, 240, 5])
def test_streams_that_end_early(held, checkpoint, netlists, model, tmp_path, monkeypatch):
    """``held`` numbers at once: all streams, some, or a piece of one."""
    monkeypatch.setattr("trilc.cli.said.HELD", held)
    np.save(tmp_path / "in.npy", PADDED)
    whole = np.concatenate([np.stack([model.reset_state(7)], 1), model.run(TOKENS, "state")], axis=1)
    ends = whole[np.arange(7), LENGTHS]
    state, counts = tmp_path / "state.npz", tmp_path / "activity.json"
    said("simulate", checkpoint, tmp_path / "in.npy", "--activity", counts)
    expected_counts = json.loads(counts.read_text())
    assert expected_counts["steps"] == LENGTHS.sum()
    assert expected_counts["pairs"] == np.maximum(LENGTHS - 1, 0).sum()
    said("simulate", checkpoint, "--lines", "--activity", counts, stdin="\n".join(IDS))
    assert json.loads(counts.read_text()) == expected_counts
    for source in (checkpoint, netlists[".aig"]):
        printed = said("simulate", source, tmp_path / "in.npy", "--save-state", state, "--activity", counts)
        assert printed == said("simulate", source, tmp_path / "in.npy")
        found = read_state(state).bits
        np.testing.assert_array_equal(np.where(found == 2, ends, found), ends)
        assert json.loads(counts.read_text())["steps"] == LENGTHS.sum()


def test_states_that_are_refused(checkpoint, tmp_path):
    np.save(tmp_path / "state.npy", np.zeros(11, np.uint8))
    line = refused("simulate", checkpoint, "--load-state", tmp_path / "state.npy", stdin="1")
    assert line == "found 11 bits of state; expected 12"
    assert "--save-state writes an .npz file" in refused("simulate", checkpoint, "--save-state", tmp_path / "a.npy")
    assert "not for --lines" in refused("simulate", checkpoint, "--lines", "--save-state", tmp_path / "a.npz")
    assert not (tmp_path / "a.npz").exists()


def test_a_waveform_beside_what_is_said(checkpoint, netlists, model, tmp_path):
    path, ids = tmp_path / "run.vcd", " ".join(map(str, TOKENS[0]))
    for source in (checkpoint, netlists[".aig"]):
        assert said("simulate", source, "--vcd", path, stdin=ids) == said("simulate", source, stdin=ids)
        text = path.read_text(encoding="utf-8")
        assert "$var wire 6 " in text
        assert f"#{400}\n" in text
    np.save(tmp_path / "in.npy", TOKENS)
    assert "shows one stream; the array has 7" in refused(
        "simulate", checkpoint, tmp_path / "in.npy", "--vcd", tmp_path / "none.vcd"
    )
    assert "token 9" in refused("simulate", checkpoint, "--vcd", tmp_path / "none.vcd", stdin="0 9")
    assert not (tmp_path / "none.vcd").exists()


def test_switches_of_neurons_and_gates(checkpoint, netlists, model, tmp_path):
    path = tmp_path / "activity.json"
    states = np.concatenate([np.stack([model.reset_state(7)], 1), model.run(TOKENS, "state")[:, :-1]], axis=1)
    switches = np.abs(np.diff(states.astype(int), axis=1))
    np.save(tmp_path / "in.npy", TOKENS)
    runs = [
        ((tmp_path / "in.npy",), b"", switches.sum((0, 1)), states.sum((0, 1))),
        ((), " ".join(map(str, TOKENS[2])), switches[2].sum(0), states[2].sum(0)),
        (("--lines",), "\n".join(IDS), None, None),
    ]
    for source in (checkpoint, netlists[".aig"]):
        for arguments, stdin, changes, ones in runs:
            said("simulate", source, *arguments, "--activity", path, stdin=stdin)
            found = json.loads(path.read_text())
            if changes is None:
                assert found["steps"] == LENGTHS.sum()
                continue
            for name, one, change in zip(model.state_names, ones, changes, strict=True):
                assert found["neurons"][name] in (None, [one, change])
            assert len(found["gates"]["toggles"]) == len(found["gates"]["ones"])
    said("simulate", netlists[".v"], "--activity", tmp_path / "power.saif", stdin="1 2 3")
    assert "(INSTANCE m_small\n" in (tmp_path / "power.saif").read_text()
    assert "writes a .json or a .saif" in refused("simulate", checkpoint, "--activity", tmp_path / "a.txt")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_state_on_a_terminal_is_blocks(model, monkeypatch):
    runner = Runner(model, output="state")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    with Printer(runner, "state") as printer:
        printer.put(np.array([[0, 0, 1, 0, 0, 1, 1, 1, 0], [1] * 9], np.uint8))
    assert terminal.getvalue() == "│ ▌▐█ │\n│████▌│\n"


@pytest.mark.parametrize("quiet", [False, True])
def test_progress_on_a_terminal_unless_quiet(quiet, monkeypatch):
    monkeypatch.setattr(pace, "PATIENCE", 0)
    monkeypatch.setattr(pace, "OFTEN", 0)
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    monkeypatch.setenv("TERM", "xterm")
    with pace.Pace(1000, quiet) as running:
        running.said(500)
        assert running.tokens == 500
        assert running.per_second > 0
    assert ("500 tokens, " in terminal.getvalue()) == (not quiet)
