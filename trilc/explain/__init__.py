"""Questions about models and netlists, in a small language, and their exact answers.

>>> import trilc
>>> from trilc.explain import ask
>>> reply = ask(trilc.load("model.npz"), "never out='b' after tok='a'")   # doctest: +SKIP
>>> reply.answer, reply.how                                               # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trilc.explain.inquiry import Answer, Reply, ask

_HOME = {"Answer": "inquiry", "Reply": "inquiry", "ask": "inquiry"}

__all__ = ["Answer", "Reply", "ask"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"trilc.explain.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return __all__
