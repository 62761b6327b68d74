"""Waveforms: what a viewer reads in them is what the model did."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vcd.reader import TokenKind, tokenize

import trilc
from tests.models import checkpoints, random_model
from trilc.model import TextRules
from trilc.runner import Runner
from trilc.waveform import PERIOD, Waveform


def signals(data: bytes, end: int) -> dict[str, list[object]]:
    """The value of every variable at each time below ``end`` that is a multiple of half a period."""
    names: dict[str, str] = {}
    kinds: dict[str, str] = {}
    now: dict[str, object] = {}
    seen: dict[str, list[object]] = {}
    time = 0

    def until(stop: int) -> None:
        for moment in range(-(-time // (PERIOD // 2)) * (PERIOD // 2), stop, PERIOD // 2):
            assert moment >= 0
            for code, name in names.items():
                seen.setdefault(name, []).append(now[code])

    for token in tokenize(io.BytesIO(data)):
        if token.kind is TokenKind.VAR:
            names[token.var.id_code], kinds[token.var.id_code] = token.var.reference, token.var.type_.value
        elif token.kind is TokenKind.CHANGE_TIME:
            until(token.time_change)
            time = token.time_change
        elif token.kind is TokenKind.CHANGE_SCALAR:
            now[token.scalar_change.id_code] = token.scalar_change.value
        elif token.kind is TokenKind.CHANGE_VECTOR:
            value = token.vector_change.value
            if kinds[token.vector_change.id_code] == "integer" and isinstance(value, int) and value >> 63:
                value -= 1 << 64
            now[token.vector_change.id_code] = value
        elif token.kind is TokenKind.CHANGE_STRING:
            now[token.string_change.id_code] = token.string_change.value
    until(end)
    return seen


def drawn(runner: Runner, tokens: np.ndarray, cut: int = 0) -> tuple[bytes, np.ndarray]:
    file = io.BytesIO()
    with Waveform(file, runner) as waveform:
        said = np.concatenate([waveform.run(tokens[:cut]), waveform.run(tokens[cut:])])
    return file.getvalue(), said


@settings(max_examples=25)
@given(checkpoint=checkpoints(max_units=5), cut=st.integers(0, 6), steps=st.integers(0, 6))
def test_read_back(checkpoint, cut, steps):
    model = checkpoint.load()
    tokens = np.random.default_rng(cut).integers(0, model.vocabulary, steps)
    data, said = drawn(Runner(model), tokens, cut)
    np.testing.assert_array_equal(said, model.run(tokens[None])[0])
    assert data == drawn(Runner(model), tokens)[0]
    seen = signals(data, PERIOD * steps)
    cycles = {name: values[::2] for name, values in seen.items()}
    assert cycles.pop("clk", []) == ["1"] * steps
    if not steps:
        return
    assert seen["clk"] == ["1", "0"] * steps
    assert [int(value) for value in cycles["tok"]] == tokens.tolist()
    if model.tokens:
        assert cycles["token"] == [model.tokens[token] for token in tokens]
    if model.output != "state":
        chosen = model.run(tokens[None], "argmax")[0].tolist()
        assert [int(value) for value in cycles["out"]] == chosen
        if model.tokens and model.num_outputs == model.vocabulary:
            assert cycles["said"] == [model.tokens[token] for token in chosen]
    if model.output == "scores":
        scores = model.run(tokens[None])[0]
        for k in range(model.num_outputs):
            assert [int(value) for value in cycles[f"score{k}"]] == scores[:, k].tolist()
    states = np.concatenate([model.reset_state(1), model.run(tokens[None], "state")[0]])[:-1]
    first = 0
    for k, layer in enumerate(model.layers):
        for t, value in enumerate(cycles[f"h_l{k}"]):
            shown = value if isinstance(value, str) else f"{value:0{layer.units}b}"
            bits = shown.rjust(layer.units, "x" if shown[0] == "x" else "0")[::-1]
            for bit, wanted in zip(bits, states[t, first : first + layer.units], strict=True):
                assert bit in ("x", str(wanted))
        first += layer.units


def test_names_stay_one_word_and_show_as_letters():
    names = ("a", " ", "two words", "é", "\\", "\x07\n")
    model = replace(random_model(np.random.default_rng(0), 6, 6), tokens=names, text=TextRules())
    data, _ = drawn(Runner(model), np.arange(6))
    text = data.decode()
    for shown in ("sa ", "s\\x20 ", "stwo\\x20words ", "sé ", "s\\\\ ", "s\\\\x07\\\\n "):
        assert f"\n{shown}" in text
    assert "$date" not in text  # the same run gives the same bytes


def test_the_state_after_the_last_token_is_there():
    model = random_model(np.random.default_rng(0), 6, 4)
    tokens = np.array([1, 2, 3])
    data, _ = drawn(Runner(trilc.compile(model, passes="", keep_state=True)), tokens)
    last = "".join(map(str, model.run(tokens[None], "state")[0, -1][::-1]))
    assert f"#{3 * PERIOD}\nb{last} " in data.decode()


def test_an_error_leaves_the_file_open():
    file = io.BytesIO()
    model = random_model(np.random.default_rng(0), 6, 4)
    with pytest.raises(ValueError, match="token 4"), Waveform(file, Runner(model)) as waveform:
        waveform.run(np.array([0, 4]))
    assert not file.closed


def test_a_waveform_that_breaks_off_in_a_token_ends_before_it(monkeypatch):
    model = random_model(np.random.default_rng(5), 6, 4)
    tokens = np.random.default_rng(6).integers(0, model.vocabulary, 20)

    def broken_off(change: int) -> bytes:
        """Interrupted when the waveform has changed so many values."""
        file = io.BytesIO()
        with Waveform(file, Runner(model)) as waveform:
            left = iter(range(change))
            true = waveform._writer.change

            def interrupted(*arguments):
                if next(left, None) is None:
                    raise KeyboardInterrupt
                true(*arguments)

            monkeypatch.setattr(waveform._writer, "change", interrupted, raising=False)
            with pytest.raises(KeyboardInterrupt):
                waveform.run(tokens)
            assert waveform.cut() == bool(file.getvalue())
        return file.getvalue()

    complete, _ = drawn(Runner(model), tokens)
    seen = signals(complete, 20 * PERIOD)
    assert broken_off(2) == b""
    lengths = set()
    for change in range(6, 60):
        data = broken_off(change)
        end = int(data.rsplit(b"#", 1)[1]) if data else 0
        lengths.add(end)
        assert signals(data, end) == {name: values[: 2 * end // PERIOD] for name, values in seen.items() if end}
    assert len(lengths) > 5
