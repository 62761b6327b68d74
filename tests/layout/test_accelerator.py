"""Forces as tensors: those of the kernels, the same on every run; and clear words where there is no device."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.layout.test_layout import graphs, lattice
from trilc.errors import InputError
from trilc.layout import device_named, graph_of, place
from trilc.layout.coarsen import coarsen
from trilc.layout.graph import Graph
from trilc.layout.relaxation import relax

torch = pytest.importorskip("torch")

from trilc.layout import accelerator  # noqa: E402

CPU, TENSORS = device_named("cpu"), device_named("torch:cpu")


def rounds(graph: Graph, where: np.ndarray, many: int) -> tuple[np.ndarray, np.ndarray]:
    """Where they end by kernels, and by tensors."""
    with TENSORS.use():
        moved = TENSORS.fetch(relax(graph, TENSORS.load(where.copy()), many, 0.1, TENSORS))
    return relax(graph, where.copy(), many, 0.1, CPU), moved


@settings(max_examples=40)
@given(graphs(), st.integers(0, 2**32 - 1), st.booleans())
def test_a_step_is_that_of_the_kernels(case: tuple[int, np.ndarray], seed: int, coarse: bool) -> None:
    """Of any graph: parallel edges, nodes without neighbours, weights."""
    graph = graph_of(*case)
    if coarse:
        graph, _ = coarsen(graph)
    where = np.random.default_rng(seed).standard_normal((graph.nodes, 2)).astype(np.float32)
    expected, found = rounds(graph, where, 1)
    assert np.allclose(found, expected, rtol=0, atol=1e-5)
    assert graph.nodes == 1 or not np.allclose(found, where - where.mean(0), rtol=0, atol=1e-3)


@pytest.mark.parametrize("rounds_", [1, 10])
def test_steps_of_a_large_graph_are_those_of_the_kernels(rounds_: int) -> None:
    """A lattice and a node that is wired to all of it."""
    side = 150
    hub = np.stack([np.full(side * side, side * side), np.arange(side * side)], axis=1)
    graph = graph_of(side * side + 1, np.concatenate([lattice(side), hub]))
    where = np.random.default_rng(0).standard_normal((graph.nodes, 2)).astype(np.float32)
    expected, found = rounds(graph, where, rounds_)
    assert np.abs(found - expected).max() < 1e-4 * np.ptp(expected)
    assert np.abs(found - where).max() > 0.1


def test_sums_do_not_depend_on_their_order() -> None:
    """Of neighbours and on the grid; floating-point sums would."""
    rng = np.random.default_rng(0)
    count = 5000
    value = rng.uniform(-1, 1, count).astype(np.float32)
    neighbour = rng.permutation(count).astype(np.int32)
    weight = rng.random(count).astype(np.float32)
    where = rng.random((count, 2)).astype(np.float32) ** 4
    first = np.zeros(count + 1, np.int64)
    first[1:] = count  # the first node has them all
    sums, densities = [], []
    for _ in range(5):
        order = rng.permutation(count)
        level = TENSORS.level(Graph(first, neighbour[order], weight[order], weight[order]))
        sums.append(level.around(torch.from_numpy(value))[0].item())
        places = torch.from_numpy(where[order])
        low, width = TENSORS.box(places)
        densities.append(TENSORS.fetch(TENSORS.deposit(level, places, low, width / 62, 64)))
    assert len(set(sums)) == 1
    assert sums[0] == pytest.approx((weight.astype(float) * value[neighbour]).sum(), rel=1e-6)
    assert all(np.array_equal(density, densities[0]) for density in densities)
    assert densities[0].sum() == pytest.approx(weight.sum(), rel=1e-5)


@settings(max_examples=10)
@given(graphs(), st.integers(0, 5))
def test_places_are_finite_and_the_same_on_every_run(case: tuple[int, np.ndarray], seed: int) -> None:
    graph = graph_of(*case)
    where = place(graph, seed, device=TENSORS)
    assert where.shape == (graph.nodes, 2) and where.dtype == np.float32
    assert np.isfinite(where).all()
    assert np.array_equal(where, place(graph, seed, device=TENSORS))


def test_all_devices_that_are_there_have_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.accelerator, "is_available", lambda: True)
    monkeypatch.setattr(torch.accelerator, "current_accelerator", lambda: torch.device("meta"))
    monkeypatch.setattr(torch.accelerator, "device_count", lambda: 2)
    assert accelerator.names() == ["torch:cpu", "meta", "meta:0", "meta:1"]
    with pytest.raises(InputError, match=r"device cuda: not found; .* cpu, torch:cpu, meta, meta:0, meta:1$"):
        device_named("cuda")
    with pytest.raises(InputError, match=r"device meta:1: .*meta tensors"):  # there, but of no use
        device_named("meta:1")


def test_what_a_device_lacks_is_told() -> None:
    threads = torch.get_num_threads()
    exhausted = r"device torch:cpu: out of memory; some 40 bytes for each edge [\w ]+, or --device cpu$"
    with pytest.raises(InputError, match=exhausted), TENSORS.use():
        torch.empty(1 << 60)
    with pytest.raises(InputError, match="out of memory"), TENSORS.use():
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB. GPU 0 has …")
    with pytest.raises(InputError, match=r"device torch:cpu: CUDA error: device lost$"), TENSORS.use():
        raise torch.AcceleratorError("CUDA error: device lost\nCompile with `TORCH_USE_CUDA_DSA`")
    with pytest.raises(RuntimeError, match="size of tensor"), TENSORS.use():
        torch.ones(2) + torch.ones(3)
    assert torch.get_num_threads() == threads


def test_nobody_loads_pytorch_who_does_not_ask_for_it() -> None:
    program = "import sys, trilc.layout as l; l.device_named('cpu'); assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True)
