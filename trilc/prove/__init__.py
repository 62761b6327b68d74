"""Proofs about netlists: that two behave alike, or an input sequence after which they do not.

``equivalent`` asks for two netlists within a pass's budget, ``conforms`` for a netlist and the model that it was
compiled from; ``verify`` compares checkpoints and netlists, and finds the shortest difference; ``diff`` and
``bisect_passes`` name the gates and the pass that it comes from.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trilc.prove.bisect import bisect_passes, diff
    from trilc.prove.conformance import conforms
    from trilc.prove.equivalence import Verdict, equivalent
    from trilc.prove.verification import Verification, verify

_HOME = {
    "Verdict": "equivalence",
    "Verification": "verification",
    "bisect_passes": "bisect",
    "conforms": "conformance",
    "diff": "bisect",
    "equivalent": "equivalence",
    "verify": "verification",
}

__all__ = ["Verdict", "Verification", "bisect_passes", "conforms", "diff", "equivalent", "verify"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"trilc.prove.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return __all__
