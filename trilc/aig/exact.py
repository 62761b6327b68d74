"""Smallest AND/inverter structures of the four-input functions: the generator of ``structures.npz``.

``python -m trilc.aig.exact`` searches for some minutes and writes that file again.

A structure is a *chain* (Knuth, TAOCP 7.1.2): gates in order, each combining two earlier signals. Since
inverters are free, every signal is kept *normal*, that is 0 at minterm 0, and a gate is one of the four
operators that keep it so: ``p∧q``, ``p∧¬q``, ``¬p∧q``, ``p∨q``. All chains of at most ``EXHAUSTIVE`` gates are
enumerated, up to permutations and negations of the inputs, so that those classes get their true smallest
structures. The classes above (41 of 222) are joined from two smaller structures, gates in common counted
once. Per class, a *forest* of structures that overlap is kept: more ways to meet gates that exist already
(as in Mishchenko, Chatterjee, Brayton 2006). Behind the smallest come structures one gate larger: where two of
the gates of ``ab ∨ ac`` are there, it costs less than ``a(b ∨ c)``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

from trilc.aig import npn
from trilc.aig.structures import GATES, PATH, Forest, Structures

EXHAUSTIVE = 8
"""Longest chains that are enumerated: 7 take seconds, 8 take minutes."""

LARGER = 6
"""Longest chains that are enumerated one gate beyond the smallest."""

CHAINS = 4096
"""Chains of one length kept per class during the enumeration."""

ALTERNATIVES = 48
"""Structures per function that a join tries."""

TREES = 512
"""Chains per class among which its forest chooses."""

UNKNOWN = 99

Gate = tuple[int, int, int]
"""Truth tables of a gate and of its two operands, all normal."""

Chain = tuple[Gate, ...]


def generate(exhaustive: int = EXHAUSTIVE) -> Structures:
    """The library: enumerate, join what the enumeration did not reach, and merge each class into a forest."""
    chains = enumerate_chains(exhaustive)
    constant_and_variable = npn.classes().kind[[0, npn.VARIABLES[0]]]
    missing = [kind for kind, known in enumerate(chains) if not known and kind not in constant_and_variable]
    join(chains, missing)
    larger = enumerate_larger(chains)
    return Structures.pack([forest(kind, chains[kind], larger[kind]) for kind in range(len(chains))])


# Enumeration -----------------------------------------------------------------------------------------


def enumerate_chains(limit: int) -> list[list[Chain]]:
    """All smallest chains, of at most ``limit`` gates, of each class's representative."""
    classes = npn.classes().kind
    chains: list[list[Chain]] = [[] for _ in range(int(classes.max()) + 1)]
    wanted = np.ones(len(chains), np.bool_)
    wanted[classes[[0, npn.VARIABLES[0]]]] = False
    for gates in range(1, limit + 1):
        for kind, found in _of_length(gates, wanted).items():
            chains[kind] = found
            wanted[kind] = False
    return chains


def enumerate_larger(smallest: list[list[Chain]]) -> list[list[Chain]]:
    """The chains of at most ``LARGER`` gates that are one gate larger than the smallest of their class."""
    chains: list[list[Chain]] = [[] for _ in smallest]
    sizes = np.array([len(known[0]) if known else UNKNOWN for known in smallest])
    for gates in range(2, LARGER + 1):
        for kind, found in _of_length(gates, sizes == gates - 1).items():
            chains[kind] = found
    return chains


def _of_length(gates: int, wanted: NDArray[np.bool_]) -> dict[int, list[Chain]]:
    """The chains of so many gates of each class that is wanted and has any, as chains of its representative.

    The first gate of every chain tried is the AND of the first two inputs; the rest follows by symmetry. Of
    classes that have more than ``CHAINS`` such chains the first are kept.
    """
    index = npn.classes().kind.astype(np.int64)
    codes = np.zeros((len(wanted), CHAINS, gates, 3), np.int8)
    found = np.zeros(len(wanted), np.int64)
    function = np.zeros(4 + gates, np.int64)
    function[:4] = npn.VARIABLES
    function[4] = function[0] & function[1]
    gate = np.zeros((gates, 3), np.int8)
    gate[0] = 0, 0, 1
    if gates == 1:
        kind = index[function[4]]
        codes[kind, 0], found[kind] = gate, wanted[kind]
    else:
        seen = np.zeros(65536, np.bool_)
        seen[function] = True
        uses = np.zeros(4 + gates, np.int64)
        uses[:2] = 1
        _extend(1, gates, 1, function, gate, uses, seen, index, wanted, codes, found)
    return {
        kind: _onto_representative(kind, [_decode(code) for code in codes[kind, : found[kind]]])
        for kind in np.flatnonzero(found).tolist()
    }


@njit(cache=True)
def apply_operator(operator, p, q):
    """The truth table that a gate makes of two normal truth tables."""
    if operator == 0:
        return p & q
    if operator == 1:
        return p & ~q
    if operator == 2:
        return ~p & q
    return p | q


