"""trilc: the compiler that turns trained ternary recurrent networks into exact logic.

>>> import trilc
>>> model = trilc.load("model.npz")                      # doctest: +SKIP
>>> netlist = trilc.compile(model)                       # doctest: +SKIP
>>> trilc.write_aig(netlist, "model.blif")               # doctest: +SKIP
>>> trilc.simulate(netlist, [3, 1, 4])                   # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from trilc.errors import InputError
from trilc.kernel_cache import ensure_kernel_cache
from trilc.version import VERSION

if TYPE_CHECKING:
    from backends import read_aig, write_aig
    from trilc.aig import AIG, Builder
    from trilc.checkpoint import load, save
    from trilc.compiler import compile
    from trilc.model import Model
    from trilc.prove.verification import verify
    from trilc.runner import Runner, simulate
    from trilc.scoring import score

__version__ = VERSION

ensure_kernel_cache()

_HOME = {
    "AIG": "trilc.aig",
    "Builder": "trilc.aig",
    "Model": "trilc.model",
    "Runner": "trilc.runner",
    "compile": "trilc.compiler",
    "load": "trilc.checkpoint",
    "read_aig": "backends",
    "save": "trilc.checkpoint",
    "score": "trilc.scoring",
    "simulate": "trilc.runner",
    "verify": "trilc.prove.verification",
    "write_aig": "backends",
}
"""Where each public name lives; it is imported when it is first asked for."""

__all__ = [
    "AIG", "Builder", "InputError", "Model", "Runner", "__version__", "compile", "load", "read_aig", "save",
    "score", "simulate", "verify", "write_aig",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return __all__
