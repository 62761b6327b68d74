"""Technology mapping: the AIG covered by the gates of the tape, at the least cost in machine instructions.

Every AND keeps a few cuts of at most three leaves with their functions (priority cuts: Mishchenko, Cho,
Chatterjee, Brayton 2007); area flow chooses among them (Manohararajah, Brown, Vranesic 2004), first with the
graph's own reference counts, then with those of the last cover. A full adder is an XOR and a majority of the
same three leaves: the two are found by their leaves and priced as halves of one gate.
"""

from __future__ import annotations

from itertools import permutations, product
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from trilc.aig.aig import AIG, Literals
from trilc.aig.simulation.gates import GATES
from trilc.aig.traverse import reference_counts

NO_LEAF = np.uint32(0xFFFFFFFF)
_CUTS = 6
_ROUNDS = 8
"""Covers made, each with the reference counts of the ones before; the cost settles after six."""
_VARIABLES = (0xAA, 0xCC, 0xF0)


class Match(NamedTuple):
    """How gates compute functions of three leaves: entry ``f`` belongs to the truth table ``f``."""

    opcode: NDArray[np.int8]
    """(256,) the gate, −1 where no single gate computes it."""
    order: NDArray[np.uint8]
    """(256, 3) which leaf goes to each fan-in of the gate."""
    complement: NDArray[np.uint8]
    """(256,) 1 where the gate yields the complement."""
    role: NDArray[np.uint8]
    """(256,) 1 and 2: sum and carry of a half adder of the first two leaves; 3 and 4: of a full adder."""
    fused: NDArray[np.int8]
    """(256,) for a carry, the opcode of the adder that yields it and, first, its sum."""


def _match() -> Match:
    match = Match(
        opcode=np.full(256, -1, np.int8),
        order=np.zeros((256, 3), np.uint8),
        complement=np.zeros(256, np.uint8),
        role=np.zeros(256, np.uint8),
        fused=np.full(256, -1, np.int8),
    )
    for opcode, gate in enumerate(GATES):
        orders = permutations(range(3)) if gate.arity == 3 else product(range(3), repeat=2)
        for order, complement in product(orders, (0, 1)):
            tables = [f(*(_VARIABLES[i] for i in order[: gate.arity])) & 0xFF for f in gate.functions]
            function = tables[-1] ^ (0xFF * complement)
            if len(tables) == 1 and match.opcode[function] < 0:
                match.opcode[function] = opcode
                match.order[function, : gate.arity] = order
                match.complement[function] = complement
            elif len(tables) == 2 and sorted(order) == list(range(gate.arity)) and match.fused[function] < 0:
                match.fused[function] = opcode
                match.role[function] = 2 * gate.arity - 2
                match.role[[tables[0], tables[0] ^ 0xFF]] = 2 * gate.arity - 3
    return match


def _moved(places: int, complements: int) -> NDArray[np.uint8]:
    """(256,): a function of the first variables over those that ``places`` names, some complemented."""
    variables = [i for i in range(3) if places >> i & 1]
    moved = np.zeros(256, np.uint8)
    for minterm in range(8):
        source = sum(((minterm ^ complements) >> variable & 1) << i for i, variable in enumerate(variables))
        moved |= ((np.arange(256) >> source & 1) << minterm).astype(np.uint8)
    return moved


MATCH = _match()
COMPLEMENTED = np.stack([_moved(7, complements) for complements in range(8)])
"""(8, 256): a function with the variables complemented that a mask names."""
_SPREAD = np.stack([_moved(places, 0) for places in range(8)])
_PRICE = np.where(MATCH.opcode < 0, 1e3, np.where(MATCH.opcode < 4, 1.0, 1.4)).astype(np.float32)
"""(256,) the price of a function, in gates of two fan-ins: loads and stores are what counts."""
_HALF_ADDER, _FULL_ADDER = np.float32(1.7), np.float32(2.0)


