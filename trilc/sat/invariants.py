"""Implications between the bits of the state, proved by induction: don't-cares that only a machine has."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numba import njit
from numpy.typing import NDArray

from trilc.aig import AIG, TRUE, UNKNOWN, Builder, Literals
from trilc.aig.copying import at, copy
from trilc.aig.simulation import literal_values, simulate_nodes
from trilc.sat import cones as cones_module
from trilc.sat.cdcl import SATISFIABLE, UNSATISFIABLE
from trilc.sat.cones import satisfy
from trilc.sat.induction import Effort
from trilc.sat.patterns import perturbed
from trilc.sat.sweeping import record

WORDS = 32
STEPS = 128
"""Random runs from reset that choose what to prove."""

MOST_REGISTERS = 4096
"""With more of them, there are too many pairs to look at."""

EFFORT = Effort(200, 4000)


def implications(aig: AIG, effort: Effort = EFFORT) -> Literals:
    """(pairs, 2) register literals that are never true together from reset on: each implies the other's complement.

    A register that never is true (or false) comes as a pair of the same literal twice. Candidates are the pairs that
    random runs never show; all are assumed together of one state, proved of the next, and those that fail dropped
    until all hold (as van Eijk 2000; Case, Mishchenko, Brayton 2006 use them so). The constraints hold in every step.
    There are none for more than :data:`MOST_REGISTERS` registers.
    """
    if aig.num_registers > MOST_REGISTERS:
        return np.zeros((0, 2), np.uint32)
    rng = np.random.default_rng(0)
    pairs = _never_seen(aig, rng)
    builder = Builder(aig.num_ands)
    inputs = [builder.input(name) for name in aig.input_names]
    state = np.array([builder.input(f"state {name}") for name in aig.register_names], np.uint32)
    nodes = copy(builder, aig, np.concatenate([np.array([0, *inputs], np.uint32), state]))
    now = at(nodes, aig.constraints)
    following = at(nodes, aig.next_state)
    while len(pairs):
        # pairs are (register, complement) twice over; in the graph, their present and their next literals
        present = _of(pairs, state)
        assumed = np.asarray(builder.and_(present[:, 0], present[:, 1])) ^ np.uint32(1)
        constraints = np.unique(np.concatenate([now, assumed.astype(np.uint32)]))
        holds = np.ones(len(pairs), np.bool_)
        graph = builder.build()
        work = cones_module.empty(graph.num_nodes, effort.cone + 4 * len(constraints))
        ahead = _of(pairs, following)
        patterns = np.zeros(graph.first_and - 1, np.uint64)
        k = 0
        while k < len(pairs):
            k = _check(graph.fanins, graph.first_and, ahead, holds, k, work, constraints, effort.conflicts, patterns)
            if patterns.any():
                values = simulate_nodes(graph, perturbed(patterns, 64, rng))
                care = np.bitwise_and.reduce(literal_values(values, constraints), axis=0, initial=~np.uint64(0))
                both = literal_values(values, ahead[:, 0]) & literal_values(values, ahead[:, 1]) & care
                holds &= ~both.any(axis=1)
                patterns[:] = 0
        if holds.all():
            break
        pairs = pairs[holds]
    return _of(pairs, aig.register_literals)


def _of(pairs: NDArray[np.int64], literals: Literals) -> Literals:
    found: Literals = (literals[pairs >> 1] ^ (pairs & 1)).astype(np.uint32)
    return found


def constrained(aig: AIG, pairs: Literals) -> AIG:
    """The graph with implications of :func:`implications` as further constraints, after its own.

    Constraints are a care set to every pass that knows them; :func:`unconstrained` takes these off again.
    """
    builder = Builder(aig.num_ands)
    inputs = [builder.input(name) for name in aig.input_names]
    registers = [
        builder.register(name, int(reset)) for name, reset in zip(aig.register_names, aig.reset, strict=True)
    ]
    nodes = copy(builder, aig, np.array([0, *inputs, *registers], np.uint32))
    for register, following in zip(registers, at(nodes, aig.next_state), strict=True):
        builder.set_next(register, following)
    for name, literal in zip(aig.output_names, at(nodes, aig.outputs), strict=True):
        builder.output(name, literal)
    for literal in at(nodes, aig.constraints):
        builder.constrain(literal)
    for a, b in pairs.tolist():
        builder.constrain(builder.and_(a, b) ^ 1)
    return builder.build(aig.metadata, aig.keep_registers)


def unconstrained(aig: AIG, number: int) -> AIG:
    """The graph with its first ``number`` constraints only."""
    return replace(aig, constraints=aig.constraints[:number])


def _never_seen(aig: AIG, rng: np.random.Generator) -> NDArray[np.int64]:
    """(pairs, 2) literals ``2·register + complement`` that are never true together in random runs."""
    count = aig.num_registers
    state = np.where(aig.reset[:, None] == TRUE, ~np.uint64(0), np.uint64(0)) * np.ones(WORDS, np.uint64)
    free = aig.reset == UNKNOWN
    state[free] = rng.integers(0, 2**64, (int(free.sum()), WORDS), np.uint64)
    care = np.full(WORDS, ~np.uint64(0))
    seen = np.zeros((2 * count, 2 * count), np.bool_)
    for _ in range(STEPS):
        _note(state, care, seen)
        inputs = rng.integers(0, 2**64, (aig.num_inputs, WORDS), np.uint64)
        values = simulate_nodes(aig, np.concatenate([inputs, state]))
        care = care & np.bitwise_and.reduce(literal_values(values, aig.constraints), axis=0, initial=~np.uint64(0))
        state = literal_values(values, aig.next_state)
    constant = ~seen.diagonal()
    seen |= (constant[:, None] | constant[None, :]) & ~np.eye(2 * count, dtype=np.bool_)
    own = np.arange(2 * count) ^ 1
    seen[np.arange(2 * count), own] = True
    pairs: NDArray[np.int64] = np.argwhere(np.triu(~seen))
    return pairs


@njit(cache=True)
def _note(state, care, seen):
    """Mark the pairs of literals that are true together in some lane."""
    for a in range(seen.shape[0]):
        for b in range(a, seen.shape[0]):
            if seen[a, b]:
                continue
            flip_a, flip_b = np.uint64(0) - np.uint64(a & 1), np.uint64(0) - np.uint64(b & 1)
            for w in range(care.shape[0]):
                if (state[a >> 1, w] ^ flip_a) & (state[b >> 1, w] ^ flip_b) & care[w]:
                    seen[a, b] = True
                    break


@njit(cache=True, nogil=True)
def _check(fanins, first, ahead, holds, k, cones, constraints, budget, patterns):
    """Prove pairs from ``k`` on, up to a counterexample, which is left in ``patterns``; returns the next pair."""
    while k < ahead.shape[0]:
        if holds[k]:
            a, b = np.int64(ahead[k, 0]), np.int64(ahead[k, 1])
            answer = satisfy(cones, fanins, first, a, b, constraints, budget)
            if answer != UNSATISFIABLE:
                holds[k] = False
            if answer == SATISFIABLE:
                for lane in range(64):
                    record(cones, patterns, lane)
                return k + 1
        k += 1
    return k
