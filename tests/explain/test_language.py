"""What a question's text means, and what is said of one that can't be understood."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.explain.statements import statements
from trilc.errors import InputError
from trilc.explain.language import Terms, parse
from trilc.explain.language.syntax import (
    Always,
    Bits,
    Change,
    Compare,
    Constant,
    Depends,
    Equal,
    Fixed,
    Index,
    Match,
    Member,
    Not,
    Number,
    Once,
    Or,
    Reach,
    Same,
    Why,
    age,
)

NAMES = (*" ,abcq", "th", "'", "\n")
TERMS = Terms(len(NAMES), len(NAMES), (16, 8), NAMES)
SMALL = Terms(3, 3, (5,))
A, B, Q = (NAMES.index(name) for name in "abq")


def said(kind, token, back=0):
    return Compare("=", Index(kind, back), Number(token))


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("never out='b' after tok='a'", Always(Or((Not(said("tok", A)), Not(said("out", B)))))),
        ("always h[3] == h[17]", Always(Same(Bits((3,)), Bits((17,))))),
        ("constant h[*]", Fixed(Bits(tuple(range(24))))),
        ("reach h = 0b1011… within 20", Reach(Match(Bits(tuple(range(24))), (1, 0, 1, 1, *[None] * 20)), False, 20)),
        ("shortest input so that out='q'", Reach(said("out", Q), True)),
        ("does out depend on tok@-5", Depends(Index("out"), Index("tok", 5))),
        ("minimal change of input that flips out", Change(Index("out"))),
        ("equal model2.npz on 50 tokens", Equal("model2.npz", 50)),
        ("equal 'my model.npz'", Equal("my model.npz")),
        ("why out from h@-1", Why(Index("out"), 1)),
        ("why h_l1[2]", Why(Bits((18,)))),
        (
            "never h[0] ever after tok in vowels",
            Always(Or((Not(Once(Member(Index("tok"), (A,)))), Not(Match(Bits((0,)), (1,)))))),
        ),
        ("reach read 'the' assuming true", None),
        ("reach said 'tha'", Reach(parse("reach out = 'a' and out@-1 = 'th'", TERMS).formula)),
        (r"reach tok = '\'' or tok='\n'", Reach(Or((said("tok", 7), said("tok", 8))))),
        (
            "always ¬ h[1] ∧ tok ≠ 3 → true",
            Always(Or((Not(parse("reach not h[1] & tok != 3", TERMS).formula), Constant(True)))),
        ),
        ("does h[1..2] depend on h[3]@-2 within 9 tokens", Depends(Bits((1, 2)), Bits((3,), 2), 9)),
        ("minimal change of input that makes score['a'] > score['b'] + 1", None),
    ],
)  # fmt: skip
def test_examples(text, question):
    if "'the'" in text:
        with pytest.raises(InputError, match=r"column 12: in 'the', .*found 'e'"):
            parse(text, TERMS)
        return
    parsed = parse(text, TERMS)
    assert question is None or parsed == question
    assert parse(str(parsed), TERMS) == parsed


@given(statement=statements, verb=st.sampled_from(["always", "never", "reach", "shortest input such that"]))
def test_what_is_printed_reads_back(statement, verb):
    parsed = parse(f"{verb} {statement.text} within 3 tokens assuming {statement.text}", SMALL)
    assert parse(str(parsed), SMALL) == parsed
    assert age(parsed.formula) == statement.age


WORDS = [
    "always", "never", "reach", "constant", "does", "why", "tok", "out", "h", "score", "count", "not", "and", "or", "(",
    ")", "[", "]", "{", "}", ",", "..", "@", "-", "1", "3", "'a'", "0b1", "0b1…", "=", "<", "in", "once",
]  # fmt: skip


@given(text=st.text(max_size=60) | st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join))
def test_anything_is_a_question_or_one_line(text):
    try:
        parse(text, TERMS)
    except InputError as error:
        assert "\n" not in str(error)
        assert str(error).startswith("the question, column ")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "column 1: found the end; expected one of always, never,"),
        ("ever", "column 1: found 'ever'; expected one of always"),
        ("always", "column 7: found the end; expected tok, out, h, score,"),
        ("always tok", "column 11: found the end; expected a comparison"),
        ("always tok = ", "column 14: found the end; expected tok, out"),
        ("always tok = 9", "column 14: found '9'; expected an id below 9"),
        ("always tok = 'z'", "column 14: found 'z'; expected one of the names ' ', ',',"),
        ("always 'a' = tok", "column 8: found 'a'; expected tok, out, score, count or h first"),
        ("always h[0..1]", "column 15: found the end; expected = or !=, since these are several bits"),
        ("always h[24]", "column 10: found '24'; expected bits from 0 to 23"),
        ("always h_l2[0]", "column 8: found 'h_l2'; expected a layer below 2"),
        ("always h[0..1] = h[3]", "column 18: found 'h'; expected 2 bits as on the left, not 1"),
        ("always h[0..1] = 0b101", "column 18: found '0b101'; expected 2 bits, not 3"),
        ("always h[0..1] = 2", "column 18: found '2'; expected bits such as 0b01x1…"),
        ("always h[0] < h[1]", "column 13: found '<'; expected = or !="),
        ("always tok@5 = 1", "column 12: found '5'; expected @0, or @-1 to @-1000"),
        ("always tok@-1001 = 1", "column 12: found '-'; expected @0, or @-1 to @-1000"),
        ("always (tok = 1", "column 16: found the end; expected ')'"),
        ("always tok = 1)", "column 15: found ')'; expected the end"),
        ("always tok = 'a", "column 14: found a quote that is not closed"),
        ("always # 1", "column 8: found '#'; expected tok, out, h"),
        ("always 1 = 2", "column 8: found '1'; expected tok, out, score, count or h on one side"),
        ("reach tok = 1 within 0", "column 22: found '0'; expected at least 1"),
        ("does out depend on out", "column 20: found 'out'; expected tok or state bits"),
        ("does out@-2 depend on tok@-1", "column 23: found 'tok'; expected what was at or before"),
        ("does out depend on h[3]", "column 20: found 'h'; expected what was before"),
        ("why out@-1 from h@-1", "column 17: found 'h'; expected a state before"),
        ("equal", "column 6: found the end; expected the name of a file"),
        ("always tok in {'b'..'a'}", "column 16: found 'b'; expected ids in ascending order"),
        ("always " + "(" * 100, "column 68: found '('; expected at most 60 parentheses"),
        ("always " + "x" * 20_000, "found 20007 characters; expected at most 10000"),
        ("always tok = 99999999999", "column 14: found '99999999999'; expected a number up to"),
    ],
)
def test_refusals_point_at_the_place(text, line):
    with pytest.raises(InputError) as refusal:
        parse(text, TERMS)
    assert line in str(refusal.value)


def test_without_names_and_without_a_head():
    assert parse("reach tok in {1}", SMALL).formula == Member(Index("tok"), (1,))
    for text in ("reach tok in letters", "reach tok = 'a'", "reach read 'a'"):
        with pytest.raises(InputError, match="since there are no names"):
            parse(text, SMALL)
    for text in ("reach out = 1", "reach score[0] > 1", "does out depend on tok"):
        with pytest.raises(InputError, match="since there is no head"):
            parse(text, Terms(3, 0, (5,)))


def test_long_chains_are_flat():
    """No statement that fits the limit is nested more deeply than Python can follow."""
    for word in ("and", "or", "implies"):
        text = f" {word} ".join(["h[1]"] * 400)
        assert parse(str(parse(f"always {text}", TERMS)), TERMS) == parse(f"always {text}", TERMS)
