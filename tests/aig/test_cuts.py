"""Cuts, cones and truth tables against the slow evaluator."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tests.passes.graphs import random_graph
from trilc.aig import AIG, cuts
from trilc.aig.cones import fanout_free_cones, truth_table
from trilc.aig.truth import irredundant_cover
from trilc.aig.word_tables import depends

seeds = st.integers(0, 2**32 - 1)


def node_values(aig: AIG) -> np.ndarray:
    """(nodes, patterns) the value of each node under every pattern of inputs and registers."""
    leaves = aig.first_and - 1
    patterns = np.arange(1 << leaves) >> np.arange(leaves)[:, None] & 1 == 1
    values = np.zeros((aig.num_nodes, 1 << leaves), bool)
    values[1 : aig.first_and] = patterns
    for gate, (a, b) in enumerate(aig.fanins.tolist()):
        values[aig.first_and + gate] = (values[a >> 1] ^ (a & 1)) & (values[b >> 1] ^ (b & 1))
    return values


def minterms(values: np.ndarray, leaves: list[int]) -> np.ndarray:
    """(patterns,) the minterm that some nodes make, the first being bit 0."""
    return (values[leaves] << np.arange(len(leaves))[:, None]).sum(axis=0)


@settings(max_examples=15)
@given(seed=seeds, limit=st.integers(2, 10), widest=st.integers(2, 4))
def test_cuts_compute_their_node(seed, limit, widest):
    aig = random_graph(seed, gates=60)
    sets = cuts.empty(aig.num_nodes, limit, aig.first_and)
    references = np.ones(aig.num_nodes, np.int32)
    for row, (a, b) in enumerate(aig.fanins.tolist()):
        cuts.merge(sets, references, aig.first_and + row, a, b, widest)
    values = node_values(aig)
    for node in range(aig.first_and, aig.num_nodes):
        assert 1 <= sets.number[node] <= limit
        for k in range(int(sets.number[node])):
            leaves = sets.leaf[node, k, : sets.size[node, k]].tolist()
            assert leaves == sorted(set(leaves))
            assert len(leaves) <= widest
            minterm = minterms(values, leaves)
            assert (int(sets.table[node, k]) >> minterm & 1 == values[node]).all()
            assert all(depends(np.uint64(sets.table[node, k]), i) == (i < len(leaves)) for i in range(4))


@settings(max_examples=20)
@given(seed=seeds, limit=st.integers(2, 10))
def test_cones_partition_the_live_gates_and_compute_their_root(seed, limit):
    aig = random_graph(seed, gates=120)
    cones = fanout_free_cones(aig, limit)
    values = node_values(aig)
    owner = {}
    for which, root in enumerate(cones.root.tolist()):
        gates = cones.gate[cones.first_gate[which] : cones.first_gate[which + 1]].tolist()
        leaves = cones.leaf[cones.first_leaf[which] : cones.first_leaf[which + 1]].tolist()
        assert gates[-1] == root
        assert len(leaves) <= limit
        owner.update(dict.fromkeys(gates, which))
        minterm = minterms(values, leaves)
        assert (truth_table(aig, cones, which)[minterm] == values[root]).all()
    assert len(owner) == len(cones.gate)
    live = set()
    stack = [int(root) >> 1 for root in aig.roots]
    while stack:
        node = stack.pop()
        if node >= aig.first_and and node not in live:
            live.add(node)
            stack += [int(literal) >> 1 for literal in aig.fanins[node - aig.first_and]]
    assert live == set(owner)
    readers = {}
    for node in live:
        for literal in aig.fanins[node - aig.first_and].tolist():
            readers.setdefault(literal >> 1, set()).add(owner[node])
    for node, which in owner.items():
        if node != cones.root[which]:
            assert readers[node] == {which}
            assert node not in (aig.roots >> 1)


def covered(cover: list[int], inputs: int) -> np.ndarray:
    minterm = np.arange(1 << inputs)
    value = np.zeros(1 << inputs, bool)
    for cube in cover:
        inside = np.ones(1 << inputs, bool)
        for i in range(inputs):
            inside &= (cube >> 2 * i & 1 == 0) | (minterm >> i & 1 == 1)
            inside &= (cube >> 2 * i & 2 == 0) | (minterm >> i & 1 == 0)
        value |= inside
    return value


tables = st.integers(0, 7).flatmap(lambda n: arrays.arrays(bool, 1 << n))


@given(table=tables)
def test_covers_are_exact_and_irredundant(table):
    inputs = len(table).bit_length() - 1
    cover = irredundant_cover(table, 1 << inputs)
    assert (covered(cover, inputs) == table).all()
    for k in range(len(cover)):
        assert (covered(cover[:k] + cover[k + 1 :], inputs) != table).any()


def test_too_many_cubes():
    parity = np.array([m.bit_count() & 1 for m in range(64)], bool)
    assert irredundant_cover(parity, 31) is None
    assert len(irredundant_cover(parity, 32)) == 32
