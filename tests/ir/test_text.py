"""The text form prints and parses back, and names the line that is wrong."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ir.graphs import graphs, leaves
from tests.models import checkpoints
from trilc.errors import InputError
from trilc.ir import Graph, dump, evaluate, parse
from trilc.lower.words import to_words

TEXT = """trilc-ir 1
%0 = input "tok" 2 : [0, 2]
%1 = state "a \\"b\\"" reset 1 : [0, 1]
%2 = popcount 3*~%1 : [0, 3]
%3 = table %0 (0 -1 4) : [-1, 4]
%4 = add %2 %3 -1 : [-2, 6]
%5 = at_least %4 0 : [0, 1]
%6 = argmax %2 %3 ranks (1 0) : [0, 1]
%7 = constant -5 : [-5, -5]
next %1 %5
output "bit" %6
output "word" %4 width 4
"""


@given(graphs(), st.integers(0, 9))
def test_text_and_back(graph: Graph, seed: int) -> None:
    again = parse(dump(graph))
    assert dump(again) == dump(graph)
    for one, two in zip(evaluate(graph, *leaves(graph, seed)), evaluate(again, *leaves(graph, seed)), strict=True):
        assert list(one) == list(two)
        for name in one:
            np.testing.assert_array_equal(one[name], two[name])


@given(checkpoints())
def test_models_print_and_parse(checkpoint) -> None:
    text = dump(to_words(checkpoint.load()))
    assert dump(parse(text)) == text


def test_every_form_is_as_documented() -> None:
    assert dump(parse(TEXT)) == TEXT


def test_blank_lines_and_indentation_do_not_matter() -> None:
    assert dump(parse(TEXT.replace("\n", "\n\n  "))) == TEXT


@pytest.mark.parametrize(
    ("right", "wrong", "line", "message"),
    [
        ("trilc-ir 1", "trilc-ir 2", 1, "expected 'trilc-ir 1'"),
        ("%1 = state", "%9 = state", 3, "expected %1, found %9"),
        ("popcount 3*", "popcnt 3*", 4, "unknown operation 'popcnt'"),
        ("3*~%1", "3*~%7", 4, "operand %7 does not exist"),
        ("3*~%1", "3*~%1 %1", 4, "distinct bits in ascending order"),
        ("3*~%1", "0*~%1", 4, "positive weights"),
        ("3*~%1", "3*!%1", 4, "expected a literal, found '3*!%1'"),
        ("3*~%1", "3*~%0", 4, "is not a bit"),
        ("[0, 3]", "[0, 4]", 4, "the interval of %2 is [0, 3]"),
        ("(0 -1 4)", "(0 -1)", 5, "(2,) entries for an index in [0, 2]"),
        ("(0 -1 4)", "(0 x 4)", 5, "'x'"),
        ("(0 -1 4)", "0 -1 4", 5, "expected integers in parentheses"),
        ("add %2 %3", "add %2 3", 6, "expected an operand %n, found '3'"),
        ("at_least %4 0", "at_least %4", 7, ""),
        ("ranks (1 0)", "ranks (1)", 8, "2 operands with 1 ranks"),
        ("ranks (1 0)", "(1 0)", 8, ""),
        ('input "tok"', "input tok", 2, ""),
        ('input "tok"', "input 5", 2, "expected a name, found 5"),
        ("constant -5 : [-5, -5]", "constant 99999999999999999999 : [0, 0]", 9, ""),
        ("next %1 %5", "next %1 %4", 10, "is not a bit"),
        ("next %1 %5", "next %0 %5", 10, "%0 is not a state bit"),
        ("next %1 %5\n", "next %1 %5\nnext %1 %5\n", 11, "%1 has two successors"),
        ("next %1 %5\n", "", 11, "has no successor"),
        ("width 4", "width 0", 12, "does not fit"),
        ('output "bit" %6', "what", 11, "expected '%n = operation"),
    ],
)
def test_a_wrong_line_is_named(right: str, wrong: str, line: int, message: str) -> None:
    assert right in TEXT
    with pytest.raises(InputError) as refusal:
        parse(TEXT.replace(right, wrong, 1))
    assert str(refusal.value).startswith(f"line {line}: ")
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_names_are_not_nested() -> None:
    with pytest.raises(InputError, match="line 2: "):
        parse("trilc-ir 1\n%0 = input " + "[" * 100_000 + " 1 : [0, 1]\n")


@given(st.text(st.sampled_from('%0123 =:[],*~"()-\nainputstaeoluwdh_'), max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        parse("trilc-ir 1\n" + text)
    except InputError as refusal:
        assert "\n" not in str(refusal)