class Cover(NamedTuple):
    """The gates that compute the roots: row ``i`` belongs to the AIG's gate ``i``."""

    used: NDArray[np.bool_]
    """(ANDs,) whether the node's value is computed."""
    leaves: NDArray[np.uint32]
    """(ANDs, 3) the nodes it is computed from, ascending, then ``NO_LEAF``."""
    function: NDArray[np.uint8]
    """(ANDs,) its truth table over these."""


def cover(aig: AIG, roots: Literals) -> Cover:
    """Choose the gates that compute ``roots``. Linear in time and memory (about 200 bytes per node)."""
    leaves = np.empty((aig.num_ands, _CUTS, 3), np.uint32)
    function = np.zeros((aig.num_ands, _CUTS), np.uint8)
    count = np.zeros(aig.num_ands, np.uint8)
    references = reference_counts(aig).astype(np.float32)
    _enumerate(aig.fanins, aig.first_and, references, leaves, function, count, _SPREAD, _PRICE)
    cost = _PRICE[function]
    role = MATCH.role[function]
    paired = pair(leaves.reshape(-1, 3), role.ravel()).reshape(role.shape) >= 0
    cost[paired & (role <= 2)] = _HALF_ADDER / 2
    cost[paired & (role > 2)] = _FULL_ADDER / 2
    choice = np.zeros(aig.num_ands, np.uint8)
    gates = (roots >> 1)[roots >> 1 >= aig.first_and].astype(np.int64) - aig.first_and
    for _ in range(_ROUNDS):
        _choose(aig.first_and, references, leaves, count, cost, choice)
        used = np.zeros(aig.num_ands, np.bool_)
        used[gates] = True
        _use(aig.first_and, leaves, choice, used, references)
    rows = np.arange(aig.num_ands)
    return Cover(used, leaves[rows, choice], function[rows, choice])


@njit(cache=True)
def _merge(a, b, union):
    """The union of two ascending leaf triples; which of its places each fills, or −1 for more than three."""
    i, j, n, places_a, places_b = 0, 0, 0, 0, 0
    while True:
        x = a[i] if i < 3 else NO_LEAF
        y = b[j] if j < 3 else NO_LEAF
        if x == NO_LEAF and y == NO_LEAF:
            break
        if n == 3:
            return -1, -1
        union[n] = min(x, y)
        if x <= y:
            places_a |= 1 << n
            i += 1
        if y <= x:
            places_b |= 1 << n
            j += 1
        n += 1
    for k in range(n, 3):
        union[k] = NO_LEAF
    return places_a, places_b


@njit(cache=True)
def _same(a, b):
    return a[0] == b[0] and a[1] == b[1] and a[2] == b[2]


@njit(cache=True)
def _flow_of_leaves(first, leaves, flow):
    total = np.float32(0)
    for m in range(3):
        if leaves[m] != NO_LEAF and np.int64(leaves[m]) >= first:
            total += flow[np.int64(leaves[m]) - first]
    return total