@njit(cache=True)
def _extend(length, limit, unused, function, gate, uses, seen, index, wanted, codes, found):
    """Try every ``length``-th gate of chains of ``limit`` gates, of which ``unused`` are read by none so far."""
    signals = 4 + length
    newest = signals - 1
    order = (np.int64(gate[length - 1, 2]) * 16 + gate[length - 1, 1]) * 4 + gate[length - 1, 0]
    for j in range(1, signals):
        for i in range(j):
            left = unused + 1
            if i >= 4 and uses[i] == 0:
                left -= 1
            if j >= 4 and uses[j] == 0:
                left -= 1
            if left > limit - length:
                continue  # each gate to come can take in only one more
            for operator in range(4):
                # neighbours that do not depend on each other come in one order only
                if j != newest and i != newest and (j * 16 + i) * 4 + operator <= order:
                    continue
                table = apply_operator(operator, function[i], function[j])
                if seen[table]:
                    continue
                gate[length, 0], gate[length, 1], gate[length, 2] = operator, i, j
                if length == limit - 1:
                    kind = index[table]
                    if wanted[kind] and found[kind] < codes.shape[1]:
                        codes[kind, found[kind]] = gate
                        found[kind] += 1
                    continue
                function[signals] = table
                seen[table] = True
                uses[i] += 1
                uses[j] += 1
                _extend(length + 1, limit, left, function, gate, uses, seen, index, wanted, codes, found)
                seen[table] = False
                uses[i] -= 1
                uses[j] -= 1
    return 0


def _decode(code: NDArray[np.int8]) -> Chain:
    signals = list(npn.VARIABLES)
    gates = []
    for operator, i, j in code.tolist():
        signals.append(apply_operator(operator, signals[i], signals[j]))
        gates.append((signals[-1], signals[i], signals[j]))
    return tuple(gates)


# Moving chains between the members of a class --------------------------------------------------------


def _moved(chain: Chain, moves: NDArray[np.int64]) -> Chain:
    """The chain with its inputs permuted and negated: minterm ``m`` reads what was at ``moves[m]``."""
    tables = np.array(chain, np.int64)
    image = ((tables[..., None] >> moves & 1) << np.arange(16)).sum(axis=-1)
    image ^= 0xFFFF * (image & 1)
    return tuple((result, min(p, q), max(p, q)) for result, p, q in image.tolist())


