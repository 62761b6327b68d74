"""Strict JSON from strangers: finite numbers, exact decimals, no key twice, no depth or size that hurts."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

from trilc.checkpoint.arrays import shown
from trilc.errors import InputError

LONGEST = 1 << 24
"""Characters."""
LONGEST_NUMBER = 100
LARGEST_EXPONENT = 400


def parse_json(text: str, where: str) -> dict[str, Any]:
    """The JSON object in ``text``; numbers are int or, exactly as written, ``Decimal``.

    Raises :class:`InputError`, its message beginning with ``where``.
    """
    if len(text) > LONGEST:
        raise InputError(f"{where}: found {len(text)} characters; expected at most {LONGEST}")
    try:
        value = json.loads(
            text,
            parse_int=lambda literal: int(_number(literal)),
            parse_float=_number,
            parse_constant=_no_constant,
            object_pairs_hook=_no_key_twice,
        )
    except InputError as error:
        raise InputError(f"{where}: {error}") from None
    except RecursionError:
        raise InputError(f"{where}: JSON is nested too deeply") from None
    except ValueError as error:
        raise InputError(f"{where}: not JSON: {error}") from None
    if not isinstance(value, dict):
        raise InputError(f"{where}: found a JSON {type(value).__name__}; expected an object")
    return value


def _number(literal: str) -> Decimal:
    try:
        number = Decimal(literal) if len(literal) <= LONGEST_NUMBER else None
    except InvalidOperation:  # an exponent beyond even Decimal
        number = None
    if number is None or (number and abs(number.adjusted()) > LARGEST_EXPONENT):
        raise InputError(f"number {literal[:20]}… is out of range")
    return number


def _no_constant(literal: str) -> NoReturn:
    raise InputError(f"found {literal}; expected a finite number")


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        last = {key: i for i, (key, _) in enumerate(pairs)}
        twice = next(key for i, (key, _) in enumerate(pairs) if last[key] != i)
        raise InputError(f"key {shown(twice)} is there twice")
    return result
