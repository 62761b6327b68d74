"""The pipelines behind ``--effort`` and ``--goal``, as texts."""

from __future__ import annotations

import re

EFFORTS = ("fast", "default", "high")
"""From little time to few gates."""

GOALS = ("gates", "luts", "depth")
"""What is to be small: AND gates, look-up tables, or levels and then gates."""

_CLEAN = "constants, dead"

_TABLES = {"fast": "", "default": "tabulate, ", "high": "tabulate(rounds=40), "}

_START = "balance, refactor, rewrite, resubstitute, sweep, 2*(rewrite(zero_cost=true), balance, resubstitute)"

_GATES = {
    "fast": "balance, rewrite, resubstitute, rewrite(zero_cost=true), resubstitute",
    "default": (
        f"{_START}, 2*(rewrite(zero_cost=true, seed=1), balance, resubstitute), "
        "<=20/3/400*(2*rewrite(zero_cost=true, seed=1), resubstitute, rewrite(zero_cost=true, seed=1), balance, "
        "resubstitute), "
        "refactor(zero_cost=true), rewrite(zero_cost=true), resubstitute(cut=10), balance"
    ),
    # by structures that speed finds, then among equals, then by losses, which needs the most rounds
    "high": (
        f"{_START}, "
        "<=30*(speed, resubstitute, rewrite(zero_cost=true, seed=1), balance, resubstitute), "
        "<=200/12*(2*rewrite(zero_cost=true, seed=1), resubstitute, rewrite(zero_cost=true, seed=1), balance, "
        "resubstitute), "
        "<=200/25*(rewrite(seed=1, loss=3), refactor(zero_cost=true), rewrite(zero_cost=true, seed=1), "
        "resubstitute(cut=10), rewrite(zero_cost=true), resubstitute), "
        "3*(sweep, dontcare, rewrite(zero_cost=true), resubstitute), balance"
    ),
}

_LUTS = {"fast": "resubstitute", "default": "resubstitute", "high": "tabulate, resubstitute"}
# what makes gates fewer spoils adders that were made for tables: of kjv64 2,380 LUTs without passes, 2,376 with
# resubstitute, 2,370 with tabulate, 2,372 with both

_SOONER = "8*(speed, rewrite(zero_cost=true), rewrite)"
"""Levels for gates, and back what gates can be had at that depth."""


def pipeline(effort: str = "default", goal: str = "gates", made_for_luts: bool = False) -> str:
    """The text of a pipeline, to be read by :meth:`passes.Pipeline.parse`.

    First the passes of the effort for few gates, then those for the goal. Few levels come at some ten per cent more
    gates at the most; on the way to them no rewriting adds a level. Few gates are a fair start for few look-up tables,
    but of a graph that was ``made_for_luts`` (see :func:`trilc.lower.gates.to_gates`) only that is removed which is
    there twice.
    """
    if goal == "luts" and made_for_luts:
        return f"{_CLEAN}, {_LUTS[effort]}, {_CLEAN}"
    if goal == "depth":  # without tables, which grow deep where functions share
        return f"{_CLEAN}, {_preserving_depth(f'{_GATES[effort]}, {_SOONER}')}, {_CLEAN}"
    return f"{_CLEAN}, {_TABLES[effort]}{_GATES[effort]}, {_CLEAN}"


def _preserving_depth(text: str) -> str:
    """The same passes, rewriting only within the depth that is there."""
    return re.sub(r"\brewrite\b(\(?)", lambda at: f"rewrite(preserve_depth=true{', ' if at[1] else ')'}", text)
