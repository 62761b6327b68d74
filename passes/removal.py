"""How the metadata tell what became of registers that passes removed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from passes.reliance import equal, relying_on
from trilc.aig import AIG

Values = Mapping[str, str | None]
"""Register name to ``"0"``, ``"1"``, the name of a register that equals it, ``"!name"`` of one that is its
complement, or ``None`` where nothing observable depends on it."""


def can_stand_in(name: str) -> bool:
    """Whether a register's name can be told from a constant and from a complement."""
    return name not in ("0", "1") and not name.startswith("!")


def metadata_after(aig: AIG, removed: Values) -> dict[str, Any]:
    """The metadata of ``aig`` with further registers removed; earlier entries follow what they were rebuilt from.

    What the netlist does in other states than those where they have these values is not known any longer.
    """
    earlier: Values = aig.metadata.get("removed", {})
    entries = {name: _follow(value, removed) for name, value in earlier.items()} | dict(removed)
    if not entries:
        return dict(aig.metadata)
    clauses = [clause for name, value in removed.items() if value is not None for clause in equal(name, value)]
    return {**relying_on(aig.metadata, clauses), "removed": entries}


def _follow(value: str | None, removed: Values) -> str | None:
    """What an entry says after the register that it names was itself removed."""
    if value is None or value in ("0", "1"):
        return value
    complement, name = value.startswith("!"), value.removeprefix("!")
    if name not in removed:
        return value
    source = removed[name]
    if source is None or not complement:
        return source
    if source in ("0", "1"):
        return "1" if source == "0" else "0"
    return source[1:] if source.startswith("!") else f"!{source}"
