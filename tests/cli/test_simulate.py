"""``trilc simulate``: from every source, of every kind of tokens, shown in every way."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import trilc as library
from tests.cli.command import PROGRAM, WITH_PEAK, end_of, refused, said, start
from tests.cli.conftest import TOKENS as NAMES
from trilc.cli import said as output

TOKENS = np.random.default_rng(3).integers(0, len(NAMES), (7, 40))
IDS = " ".join(map(str, TOKENS[0]))
ENDINGS = [".blif", ".aig", ".aag", ".v"]


@pytest.fixture(scope="module")
def model(checkpoint):
    return library.load(checkpoint)


@pytest.fixture
def streams(tmp_path):
    np.save(tmp_path / "streams.npy", TOKENS)
    return tmp_path / "streams.npy"


def rows(text):
    return [[int(word) for word in line.split()] for line in text.splitlines()]


def bits(text):
    return [[int(bit) for bit in line] for line in text.splitlines()]


def test_ids_from_a_file_from_standard_input_and_by_default(checkpoint, model, tmp_path):
    (tmp_path / "ids").write_text(IDS.replace(" ", "\n\t ", 5) + "\n")
    expected = model.run(TOKENS[:1])[0].tolist()
    for arguments in ([tmp_path / "ids"], ["-"], [], ["-", "--input", "ids"]):
        printed = said("simulate", checkpoint, *arguments, stdin=IDS)
        assert rows(printed) == [expected]


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_netlist_says_what_its_checkpoint_says(ending, netlists, checkpoint):
    for show in ("tokens", "text", "state"):
        from_model = said("simulate", checkpoint, "--show", show, stdin=IDS)
        assert said("simulate", netlists[ending], "--show", show, stdin=IDS) == from_model


def test_show(checkpoint, scoring, model):
    first = TOKENS[:1]
    chosen = model.run(first)[0]
    for source in (checkpoint, scoring):
        assert rows(said("simulate", source, "--show", "tokens", stdin=IDS)) == [chosen.tolist()]
        text = said("simulate", source, "--show", "text", stdin=IDS)
        assert text == "".join(NAMES[index] for index in chosen) + "\n"
        scores = said("simulate", source, "--show", "scores", stdin=IDS)
        assert rows(scores) == model.run(first, "scores")[0].tolist()
        state = said("simulate", source, "--show", "state", stdin=IDS)
        assert bits(state) == model.run(first, "state")[0].tolist()


def test_by_default_it_shows_what_the_source_puts_out(scoring, checkpoint):
    assert said("simulate", scoring, stdin=IDS) == said("simulate", checkpoint, "--show", "scores", stdin=IDS)


def test_a_netlist_cannot_say_what_it_lacks(netlists):
    assert "compile the model with --outputs scores" in refused(
        "simulate", netlists[".aig"], "--show", "scores", stdin=IDS
    )


def test_text_follows_the_header_rules(checkpoint):
    by_ids = said("simulate", checkpoint, stdin="2 3 0 4 1")
    printed = said("simulate", checkpoint, "--input", "text", stdin="AB \n\t aÉb".encode())
    assert printed == by_ids  # the longest match, lower case, white space folded


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (b"ab\nxa", "standard input: line 2, column 1: found 'x' (U+0078); expected a token"),
        (b"a" * 70000 + b"\xff", "standard input: byte 70000: found 0xff; expected UTF-8"),
        (b"a\xc3", "standard input: byte 1: found 0xc3; expected UTF-8"),
    ],
)
def test_text_that_is_none(text, line, checkpoint):
    assert refused("simulate", checkpoint, "--input", "text", stdin=text) == line


@pytest.mark.parametrize(
    ("ids", "line"),
    [
        (b"0 1 5 2", "stream 0, position 2: token 5 is not in 0 … 4"),
        (b"0 one 2", "standard input: position 1: found 'one'; expected a token id"),
        (b"0 -1", "standard input: position 1: found '-1'; expected a token id"),
        (b"0 1_0", "standard input: position 1: found '1_0'; expected a token id"),
        (b"1\x00", "standard input: position 0: found '1\\x00'; expected a token id"),
        (b"1 " * 40000 + b"x", "standard input: position 40000: found 'x'; expected a token id"),
        (b"1 " * 40000 + b"9", "stream 0, position 40000: token 9 is not in 0 … 4"),
        (b"0 " + b"9" * 19, f"standard input: position 1: found '{'9' * 19}'; expected a token id"),
        (b"7" * 200_000, f"standard input: position 0: found '{'7' * 40}'; expected a token id"),
        (b"\x1b[31m", "standard input: position 0: found '\\x1b[31m'; expected a token id"),
    ],
)
def test_ids_that_are_none(ids, line, checkpoint):
    assert refused("simulate", checkpoint, stdin=ids) == line


@pytest.mark.parametrize("kind", ["i1", "u1", "<i2", ">i2", ">u4", "i4", "i8", ">i8", "u8"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_arrays_of_many_streams(kind, order, netlists, model, tmp_path):
    np.save(tmp_path / "in.npy", np.array(TOKENS, kind, order=order))
    expected = model.run(TOKENS)
    assert rows(said("simulate", netlists[".aig"], tmp_path / "in.npy")) == expected.tolist()
    assert said("simulate", netlists[".aig"], tmp_path / "in.npy", "-o", tmp_path / "out.npy") == ""
    assert np.array_equal(np.load(tmp_path / "out.npy"), expected)


@pytest.mark.parametrize(("show", "shape"), [("scores", (7, 40, 5)), ("state", (7, 40, 12))])
def test_arrays_of_scores_and_states(show, shape, checkpoint, model, streams, tmp_path):
    expected = model.run(TOKENS, show)
    assert expected.shape == shape
    said("simulate", checkpoint, streams, "--show", show, "-o", tmp_path / "out.npy")
    assert np.array_equal(np.load(tmp_path / "out.npy"), expected)
    printed = said("simulate", checkpoint, streams, "--show", show)
    read = rows if show == "scores" else bits
    assert read(printed) == expected.reshape(-1, shape[-1]).tolist()


def test_text_of_many_streams_is_a_line_each(netlists, streams, model):
    printed = said("simulate", netlists[".blif"], streams, "--show", "text")
    assert printed.splitlines() == ["".join(NAMES[i] for i in row) for row in model.run(TOKENS)]


@pytest.mark.parametrize("held", [1, 15, 40, 100, 280])
def test_arrays_in_parts(held, netlists, streams, model, tmp_path, monkeypatch):
    """However few numbers are held at a time: part of a stream, one, several, all."""
    monkeypatch.setattr(output, "HELD", held)
    monkeypatch.setattr(output, "SHOWN", 7)
    said("simulate", netlists[".aig"], streams, "-o", tmp_path / "out.npy", "--threads", "2")
    assert np.array_equal(np.load(tmp_path / "out.npy"), model.run(TOKENS))
    assert rows(said("simulate", netlists[".aig"], streams)) == model.run(TOKENS).tolist()


@pytest.mark.parametrize("held", [1, 50, 10**6])
def test_a_wrong_token_in_an_array_is_named(held, netlists, tmp_path, monkeypatch):
    monkeypatch.setattr(output, "HELD", held)
    for wrong in (5, -1):
        tokens = TOKENS.copy()
        tokens[4, 33] = wrong
        np.save(tmp_path / "in.npy", tokens)
        arguments = ["simulate", netlists[".aig"], tmp_path / "in.npy"]
        line = f"stream 4, position 33: token {wrong} is not in 0 … 4"
        assert refused(*arguments, "-o", tmp_path / "out.npy") == line
        assert refused(*arguments) == line
        assert not (tmp_path / "out.npy").exists()


def test_nothing_to_read(checkpoint, tmp_path):
    for show, printed in {"tokens": "\n", "text": "\n", "scores": "", "state": ""}.items():
        assert said("simulate", checkpoint, "--show", show) == printed
        assert said("simulate", checkpoint, "--show", show, stdin=" \n ") == printed
        for shape, lines in {(0,): 1, (3, 0): 3, (0, 3): 0}.items():
            np.save(tmp_path / "in.npy", np.zeros(shape, np.int64))
            assert said("simulate", checkpoint, tmp_path / "in.npy", "--show", show) == printed * lines
            if show != "text":
                said("simulate", checkpoint, tmp_path / "in.npy", "--show", show, "-o", tmp_path / "out.npy")
                tail = {"tokens": (), "scores": (5,), "state": (12,)}[show]
                assert np.load(tmp_path / "out.npy").shape == shape + tail


def test_one_stream_in_an_array(checkpoint, model, tmp_path):
    np.save(tmp_path / "in.npy", TOKENS[0])
    said("simulate", checkpoint, tmp_path / "in.npy", "-o", tmp_path / "out.npy")
    assert np.array_equal(np.load(tmp_path / "out.npy"), model.run(TOKENS[:1])[0])
    assert said("simulate", checkpoint, tmp_path / "in.npy") == said("simulate", checkpoint, stdin=IDS)


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((2, 2)), np.zeros(3, bool), np.zeros((1, 1, 1), int), np.int64(3),
        np.array(["a"]), np.array([object()]), np.zeros(2, [("a", int)]),
    ],
)  # fmt: skip
def test_arrays_that_are_no_tokens(array, checkpoint, tmp_path):
    np.save(tmp_path / "in.npy", array, allow_pickle=True)
    line = refused("simulate", checkpoint, tmp_path / "in.npy")
    assert line.startswith(f"{tmp_path / 'in.npy'}: ")
    assert "integers" in line


def test_files_that_are_no_arrays(checkpoint, tmp_path):
    path = tmp_path / "in.npy"
    assert refused("simulate", checkpoint, path) == f"{path}: can't be read: No such file or directory"
    np.save(path, TOKENS)
    whole = path.read_bytes()
    deep = b"\x93NUMPY\x01\x00" + (9000).to_bytes(2, "little") + b"(" * 9000
    for data in (b"", b"1 2 3", whole[:20], whole[:-1], checkpoint.read_bytes(), deep,
                 whole.replace(b"(7, 40)", b"(-7,40)"), whole.replace(b"(7, 40)", b"(7,1e9)"),
                 whole.replace(b"(7, 40), }     ", b"(7, 99999999), }")):  # fmt: skip
        path.write_bytes(data)
        assert "not an array of integers" in refused("simulate", checkpoint, path), data[:90]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--prompt", "ab"], "need --generate"),
        (["--temperature", "1"], "need --generate"),
        (["ids", "-o", "out.npy"], "-o writes numbers to an .npy array"),
        (["in.npy", "-o", "out.txt"], "-o writes numbers to an .npy array"),
        (["in.npy", "-o", "out.npy", "--show", "text"], "-o writes numbers"),
        (["in.npy", "--input", "text"], "holds ids, not text"),
        (["in.npy", "--generate", "3"], "--generate reads ids or text"),
        (["--generate", "3", "--show", "scores"], "prints tokens or text"),
        (["ids", "--generate", "3", "--prompt", "ab"], "either --prompt or TOKENS"),
    ],
)
def test_options_that_do_not_go_together(arguments, line, checkpoint):
    assert line in refused("simulate", checkpoint, *arguments)


def test_answers_come_while_input_still_comes(netlists, model):
    expected = model.run(TOKENS[:1])[0].tolist()
    process = start("simulate", netlists[".aig"])
    assert process.stdin
    assert process.stdout
    answers: list[int] = []
    for begin in range(0, 40, 8):
        process.stdin.write("".join(f"{token} " for token in TOKENS[0, begin : begin + 8]).encode())
        process.stdin.flush()
        while len(answers) < begin + 8:
            answers += map(int, process.stdout.read1().split())  # type: ignore[attr-defined]
    assert answers == expected
    assert end_of(process).out == "\n"
    assert process.returncode == 0


@pytest.mark.skipif(sys.platform != "linux", reason="peaks are read from /proc")
def test_a_long_stream_takes_no_more_memory_than_a_short_one(netlists, tmp_path):
    """Peak memory for two million tokens is that for 200 thousand and a little."""
    peaks = []
    for pieces in (1, 10):
        with (tmp_path / "said").open("wb") as printed:
            process = subprocess.Popen(
                [*WITH_PEAK, "simulate", netlists[".aig"]],
                stdin=subprocess.PIPE, stdout=printed, stderr=subprocess.PIPE,
            )  # fmt: skip
        assert process.stdin
        for _ in range(pieces):
            process.stdin.write(b"0 3 1 4 " * 50_000)
        _, peak = process.communicate(timeout=120)
        assert process.returncode == 0
        assert len((tmp_path / "said").read_bytes()) == pieces * 400_000
        peaks.append(int(peak))
    assert peaks[1] < peaks[0] + 6 * 1024  # in KB; as integers the tokens would take 16 MB


def test_a_reader_that_has_seen_enough_ends_it_silently(netlists):
    process = start("simulate", netlists[".aig"], "--show", "state", stdin=subprocess.DEVNULL)
    assert end_of(process).code == 0
    writer = subprocess.Popen(["yes", "1"], stdout=subprocess.PIPE)
    process = start("simulate", netlists[".aig"], "--show", "state", stdin=writer.stdout)
    assert process.stdout
    assert process.stderr
    assert len(process.stdout.readline()) == 13
    process.stdout.close()
    assert process.wait(timeout=60) == 0
    assert process.stderr.read() == b""
    process.stderr.close()
    writer.kill()
    writer.communicate()


def test_a_full_disk_is_one_line(netlists):
    with Path("/dev/full").open("wb") as full:
        result = end_of_stderr(start("simulate", netlists[".aig"], stdin=subprocess.PIPE, stdout=full), b"1 2 3")
    assert result == (2, "trilc: error: standard output: No space left on device\n")


def test_a_closed_standard_input_is_one_line(netlists):
    command = f"exec {PROGRAM[0]} -m trilc simulate {netlists['.aig']} <&-"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "trilc: error: standard input: it is closed\n"


def end_of_stderr(process, stdin):
    _, err = process.communicate(stdin, timeout=60)
    return process.returncode, err.decode()