def _onto_representative(kind: int, chains: Iterable[Chain]) -> list[Chain]:
    """The chains of members of a class as chains of its representative, in every way that there is."""
    goal = int(npn.classes().representative[kind])
    goals = (goal, goal ^ 0xFFFF)
    moves = npn.moved_minterms()
    ways: dict[int, NDArray[np.int64]] = {}
    unique: dict[frozenset[Gate], Chain] = {}
    for chain in chains:
        member = chain[-1][0]
        if member not in ways:
            ways[member] = np.unique(np.flatnonzero(np.isin(npn.transformed(member), goals)) // 2)
        for way in ways[member]:
            image = _moved(chain, moves[way])
            unique.setdefault(frozenset(image), image)
    return list(unique.values())


# Joining ---------------------------------------------------------------------------------------------


def join(chains: list[list[Chain]], missing: list[int]) -> None:
    """Give each class of ``missing`` its smallest chains that are two chains of other classes and one gate.

    Repeated until nothing gets smaller, since a join may rest on another.
    """
    classes = npn.classes()
    moves = npn.moved_minterms()
    improved = True
    while improved:
        improved = False
        known = [_chosen(of_class) for of_class in chains]
        cost, count, cover = _covers(known)
        found = np.zeros((256, 5), np.int64)
        for kind in missing:
            goal = int(classes.representative[kind])
            goal ^= 0xFFFF * (goal & 1)
            size, number = _join(goal, cost, count, cover, cost[goal], found)
            if size == cost[goal]:
                continue
            improved = True
            joined = []
            for p, p_way, q, q_way in found[:number, 1:].tolist():
                parts: dict[int, Gate] = {}
                for table, way in ((p, p_way), (q, q_way)):
                    if cost[table]:
                        chain = known[classes.kind[table]][way]
                        for gate in _moved(chain, moves[classes.transform[table] >> 1]):
                            parts.setdefault(gate[0], gate)
                joined.append((*parts.values(), (goal, min(p, q), max(p, q))))
            chains[kind] = _onto_representative(kind, joined)


def _chosen(chains: list[Chain]) -> list[Chain]:
    """Some ``ALTERNATIVES`` of the chains, spread over them all."""
    return chains[:: max(1, -(-len(chains) // ALTERNATIVES))]


def _covers(chains: list[list[Chain]]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint16]]:
    """Per function: its cost, the number of chains to try, and for each the sorted tables of its gates."""
    classes = npn.classes()
    best = np.array([len(known[0]) if known else UNKNOWN for known in chains])
    best[classes.kind[[0, npn.VARIABLES[0]]]] = 0
    longest = max(len(known[0]) for known in chains if known)
    tables = np.zeros((len(chains), ALTERNATIVES, longest), np.int64)
    count = np.array([max(len(known), 1) for known in chains])
    for kind, known in enumerate(chains):
        if known:
            tables[kind, : count[kind], : best[kind]] = [[gate[0] for gate in chain] for chain in known]
    cost = best[classes.kind]
    cover = np.zeros((65536, ALTERNATIVES, longest), np.uint16)
    _spread(classes.kind, classes.transform, npn.moved_minterms(), cost, count, tables, cover)
    return cost, count[classes.kind], cover


@njit(cache=True)
def _spread(index, transform, moves, cost, count, tables, cover):
    for function in range(0, 65536, 2):
        if cost[function] >= UNKNOWN:
            continue
        kind = index[function]
        way = transform[function] >> 1
        for which in range(count[kind]):
            for k in range(cost[function]):
                image = 0
                for minterm in range(16):
                    image |= (tables[kind, which, k] >> moves[way, minterm] & 1) << minterm
                cover[function, which, k] = image ^ 0xFFFF if image & 1 else image
            cover[function, which, : cost[function]].sort()


@njit(cache=True)
def _join(goal, cost, count, cover, bound, found):
    """All joins ``goal = p op q`` of the least size below ``bound``: that size, and how many ``found`` holds.

    A row of ``found`` is the operator, ``p``, the number of its chain, ``q``, the number of its chain. Given
    ``p`` and the operator, ``q`` is fixed where ``p`` does not decide the output and free elsewhere.
    """
    number = 0
    for p in range(2, 65536, 2):
        if cost[p] + 1 >= bound:
            continue
        for operator in (0, 1, 3):
            if operator == 0 and p & goal == goal:
                fixed, free = goal, ~p & 0xFFFE
            elif operator == 1 and p & goal == goal:
                fixed, free = p & ~goal, ~p & 0xFFFE
            elif operator == 3 and p & goal == p:
                fixed, free = goal & ~p, p
            else:
                continue
            subset = free
            while True:
                q = fixed | subset
                if q != 0 and p != goal and q != goal and cost[q] + 1 < bound and (q > p or operator == 1):
                    for i in range(count[p]):
                        for j in range(count[q]):
                            size = 1 + _union(cover[p, i], cost[p], cover[q, j], cost[q])
                            if size < bound:
                                bound = size
                                number = 0
                            if size == bound and number < found.shape[0]:
                                row = found[number]
                                row[0], row[1], row[2], row[3], row[4] = operator, p, i, q, j
                                number += 1
                if subset == 0:
                    break
                subset = (subset - 1) & free
    return bound, number


@njit(cache=True)
def _union(a, size_a, b, size_b):
    """Size of the union of two sorted sets."""
    i = j = common = 0
    while i < size_a and j < size_b:
        if a[i] == b[j]:
            common += 1
            i += 1
            j += 1
        elif a[i] < b[j]:
            i += 1
        else:
            j += 1
    return size_a + size_b - common


# Forests ---------------------------------------------------------------------------------------------


def forest(kind: int, smallest: list[Chain], larger: Sequence[Chain] = ()) -> Forest:
    """The forest of a class: the chains that add the fewest gates to those already in, until it is full.

    Larger ones come after the smallest.
    """
    goal = int(npn.classes().representative[kind])
    literal_of = {0: 0} | {table: 2 * (1 + i) for i, table in enumerate(npn.VARIABLES)}
    if not smallest:
        return Forest([], [literal_of[goal ^ 0xFFFF * (goal & 1)] ^ goal & 1])
    gates: dict[tuple[int, int], int] = {}
    kept: dict[int, None] = {}
    roots: dict[int, None] = {}
    for chains in (smallest[:TREES], larger):
        trees = [_as_literals(chain, gates, literal_of) for chain in chains]
        while trees:
            new = [sum(literal >> 1 not in kept for literal in tree) for tree in trees]
            cheapest = int(np.argmin(new))
            if len(kept) + new[cheapest] > GATES:
                break
            tree = trees.pop(cheapest)
            kept.update(dict.fromkeys(literal >> 1 for literal in tree))
            roots[tree[-1] ^ goal & 1] = None
    ordered = sorted(kept)
    number = {signal: signal for signal in range(5)} | {signal: 5 + i for i, signal in enumerate(ordered)}
    pairs = {signal: pair for pair, signal in gates.items()}
    renamed = [tuple(sorted(2 * number[a >> 1] + (a & 1) for a in pairs[signal])) for signal in ordered]
    return Forest(renamed, [2 * number[root >> 1] + (root & 1) for root in roots])


def _as_literals(chain: Chain, gates: dict[tuple[int, int], int], inputs: dict[int, int]) -> list[int]:
    """The literals of a chain's gates, entered in ``gates``: fan-in pair to signal, numbered from 5."""
    literal_of = dict(inputs)
    literals = []
    for result, p, q in chain:
        a, b = literal_of[p], literal_of[q]
        operator = next(code for code in range(4) if apply_operator(code, p, q) & 0xFFFF == result)
        a ^= operator in (2, 3)
        b ^= operator in (1, 3)
        signal = gates.setdefault((min(a, b), max(a, b)), 5 + len(gates))
        literal_of[result] = 2 * signal + (operator == 3)
        literals.append(literal_of[result])
    return literals


if __name__ == "__main__":
    generate().save(PATH)
