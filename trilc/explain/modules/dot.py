"""A dependence graph in Graphviz's language."""

from __future__ import annotations

import json

import numpy as np

from trilc.explain.modules.dependence import Dependence
from trilc.explain.modules.structure import Groups


def dot_of(found: Dependence, modules: Groups) -> str:
    """Bits as nodes, a cluster for each module, an edge from each bit to what depends on it; unknown ones dashed."""
    lines = ["digraph dependences {", "  node [shape=box, fontsize=10];"]
    for k, module in enumerate(modules):
        lines.append(f"  subgraph cluster_{k} {{ label={_quoted(f'module {k}')};")
        lines.extend(f"    n{bit} [label={_quoted(found.names[bit])}];" for bit in module)
        lines.append("  }")
    for i, j in np.argwhere(found.depends).tolist():
        lines.append(f"  n{j} -> n{i}{' [style=dashed]' if found.unknown[i, j] else ''};")
    return "\n".join([*lines, "}", ""])


def _quoted(text: str) -> str:
    """A string of the language: quotes escaped, backslashes kept from meaning anything."""
    return json.dumps(text, ensure_ascii=False)
