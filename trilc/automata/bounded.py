"""The bounded abstraction: the smallest machine of its kind that is exact for words up to a length.

A node stands for states that the same number of tokens leads to, and that say the same to all words of the length that
remains: the Myhill–Nerode classes of that depth (a state space cut off at a depth, and minimised from its end as
acyclic automata are, Revuz 1992).
"""

from __future__ import annotations

import numpy as np

from trilc.automata.explore import Reached
from trilc.automata.machine import UNSAID, Machine
from trilc.automata.rows import classes_of


def bounded(reached: Reached, depth: int) -> Machine:
    """The machine of words of up to ``depth`` tokens, in canonical numbering; beyond these it says nothing.

    Raises ``ValueError`` where states were not looked for so deep.
    """
    if reached.depth < depth and not reached.complete:
        raise ValueError(f"states were found up to {reached.depth} tokens deep; expected {depth}")
    machine = reached.machine()
    levels = [np.zeros(1, np.int64)]
    for _ in range(depth):
        levels.append(np.unique(machine.delta[levels[-1]]).astype(np.int64))
    nowhere = np.full((1, machine.vocabulary), UNSAID, np.int32)
    delta, output = [nowhere], [nowhere]
    node = np.zeros(machine.states, np.int32)  # of each state, the tokens that remain being given
    count = 1
    for level in reversed(levels[:-1]):
        following = node[machine.delta[level]]
        classes, number = classes_of(np.concatenate([following, machine.output[level]], axis=1))
        _, first = np.unique(classes, return_index=True)
        delta.append(following[first])
        output.append(machine.output[level[first]])
        node = np.zeros(machine.states, np.int32)
        node[level] = classes + count
        count += number
    return Machine(
        np.concatenate(delta), np.concatenate(output), count - 1, machine.tokens, machine.symbols
    ).canonical()
