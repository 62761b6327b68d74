"""The library of structures, and the generator beside it."""

from __future__ import annotations

import numpy as np
import pytest

from trilc.aig import npn
from trilc.aig.exact import Chain, enumerate_chains, enumerate_larger, forest, join
from trilc.aig.structures import GATES, Forest, Structures, structures

SMALLEST = {0: 2, 1: 1, 2: 2, 3: 7, 4: 9, 5: 24, 6: 30, 7: 61, 8: 45, 9: 35, 10: 3, 11: 3}
"""Classes by the gates of their smallest structure in the library; up to 8 gates proved least by enumeration."""


def computes(function: int, gates: list[tuple[int, ...]], roots: list[int]) -> bool:
    """Whether there are roots and all compute the function."""
    tables = [0, *npn.VARIABLES]
    for a, b in gates:
        assert max(a, b) >> 1 < len(tables)
        tables.append((tables[a >> 1] ^ 0xFFFF * (a & 1)) & (tables[b >> 1] ^ 0xFFFF * (b & 1)))
    return {tables[root >> 1] ^ 0xFFFF * (root & 1) for root in roots} == {function}


def wrong_classes(library: Structures) -> list[int]:
    """The classes some root of which does not compute the representative."""
    wrong = []
    for kind, representative in enumerate(npn.classes().representative.tolist()):
        gates = library.gates[library.first_gate[kind] : library.first_gate[kind + 1]].tolist()
        roots = library.roots[library.first_root[kind] : library.first_root[kind + 1]].tolist()
        if not computes(representative, gates, roots):
            wrong.append(kind)
    return wrong


def test_every_root_of_every_class_computes_its_function():
    assert wrong_classes(structures()) == []
    assert (np.diff(structures().first_gate) <= GATES).all()


def test_a_corrupted_entry_is_found():
    for gate in (0, 1000, 5000, len(structures().gates) - 1):
        gates = structures().gates.copy()
        gates[gate, 0] ^= 1
        kind = int(np.searchsorted(structures().first_gate, gate, side="right")) - 1
        assert wrong_classes(structures()._replace(gates=gates)) == [kind]


def sizes(library: Structures) -> list[int]:
    """Gates of each class's smallest structure."""
    cones = library.cones()
    smallest = []
    for kind in range(222):
        roots = library.roots[library.first_root[kind] : library.first_root[kind + 1]].tolist()
        start = int(library.first_gate[kind]) - 5
        smallest.append(min(int(np.bitwise_count(cones[start + (r >> 1)]).sum()) if r >> 1 >= 5 else 0 for r in roots))
    return smallest


def test_sizes():
    assert np.bincount(sizes(structures())).tolist() == list(SMALLEST.values())


@pytest.fixture(scope="module")
def enumerated() -> list[list[Chain]]:
    return enumerate_chains(6)


def test_enumeration_makes_the_shipped_classes_again(enumerated):
    shipped = structures()
    larger = enumerate_larger(enumerated)
    for kind, size in enumerate(sizes(shipped)):
        assert bool(enumerated[kind]) == (1 <= size <= 6)
        if size <= 6:
            gates = shipped.gates[shipped.first_gate[kind] : shipped.first_gate[kind + 1]].tolist()
            roots = shipped.roots[shipped.first_root[kind] : shipped.first_root[kind + 1]].tolist()
            assert forest(kind, enumerated[kind], larger[kind]) == Forest([tuple(gate) for gate in gates], roots)


def test_joins_compute_their_class_and_are_never_smaller_than_the_least(enumerated):
    shipped = sizes(structures())
    missing = [kind for kind, size in enumerate(shipped) if size == 7][::6]
    chains = list(enumerated)
    join(chains, missing)
    for kind in missing:
        gates, roots = forest(kind, chains[kind])
        assert computes(npn.classes().representative[kind], gates, roots)
        assert len(chains[kind][0]) >= shipped[kind]
    assert any(len(chains[kind][0]) == shipped[kind] for kind in missing)


def test_saved_and_loaded(tmp_path):
    path = tmp_path / "structures.npz"
    structures().save(path)
    with np.load(path) as data:
        assert all((data[name] == getattr(structures(), name)).all() for name in Structures._fields)
