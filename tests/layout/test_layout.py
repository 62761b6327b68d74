"""Places, coarser graphs, forces and pictures."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import trilc
from tests.layout.pictures import read_png
from tests.models import random_model
from tests.strategies import aigs
from trilc.aig import AIG
from trilc.layout import device_named, draw, gate_graph, graph_of, place
from trilc.layout import picture as picture_module
from trilc.layout.coarsen import MEMBERS, coarsen
from trilc.layout.colours import NOBODY, SHARED, colours, owners
from trilc.layout.device import Device
from trilc.layout.graph import Graph
from trilc.layout.picture import BACKGROUND
from trilc.layout.repulsion import Repulsion


@pytest.fixture(scope="module", params=["cpu", "torch:cpu"])
def device(request: pytest.FixtureRequest) -> Device:
    if request.param != "cpu":
        pytest.importorskip("torch")
    return device_named(request.param)


def lattice(side: int) -> np.ndarray:
    number = np.arange(side * side).reshape(side, side)
    across = np.stack([number[:, 1:].ravel(), number[:, :-1].ravel()], axis=1)
    down = np.stack([number[1:].ravel(), number[:-1].ravel()], axis=1)
    return np.concatenate([across, down])


@st.composite
def graphs(draw: st.DrawFn) -> tuple[int, np.ndarray]:
    nodes = draw(st.integers(1, 40))
    node = st.integers(0, nodes - 1)
    return nodes, np.array(draw(st.lists(st.tuples(node, node), max_size=80)), np.int32).reshape(-1, 2)


def matrix(graph: Graph) -> np.ndarray:
    result = np.zeros((graph.nodes, graph.nodes))
    owner = np.repeat(np.arange(graph.nodes), np.diff(graph.first))
    np.add.at(result, (owner, graph.neighbour), graph.weight)
    return result


@given(graphs())
def test_a_coarser_graph_adds_up_the_finer_one(case: tuple[int, np.ndarray]) -> None:
    nodes, edges = case
    graph = graph_of(nodes, edges)
    before = matrix(graph)
    assert np.array_equal(before, before.T)
    assert np.array_equal(graph.mass, before.sum(1))
    smaller, group = coarsen(graph)
    assert set(group.tolist()) == set(range(smaller.nodes))
    assert np.bincount(group).max() <= MEMBERS
    belongs = np.eye(smaller.nodes)[group]
    expected = belongs.T @ before @ belongs
    np.fill_diagonal(expected, 0)
    assert np.array_equal(matrix(smaller), expected)
    assert np.array_equal(smaller.mass, belongs.T @ graph.mass)
    alone = np.flatnonzero(before.sum(1) == 0)
    assert (np.bincount(group)[group[alone]] == 1).all()


def test_the_grids_field_is_nearly_the_sum_of_all_forces(device: Device) -> None:
    rng = np.random.default_rng(0)
    where = rng.random((500, 2)).astype(np.float32)
    mass = rng.random(500).astype(np.float32)
    graph = Graph(np.zeros(501, np.int64), np.zeros(0, np.int32), np.zeros(0, np.float32), mass)
    places = device.load(where)
    field = Repulsion(1 << 16, device).field(device.level(graph), places, *device.box(places))
    apart = where[:, None] - where[None]
    square = (apart**2).sum(2)
    np.fill_diagonal(square, np.inf)
    exact = (mass[None, :, None] * apart / square[..., None]).sum(1)
    off = np.linalg.norm(device.fetch(field) - exact, axis=1)
    assert np.median(off) < 0.02 * np.median(np.linalg.norm(exact, axis=1))


@pytest.mark.parametrize("side", [12, 60])
def test_a_lattice_is_laid_out_as_one(side: int, device: Device) -> None:
    """Up to turning and stretching, the places are those of the lattice."""
    where = place(graph_of(side * side, lattice(side)), device=device)
    true = np.stack(np.divmod(np.arange(side * side), side), axis=1) - (side - 1) / 2
    fitted = true @ np.linalg.lstsq(true, where, rcond=None)[0]
    assert ((fitted - where) ** 2).sum() < 0.06 * ((where - where.mean(0)) ** 2).sum()


def test_what_belongs_together_lies_together(device: Device) -> None:
    """Two lattices with one wire between them lie apart."""
    edges = np.concatenate([lattice(15), 225 + lattice(15), [[7, 300]]])
    where = place(graph_of(450, edges), device=device)
    centres = where[:225].mean(0), where[225:].mean(0)
    direction = centres[1] - centres[0]
    along = (where - (centres[0] + centres[1]) / 2) @ direction
    assert (along[:225] < 0).mean() > 0.97 and (along[225:] > 0).mean() > 0.97


@given(graphs(), st.integers(0, 5))
def test_places_are_finite_and_the_same_for_the_same_seed(case: tuple[int, np.ndarray], seed: int) -> None:
    graph = graph_of(*case)
    where = place(graph, seed)
    assert where.shape == (graph.nodes, 2)
    assert np.isfinite(where).all()
    assert np.array_equal(where, place(graph, seed))


def test_unconnected_parts_stay_in_the_picture(device: Device) -> None:
    edges = np.concatenate([lattice(20) + 400 * k for k in range(3)])
    where = place(graph_of(1230, edges), device=device)  # and thirty nodes without neighbours
    assert np.abs(where).max() < 8 * where.std()


@given(aigs())
def test_wires_of_a_netlist(aig: AIG) -> None:
    wires = gate_graph(aig).tolist()
    expected = []
    for k, (a, b) in enumerate((aig.fanins >> 1).tolist()):
        expected += [[a, aig.first_and + k], [b, aig.first_and + k]]
    expected += [[n >> 1, r >> 1] for n, r in zip(aig.next_state.tolist(), aig.register_literals.tolist(), strict=True)]
    assert wires == [wire for wire in expected if wire[0]]


@given(aigs())
def test_gates_work_for_those_that_they_reach(aig: AIG) -> None:
    number = np.arange(aig.num_registers + 1)
    found = owners(aig, number)
    users: list[set[int]] = [set() for _ in range(aig.num_nodes)]
    for k, literal in enumerate(aig.next_state.tolist()):
        users[literal >> 1].add(k)
    ends = {literal >> 1 for literal in aig.next_state.tolist()}
    for literal in aig.outputs.tolist():
        if literal >> 1 not in ends:
            users[literal >> 1].add(aig.num_registers)
    for node in range(aig.num_nodes - 1, aig.first_and - 1, -1):
        for literal in aig.fanins[node - aig.first_and].tolist():
            if literal >> 1 not in ends:
                users[literal >> 1] |= users[node]
        who = users[node]
        assert found[node] == (NOBODY if not who else min(who) if len(who) == 1 else SHARED)
    assert found[1 + aig.num_inputs : aig.first_and].tolist() == list(range(aig.num_registers))
    for by in ("level", "register"):
        assert colours(aig, by).shape == (aig.num_nodes, 3)


def test_a_picture_shows_where_things_are(monkeypatch: pytest.MonkeyPatch) -> None:
    where = np.array([[0, 0], [0, 0], [1, 0], [0, 1], [1, 1]], np.float32)
    shades = np.array([[0, 0, 0], [255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]], np.uint8)
    stream = io.BytesIO()
    draw(stream, where, np.array([[1, 2]], np.int32), shades, 100)
    shown = read_png(stream.getvalue())
    assert shown.shape == (100, 100, 3)
    for (row, column), channel in {(2, 2): 0, (2, 98): 1, (98, 2): 2}.items():
        assert shown[row, column].argmax() == channel and shown[row, column].max() > 200
    assert (shown[98, 98] == shown[98, 98, 0]).all()
    middle = shown[2, 50]
    assert middle.argmax() == 1 and middle[1] > BACKGROUND[1] + 20
    assert (shown[50, 50] == BACKGROUND).all()
    monkeypatch.setattr(picture_module, "TILE", 700)
    tiles = io.BytesIO()
    draw(tiles, where, np.array([[1, 2]], np.int32), shades, 100)
    assert np.array_equal(read_png(tiles.getvalue()), shown)


def test_a_picture_in_tiles_is_the_whole_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    aig = trilc.compile(random_model(np.random.default_rng(0), 12, 5), passes="")
    wires = gate_graph(aig)
    where = place(graph_of(aig.num_nodes, wires))
    drawn = []
    for tile in (1 << 22, 13 * 90):
        monkeypatch.setattr(picture_module, "TILE", tile)
        stream = io.BytesIO()
        draw(stream, where, wires, colours(aig, "level"), 90)
        drawn.append(read_png(stream.getvalue()).astype(int))
    assert np.abs(drawn[0] - drawn[1]).max() <= 1
    assert (drawn[0] != BACKGROUND).any(axis=2).mean() > 0.05
