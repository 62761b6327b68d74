"""A waterfall says what happened."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tests.models import random_model
from trilc.explain.subject import Subject
from trilc.explain.trace import flips, waterfall


def test_a_waterfall_reads_back():
    rng = np.random.default_rng(0)
    model = replace(random_model(rng, 25, 4, 0.4), tokens=("a", "b", " ", "\n"))
    subject = Subject(model)
    trace = subject.replay(rng.integers(0, 4, 12).tolist())
    bits = [*range(3, 23)]
    lines = waterfall(trace, subject.terms, bits, 3, 9, 40)
    begin = lines[0].index("3")  # the first bit's column
    blocks = "\n".join(lines).split("\n\n")
    assert len(blocks) == 2
    for number, block in enumerate(blocks):
        _, *rows = block.split("\n")
        chosen = bits[10 * number : 10 * number + 10]
        assert len(rows) == 8
        for row, place in zip(rows, range(2, 10), strict=True):
            marks = row[begin : begin + 10]
            assert [mark in "█▲" for mark in marks] == trace.states[place, chosen].astype(bool).tolist()
            assert row.startswith(f"{place}  {model.tokens[trace.tokens[place - 1]]!r}")
            if place > 2:
                changed = flips(trace.states)[place - 1, chosen]
                assert [{"▲": 1, "▼": -1}.get(mark, 0) for mark in marks] == changed.tolist()
                assert row.endswith(f"  ▲{(changed > 0).sum()} ▼{(changed < 0).sum()}")
