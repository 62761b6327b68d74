"""Structure, shuffles, ablation and the netlists of modules."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import trilc
from tests.models import models, random_model
from tests.strategies import aigs
from trilc.aig import AIG, Builder
from trilc.aig.simulation import literal_values, simulate_nodes
from trilc.cells.elman.layer import ElmanLayer
from trilc.errors import InputError
from trilc.explain.modules import ablation, dependence, join, significance, split, structure
from trilc.explain.modules.significance import shuffled
from trilc.explain.modules.structure import Groups
from trilc.model import Model
from trilc.prove.equivalence import Answer, equivalent


def of_blocks(blocks: int, size: int, seed: int) -> tuple[Model, Groups]:
    """A model of blocks that never talk to each other, its units shuffled, and where the blocks went."""
    rng = np.random.default_rng(seed)
    whole = random_model(rng, blocks * size, 4, 0.7)
    layer = whole.layers[0]
    block = rng.permutation(blocks * size) % blocks
    apart = block[:, None] != block[None, :]
    recurrent = np.where(apart, 0, layer.recurrent).astype(np.int8)
    bias = rng.integers(-1, 2, blocks * size)
    model = replace(whole, layers=(ElmanLayer(recurrent, layer.input, bias, layer.reset),))
    return model, tuple(tuple(np.flatnonzero(block == b).tolist()) for b in range(blocks))


@pytest.mark.parametrize(("blocks", "size"), [(2, 6), (3, 8), (5, 12)])
def test_blocks_are_found(blocks: int, size: int) -> None:
    model, expected = of_blocks(blocks, size, seed=blocks)
    found = structure(dependence(model).depends)
    assert set(found.parts) == set(found.communities) == set(expected)
    assert found.modularity > 0.9 * (1 - 1 / blocks)
    assert all(any(set(component) <= set(block) for block in expected) for component in found.components)
    meant = significance(dependence(model).depends, 19)
    assert meant.modularity == found.modularity
    assert meant.z is not None and meant.z > 4
    assert meant.p == 1 / 20


def test_chance_is_no_module() -> None:
    """Among random weights the modularity is one of chance, on average over models."""
    depends = [dependence(random_model(np.random.default_rng(seed), 24, 4, 0.3)).depends for seed in range(8)]
    ps = [significance(matrix, 9).p for matrix in depends]
    assert 0.2 < np.mean(ps) < 0.8


@given(st.integers(1, 12), st.floats(0, 1), st.integers(0, 99))
def test_shuffles_keep_degrees_and_the_diagonal(count: int, density: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    before = rng.random((count, count)) < density
    after = shuffled(before, rng)
    for axis in range(2):
        assert np.array_equal(before.sum(axis), after.sum(axis))
    assert np.array_equal(np.diag(before), np.diag(after))


def test_shuffles_reach_every_graph_of_these_degrees() -> None:
    """Of the nine ways to give three of four others to nobody else: every 2-regular digraph on 4 nodes comes up."""
    before = np.array([[0, 1, 1, 0], [0, 0, 1, 1], [1, 0, 0, 1], [1, 1, 0, 0]], np.bool_)
    rng = np.random.default_rng(0)
    seen = {shuffled(before, rng).tobytes() for _ in range(400)}
    assert len(seen) == 9


def test_components_come_in_the_order_of_their_causes() -> None:
    depends = np.zeros((6, 6), np.bool_)
    for cause, effect in [(4, 5), (5, 4), (4, 0), (0, 2), (2, 0), (3, 2), (3, 3)]:
        depends[effect, cause] = True
    found = structure(depends)
    assert set(found.components) == {(4, 5), (0, 2), (1,), (3,)}
    place = {component: k for k, component in enumerate(found.components)}
    assert place[4, 5] < place[0, 2] and place[3,] < place[0, 2]
    assert set(found.condensation) == {(place[4, 5], place[0, 2]), (place[3,], place[0, 2])}
    assert found.parts == ((0, 2, 3, 4, 5), (1,))


@settings(max_examples=25)
@given(models(outputs=("argmax", "scores"), max_layers=2), st.sampled_from(["reset", "majority"]), st.integers(0, 99))
def test_ablation_says_what_the_reference_says(model: Model, freeze: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    tokens = rng.integers(0, model.vocabulary, 12)
    module = tuple(np.flatnonzero(rng.random(model.units) < 0.4).tolist())
    whole, nothing, frozen = ablation(model, ((), module), tokens, freeze)
    said = model.run(tokens[None], "argmax")[0]
    assert whole == nothing
    assert whole.unchanged == 1
    if model.num_outputs == model.vocabulary:
        assert whole.accuracy == pytest.approx((said[:-1] == tokens[1:]).mean())
    states = model.run(tokens[None], "state")[0]
    values = model.reset_state(1)[0] if freeze == "reset" else (states.mean(0) > 0.5).astype(np.uint8)
    kept = _without(model, module, values)
    assert frozen.unchanged == pytest.approx((kept.run(tokens[None], "argmax")[0][:-1] == said[:-1]).mean())


def _without(model: Model, module: tuple[int, ...], values: np.ndarray) -> Model:
    """The model whose frozen units have constant neurons."""
    layers, begin = [], 0
    for layer in model.layers:
        own = [unit - begin for unit in module if begin <= unit < begin + layer.units]
        recurrent, input_, bias, reset = (
            array.copy() for array in (layer.recurrent, layer.input, layer.bias, layer.reset)
        )
        recurrent[own], input_[own] = 0, 0
        fixed = values[begin : begin + layer.units][own].astype(np.int64)
        bias[own], reset[own] = fixed - 1, fixed
        layers.append(ElmanLayer(recurrent, input_, bias, reset))
        begin += layer.units
    return replace(model, layers=tuple(layers))


def test_bits_per_token() -> None:
    model = replace(random_model(np.random.default_rng(1), 8, 5, 0.5), score_scale=0.25)
    tokens = np.random.default_rng(2).integers(0, 5, 200)
    scores = model.run(tokens[None], "scores")[0][:-1] * 0.25
    chance = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    (whole,) = ablation(model, (), tokens)
    assert whole.bits == pytest.approx(-np.log2(chance[np.arange(199), tokens[1:]]).mean())


def test_too_little_text_is_refused() -> None:
    with pytest.raises(InputError, match="found 1 token of text; expected two at least"):
        ablation(random_model(np.random.default_rng(0), 3, 3), (), np.array([1]))


@settings(max_examples=40)
@given(aigs(odd=False), st.integers(0, 99))
def test_parts_make_the_whole_again(aig: AIG, seed: int) -> None:
    where = np.random.default_rng(seed).integers(0, 3, aig.num_registers)
    modules = tuple(tuple(np.flatnonzero(where == k).tolist()) for k in range(3))
    parts = split(aig, modules)
    assert [part.register_names for part in parts[:-1]] == [
        tuple(aig.register_names[k] for k in module) for module in modules
    ]
    whole = join(aig, parts)
    assert (whole.register_names, whole.output_names) == (aig.register_names, aig.output_names)
    assert np.array_equal(whole.reset, aig.reset)
    wide = aig.first_and - 1
    leaves = np.array(list(product((0, 1), repeat=wide)), np.uint64).reshape(1 << wide, wide).T
    ones = np.uint64(1)
    before, after = (
        literal_values(simulate_nodes(of, np.ascontiguousarray(leaves)), of.roots) & ones for of in (aig, whole)
    )
    assert np.array_equal(before, after)


@pytest.mark.parametrize("ending", [".blif", ".aig", ".aag", ".v"])
def test_parts_go_through_files(ending: str, tmp_path: Path) -> None:
    model = random_model(np.random.default_rng(3), 12, 5, 0.4)
    aig = trilc.compile(model, keep_state=True)
    modules = structure(dependence(model).depends).communities
    files = [tmp_path / f"part{k}{ending}" for k in range(len(modules) + 1)]
    for part, file in zip(split(aig, modules), files, strict=True):
        trilc.write_aig(part, file)
    whole = join(aig, [trilc.read_aig(file) for file in files])
    tokens = np.random.default_rng(4).integers(0, 5, (3, 40))
    assert np.array_equal(trilc.simulate(whole, tokens), model.run(tokens))


def test_a_wrong_part_is_noticed() -> None:
    """The proof of the whole is worth something."""
    aig = trilc.compile(random_model(np.random.default_rng(5), 6, 4, 0.6), keep_state=True)
    parts = split(aig, ((0, 1, 2), (3, 4, 5)))
    assert equivalent(aig, join(aig, parts)).answer is Answer.EQUAL
    parts[1] = replace(parts[1], next_state=parts[1].next_state ^ np.array([0, 1, 0], np.uint32))
    assert equivalent(aig, join(aig, parts)).answer is Answer.DIFFERENT


def test_names_that_would_clash_are_refused() -> None:
    builder = Builder()
    first, second = builder.register("r"), builder.register("next_r")
    builder.set_next(first, second)
    builder.set_next(second, first)
    with pytest.raises(InputError, match="register 'r': expected"):
        split(builder.build(), ((0,), (1,)))
