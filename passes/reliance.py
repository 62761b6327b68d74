"""How the metadata tell which states a netlist behaves as its model in: those that no pass ruled out.

From reset no other state is reached; but a state that comes from elsewhere may be one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Clause = Sequence[str]
"""Registers, or with ``!`` their complements, of which one is true in every state that a pass counted on."""


def relying_on(about: Mapping[str, Any], clauses: Iterable[Clause] | None) -> dict[str, Any]:
    """The metadata of a model's netlist after a pass that counted on the clauses; other metadata stay as they are.

    Together with those that were there they must be inductive: no step leads out of them. None stands for states
    that clauses don't say, but that are never left from reset on.

    In the metadata, ``invariants`` lists clauses of literals ``2·k + complement`` of the ``k``-th bit of ``state``.
    """
    state, earlier = about.get("state"), about.get("invariants")
    if not isinstance(state, list) or not isinstance(earlier, list):
        return dict(about)
    place = {name: k for k, name in enumerate(state) if isinstance(name, str)}
    known = [None] if clauses is None else [_literals(clause, place) for clause in clauses]
    if None in known:
        return {**about, "invariants": None}
    every = dict.fromkeys(map(tuple, [*earlier, *known]))
    return {**about, "invariants": [list(clause) for clause in every]}


def equal(name: str, value: str) -> list[Clause]:
    """A register is a constant, another register, or (``!``) its complement."""
    if value in ("0", "1"):
        return [(name if value == "1" else _not(name),)]
    return [(name, _not(value)), (_not(name), value)]


def _not(literal: str) -> str:
    return literal[1:] if literal.startswith("!") else f"!{literal}"


def _literals(clause: Clause, place: Mapping[str, int]) -> Sequence[int] | None:
    """A clause in numbers; None where it names a register that is no bit of the state."""
    names = [literal.removeprefix("!") for literal in clause]
    if not all(name in place for name in names):
        return None
    return sorted(2 * place[name] + (name != literal) for name, literal in zip(names, clause, strict=True))
