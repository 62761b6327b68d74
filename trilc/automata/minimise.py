"""The minimal machine: partition refinement in O(n log n) steps for each token (Hopcroft 1971)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numba import njit
from numpy.typing import NDArray

from trilc.automata.machine import Machine, breadth_first
from trilc.automata.rows import classes_of


def minimise(machine: Machine) -> tuple[Machine, NDArray[np.int32]]:
    """The machine with fewest states that says the same, in canonical numbering, and each state's state in it.

    (states,) int32, −1 for states that can't be reached. Memory: up to ``16·V + 40`` bytes for each state. Raises
    ``ValueError`` for a bounded machine.
    """
    if machine.bounded:
        raise ValueError("the machine is bounded to short words")
    order = breadth_first(machine.delta, machine.start)
    if len(order) == machine.states and (order[1:] > order[:-1]).all():
        delta, output, start = machine.delta, machine.output, machine.start
    else:
        canonical = machine.canonical()
        delta, output, start = canonical.delta, canonical.output, 0
    first, count = classes_of(output)
    blocks, count = _refine(delta, first, count)
    representative = np.empty(count, np.int64)
    representative[blocks[::-1]] = np.arange(len(blocks) - 1, -1, -1)
    met = breadth_first(blocks[delta[representative]], blocks[start])
    number = np.empty(count, np.int32)
    number[met] = np.arange(count, dtype=np.int32)
    renumbered = number[blocks]
    classes = np.full(machine.states, -1, np.int32)
    classes[order] = renumbered
    first = representative[met]
    return replace(machine, delta=renumbered[delta[first]], output=output[first], start=0), classes


@njit(cache=True)
def _refine(delta, block, count):
    """(n,) the coarsest refinement of the classes ``block`` that every token respects, and how many there are.

    Of the two parts of a block that splits, the smaller takes a new number, so each number splits others once, for
    every token, in the order of the numbers; only the largest class of all need not (Hopcroft's "smaller half").
    """
    n, vocabulary = delta.shape
    sizes = np.zeros(count, np.int64)
    for q in range(n):
        sizes[block[q]] += 1
    largest = np.argmax(sizes)
    first = np.zeros(n + 1, np.int64)  # block b is elements[first[b]:end[b]], those marked in it come first
    end = np.zeros(n + 1, np.int64)
    marked = np.zeros(n + 1, np.int64)
    sizes[0], sizes[largest] = sizes[largest], sizes[0]
    place = np.int64(0)
    for b in range(count):
        first[b] = place
        end[b] = place
        place += sizes[b]
    elements = np.empty(n, np.int32)
    where = np.empty(n, np.int32)
    for q in range(n):
        if block[q] == largest:
            block[q] = 0
        elif block[q] == 0:
            block[q] = largest
        b = block[q]
        elements[end[b]] = q
        where[q] = end[b]
        end[b] += 1
    before, sources = _inverse(delta)
    coming = np.empty(n, np.int32)
    touched = np.empty(n, np.int32)
    splitter = 1
    while splitter < count:
        for t in range(vocabulary):
            many = 0
            for k in range(first[splitter], end[splitter]):
                q = elements[k]
                for e in range(before[t, q], before[t, q + 1]):
                    coming[many] = sources[t, e]
                    many += 1
            blocks = 0
            for k in range(many):
                q = coming[k]
                b = block[q]
                if marked[b] == 0:
                    touched[blocks] = b
                    blocks += 1
                here, there = where[q], first[b] + marked[b]
                other = elements[there]
                elements[here], elements[there] = other, q
                where[other], where[q] = here, there
                marked[b] += 1
            for k in range(blocks):
                b = touched[k]
                size, inside = end[b] - first[b], marked[b]
                marked[b] = 0
                if inside == size:
                    continue
                middle = first[b] + inside
                if 2 * inside <= size:
                    first[count], end[count] = first[b], middle
                    first[b] = middle
                else:
                    first[count], end[count] = middle, end[b]
                    end[b] = middle
                for e in range(first[count], end[count]):
                    block[elements[e]] = count
                count += 1
        splitter += 1
    return block, count


@njit(cache=True)
def _inverse(delta):
    """``sources[t, before[t, q]:before[t, q + 1]]`` are the states from which token ``t`` leads to ``q``."""
    n, vocabulary = delta.shape
    before = np.zeros((vocabulary, n + 2), np.int32)
    for p in range(n):
        for t in range(vocabulary):
            before[t, delta[p, t] + 2] += 1
    sources = np.empty((vocabulary, n), np.int32)
    for t in range(vocabulary):
        for q in range(2, n + 2):
            before[t, q] += before[t, q - 1]
        for p in range(n):
            q = delta[p, t]
            sources[t, before[t, q + 1]] = p
            before[t, q + 1] += 1
    return before, sources
