"""Components, parts and communities of a dependence graph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Groups = tuple[tuple[int, ...], ...]
"""Bits by module, each ascending."""


@dataclass(frozen=True)
class Structure:
    """How bits hang together."""

    components: Groups
    """Strongly connected: every bit of one depends on every other, in some number of steps. Those that others depend
    on come first."""
    condensation: tuple[tuple[int, int], ...]
    """(from, to) components, where a bit of the second depends on one of the first."""
    parts: Groups
    """Parts that never talk to each other, either way; the largest first."""
    communities: Groups
    """Denser within than between (Louvain); the largest first."""
    modularity: float
    """Of the communities: the share of dependences within them, less what bits of the same degrees would have by
    chance (Leicht and Newman 2008)."""


def structure(depends: NDArray[np.bool_], seed: int = 0) -> Structure:
    """The structure of (bits, bits) dependences, ``depends[i, j]`` being whether i depends on j.

    The components are Tarjan's (1972), the communities those of Blondel et al. (2008) for directed graphs.
    """
    import networkx as nx

    graph = _graph(depends)
    condensed = nx.condensation(graph)
    order = list(nx.lexicographical_topological_sort(condensed, key=lambda c: min(condensed.nodes[c]["members"])))
    number = {component: k for k, component in enumerate(order)}
    groups = communities(depends, seed)
    return Structure(
        components=tuple(tuple(sorted(condensed.nodes[c]["members"])) for c in order),
        condensation=tuple(sorted((number[a], number[b]) for a, b in condensed.edges)),
        parts=_largest_first(nx.weakly_connected_components(graph)),
        communities=groups,
        modularity=modularity(depends, groups),
    )


def communities(depends: NDArray[np.bool_], seed: int = 0) -> Groups:
    """Communities by Louvain's method, the largest first."""
    import networkx as nx

    return _largest_first(nx.community.louvain_communities(_graph(depends), seed=seed))


def modularity(depends: NDArray[np.bool_], groups: Groups) -> float:
    """Q of a partition, a bit's dependence on itself left out; 0 where there are no others."""
    edges = depends & ~np.eye(len(depends), dtype=np.bool_)
    total = int(edges.sum())
    if not total:
        return 0.0
    into, out = edges.sum(1), edges.sum(0)
    within = sum(int(edges[np.ix_(group, group)].sum()) for group in groups)
    expected = sum(int(into[list(group)].sum()) * int(out[list(group)].sum()) for group in groups)
    return within / total - expected / total**2


def _graph(depends: NDArray[np.bool_]) -> Any:
    """From each bit to those that depend on it, other than itself."""
    import networkx as nx

    graph = nx.DiGraph()
    graph.add_nodes_from(range(len(depends)))
    targets, sources = np.nonzero(depends & ~np.eye(len(depends), dtype=np.bool_))
    graph.add_edges_from(zip(sources.tolist(), targets.tolist(), strict=True))
    return graph


def _largest_first(groups: Any) -> Groups:
    return tuple(sorted((tuple(sorted(group)) for group in groups), key=lambda group: (-len(group), group)))
