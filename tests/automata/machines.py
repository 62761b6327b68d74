"""Machines whose tables are known beforehand, and the slowest ways to work with machines."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator

import numpy as np

from trilc.automata import Machine

Word = tuple[int, ...]


def by_definition(said: Callable[[Word], int], vocabulary: int, longest: int) -> Machine:
    """The minimal machine that says ``said(word)``, by what is said to all rests of words (Myhill and Nerode).

    ``longest`` is the length of rests that tells its states apart.
    """
    rests = [rest for n in range(1, longest + 1) for rest in itertools.product(range(vocabulary), repeat=n)]

    def meaning(word: Word) -> tuple[int, ...]:
        return tuple(said(word + rest) for rest in rests)

    words: list[Word] = [()]
    number = {meaning(()): 0}
    delta: list[list[int]] = []
    for word in words:
        delta.append([])
        for token in range(vocabulary):
            further = (*word, token)
            known = number.setdefault(meaning(further), len(words))
            if known == len(words):
                words.append(further)
            delta[-1].append(known)
    output = [[said((*word, token)) for token in range(vocabulary)] for word in words]
    return Machine(np.array(delta, np.int32), np.array(output, np.int32))


def text(word: Word) -> str:
    return "".join(map(str, word))


TOMITA: dict[int, Callable[[str], bool]] = {
    1: lambda w: "0" not in w,
    2: lambda w: re.fullmatch("(10)*", w) is not None,
    3: lambda w: re.search("(?<!1)1(11)*0(00)*(?!0)", w) is None,
    4: lambda w: "000" not in w,
    5: lambda w: w.count("0") % 2 == 0 and w.count("1") % 2 == 0,
    6: lambda w: (w.count("0") - w.count("1")) % 3 == 0,
    7: lambda w: re.fullmatch("0*1*0*1*", w) is not None,
}
"""Tomita's languages (1982)."""


def tomita(number: int) -> Machine:
    """Whether what was read so far is in the language."""
    return by_definition(lambda word: int(TOMITA[number](text(word))), 2, 4)


def counter(modulus: int) -> Machine:
    """Whether the number of 1s so far is a multiple: states are told apart by words up to as long as that."""
    state = np.arange(modulus)
    delta = np.stack([state, (state + 1) % modulus], axis=1)
    return Machine(delta.astype(np.int32), (delta == 0).astype(np.int32)).canonical()


def dyck(depth: int) -> Machine:
    """Brackets up to a depth: 1 where they are balanced, 2 from where they can't be any more."""
    state = np.arange(depth + 2)  # the last one: never again
    up = np.minimum(state + 1, depth + 1)
    down = np.where((state == 0) | (state > depth), depth + 1, state - 1)
    delta = np.stack([up, down], axis=1)
    return Machine(
        delta.astype(np.int32), np.select([delta == 0, delta > depth], [1, 2], 0).astype(np.int32)
    ).canonical()


def lock(length: int) -> Machine:
    """1 after the one word of so many letters, of four, that opens it; a wrong letter starts anew."""
    word = np.random.default_rng(length).integers(0, 4, length)
    delta = np.zeros((length + 1, 4), np.int32)
    delta[np.arange(length), word] = np.arange(1, length + 1)
    delta[length] = length
    return Machine(delta, (delta == length).astype(np.int32))


def drawn(states: int, vocabulary: int, outputs: int, seed: int) -> Machine:
    """A random machine of so many states, all reached and no two the same."""
    rng = np.random.default_rng(seed)
    while True:
        delta = rng.integers(0, states, (states, vocabulary))
        order = rng.permutation(states)
        delta[order[:-1], rng.integers(0, vocabulary, states - 1)] = order[1:]  # a way through all of them
        machine = Machine(
            delta.astype(np.int32), rng.integers(0, outputs, delta.shape).astype(np.int32), int(order[0])
        )
        if slowly_minimised(machine).states == states:
            return machine.canonical()


def ground_truths() -> Iterator[tuple[str, Machine]]:
    """All of them, by name; each is minimal and in canonical numbering."""
    for number in TOMITA:
        yield f"tomita {number}", tomita(number)
    yield "parity", counter(2)
    for modulus in (3, 7, 24, 50):
        yield f"mod {modulus}", counter(modulus)
    for depth in (1, 2, 5, 12):
        yield f"dyck {depth}", dyck(depth)
    yield "lock 12", lock(12)
    for states, vocabulary, outputs in ((10, 2, 2), (25, 3, 2), (50, 2, 3), (100, 4, 4), (200, 2, 2)):
        yield f"random {states} x {vocabulary}", drawn(states, vocabulary, outputs, states)


def slowly_minimised(machine: Machine) -> Machine:
    """The minimal machine by Moore's rounds, in canonical numbering."""
    machine = machine.canonical()
    rows = range(machine.states)
    classes = [0] * machine.states
    while True:
        lines = [
            (*machine.output[s].tolist(), *(classes[q] for q in machine.delta[s].tolist())) for s in rows
        ]
        number: dict[tuple[int, ...], int] = {}
        finer = [number.setdefault(line, len(number)) for line in lines]
        if len(number) == len(set(classes)):
            break
        classes = finer
    first = [classes.index(k) for k in range(len(number))]
    delta = [[classes[q] for q in machine.delta[s].tolist()] for s in first]
    return Machine(np.array(delta, np.int32), machine.output[first], classes[0]).canonical()
