"""Simplification passes on And-Inverter Graphs, and the pipeline that runs them.

>>> from passes import Pipeline
>>> smaller = Pipeline.parse("constants, dead, rewrite, balance").apply(aig)   # doctest: +SKIP

Each pass is a frozen dataclass: its fields are its options, ``apply`` takes an :class:`trilc.aig.AIG` and
returns another with the same inputs, outputs and behaviour.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from passes.balance import Balance
    from passes.constants import Constants
    from passes.correspond import Correspond
    from passes.dead import Dead
    from passes.dontcare import Dontcare
    from passes.invariants import Invariants
    from passes.pipeline import (
        DEFAULT,
        Pass,
        PassStatistics,
        Pipeline,
        Repeat,
        Size,
        UnprovedPassError,
        WrongPassError,
    )
    from passes.refactor import Refactor
    from passes.resubstitute import Resubstitute
    from passes.rewrite import Rewrite
    from passes.speed import Speed
    from passes.strash import Strash
    from passes.sweep import Sweep
    from passes.tabulate import Tabulate

__all__ = [
    "DEFAULT", "Balance", "Constants", "Correspond", "Dead", "Dontcare", "Invariants", "Pass", "PassStatistics",
    "Pipeline", "Refactor", "Repeat", "Resubstitute", "Rewrite", "Size", "Speed", "Strash", "Sweep", "Tabulate",
    "UnprovedPassError", "WrongPassError",
]

_HOME = {
    "Balance": "balance",
    "Constants": "constants",
    "Correspond": "correspond",
    "Dead": "dead",
    "Dontcare": "dontcare",
    "Invariants": "invariants",
    "Refactor": "refactor",
    "Resubstitute": "resubstitute",
    "Rewrite": "rewrite",
    "Speed": "speed",
    "Strash": "strash",
    "Sweep": "sweep",
    "Tabulate": "tabulate",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"passes.{_HOME.get(name, 'pipeline')}"), name)


def __dir__() -> list[str]:
    return __all__
