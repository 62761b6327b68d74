"""Random runs that are drawn towards what is looked for: of many states the most promising go on.

Where an output is the conjunction of several conditions, a state is the better the more of them hold after its last
step, rare ones counting for more. A beam of the best states, and of some others, reads every token next, or, where
there are many, some. That finds in minutes what plain random runs do not in years, and can't prove anything.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numba import njit
from numpy.typing import NDArray

from trilc.aig import AIG, UNKNOWN, Literals
from trilc.aig.simulation import Simulator
from trilc.aig.traverse import reachable, restrict
from trilc.prove.miter import Miter
from trilc.prove.transition import MOST_INPUTS, Transition, Words, codes, packed, transposed, unpacked

BEAM = 1 << 12
"""States that go on."""

LANES = 1 << 17
"""Steps tried in a generation, at most."""

GENERATIONS = 32
"""Then it begins anew."""

MOST_CONDITIONS = 4096


class Guided:
    """A beam search for a run, of so many steps at most, after which the one output of a miter holds."""

    def __init__(self, miter: Miter, longest: int | None = None) -> None:
        self._longest = GENERATIONS if longest is None else min(longest, GENERATIONS)
        aig = miter.aig
        found = conditions(aig)
        self.possible = 1 < len(found) <= MOST_CONDITIONS and aig.num_inputs > 0 and not (aig.reset == UNKNOWN).any()
        """Whether there are conditions to be guided by."""
        self.found: list[list[int]] | None = None
        """(steps, inputs) bits of a run that ends as it should."""
        self.begun: list[int] = aig.reset.tolist()
        """(registers,) bits of the state in which that run begins."""
        self.tried = 0
        """Steps."""
        self._state: Words = np.zeros((aig.num_registers, 1), np.uint64)
        self._alive: Words = np.ones(1, np.uint64)
        self._noise = 1.0
        if not self.possible:
            return
        names = tuple(f"condition {k}" for k in range(len(found)))
        each = replace(aig, outputs=found, output_names=names)
        self._transition = Transition(Miter(each, names), aig.num_inputs)
        self._late = self._of_registers(each)
        self._rng = np.random.default_rng(3)
        self._codes = self._permitted()
        self._rarity = np.ones(len(found))
        self._restart()

    def advance(self) -> None:
        """One generation more."""
        words = self._state.shape[1]
        lanes = 64 * words
        number = len(self._codes)
        tokens = self._codes
        if number * lanes > LANES:
            tokens = self._rng.choice(tokens, max(1, LANES // lanes), False)
        inputs = np.repeat(codes_of(tokens, self._transition.num_inputs), words, axis=1)
        held, permitted, following = self._transition.outputs(inputs, np.tile(self._state, len(tokens)))
        alive = unpacked((permitted & np.tile(self._alive, len(tokens)))[None], lanes * len(tokens))[0].astype(bool)
        self.tried += int(alive.sum())
        bits = unpacked(held, lanes * len(tokens))
        bad = np.flatnonzero(bits.all(axis=0) & alive)
        if bad.size:
            self._trace(int(bad[0]) % lanes, int(tokens[int(bad[0]) // lanes]))
            return
        if self._late is not None:  # what holds after the step is a function of the state alone
            self._late.reset(lanes * len(tokens))
            bits = unpacked(self._late.step_bits(np.concatenate([inputs, following])), lanes * len(tokens))
        share = (np.count_nonzero(bits[:, alive], axis=1) + 1.0) / (np.count_nonzero(alive) + 2.0)
        self._rarity += 0.2 * (-np.log2(share) - self._rarity)
        worth = self._rarity.astype(np.float32) @ bits + self._rng.random(bits.shape[1], np.float32) * self._noise
        worth[~alive] = -np.inf
        chosen = self._chosen(worth, following, int(alive.sum()))
        if len(self._history) >= self._longest or not chosen.size:
            self._restart()
            return
        self._history.append((chosen % lanes, tokens[chosen // lanes]))
        self._state = packed(unpacked(following, lanes * len(tokens))[:, chosen])
        self._alive = packed(np.ones((1, len(chosen)), np.bool_))[0]

    def _chosen(self, worth: NDArray[np.float32], following: Words, alive: int) -> NDArray[np.int64]:
        """The lanes that go on: different states, the best, and some at random."""
        count = min(alive, 2 * BEAM)
        if not count:
            return np.zeros(0, np.int64)
        best = np.argpartition(-worth, count - 1)[:count]
        best = best[np.argsort(-worth[best], kind="stable")]
        rows = transposed(following)[best]
        _, first = np.unique(rows.view([("", rows.dtype)] * rows.shape[1]).ravel(), return_index=True)
        best = best[np.sort(first)]
        rest = best[3 * BEAM // 4 :]
        more = self._rng.choice(rest, min(len(rest), BEAM // 4), False) if len(rest) else rest
        return np.concatenate([best[: 3 * BEAM // 4], more])

    def _of_registers(self, aig: AIG) -> Simulator | None:
        """The conditions alone, where they read no input."""
        seen = reachable(aig, aig.outputs)
        if seen[1 : 1 + aig.num_inputs].any():
            return None
        nothing = np.zeros(0, np.uint32)
        stateless = replace(
            aig, input_names=tuple(f"leaf {k}" for k in range(aig.first_and - 1)), register_names=(),
            next_state=nothing, reset=np.zeros(0, np.uint8), constraints=nothing, metadata={},
        )  # fmt: skip
        return Simulator(restrict(stateless, seen[aig.first_and :], np.zeros(0, np.bool_)), 64)

    def _restart(self) -> None:
        self._history: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []
        self._state = self._transition.beginning(1, self._rng)
        self._alive = np.ones(1, np.uint64)
        self._noise = float(self._rng.choice([0.5, 2.0, 6.0]))

    def _trace(self, lane: int, token: int) -> None:
        taken = [token]
        for parents, tokens in reversed(self._history):
            taken.append(int(tokens[lane]))
            lane = int(parents[lane])
        inputs = self._transition.num_inputs
        self.found = [[code >> bit & 1 for bit in range(inputs)] for code in reversed(taken)]

    def _permitted(self) -> NDArray[np.int64]:
        """Codes to be tried: those permitted in the first step, or some of very many."""
        inputs = self._transition.num_inputs
        if inputs > MOST_INPUTS:
            return self._rng.integers(0, 1 << min(inputs, 62), 1 << 10)
        every = codes(1 << inputs, inputs)
        state = np.repeat(self._transition.beginning(1, self._rng), every.shape[1], axis=1)
        return np.flatnonzero(self._transition.outputs(every, state)[1])


def codes_of(tokens: NDArray[np.int64], bits: int) -> Words:
    """(bits, tokens) the bits of some codes, each as a word of equal lanes."""
    ones: Words = -(tokens >> np.arange(bits)[:, None] & 1).view(np.uint64)
    return ones


def conditions(aig: AIG) -> Literals:
    """(conditions,) literals whose conjunction the first output is, none of them a plain conjunction itself."""
    found = np.zeros(aig.num_nodes * 2, np.bool_)
    _split(aig.fanins, aig.first_and, int(aig.outputs[0]), found)
    return np.flatnonzero(found).astype(np.uint32)


@njit(cache=True)
def _split(fanins, first, root, found):
    found[root] = True
    for node in range(first + fanins.shape[0] - 1, first - 1, -1):
        if found[2 * node]:
            found[2 * node] = False
            found[np.int64(fanins[node - first, 0])] = True
            found[np.int64(fanins[node - first, 1])] = True
