"""``trilc trace``."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

import trilc
from tests.cli.command import refused, said

TEXT = "abba a é"
AT = "1..2"


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    path = tmp_path_factory.mktemp("corpus") / "corpus.txt"
    letters = np.random.default_rng(1).choice(list("aabb é"), (40, 30))
    path.write_text("\n".join("".join(line) for line in letters), encoding="utf-8")
    return path


@pytest.mark.parametrize("kind", ["checkpoint", ".aig"])
def test_json_agrees_with_the_reference(kind, checkpoint, netlists, tmp_path):
    source = checkpoint if kind == "checkpoint" else tmp_path / "kept.aig"
    model = trilc.load(checkpoint)
    if kind != "checkpoint":
        trilc.write_aig(trilc.compile(model, keep_state=True), source)
    found = json.loads(said("trace", source, TEXT, "--json"))
    tokens = [step["token"] for step in found["steps"]]
    assert "".join(model.tokens[token] for token in tokens) == TEXT
    states = model.run(np.array([tokens]), "state")[0]
    before = model.reset_state(1)[0]
    for step, state, spoken in zip(found["steps"], states, model.run(np.array([tokens]))[0], strict=True):
        assert step["state"] == "".join(map(str, state))
        assert step["on"] == np.flatnonzero(state > before).tolist()
        assert step["off"] == np.flatnonzero(state < before).tolist()
        assert step["said"] == spoken
        before = state


def test_a_waterfall_and_reasons(checkpoint):
    printed = said("trace", checkpoint, TEXT, "--bits", "h[0..5]", "--at", "2..3", "--why", "out", "--why", "flips")
    assert "▲" in printed
    lines = printed.splitlines()
    assert [line.split()[0] for line in lines[1:4]] == ["1", "2", "3"]
    assert any(line.startswith("token 3 'a': out=") for line in lines)
    found = json.loads(said("trace", checkpoint, TEXT, "--at", "3", "--why", "flips", "--json"))
    step = found["steps"][2]
    flipped = {f"h'[{bit}]": bit in step["on"] for bit in step["on"] + step["off"]}
    assert {reason["name"]: bool(reason["value"]) for reason in found["reasons"]} == flipped


@pytest.mark.parametrize("options", [[], ["--lines"], ["--staying"]])
def test_a_corpus(checkpoint, corpus, options):
    found = json.loads(said("trace", checkpoint, TEXT, "--at", AT, "--corpus", corpus, *options, "--json"))
    likeness = found["likeness"]
    printed = said("trace", checkpoint, TEXT, "--at", AT, "--corpus", corpus, *options)
    assert f"{likeness['tokens']:,} tokens; {likeness['places']:,} places" in printed
    assert printed.count("⟦") == len(likeness["best"]) == 10
    model = trilc.load(checkpoint)
    for match in likeness["best"]:
        if "--lines" in options:
            text = corpus.read_text(encoding="utf-8").split("\n")[match["stream"]]
            stream = trilc.Runner(model).named_tokens().encode(text)
            states = np.concatenate([model.reset_state(1), model.run(stream[None], "state")[0]])
            on = states[match["first"]] & states[match["first"] + 1] & (1 - states[match["first"] - 1])
            assert on[likeness["bits"]].sum() == match["shared"]
            assert on.sum() - match["shared"] == match["others"]


def test_a_waveform_is_that_of_simulate(checkpoint, tmp_path):
    said("trace", checkpoint, TEXT, "--vcd", tmp_path / "a.vcd")
    said("simulate", checkpoint, "--input", "text", "--vcd", tmp_path / "b.vcd", stdin=TEXT)
    assert (tmp_path / "a.vcd").read_bytes() == (tmp_path / "b.vcd").read_bytes()


def test_files_for_gtkwave(checkpoint, tmp_path):
    """The translate file says the tokens' names, and the save file what is in the VCD."""
    model = trilc.load(checkpoint)
    save, wave = tmp_path / "a.gtkw", tmp_path / "a.vcd"
    said("trace", checkpoint, TEXT, "--vcd", wave, "--gtkw", save)
    lines = (tmp_path / "a.gtkw.filter").read_text().splitlines()
    assert lines == [f"{code:x} '{name}'" for code, name in enumerate(model.tokens)]
    text = save.read_text().splitlines()
    assert f'[dumpfile] "{wave}"' in text
    shown = [line for line in text if line.startswith("model.")]
    header = wave.read_text().partition("$enddefinitions")[0]
    widths = {name: width for width, name in re.findall(r"\$var wire (\d+) \S+ (\S+) \$end", header)}
    expected = [f"model.{name}" + (f"[{int(width) - 1}:0]" if width != "1" else "") for name, width in widths.items()]
    assert sorted(shown) == sorted(expected)
    for name in ("tok", "out"):
        at = next(k for k, line in enumerate(text) if line.startswith(f"model.{name}["))
        assert text[at - 1] == f"^1 {tmp_path / 'a.gtkw.filter'}"
        flags = [line for line in text[:at] if line.startswith("@")][-1]
        assert int(flags.removeprefix("@"), 16) & 0x2000  # translated by a file
    assert "is for the waveform of --vcd" in refused("trace", checkpoint, TEXT, "--gtkw", save)
    with_end = tmp_path / "a\nb.vcd"
    assert "without quotes and line ends" in refused("trace", checkpoint, TEXT, "--vcd", with_end, "--gtkw", save)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ([], "the input is either TEXT or --tokens"),
        (["ab", "--tokens", "1"], "the input is either TEXT or --tokens"),
        ([""], "the input is empty"),
        (["--tokens", "1 9"], "--tokens: found 9; expected ids from 0 to 4"),
        (["aq"], "found 'q'"),
        (["aab", "--at", "4"], "--at: found token 4; expected 1 to 2"),
        (["ab", "--at", "0"], "expected tokens, counted from 1"),
        (["ab", "--bits", "out"], "--bits: found 'out'; expected state bits"),
        (["ab", "--why", "score[a]"], "score['a'] is a number"),
        (["ab", "--staying"], "are for --corpus"),
        (["ab", "--corpus", "nothing.txt"], "nothing.txt: can't be read"),
    ],
)
def test_what_is_wrong_is_one_line(checkpoint, arguments, line):
    assert line in refused("trace", checkpoint, *arguments)