@njit(cache=True)
def _enumerate(fanins, first, references, leaves, function, count, spread, price):
    """Fill every gate's cuts, the cheapest by area flow first; the trivial cut is left out."""
    flow = np.zeros(fanins.shape[0], np.float32)
    union = np.empty(3, np.uint32)
    trivial = np.full((2, 3), NO_LEAF, np.uint32)
    value = np.empty(_CUTS, np.float32)
    for i in range(fanins.shape[0]):
        x, y = np.int64(fanins[i, 0]), np.int64(fanins[i, 1])
        trivial[0, 0], trivial[1, 0] = x >> 1, y >> 1
        gate_x, gate_y = (x >> 1) - first, (y >> 1) - first
        n = 0
        for p in range(-1, np.int64(count[gate_x]) if gate_x >= 0 else 0):
            a = trivial[0] if p < 0 else leaves[gate_x, p]
            table_a = 0xAA if p < 0 else np.int64(function[gate_x, p])
            for q in range(-1, np.int64(count[gate_y]) if gate_y >= 0 else 0):
                b = trivial[1] if q < 0 else leaves[gate_y, q]
                places_a, places_b = _merge(a, b, union)
                known = places_a < 0
                for k in range(n):
                    known = known or _same(leaves[i, k], union)
                if known:
                    continue
                table_b = 0xAA if q < 0 else np.int64(function[gate_y, q])
                table = (np.int64(spread[places_a, table_a]) ^ (0xFF * (x & 1))) & (
                    np.int64(spread[places_b, table_b]) ^ (0xFF * (y & 1))
                )
                total = price[table] + _flow_of_leaves(first, union, flow)
                if n == _CUTS and total >= value[n - 1]:
                    continue
                place = n if n < _CUTS else n - 1
                while place > 0 and value[place - 1] > total:
                    value[place] = value[place - 1]
                    for m in range(3):  # by numbers: an assignment of arrays takes seconds to compile
                        leaves[i, place, m] = leaves[i, place - 1, m]
                    function[i, place] = function[i, place - 1]
                    place -= 1
                value[place] = total
                for m in range(3):
                    leaves[i, place, m] = union[m]
                function[i, place] = table
                n = min(n + 1, _CUTS)
        count[i] = n
        flow[i] = value[0] / max(references[first + i], np.float32(1))


@njit(cache=True)
def pair(leaves, role):
    """(rows,) int64: for a sum or carry (:attr:`Match.role`) the row of its other half, else −1."""
    partner = np.full(role.shape[0], -1, np.int64)
    count, size = 0, 16
    for i in range(role.shape[0]):
        count += role[i] != 0
    while size < 2 * count:
        size *= 2
    table = np.full(size, -1, np.int64)
    for carry in range(2):
        for i in range(role.shape[0]):
            if role[i] == 0 or (role[i] & 1) == carry:
                continue
            adder = (role[i] + 1) >> 1
            key = np.uint64(leaves[i, 0]) * np.uint64(0x9E3779B97F4A7C15)
            key = (key ^ np.uint64(leaves[i, 1])) * np.uint64(0xC2B2AE3D27D4EB4F)
            key = (key ^ np.uint64(leaves[i, 2])) * np.uint64(0x165667B19E3779F9)
            slot = np.int64((key >> np.uint64(24)) & np.uint64(size - 1))
            while table[slot] >= 0:
                other = table[slot]
                if _same(leaves[other], leaves[i]) and (role[other] + 1) >> 1 == adder:
                    break
                slot = (slot + 1) & (size - 1)
            if carry == 0 and table[slot] < 0:
                table[slot] = i
            elif carry == 1 and table[slot] >= 0 and partner[table[slot]] < 0:
                partner[i] = table[slot]
                partner[table[slot]] = i
    return partner


@njit(cache=True)
def _choose(first, references, leaves, count, cost, choice):
    """Each gate's cut of the least area flow."""
    flow = np.zeros(choice.shape[0], np.float32)
    for i in range(choice.shape[0]):
        best = np.float32(np.inf)
        for k in range(count[i]):
            total = cost[i, k] + _flow_of_leaves(first, leaves[i, k], flow)
            if total < best:
                best = total
                choice[i] = k
        flow[i] = best / max(references[first + i], np.float32(1))


@njit(cache=True)
def _use(first, leaves, choice, used, references):
    """Mark what the marked gates need, and blend the cover's reference counts into ``references``."""
    counts = np.zeros(references.shape[0], np.float32)
    for i in range(choice.shape[0] - 1, -1, -1):
        for m in range(3):
            leaf = leaves[i, choice[i], m]
            if used[i] and leaf != NO_LEAF:
                counts[leaf] += 1
                if np.int64(leaf) >= first:
                    used[np.int64(leaf) - first] = True
    for node in range(references.shape[0]):
        references[node] = (references[node] + 2 * counts[node]) / 3
