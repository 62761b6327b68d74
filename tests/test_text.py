"""Text to tokens and back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trilc.errors import InputError
from trilc.model import TextRules
from trilc.text import LONGEST_WORD, Tokenizer

LETTERS = "abAB \n\tΣσςİ."


def by_the_page(text, tokens, rules):
    """Names of the longest matches, after the rules, and ``None`` for what no token matches."""
    text = text.lower() if rules.lower else text
    if rules.fold_space:
        folded = ""
        for character in text:
            space = character.isspace()
            folded += "" if space and folded.endswith(" ") else " " if space else character
        text = folded
    names = []
    while text:
        best = max((name for name in tokens if text.startswith(name)), key=len, default=None)
        names.append(best)
        text = text[len(best or "x") :]
    return names


@given(
    st.lists(st.text(LETTERS, max_size=8), max_size=6),
    st.lists(st.text(LETTERS, min_size=1, max_size=4), min_size=1, max_size=6, unique=True),
    st.booleans(), st.booleans(), st.booleans(),
)  # fmt: skip
def test_the_longest_match_however_the_text_is_cut(chunks, tokens, single, lower, fold_space):
    tokens = list(dict.fromkeys(name[0] for name in tokens)) if single else tokens
    expected = by_the_page("".join(chunks), tokens, TextRules(lower, fold_space))
    for unknown in ("skip", tokens[0]):
        tokenizer = Tokenizer(tokens, TextRules(lower, fold_space, unknown))
        ids = [i for array in tokenizer.encode_stream(chunks) for i in array.tolist()]
        names = [tokens[0] if name is None and unknown != "skip" else name for name in expected]
        assert ids == [tokens.index(name) for name in names if name is not None]
        assert tokenizer.encode("".join(chunks)).tolist() == ids
        assert tokenizer.decode(np.array(ids, np.int64)) == "".join(filter(None, names))
    if None in expected:
        with pytest.raises(InputError, match=r"^line \d+, column \d+: found .* \(U\+\w{4}\); expected"):
            Tokenizer(tokens, TextRules(lower, fold_space)).encode("".join(chunks))


@given(
    st.lists(st.text("ab \n\tİ", max_size=6), max_size=6), st.text("ab \n\tİ", max_size=3),
    st.booleans(), st.booleans(), st.booleans(),
)  # fmt: skip
def test_a_refusal_names_the_place_in_the_raw_text(chunks, rest, lower, fold_space, single):
    raw = "".join(chunks)
    letters = ["a", "b", " ", "\n", "\t", "İ", *"i̇"]
    tokens = letters if single else [*letters, "ab", "b a", "a \n", "?!"]
    line, column = raw.count("\n") + 1, len(raw) - raw.rfind("\n")
    with pytest.raises(InputError) as caught:
        list(Tokenizer(tokens, TextRules(lower, fold_space)).encode_stream([*chunks, "?" + rest]))
    assert str(caught.value) == f"line {line}, column {column}: found '?' (U+003F); expected a token"


def test_words_longer_than_any_are_cut():
    tokenizer = Tokenizer(["x", " "], TextRules(lower=True))
    chunks = ["X" * (LONGEST_WORD - 1)] * 50
    arrays = list(tokenizer.encode_stream([*chunks, " X"]))
    assert max(array.size for array in arrays) < 3 * LONGEST_WORD
    assert sum(array.size for array in arrays) == 50 * (LONGEST_WORD - 1) + 2


def test_large_chunks_are_taken_in_pieces():
    tokenizer = Tokenizer(["ab", "a", "b", "aba"])
    arrays = list(tokenizer.encode_stream(["ab" * 100_000 + "aba"]))
    assert len(arrays) > 2
    assert tokenizer.decode(np.concatenate(arrays)) == "ab" * 100_000 + "aba"
    assert np.concatenate(arrays)[-1] == 3 and (np.concatenate(arrays)[:-1] == 3).sum() == 50_000


def test_surrogates_are_unknown_characters():
    with pytest.raises(InputError, match=r"column 2: found '\\udc80' \(U\+DC80\)"):
        Tokenizer(["a"]).encode("a\udc80")
    assert Tokenizer(["a"], TextRules(unknown="skip")).encode("a\udc80a").tolist() == [0, 0]


def test_nothing():
    assert Tokenizer(["a"]).encode("").tolist() == []
    assert list(Tokenizer(["a", "bc"]).encode_stream([])) == []
    assert Tokenizer(["a"]).decode(np.zeros(0, np.int64)) == ""


@pytest.mark.parametrize("wrong", [-1, 2])
def test_decode_refuses_ids_without_a_name(wrong):
    with pytest.raises(InputError, match=rf"ids\[1\]: found {wrong}; expected 0 to 1"):
        Tokenizer(["a", "b"]).decode(np.array([0, wrong]))
