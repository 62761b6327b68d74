"""The header of a checkpoint: what the JSON must say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import isfinite
from typing import Any

from trilc.checkpoint.arrays import shown
from trilc.checkpoint.json_text import parse_json
from trilc.errors import InputError
from trilc.model import OUTPUTS, TextRules

FORMAT = "trilc-checkpoint"
VERSION = 1
CELLS = ("elman",)
STATES = ("pm1", "01")
NORM_EPS = Fraction(1, 100_000)

_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Header:
    """A header that has been checked, on its own."""

    cell: str
    signed: bool
    output: str
    tokens: tuple[str, ...] | None
    text: TextRules | None
    norm_eps: Fraction
    """The decimal as it is written."""
    score_scale: float | None


def parse_header(text: str) -> Header:
    """Read the header's JSON. Raises :class:`InputError` naming the key that is not as it must be."""
    table = parse_json(text, "header")
    if table.get("format") != FORMAT:
        raise InputError(f"header: format: found {_shown(table, 'format')}; expected '{FORMAT}'")
    if type(table.get("version")) is not int or table["version"] != VERSION:
        raise InputError(f"header: version: found {_shown(table, 'version')}; expected {VERSION}")
    cell = table.get("cell")
    if isinstance(cell, str) and cell not in CELLS:
        raise InputError(f"header: cell {shown(repr(cell))} is not supported; expected {' or '.join(CELLS)}")
    tokens = _tokens(table)
    return Header(
        cell=_choice(table, "cell", CELLS),
        signed=_choice(table, "state", STATES) == "pm1",
        output=_choice(table, "output", OUTPUTS),
        tokens=tokens,
        text=_text(table["text"], tokens) if "text" in table else None,
        norm_eps=_number(table, "norm_eps") if "norm_eps" in table else NORM_EPS,
        score_scale=_score_scale(table) if "score_scale" in table else None,
    )


def _choice(table: Mapping[str, Any], key: str, choices: tuple[str, ...]) -> str:
    if table.get(key) not in choices:
        expected = " or ".join(repr(choice) for choice in choices)
        raise InputError(f"header: {key}: found {_shown(table, key)}; expected {expected}")
    return str(table[key])


def _tokens(table: Mapping[str, Any]) -> tuple[str, ...] | None:
    names = table.get("tokens")
    if names is None:
        return None
    if not isinstance(names, list):
        raise InputError(f"header: tokens: found {_shown(table, 'tokens')}; expected a list or null")
    first: dict[str, int] = {}
    for i, name in enumerate(names):
        if not isinstance(name, str) or not name:
            raise InputError(f"header: tokens[{i}]: found {shown(repr(name))}; expected a non-empty string")
        if not name.isascii() and _SURROGATE.search(name):
            raise InputError(f"header: tokens[{i}]: found a lone surrogate; expected Unicode text")
        if first.setdefault(name, i) != i:
            raise InputError(
                f"header: tokens[{i}]: found {shown(repr(name))}, which is tokens[{first[name]}] already"
            )
    return tuple(names)


def _text(rules: Any, tokens: tuple[str, ...] | None) -> TextRules:
    if not isinstance(rules, dict):
        raise InputError(f"header: text: found {shown(repr(rules))}; expected an object")
    for key in rules:
        if key not in ("lower", "fold_space", "unknown"):
            raise InputError(
                f"header: text: unknown key {shown(repr(key))}; expected lower, fold_space or unknown"
            )
    for key in ("lower", "fold_space"):
        if not isinstance(rules.get(key, False), bool):
            raise InputError(f"header: text.{key}: found {_shown(rules, key)}; expected true or false")
    unknown = rules.get("unknown", "refuse")
    if not isinstance(unknown, str) or unknown not in ("refuse", "skip", *(tokens or ())):
        raise InputError(
            f"header: text.unknown: found {_shown(rules, 'unknown')}; expected 'refuse', 'skip' or a token"
        )
    return TextRules(rules.get("lower", False), rules.get("fold_space", False), unknown)


def _number(table: Mapping[str, Any], key: str) -> Fraction:
    value = table[key]
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or value < 0:
        raise InputError(f"header: {key}: found {_shown(table, key)}; expected a number of at least 0")
    return Fraction(value)


def _score_scale(table: Mapping[str, Any]) -> float:
    number = _number(table, "score_scale")
    scale = float(number) if number < 10**308 else float("inf")
    if not (scale > 0 and isfinite(scale)):
        found = _shown(table, "score_scale")
        raise InputError(f"header: score_scale: found {found}; expected a positive number")
    return scale


def _shown(table: Mapping[str, Any], key: str) -> str:
    if key not in table:
        return "nothing"
    value = table[key]
    return str(value) if isinstance(value, int | Decimal) else shown(repr(value))
