"""Places where bits do the same, against a loop over all of them, however the streams arrive."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trilc.errors import InputError
from trilc.explain.trace import Matches, Pattern
from trilc.explain.trace.matches import AFTER, BEFORE


def brute_force(streams, pattern):
    """All places, best first."""
    found = []
    for number, (tokens, states) in enumerate(streams):
        for first in range(1, len(tokens) - pattern.span + 2):
            on = states[first : first + pattern.span].all(0)
            if pattern.fresh:
                on &= states[first - 1] == 0
            shared = int(on[list(pattern.bits)].sum())
            if shared:
                before = tuple(tokens[max(0, first - 1 - BEFORE) : first - 1].tolist())
                within = tuple(tokens[first - 1 : first - 1 + pattern.span].tolist())
                after = tuple(tokens[first - 1 + pattern.span :][:AFTER].tolist())
                found.append((-shared, int(on.sum()) - shared, number, first, before, within, after))
    return sorted(found)


@given(
    seed=st.integers(0, 2**32 - 1),
    span=st.sampled_from([1, 2, 3, 7, 64, 66]),
    fresh=st.booleans(),
    density=st.sampled_from([0.3, 0.6, 0.97]),
    keep=st.sampled_from([1, 10, 1000]),
)
@settings(max_examples=60)
def test_every_place_is_found(seed, span, fresh, density, keep):
    rng = np.random.default_rng(seed)
    units = int(rng.integers(1, 12))
    bits = tuple(np.flatnonzero(rng.random(units) < 0.6).tolist()) or (0,)
    pattern = Pattern(bits, span, fresh)
    streams = []
    for length in rng.integers(0, 200, 3):
        states = (rng.random((length + 1, units)) < density).astype(np.uint8)
        streams.append((rng.integers(0, 9, length), states))
    matches = Matches(pattern, keep)
    for tokens, states in streams:
        matches.begin(states[0])
        cuts = np.sort(rng.integers(0, len(tokens) + 1, 3)).tolist()
        for begin, end in zip([0, *cuts], [*cuts, len(tokens)], strict=True):
            matches.read(tokens[begin:end], states[1 + begin : 1 + end])
        matches.end()
    wanted = brute_force(streams, pattern)
    assert matches.places == sum(-place[0] == len(bits) for place in wanted)
    assert matches.tokens == sum(len(tokens) for tokens, _ in streams)
    assert [(*match.rank, match.before, match.within, match.after) for match in matches.best] == wanted[:keep]


def test_a_pattern_is_what_a_trace_shows():
    states = np.array([[0, 1, 0, 0], [1, 1, 1, 0], [1, 1, 0, 1]], np.uint8)
    assert Pattern.of(states, 1, 2) == Pattern((0,), 2, True)
    assert Pattern.of(states, 1, 2, fresh=False) == Pattern((0, 1), 2, False)
    assert Pattern.of(states, 1, 1) == Pattern((0, 2), 1, True)
    assert Pattern.of(states, 1, 1, bits=(2, 3)) == Pattern((2,), 1, True)
    with pytest.raises(InputError, match="tokens 2 to 2: no bit switches on"):
        Pattern.of(states, 2, 2, bits=(0, 1))
