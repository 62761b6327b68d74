"""``trilc modules``."""

from __future__ import annotations

import json

import numpy as np

import trilc as library
from tests.cli.command import refused, said
from trilc.explain.modules import dependence, join, structure


def test_the_facts_are_the_librarys(checkpoint, tmp_path):
    dot = tmp_path / "graph.dot"
    facts = json.loads(said("modules", checkpoint, "--shuffles", "3", "--dot", dot, "--json"))
    model = library.load(checkpoint)
    found = dependence(model)
    names = model.state_names
    assert facts["decided"] == found.decided
    assert (facts["unknown"], facts["refuted_by_sat"], facts["text"]) == (0, 0, None)
    for i, name in enumerate(names):
        assert facts["depends_on"][name] == [names[j] for j in np.flatnonzero(found.depends[i])]
    groups = structure(found.depends).communities
    assert [row["bits"] for row in facts["modules"]] == [[names[k] for k in group] for group in groups]
    within = sum(row["dependences_within"] for row in facts["modules"])
    between = sum(row["reads_from_others"] for row in facts["modules"])
    assert within + between == facts["dependences"] == found.depends.sum()
    assert between == sum(row["read_by_others"] for row in facts["modules"])
    assert len(facts["shuffled"]["modularity"]) == 3
    drawn = dot.read_text()
    assert drawn.count(" -> ") == facts["dependences"]
    assert drawn.count("subgraph") == len(groups)


def test_what_a_module_is_worth(checkpoint, tmp_path):
    (tmp_path / "text").write_text("ab a b éab " * 20)
    facts = json.loads(said("modules", checkpoint, tmp_path / "text", "--shuffles", "0", "--tokens", "50", "--json"))
    assert facts["shuffled"] is None
    assert facts["text"]["tokens"] == 49
    assert all(0 <= row["frozen"]["unchanged"] <= 1 for row in facts["modules"])
    options = ("--shuffles", "2", "--freeze", "majority", "--by", "component")
    table = said("modules", checkpoint, tmp_path / "text", *options)
    assert "shuffled weights" in table
    assert "Δ accuracy" in table and "Δ bits" in table


def test_netlists_of_modules(checkpoint, tmp_path):
    out = said("modules", checkpoint, "--shuffles", "0", "--simplify-by-module", tmp_path / "parts", "--format", "aag")
    assert "put together: equal to the whole" in out
    model = library.load(checkpoint)
    count = len(structure(dependence(model).depends).communities)
    files = [*(f"module{k}.aag" for k in range(count)), "outputs.aag"]
    assert sorted(path.name for path in (tmp_path / "parts").iterdir()) == sorted(files)
    parts = [library.read_aig(tmp_path / "parts" / name) for name in files]
    whole = join(library.compile(model, keep_state=True), parts)
    tokens = np.random.default_rng(0).integers(0, model.vocabulary, (4, 30))
    assert np.array_equal(library.simulate(whole, tokens), model.run(tokens))
    out = said(
        "modules", checkpoint, "--shuffles", "0", "--simplify-by-module", tmp_path / "high", "--format", "aag",
        "--effort", "high",
    )  # fmt: skip
    assert "put together: equal to the whole" in out
    smaller = [library.read_aig(tmp_path / "high" / name) for name in files]
    assert sum(part.num_ands for part in smaller) <= sum(part.num_ands for part in parts)
    line = refused("modules", checkpoint, "--simplify-by-module", tmp_path / "parts")
    assert "parts: it exists; expected the name of a new directory" in line


def test_of_a_netlist(netlists, tmp_path):
    facts = json.loads(said("modules", netlists[".aig"], "--shuffles", "0", "--json"))
    aig = library.read_aig(netlists[".aig"])
    assert facts["bits"] == aig.num_registers
    assert facts["refuted_by_sat"] is None
    (tmp_path / "text").write_text("ab")
    assert "found a netlist; expected a checkpoint" in refused("modules", netlists[".aig"], tmp_path / "text")


def test_without_registers(tmp_path):
    (tmp_path / "wire.aag").write_text("aag 1 1 0 1 0\n2\n2\n")
    facts = json.loads(said("modules", tmp_path / "wire.aag", "--json"))
    assert (facts["bits"], facts["dependences"], facts["parts"], facts["modules"]) == (0, 0, 0, [])
