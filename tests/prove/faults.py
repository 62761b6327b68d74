"""Seeded faults, and the shortest stream that shows one by brute force."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tests.truth import evaluate
from trilc.aig import AIG, TRUE
from trilc.model import Model
from trilc.outputs import output_bits


def flipped(aig: AIG, row: int, side: int) -> AIG:
    """One fan-in complemented."""
    fanins = aig.fanins.copy()
    fanins[row, side] ^= 1
    return replace(aig, fanins=np.sort(fanins, axis=1))


def swapped(aig: AIG, row: int, side: int, rng: np.random.Generator) -> AIG:
    """One fan-in read from somewhere else before it."""
    fanins = aig.fanins.copy()
    other = int(fanins[row, 1 - side])
    while True:
        literal = int(rng.integers(2, 2 * (aig.first_and + row)))
        if literal >> 1 not in (other >> 1, int(fanins[row, side]) >> 1):
            break
    fanins[row, side] = literal
    return replace(aig, fanins=np.sort(fanins, axis=1))


def output_flipped(aig: AIG, which: int) -> AIG:
    """One output complemented."""
    outputs = aig.outputs.copy()
    outputs[which] ^= 1
    return replace(aig, outputs=outputs)


def shortest_by_brute_force(model: Model, aig: AIG, output: str, most: int = 30) -> int | None:
    """Tokens after which the netlist first says something else than the reference, or that they can't occur.

    None if that is never.

    Everything is done one state at a time, with nothing of the prover's.
    """
    start = tuple(model.reset_state(1)[0].tolist()), tuple((aig.reset == TRUE).tolist())
    tokens = np.arange(model.vocabulary)
    inputs = (tokens >> np.arange(aig.num_inputs)[:, None]) & 1 == 1
    seen, level = {start}, [start]
    for depth in range(1, most):
        reached = []
        for of_model, of_netlist in level:
            new = model.step(np.tile(np.array(of_model, np.uint8), (len(tokens), 1)), tokens)
            if output == "state":
                said = new
            else:
                scores = model.scores(new)
                said = model.choose(scores) if output == "argmax" else scores
            state = np.tile(np.array(of_netlist, bool)[:, None], len(tokens))
            roots = evaluate(aig, inputs, state)
            outputs, following = roots[: aig.num_outputs], roots[aig.num_outputs :]
            if (outputs != output_bits(aig.num_outputs, said).T).any() or not following[aig.num_registers :].all():
                return depth
            for mine, its in zip(new.tolist(), following[: aig.num_registers].T.tolist(), strict=True):
                both = tuple(mine), tuple(its)
                if both not in seen:
                    seen.add(both)
                    reached.append(both)
        level = reached
        if not level:
            return None
    raise AssertionError("too deep for this test")
