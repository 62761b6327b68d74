"""Questions about a certain input: the nearest that flips what is seen, and smallest parts of it that force that."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace
from itertools import combinations, product
from math import comb
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trilc.errors import InputError
from trilc.explain.engines.induction import Working
from trilc.explain.engines.optimum import Best, Forced, Minimal, Nearby, Other, Reason
from trilc.explain.hunt import OVER, Effort
from trilc.explain.judge import bits_of, holds, number_of
from trilc.explain.language.syntax import Bits, Change, Compare, Formula, Index, Match, Not, Number, Why, age
from trilc.explain.subject import Subject, Trace
from trilc.explain.system import System, sought
from trilc.explain.unrolling import unrolled
from trilc.explain.witness import Witness
from trilc.prove.counterexample import ReplayError
from trilc.prove.race import Race
from trilc.prove.transition import ONES, Transition, packed, unpacked

MOST_TRIED = 1 << 20
"""Inputs that are simulated one and all, before MaxSAT is asked."""

LANES = 1 << 15
"""Of these together."""

LONGEST = 1000
"""Tokens of an input."""


class Nearest:
    """Finds how few tokens must be others: by simulation of one or two changes, then by MaxSAT."""

    def __init__(self, subject: Subject, asked: Change, given: Sequence[int], effort: Effort) -> None:
        self._subject, self._effort = subject, effort
        self._trace = _replayed(subject, given)
        last = len(given)
        if asked.flips is None:
            self._goal: Formula = asked.makes
        else:
            self._goal = Not(_is_as_it_was(asked.flips, self._trace, last))
        _require_age(age(self._goal), last)
        self._fewest = 0
        """So many changes at least."""
        self._witness: Witness | None = None
        self._impossible = False
        self._notes: list[str] = []

    def run(self) -> Generator[str, None, None]:
        """Look; yields what is under way."""
        tokens = self._trace.tokens
        if holds(self._goal, self._trace, len(tokens)):
            self._found(tokens)
            return
        self._fewest = 1
        system = sought(self._subject, self._goal)
        others = self._subject.terms.vocabulary - 1
        for changes in range(1, len(tokens) + 1):
            if comb(len(tokens), changes) * others**changes > MOST_TRIED:
                break
            yield f"all inputs with {changes} tokens changed"
            found = self._tried(system, changes)
            if found is not None:
                self._found(found)
                return
            if self._effort.is_over:
                self._notes.append(OVER)
                return
            self._fewest = changes + 1
        else:
            self._impossible = True
            return
        yield "gates of every step"
        forced = _forced(system, tokens, None)
        with Race({"search": Nearby(forced)}, self._effort.end, self._notes.append) as race:
            for _, message in race:
                if isinstance(message, Working):
                    yield message.doing
                elif isinstance(message, Best):
                    if message.input is None:
                        self._impossible = True
                    else:
                        self._found(message.input.tokens[: len(tokens)])
                    return

    def answer(self) -> tuple[bool | None, str, Witness | None, dict[str, Any]]:
        """What is known so far."""
        if self._impossible:
            return False, "no other input of this length does", None, {}
        if self._witness is None:
            how = f"fewer than {self._fewest} changes do not" if self._fewest else "nothing was tried"
            return None, "; ".join([how, *self._notes]), None, {"fewest": self._fewest}
        pairs = zip(self._trace.tokens, self._witness.tokens, strict=True)
        places = [place for place, (a, b) in enumerate(pairs, 1) if a != b]
        many = f"{len(places)} token{'s' * (len(places) != 1)} changed"
        return True, f"{many}; fewer do not", self._witness, {"changed": places, "given": list(self._trace.tokens)}

    def _found(self, tokens: Sequence[int]) -> None:
        trace = self._subject.replay(tokens)
        if not holds(self._goal, trace, len(tokens)):
            raise ReplayError("a changed input was to do what is asked for, and does not")
        self._witness = Witness(trace, self._trace)

    def _tried(self, system: System, changes: int) -> list[int] | None:
        """The first input with so many changes that does it; None also where the time is over before all were tried."""
        transition = Transition(system.miter, system.aig.num_inputs)
        given = np.array(self._trace.tokens)
        values = [[v for v in range(self._subject.terms.vocabulary) if v != token] for token in given.tolist()]
        lanes: list[NDArray[np.int64]] = []
        # late changes first: they are the likeliest to count
        for places in combinations(range(len(given) - 1, -1, -1), changes):
            for chosen in product(*(values[place] for place in places)):
                lane = given.copy()
                lane[list(places)] = chosen
                lanes.append(lane)
                if len(lanes) == LANES:
                    found = _first_bad(transition, np.array(lanes), system.lag)
                    if found is not None or self._effort.is_over:
                        return found
                    lanes = []
        return _first_bad(transition, np.array(lanes), system.lag) if lanes else None


class Reasons:
    """Finds parts of an input that make what is seen what it is, whatever the rest is."""

    def __init__(self, subject: Subject, asked: Why, given: Sequence[int], effort: Effort) -> None:
        self._subject, self._effort = subject, effort
        last = len(given) - asked.seen.back
        _require_age(asked.seen.back + 1, len(given))
        self._begin = 0 if asked.since is None else len(given) - asked.since
        if self._begin < 0:
            raise InputError(f"the input has {len(given)} tokens; the question looks back {asked.since}")
        self._from_state = asked.since is not None
        self._trace = _replayed(subject, given[:last])
        self._seen = replace(asked.seen, back=0)
        self._reason: Reason | None = None
        self._names: list[dict[str, int]] = []
        self._shown: set[int] = set()
        """Parts of which it was replayed that they are needed."""
        self._notes: list[str] = []

    def run(self) -> Generator[str, None, None]:
        """Look; yields what is under way."""
        yield "gates of every step"
        tokens = self._trace.tokens
        same = _is_as_it_was(self._seen, self._trace, len(tokens))
        system = sought(self._subject, Not(same), lag=0)
        state = None
        if self._from_state:
            places = {said.removeprefix("!"): bit for bit, said in enumerate(self._subject.registers())}
            state = [places[name] for name in system.aig.register_names]
            self._names = [{"state_bit": bit} for bit in state]
        self._names += [{"token": place + 1} for place in range(self._begin, len(tokens))]
        now = None if state is None else self._trace.states[self._begin, state].tolist()
        forced = _forced(system, tokens[self._begin :], now, self._flipped(state))
        with Race({"search": Minimal(forced)}, self._effort.end, self._notes.append) as race:
            for _, message in race:
                if isinstance(message, Working):
                    yield message.doing
                elif isinstance(message, Reason):
                    for part, other in message.without.items():
                        if part not in self._shown:
                            self._require_other(other, state)
                            self._shown.add(part)
                    self._reason = message

    def answer(self) -> tuple[bool | None, str, Witness | None, dict[str, Any]]:
        """What is known so far."""
        if self._reason is None:
            return None, "; ".join(self._notes) or "nothing was tried", None, {}
        parts = [self._names[part] for part in self._reason.parts]
        tokens = sorted(part["token"] for part in parts if "token" in part)
        bits = sorted(part["state_bit"] for part in parts if "state_bit" in part)
        told = [f"token{'s' * (len(tokens) != 1)} {_listed(tokens)}"] if tokens else []
        told += [f"{', '.join(f'h[{bit}]' for bit in bits)} after {self._begin} tokens"] if bits else []
        how = f"because of {' and '.join(told)}" if told else "whatever the input"
        facts = {"tokens": tokens, "state_bits": bits, "given": list(self._trace.tokens), "begin": self._begin}
        facts["minimal"] = self._reason.is_minimal
        if self._reason.is_minimal:
            how += "; none of these can be left out" if told else ""
        else:
            how += f"; {len(self._reason.without)} of these {len(parts)} can't be left out"
            how = "; ".join([how, *self._notes])
        return True, how, Witness(self._trace), facts

    def _flipped(self, state: list[int] | None) -> list[int]:
        """Whether the registers of such state bits hold their complements."""
        said = self._subject.registers() if state is not None else []
        return [int(said[bit].startswith("!")) for bit in state or ()]

    def _require_other(self, other: Other, state: list[int] | None) -> None:
        """Replay an input that is to show that a part of the reason is needed."""
        last = len(self._trace.tokens)
        tokens = [*self._trace.tokens[: self._begin], *other.tokens]
        flips = {}
        if state is not None:
            given = np.array(other.state) ^ self._flipped(state)
            now = self._trace.states[self._begin, state]
            flips = {self._begin: [state[k] for k in np.flatnonzero(given != now)]}
        trace = self._subject.replay(tokens, flips)
        if holds(_is_as_it_was(self._seen, self._trace, last), trace, last):
            raise ReplayError("an input was to show that a part of the reason is needed, and does not")


def _replayed(subject: Subject, given: Sequence[int]) -> Trace:
    if len(given) > LONGEST:
        raise InputError(f"the input has {len(given)} tokens; expected at most {LONGEST}")
    return subject.replay(given)


def _is_as_it_was(seen: Index | Bits, trace: Trace, last: int) -> Formula:
    """That what is seen is what it is in a trace."""
    if isinstance(seen, Index):
        _require_age(seen.back + 1, last)
        return Compare("=", seen, Number(number_of(seen, trace, last)))
    _require_age(max(1, seen.back), last)
    return Match(seen, tuple(bits_of(seen, trace, last)))


def _require_age(needed: int, given: int) -> None:
    if given < needed:
        raise InputError(f"the input is too short for this question: it needs {needed} tokens at least")


def _forced(
    system: System, tokens: Sequence[int], state: Sequence[int] | None, flipped: Sequence[int] = ()
) -> Forced:
    """The system over the steps of an input; the state to begin with is free, and then a part bit by bit."""
    unrolling = unrolled(system.aig, len(tokens) + system.lag, free=state is not None)
    given = zip(unrolling.state, state or (), flipped, strict=True) if state is not None else ()
    kept: list[tuple[int, ...]] = [(x if bit ^ flip else -x,) for x, bit, flip in given]
    names = system.aig.input_names
    order = [names.index(f"tok[{bit}]") for bit in range(len(names))]
    for row, token in zip(unrolling.tokens, tokens, strict=False):
        kept.append(tuple(row[k] if token >> bit & 1 else -row[k] for bit, k in enumerate(order)))
    return Forced(unrolling, tuple(kept))


def _first_bad(transition: Transition, streams: NDArray[np.int64], lag: int) -> list[int] | None:
    """The first of (lanes, T) streams that is bad at its end."""
    lanes = len(streams)
    words = -(-lanes // 64)
    state = np.repeat(np.where(transition.reset, ONES, np.uint64(0))[:, None], words, axis=1)
    padded = np.concatenate([streams, np.zeros((lanes, lag), np.int64)], axis=1)
    bits = np.arange(transition.num_inputs)[:, None]
    bad = np.zeros(words, np.uint64)
    for tokens in padded.T:
        bad, _, state = transition.step(packed(tokens >> bits & 1), state)
    wrong = np.flatnonzero(unpacked(bad[None], lanes)[0])
    return streams[wrong[0]].tolist() if wrong.size else None


def _listed(numbers: Sequence[int]) -> str:
    *first, last = map(str, numbers)
    return f"{', '.join(first)} and {last}" if first else last
