"""Where two netlists that differ part: registers, outputs, and the gates that must have gone wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from trilc.aig import AIG, TRUE, UNKNOWN, Builder, Literals
from trilc.aig.copying import copy
from trilc.aig.simulation import literal_values, simulate_nodes
from trilc.aig.traverse import reachable
from trilc.prove.counterexample import Step
from trilc.prove.transition import ONES, Words, packed, unpacked

WORDS = 16
"""Words of streams that are compared step by step; the first stream is the counterexample, half are like it."""
STEPS = 32
"""Steps that they are compared for, at least."""
FAILING, AGREEING = 256, 2048
"""Situations in which they differ, and do not, that are looked at; an eighth of them at the most from one step."""
MOST_GATES = 20_000
"""Gates that are tried one by one, those nearest to the inputs first."""


@dataclass(frozen=True)
class Gate:
    """A gate of the second netlist that does not compute what it should."""

    node: int
    text: str
    """What it computes, its fan-ins by name: ``n57 = ¬tok[1] ∧ n43``."""
    counterparts: tuple[str, str]
    """What computes the same as its fan-ins in the first netlist, as far as simulation can tell; else empty."""
    explained: int
    """Situations that another value at this gate alone would put right …"""
    failing: int
    """… of so many in which the netlists differ."""


@dataclass(frozen=True)
class Blame:
    """Where two netlists part, registers being matched by name."""

    resets: tuple[str, ...]
    """Registers that start otherwise."""
    roots: tuple[str, ...]
    """``output o`` and ``next state of r`` that differ in a state in which all agreed so far."""
    gates: tuple[Gate, ...]
    """The fewest gates found that together explain every such difference that gates explain."""


def blame(before: AIG, after: AIG, steps: Sequence[Step], start: Step) -> Blame:
    """Find what differs between two netlists that a stream of ``steps`` tells apart.

    Both run on that stream, on others like it, and on random ones, for as long as they agree. A gate of ``after`` is
    suspected if nothing in ``before`` computes the same, though both of its fan-ins have such a counterpart; less so
    if its structure is new; and it is named if another value there would put things right (as in single-fix
    diagnosis: Veneris, Hajj 1999). The first such gate need not be the one at fault, where that computes by chance
    what another one should; then it reads that one.
    """
    resets = [dict(zip(aig.register_names, aig.reset.tolist(), strict=True)) for aig in (before, after)]
    common = [name for name in before.register_names if name in resets[1]]
    wrong = tuple(name for name in common if resets[0][name] != resets[1][name])
    roots = [_roots(aig, before, common) for aig in (before, after)]
    names = [f"output {name}" for name in before.output_names] + [f"next state of {name}" for name in common]
    left, right, failing = _situations(before, after, roots, steps, start)
    if not failing:
        return Blame(wrong, (), ())
    free = _anywhere(before, after)
    sides = ((before, np.hstack([left, free[0]])), (after, np.hstack([right, free[1]])))
    values = [simulate_nodes(aig, leaves) for aig, leaves in sides]
    expected, found = (literal_values(value, root) for value, root in zip(values, roots, strict=True))
    lanes = packed(np.arange(64 * values[0].shape[1])[None] < failing)[0]
    differing = ((expected ^ found) & lanes).any(axis=1)
    alike, same = _counterparts(*values)
    words = -(-failing // 64)
    goal, mask = expected[:, :words], lanes[:words]
    cone = np.flatnonzero(reachable(after, roots[1][differing])[after.first_and :])[:MOST_GATES]
    fanins = after.fanins[cone] >> 1
    suspects = cone[(same[after.first_and + cone] < 0) & (same[fanins] >= 0).all(axis=1)]
    # where nothing differs but roots that read what another root should, or its complement, no gate is wrong
    new = _new(before, after)
    misread = differing & np.isin(same[roots[1] >> 1], alike[roots[0] >> 1])
    open_ = np.bitwise_or.reduce((expected ^ found)[~misread, :words] & mask, axis=0, initial=np.uint64(0))
    fresh = new[after.first_and + cone]
    rows = np.concatenate([suspects, cone[fresh], cone[~fresh]])
    fixes = _fixes(after.fanins, after.first_and, values[1][:, :words], roots[1], goal, rows, mask)
    chosen = _chosen(rows, fixes, open_, len(suspects))
    gates = tuple(
        Gate(int(after.first_and + row), *_described(before, after, row, same), number, failing)
        for row, number in sorted(chosen)
    )
    return Blame(wrong, tuple(name for name, wrong in zip(names, differing, strict=True) if wrong), gates)


def _roots(aig: AIG, before: AIG, registers: Sequence[str]) -> Literals:
    """The literals that are compared, in the order of ``before``."""
    outputs = dict(zip(aig.output_names, aig.outputs.tolist(), strict=True))
    following = dict(zip(aig.register_names, aig.next_state.tolist(), strict=True))
    literals = [outputs[name] for name in before.output_names] + [following[name] for name in registers]
    return np.array(literals, np.uint32)


def _situations(
    before: AIG, after: AIG, roots: Sequence[Literals], steps: Sequence[Step], start: Step
) -> tuple[Words, Words, int]:
    """(leaves, words) of both, and how many of the first lanes are situations in which they differ."""
    rng = np.random.default_rng(3)
    lanes = 64 * WORDS
    order = [after.input_names.index(name) for name in before.input_names]
    stream = np.array([[step[name] for name in before.input_names] for step in steps], bool)
    stream = stream.reshape(len(steps), before.num_inputs)
    unknown = {
        name: np.append(bool(start.get(name, 0)), rng.integers(0, 2, lanes - 1).astype(bool))
        for name in dict.fromkeys([*before.register_names, *after.register_names])
    }
    states = [_starting(aig, unknown, lanes) for aig in (before, after)]
    alive = np.full(WORDS, ONES)
    kept: list[list[tuple[NDArray[np.uint8], NDArray[np.uint8]]]] = [[], []]
    room = [FAILING, AGREEING]
    for t in range(max(STEPS, len(steps))):
        inputs = rng.integers(0, 2, (before.num_inputs, lanes)).astype(bool)
        if t < len(steps):
            like = rng.random(lanes) < 0.75
            like[0], like[lanes // 2 :] = True, False
            inputs = np.where(like, stream[t][:, None], inputs)
        words = packed(inputs)
        leaves = [np.concatenate([words, states[0]]), np.concatenate([np.empty_like(words), states[1]])]
        leaves[1][order] = words
        values = [simulate_nodes(aig, leaf) for aig, leaf in zip((before, after), leaves, strict=True)]
        alive &= np.bitwise_and.reduce(literal_values(values[0], before.constraints), axis=0, initial=ONES)
        pairs = (literal_values(value, root) for value, root in zip(values, roots, strict=True))
        wrong = np.bitwise_or.reduce(np.bitwise_xor(*pairs), axis=0, initial=np.uint64(0))
        for kind, words in enumerate((wrong & alive, ~wrong & alive)):
            chosen = np.flatnonzero(unpacked(words[None], lanes)[0])[: min(room[kind], (FAILING, AGREEING)[kind] // 8)]
            room[kind] -= len(chosen)
            kept[kind].append((unpacked(leaves[0], lanes)[:, chosen], unpacked(leaves[1], lanes)[:, chosen]))
        alive &= ~wrong
        states = [literal_values(value, aig.next_state) for value, aig in zip(values, (before, after), strict=True)]
    both = [np.concatenate([part[side] for part in kept[0] + kept[1]], axis=1) for side in (0, 1)]
    return packed(both[0]), packed(both[1]), FAILING - room[0]


def _anywhere(before: AIG, after: AIG) -> tuple[Words, Words]:
    """(leaves, words) of both at random, in the same states, reached or not."""
    rng = np.random.default_rng(4)
    place, sources = _common_leaves(before, after)
    values = rng.integers(0, 2**64, (len(place), WORDS), np.uint64)
    values = np.concatenate([np.zeros((1, WORDS), np.uint64), values])
    left, right = (values[part[1:] >> 1] ^ -(part[1:] & 1).astype(np.uint64)[:, None] for part in sources)
    return left, right


def _new(before: AIG, after: AIG) -> NDArray[np.bool_]:
    """(nodes,) which gates of ``after`` are in ``before`` by structure neither themselves nor folded."""
    place, sources = _common_leaves(before, after)
    builder = Builder(before.num_ands + after.num_ands)
    for name in place:
        builder.input(name)
    copy(builder, before, sources[0])
    known = 1 + len(place) + builder.num_ands
    literals = copy(builder, after, sources[1])
    fresh: NDArray[np.bool_] = literals >> 1 >= known
    return fresh


def _common_leaves(before: AIG, after: AIG) -> tuple[list[str], tuple[Literals, Literals]]:
    """Names of leaves, and what the nodes below the first gates of both are in literals of these.

    Registers that ``after`` lacks are what its metadata say; inputs come first.
    """
    names = [f"input {name}" for name in before.input_names]
    names += [f"register {name}" for name in dict.fromkeys([*after.register_names, *before.register_names])]
    literal = {"register 0": 0, "register 1": 1} | {name: 2 * k for k, name in enumerate(names, 1)}
    own = set(after.register_names)
    removed: Mapping[str, str | None] = after.metadata.get("removed", {})

    def held(name: str) -> int:
        source = removed.get(name) if name not in own else None
        if source is None:
            return literal[f"register {name}"]
        return literal[f"register {source.removeprefix('!')}"] ^ source.startswith("!")

    both = [
        [0, *(literal[f"input {name}"] for name in aig.input_names), *(held(name) for name in aig.register_names)]
        for aig in (before, after)
    ]
    return names, (np.array(both[0], np.uint32), np.array(both[1], np.uint32))


def _starting(aig: AIG, unknown: dict[str, NDArray[np.bool_]], lanes: int) -> Words:
    rows = [
        unknown[name] if reset == UNKNOWN else np.full(lanes, reset == TRUE)
        for name, reset in zip(aig.register_names, aig.reset.tolist(), strict=True)
    ]
    return packed(np.array(rows, bool).reshape(-1, lanes))


def _counterparts(before: Words, after: Words) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The first node of ``before`` with the same values up to complement, or −1: for its own nodes, for the other's."""
    both = np.concatenate([before, after])
    both = both ^ -(both[:, :1] & np.uint64(1))
    rows = np.ascontiguousarray(both).view(np.dtype((np.void, 8 * both.shape[1]))).ravel()
    _, first, inverse = np.unique(rows, return_index=True, return_inverse=True)
    earliest = first[inverse.ravel()]
    known = np.where(earliest < len(before), earliest, -1)
    return known[: len(before)], known[len(before) :]


