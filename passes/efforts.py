"""The pipelines behind ``--effort`` and ``--goal``, as texts."""

from __future__ import annotations

EFFORTS = ("fast", "default", "high")
"""From little time to few gates."""

GOALS = ("gates", "luts", "depth")
"""What is to be small: AND gates, look-up tables, or levels and then gates."""

_CLEAN = "constants, dead"

_GATES = {
    "fast": "balance, rewrite, resubstitute, rewrite(zero_cost=true), resubstitute",
    "default": (
        "balance, refactor, rewrite, 2*(resubstitute, rewrite(zero_cost=true), balance), "
        "refactor(zero_cost=true), resubstitute(cut=12), rewrite(zero_cost=true), resubstitute"
    ),
    "high": (
        "balance, refactor, rewrite, 2*(resubstitute, rewrite(zero_cost=true), balance), "
        "<=200/12*(2*rewrite(zero_cost=true, seed=1), resubstitute, rewrite(zero_cost=true, seed=1), balance, "
        "resubstitute), <=200/25*(rewrite(seed=1, loss=3), refactor(zero_cost=true), rewrite(zero_cost=true, seed=1), "
        "resubstitute(cut=10), rewrite(zero_cost=true), resubstitute)"
    ),
}


_AFTERWARDS = {
    "gates": "",
    "luts": "balance, ",
    "depth": "speed, 2*(rewrite(preserve_depth=true), speed(percent=2)), rewrite(preserve_depth=true), ",
}


def pipeline(effort: str = "default", goal: str = "gates") -> str:
    """The text of a pipeline, to be read by :meth:`passes.Pipeline.parse`.

    The passes of the effort's level for few gates, then those for the goal.
    """
    return f"{_CLEAN}, {_GATES[effort]}, {_AFTERWARDS[goal]}{_CLEAN}"
