"""What formulas say, by those for whom they are written: small readers of our texts, and other people's tools."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

Values = dict[str, int]
"""By the names of bits, and the token under ``tok``."""


def boolean(text: str, given: Values, names: tuple[str, ...] | None = None) -> bool:
    """What a text in ∧, ∨ and ¬ says, with its definitions."""
    lines = re.sub(r"\n {6,}(?=\S)", " ", text).split("\n")
    values: dict[str, Any] = {}
    counts = {}
    for line in lines[1:]:
        if " counts " in line:
            name, literals = line.strip().split(" counts ")
            counts[name] = sum(_weighed(literal, given) for literal in literals.split(", "))
    definitions = dict(line.strip().split(" ⇔ ", 1) for line in lines[1:] if " ⇔ " in line)

    def reached(found: re.Match[str]) -> str:
        group, number = found[1], int(found[2])
        if group in counts:
            return str(counts[group] >= number)
        if found[0] not in values:
            values[found[0]] = said(definitions[found[0]])
        return str(values[found[0]])

    def said(expression: str) -> bool:
        token = r"tok([=≠∈∉])(\{[^}]*\}|'[^']*'|\"'\"|\d+)"
        expression = re.sub(token, lambda f: str(_token(f[1], f[2], given, names)), expression)
        expression = re.sub(r"([A-Z]+)≥(\d+)", reached, expression)
        expression = re.sub(r"h'?\[\d+\]", lambda f: str(bool(given[f[0]])), expression)
        expression = expression.replace("¬", " not ").replace("∧", " and ").replace("∨", " or ")
        return bool(eval(expression.replace("true", "True").replace("false", "False")))

    return said(lines[0].split(" ⇔ ", 1)[1])


def smt(script: str, given: Values) -> dict[str, Any]:
    """The values that a script defines, by their symbols. Its assertions must hold."""
    values: dict[str, Any] = {f"|{name}|": bool(value) for name, value in given.items() if name != "tok"}
    values["tok"] = given["tok"]
    for command in _forms(re.sub(r"(?m)^;.*$", "", script)):
        match command:
            case ["declare-const", name, _]:
                assert name in values
            case ["assert", form]:
                assert _valued(form, values) is True
            case ["define-fun", name, [], kind, body]:
                values[name] = _valued(body, values)
                assert isinstance(values[name], bool if kind == "Bool" else int)
            case _:
                assert command == ["set-logic", "QF_LIA"]
    return values


def _valued(form: Any, values: dict[str, Any]) -> Any:
    if isinstance(form, str):
        return int(form) if form.isdecimal() else form == "true" if form in ("true", "false") else values[form]
    operator, *rest = form
    parts = [_valued(part, values) for part in rest]
    match operator:
        case "+":
            assert len(parts) > 1
            return sum(parts)
        case "-":
            assert len(parts) == 1
            return -parts[0]
        case "ite":
            condition, then, otherwise = parts
            assert isinstance(condition, bool)
            return then if condition else otherwise
        case "and" | "or":
            assert len(parts) > 1
            return all(parts) if operator == "and" else any(parts)
        case "=":
            return parts[0] == parts[1]
        case "<=":
            return all(a <= b for a, b in pairwise(parts))
    assert operator == ">="
    return parts[0] >= parts[1]


def _forms(text: str) -> list[Any]:
    """S-expressions as lists."""
    stack: list[list[Any]] = [[]]
    for symbol in re.findall(r"\|[^|]*\||[()]|[^\s()|]+", text):
        if symbol == "(":
            stack.append([])
        elif symbol == ")":
            done = stack.pop()
            stack[-1].append(done)
        else:
            stack[-1].append(symbol)
    assert len(stack) == 1
    return stack[0]


def _weighed(literal: str, given: Values) -> int:
    weight, _, rest = literal.rpartition("·")
    value = given[rest.removeprefix("¬")] ^ rest.startswith("¬")
    return int(weight or 1) * value


def _token(sign: str, tokens: str, given: Values, names: tuple[str, ...] | None) -> bool:
    chosen = eval(tokens if tokens.startswith("{") else f"{{{tokens}}}")
    token = given["tok"] if names is None else names[given["tok"]]
    return (token in chosen) == (sign in "=∈")
