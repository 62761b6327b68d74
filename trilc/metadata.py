"""What travels with the netlist of a model, and what is believed of it when it comes back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from math import isfinite
from typing import Any

from trilc.errors import InputError
from trilc.model import OUTPUTS, Model
from trilc.version import VERSION


def metadata(model: Model, outputs: str | None = None) -> dict[str, Any]:
    """Where a netlist came from, and how its codes are read.

    ``model`` is the SHA-256 of the checkpoint. ``removed`` says how registers that passes took out get their
    value back: a constant, another register, its complement (``!``), or null where nothing depends on it.
    ``invariants`` says in which states the netlist does what the model does: where each of these clauses has a true
    literal ``2·k + complement`` of the ``k``-th bit of ``state``; null where it is known only of states that are
    reached from reset.
    """
    return {
        "trilc": VERSION,
        "model": model.digest,
        "output": outputs or model.output,
        "vocabulary": model.vocabulary,
        "num_outputs": model.num_outputs,
        "tokens": None if model.tokens is None else list(model.tokens),
        "text": None if model.text is None else asdict(model.text),
        "score_scale": model.score_scale,
        "state": list(model.state_names),
        "removed": {},
        "invariants": [],
    }


def require(about: Mapping[str, Any]) -> None:
    """Refuse metadata that :func:`metadata` would not write, with :class:`InputError` naming the entry."""
    for key, holds in _VALID.items():
        if key not in about:
            raise InputError(f"the netlist does not say its {key!r}; expected one compiled from a model")
        if not holds(about[key]):
            raise InputError(f"the netlist's metadata: {key!r} is not of the form that trilc writes")
    tokens, rules = about["tokens"], about["text"]
    if tokens is not None and len(tokens) != about["vocabulary"]:
        raise InputError(f"the netlist's metadata: {len(tokens)} names for {about['vocabulary']} tokens")
    if not _are_clauses(about.get("invariants"), 2 * len(about["state"])):
        raise InputError("the netlist's metadata: 'invariants' is not of the form that trilc writes")
    if rules is not None and rules["unknown"] not in ("refuse", "skip", *(tokens or ())):
        raise InputError("the netlist's metadata: 'text' names an unknown token that is none")


def _is_count(value: Any) -> bool:
    return type(value) is int and value >= 0


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and value != "" and not any("\ud800" <= c <= "\udfff" for c in value)


def _are_names(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_name, value)) and len(set(value)) == len(value)


def _are_rules(value: Any) -> bool:
    kinds = {"lower": bool, "fold_space": bool, "unknown": str}
    return (
        isinstance(value, dict)
        and value.keys() == kinds.keys()
        and all(isinstance(value[key], kind) for key, kind in kinds.items())
    )


def _is_scale(value: Any) -> bool:
    return type(value) in (int, float) and 0 < value < 1e308 and isfinite(value)


def _says_removed(value: Any) -> bool:
    return isinstance(value, dict) and all(source is None or isinstance(source, str) for source in value.values())


def _are_clauses(value: Any, literals: int) -> bool:
    return value is None or (
        isinstance(value, list)
        and all(isinstance(clause, list) and clause for clause in value)
        and all(type(literal) is int and 0 <= literal < literals for clause in value for literal in clause)
    )


_VALID: dict[str, Callable[[Any], bool]] = {
    "output": lambda value: isinstance(value, str) and value in OUTPUTS,
    "vocabulary": lambda value: _is_count(value) and value > 0,
    "num_outputs": _is_count,
    "tokens": lambda value: value is None or _are_names(value),
    "text": lambda value: value is None or _are_rules(value),
    "score_scale": lambda value: value is None or _is_scale(value),
    "state": _are_names,
    "removed": _says_removed,
}
