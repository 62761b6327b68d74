"""Proofs about netlists: that two behave alike, or an input sequence after which they do not.

``equivalent`` asks for two netlists within a pass's budget, ``conforms`` for a netlist and the model that it was
compiled from; ``verify`` compares checkpoints and netlists, and finds the shortest difference.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trilc.prove.conformance import conforms
    from trilc.prove.equivalence import Verdict, equivalent
    from trilc.prove.verification import Verification, verify

_HOME = {
    "Verdict": "equivalence",
    "Verification": "verification",
    "conforms": "conformance",
    "equivalent": "equivalence",
    "verify": "verification",
}

__all__ = ["Verdict", "Verification", "conforms", "equivalent", "verify"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"trilc.prove.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return __all__