def _chosen(rows: NDArray[np.int64], fixes: Words, open_: Words, suspected: int) -> list[tuple[int, int]]:
    """The first gate that explains all lanes of ``open_``, the suspected ones coming first; else a few that do.

    ``fixes`` are (rows, words). Gates and the lanes that each explains are returned.
    """
    chosen: list[tuple[int, int]] = []
    explained = np.bitwise_count(fixes).sum(axis=1)
    whole = np.flatnonzero((fixes & open_ == open_).all(axis=1))
    if open_.any() and whole.size:
        return [(int(rows[whole[0]]), int(explained[whole[0]]))]
    for part in (slice(0, suspected), slice(suspected, None)):
        while open_.any() and len(rows[part]):
            gains = np.bitwise_count(fixes[part] & open_).sum(axis=1)
            best = int(np.argmax(gains))
            if gains[best] == 0:
                break
            chosen.append((int(rows[part][best]), int(explained[part][best])))
            open_ = open_ & ~fixes[part][best]
    return chosen


def _described(before: AIG, after: AIG, row: int, same: NDArray[np.int64]) -> tuple[str, tuple[str, str]]:
    literals = after.fanins[row].tolist()
    text = " ∧ ".join(_named(after, literal) for literal in literals)
    known = [int(same[literal >> 1]) for literal in literals]
    left, right = ("" if node < 0 else _named(before, 2 * node) for node in known)
    return f"n{after.first_and + row} = {text}", (left, right)


