"""Machines in files: what is written is read back, by AALpy, too; what is none is refused with one line."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from aalpy.utils import load_automaton_from_file, save_automaton_to_file
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.automata.machines import counter, drawn, dyck, ground_truths, tomita
from trilc.automata import dot_text, json_text, read_automaton, write_automaton
from trilc.automata.formats import parse_dot, parse_json
from trilc.errors import InputError

NAMES = ("a", " ", '"', "\\", "/", "a/b", "->", "label", "\n", "é", "%20", "0", "12", "{", "&amp;", "s0", "];")


def test_json_is_exactly_the_tables():
    machine = dyck(1)
    assert json.loads(json_text(machine)) == {
        "states": 3, "start": 0, "delta": [[1, 2], [2, 0], [2, 2]], "output": [[0, 2], [2, 1], [2, 2]],
    }  # fmt: skip


def test_files_are_read_back(tmp_path):
    for _, machine in ground_truths():
        for ending in (".json", ".dot"):
            write_automaton(machine, tmp_path / f"it{ending}")
            assert read_automaton(tmp_path / f"it{ending}").equals(machine)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(NAMES), st.text(
    st.characters(exclude_categories=["Cs"]), min_size=1)), min_size=1, max_size=5, unique=True), st.booleans())
def test_names_come_back_from_dot(names, same):
    machine = drawn(4, len(names), max(2, len(names)), 3)
    machine = replace(machine, tokens=tuple(names), symbols=tuple(names) if same and len(names) > 1 else None)
    text = dot_text(machine)
    assert text.isascii()
    assert text.count("\n") == 4 * len(names) + 4 + 4
    again = parse_dot(text)
    assert again.equals(machine)
    assert again.tokens in (machine.tokens, None)
    assert again.tokens is not None or all(name.isdecimal() for name in names)


@pytest.mark.parametrize("names", [None, ("a", "b", " ", '"x', "/")])
def test_aalpy_reads_what_is_written_and_writes_what_is_read(tmp_path, names, capsys):
    machine = replace(drawn(9, 5, 3, 4), tokens=names)
    write_automaton(machine, tmp_path / "ours.dot")
    theirs = load_automaton_from_file(tmp_path / "ours.dot", "mealy")
    assert theirs.is_input_complete()
    assert theirs.is_minimal()
    letters = theirs.get_input_alphabet()
    words = np.random.default_rng(0).integers(0, 5, (10, 20))
    order = letters if names else sorted(letters)
    for word, said in zip(words.tolist(), machine.run(words).tolist(), strict=True):
        assert theirs.execute_sequence(theirs.initial_state, [order[token] for token in word]) == said
    save_automaton_to_file(theirs, tmp_path / "theirs", "dot")
    capsys.readouterr()
    assert read_automaton(tmp_path / "theirs.dot").canonical().equals(machine)


def test_graphs_of_others():
    machine = parse_dot(
        "digraph g {\n  // comment\n rankdir=LR;\nq0 [shape=circle];\n\"q 1\"\n".replace('"q 1"\n', "")
        + '"q0" -> q1 [color=red, label="go / yes"]\nq1 -> q0 [label=go/no];\n__start0 -> q1;\n}\n'
    )
    assert (machine.start, machine.delta.tolist(), machine.output.tolist()) == (1, [[1], [0]], [[0], [1]])
    assert machine.tokens == ("go",)
    assert machine.symbols is None


def test_outputs_may_be_any_numbers():
    machine = replace(counter(3), output=np.array([[0, -5], [2**31 - 1, -(2**31)], [7, 10]], np.int32))
    assert parse_dot(dot_text(machine)).equals(machine)


def test_a_line_takes_time_in_proportion_to_its_length():
    """Quadratic time would be minutes."""
    blank = " " * 1_000_000
    for line in (f"a{blank}x", f"a -> b{blank}x", f"a [label=x]{blank}x", "a -> b " + "]" * 1_000_000 + "x"):
        with pytest.raises(InputError, match="line 1"):
            parse_dot(line)


GOOD = {"start": 0, "delta": [[0, 1], [1, 0]], "output": [[0, 1], [1, 0]]}


@pytest.mark.parametrize(("change", "complaint"), [
    ({"start": 2}, "start: found 2; expected a state, 0 to 1"),
    ({"start": True}, "start: found True"),
    ({"start": None}, "start: found None"),
    ({"states": 3}, "states: found 3, where delta has 2"),
    ({"delta": []}, "delta: expected a list of lists"),
    ({"delta": [[]]}, "delta: found 1 states and 0 tokens"),
    ({"delta": 5}, "delta: expected a list of lists"),
    ({"delta": [[0, 1], [1]]}, r"delta\[1\]: found 1 entries; expected 2"),
    ({"delta": [[0, 1], [1, 2]]}, r"delta\[1\]\[1\]: found 2; expected a state, 0 to 1"),
    ({"delta": [[0, 1], [1, -2]]}, r"delta\[1\]\[1\]: found -2"),
    ({"delta": [[0, 1], [1, 1.0]]}, r"delta\[1\]\[1\]: found 1.0; expected an integer"),
    ({"output": [[0, 1], [1, 2**31]]}, r"output\[1\]\[1\]: found 2147483648"),
    ({"output": [[0, 1]]}, r"found tables \(2, 2\) and \(1, 2\)"),
])  # fmt: skip
def test_json_that_is_no_machine(change, complaint):
    parse_json(json.dumps(GOOD))
    with pytest.raises(InputError, match=complaint) as error:
        parse_json(json.dumps(GOOD | change))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(("text", "complaint"), [
    ("[" * 100_000, "nested too deeply"), ("{", "not JSON"), ("[]", "found a JSON list"), ("{}", "found no 'start'"),
    ('{"start": ' + "9" * 5000 + "}", "not JSON"),
])  # fmt: skip
def test_text_that_is_no_json(text, complaint):
    with pytest.raises(InputError, match=complaint):
        parse_json(text)


@pytest.mark.parametrize(("text", "complaint"), [
    ("", "found no edge from __start0"),
    ("digraph g {\n__start0 -> a;\n}", "found no edge; expected one for each"),
    ('a -> b [label="x"];\n__start0 -> a;', "line 1: found no label token/output"),
    ("a -> b;\n", "line 1: found no label"),
    ('a -> a [label="x/1"];\na -> a [label="x/2"];\n__start0 -> a;', "line 2: found a second edge for 'x'"),
    ('a -> a [label="x/1"];\nb -> a [label="y/2"];\n__start0 -> a;', "state 0 has no edge for token 'y'"),
    ('a -> a [label="x/1"];\n__start0 -> a;\n__start1 -> a;', "line 3: found a second start"),
    ("hello there", "line 1: found 'hello there'; expected a node, or an edge"),
])  # fmt: skip
def test_dot_that_is_no_machine(text, complaint):
    with pytest.raises(InputError, match=complaint):
        parse_dot(text)


def test_files_that_are_none(tmp_path):
    with pytest.raises(InputError, match=r"it\.txt: found ending '\.txt'; expected \.json or \.dot"):
        read_automaton(tmp_path / "it.txt")
    with pytest.raises(InputError, match=r"it\.json: can't be read: No such file"):
        read_automaton(tmp_path / "it.json")
    (tmp_path / "it.json").mkdir()
    with pytest.raises(InputError, match="expected a regular file"):
        read_automaton(tmp_path / "it.json")
    (tmp_path / "it.dot").write_bytes(b"a\xff")
    with pytest.raises(InputError, match=r"it\.dot: byte 1: found 0xff; expected UTF-8"):
        read_automaton(tmp_path / "it.dot")
    with pytest.raises(InputError, match="expected an ending among"):
        write_automaton(counter(2), tmp_path / "it.txt")
    write_automaton(tomita(3), tmp_path / "whole.dot")
    assert [path.name for path in tmp_path.glob("*trilc*")] == []
