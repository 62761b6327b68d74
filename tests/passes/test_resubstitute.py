"""What resubstitution finds, kind by kind, and the graph that it edits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from passes import Resubstitute
from passes import resubstitute as module
from tests.passes.graphs import graphs, random_graph, same_functions
from trilc.aig import AIG, Builder, editing
from trilc.aig.network import live_references


def circuit(divisors, function):
    """A graph of five inputs whose outputs are some divisors, functions of the inputs, and a function of the inputs.

    Gates of the function are made anew, not shared with the divisors.
    """
    b = Builder()
    inputs = [b.input(f"i{k}") for k in range(5)]
    for k, divisor in enumerate(divisors):
        b.output(f"d{k}", divisor(b, *inputs))
    kept = b.num_ands
    b.output("f", function(b, *inputs))
    return b.build(), kept


def xor_as_sum(b, x, y):
    """An XOR that shares no gate with :meth:`Builder.xor`."""
    return b.or_(b.and_(x, y ^ 1), b.and_(x ^ 1, y))


KINDS = {
    "constant": ([], lambda b, v, w, x, y, z: b.and_(b.and_(v, w), b.and_(v ^ 1, x)), 0),
    "input": ([], lambda b, v, w, x, y, z: b.or_(b.and_(v, w), b.and_(v, w ^ 1)), 0),
    "divisor": (
        [lambda b, v, w, x, y, z: b.and_(b.and_(v, w), x)], lambda b, v, w, x, y, z: b.and_(v, b.and_(w, x)), 0
    ),
    "complement": ([lambda b, v, w, x, y, z: b.xor(v, w)], lambda b, v, w, x, y, z: xor_as_sum(b, v, w), 0),
    "and": (
        [lambda b, v, w, x, y, z: b.xor(v, w), lambda b, v, w, x, y, z: b.xor(x, y)],
        lambda b, v, w, x, y, z: b.and_(xor_as_sum(b, v, w), xor_as_sum(b, x, y ^ 1)),
        1,
    ),
    "or": (
        [lambda b, v, w, x, y, z: b.xor(v, w), lambda b, v, w, x, y, z: b.xor(x, y)],
        lambda b, v, w, x, y, z: b.or_(xor_as_sum(b, v, w), xor_as_sum(b, x, y ^ 1)),
        1,
    ),
    "and of three": (
        [lambda b, v, w, x, y, z: b.xor(v, w), lambda b, v, w, x, y, z: b.xor(x, y)],
        lambda b, v, w, x, y, z: b.and_(b.and_(xor_as_sum(b, v, w), z), xor_as_sum(b, x, y ^ 1)),
        2,
    ),
    "and-or": (
        [lambda b, v, w, x, y, z: b.xor(v, w), lambda b, v, w, x, y, z: b.xor(x, y)],
        lambda b, v, w, x, y, z: b.or_(z, b.and_(xor_as_sum(b, v, w), xor_as_sum(b, x, y ^ 1))),
        2,
    ),
    "or-and": (
        [lambda b, v, w, x, y, z: b.xor(v, w), lambda b, v, w, x, y, z: b.xor(x, y)],
        lambda b, v, w, x, y, z: b.and_(z, b.or_(xor_as_sum(b, v, w), xor_as_sum(b, x, y ^ 1))),
        2,
    ),
    "xor": (
        [lambda b, v, w, x, y, z: b.and_(v, w), lambda b, v, w, x, y, z: b.and_(x, y)],
        lambda b, v, w, x, y, z: b.or_(
            b.and_(v, b.and_(w, b.or_(x ^ 1, y ^ 1))),
            b.and_(x, b.and_(y, b.or_(v ^ 1, w ^ 1))),
        ),
        3,
    ),
    "multiplexer": (
        [lambda b, v, w, x, y, z: b.xor(v, w), lambda b, v, w, x, y, z: b.xor(x, y)],
        lambda b, v, w, x, y, z: b.mux(xor_as_sum(b, v, w), xor_as_sum(b, x, y), z),
        3,
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_found(kind):
    divisors, function, gates = KINDS[kind]
    aig, kept = circuit(divisors, function)
    result = Resubstitute().apply(aig)
    assert same_functions(aig, result)
    assert result.num_ands == kept + gates < aig.num_ands


def test_a_divisor_that_comes_later_is_used_without_a_cycle():
    b = Builder()
    v, w, x = (b.input(name) for name in "vwx")
    early = xor_as_sum(b, v, w)
    b.output("early", b.and_(early, x))
    late = b.xor(v, w)
    for k in range(4):
        b.output(f"late{k}", b.and_(late, x) ^ (k & 1))
    aig = b.build()
    result = Resubstitute().apply(aig)
    assert same_functions(aig, result)
    assert result.num_ands == 4


def test_divisors_outside_the_window_are_not_found():
    divisors, function, _ = KINDS["divisor"]
    aig, kept = circuit(divisors, function)
    assert Resubstitute(window=0).apply(aig).num_ands == aig.num_ands > kept


@pytest.mark.parametrize("seed", range(3))
def test_room_is_made(seed, monkeypatch):
    """With hardly any room at the start, the result is the same."""
    aig = random_graph(seed, inputs=10, gates=1500)
    expected = Resubstitute().apply(aig)
    edit = editing.edit
    monkeypatch.setattr(module.editing, "edit", lambda aig, room: edit(aig, module.ROOM))
    result = Resubstitute().apply(aig)
    assert result.num_ands < aig.num_ands
    assert result.fanins.tobytes() == expected.fanins.tobytes()


@given(aig=graphs)
def test_editing_counts_and_lists_every_reader(aig):
    graph = editing.edit(aig, 5)
    assert (graph.references[: aig.num_nodes] == live_references(aig.fanins, aig.first_and, aig.roots)).all()
    read = []
    for node in range(aig.num_nodes):
        edge = int(graph.reader[node])
        while edge:
            assert graph.fanins[(edge >> 1) - 1, edge & 1] >> 1 == node
            read.append(edge)
            edge = int(graph.next_reader[edge])
    assert sorted(read) == list(range(2, 2 * (int(graph.rows[0]) + 1)))


@given(aig=graphs)
def test_replacing_keeps_counts_and_lists(aig):
    """Every gate by its first fan-in: references are those of the graph that comes out."""
    graph = editing.edit(aig, 0)
    stack = np.empty(2 * len(graph.references) + 2, np.uint32)
    expected = aig.fanins.astype(np.int64)
    roots = aig.roots.astype(np.int64)
    for row in range(aig.num_ands):
        node, literal = aig.first_and + row, int(graph.fanins[row, 0])
        if graph.references[node] > 0:
            editing.replace(graph, node, literal, stack)
    for row in range(aig.num_ands):
        for array in (expected, roots):
            reads = array >> 1 == aig.first_and + row
            array[reads] = expected[row, 0] ^ (array[reads] & 1)
    result = editing.finish(aig, graph)
    assert result.num_ands == 0
    assert (result.roots == roots).all()
    used = np.bincount(roots >> 1, minlength=aig.first_and)
    assert (graph.references[: aig.first_and] == used[: aig.first_and]).all()
    assert (graph.references[aig.first_and :] == 0).all()


def test_finish_without_edits_is_the_graph():
    aig = random_graph(2)
    result = editing.finish(aig, editing.edit(aig, 0))
    assert isinstance(result, AIG)
    result.check()
    assert same_functions(aig, result)