def _named(aig: AIG, literal: int) -> str:
    names = ("0", *aig.input_names, *aig.register_names)
    node = literal >> 1
    return "¬" * (literal & 1) + (names[node] if node < len(names) else f"n{node}")


@njit(cache=True)
def _fixes(fanins, first, values, roots, goal, rows, mask):
    """(rows, words) the lanes in which all roots are as in ``goal`` once the gate of a row is complemented."""
    words = values.shape[1]
    fixed = np.zeros((rows.shape[0], words), np.uint64)
    changed = values.copy()
    touched = np.zeros(values.shape[0], np.bool_)
    for k in range(rows.shape[0]):
        origin = first + rows[k]
        touched[origin] = True
        for w in range(words):
            changed[origin, w] = ~values[origin, w]
        for node in range(origin + 1, values.shape[0]):
            a, b = np.int64(fanins[node - first, 0]), np.int64(fanins[node - first, 1])
            if touched[a >> 1] or touched[b >> 1]:
                touched[node] = True
                flip_a, flip_b = np.uint64(0) - np.uint64(a & 1), np.uint64(0) - np.uint64(b & 1)
                for w in range(words):
                    changed[node, w] = (changed[a >> 1, w] ^ flip_a) & (changed[b >> 1, w] ^ flip_b)
        for w in range(words):
            right = mask[w]
            for root in range(roots.shape[0]):
                literal = np.int64(roots[root])
                right &= ~(changed[literal >> 1, w] ^ (np.uint64(0) - np.uint64(literal & 1)) ^ goal[root, w])
            fixed[k, w] = right
        for node in range(origin, values.shape[0]):
            if touched[node]:
                touched[node] = False
                for w in range(words):
                    changed[node, w] = values[node, w]
    return fixed
