"""Rows as clauses in DIMACS, with comments that name the variables.

The expression's counts are a totalizer (Bailleux and Boufkhad 2003); every shared part gets a variable that is
equivalent to it (Tseitin 1968). Where tokens matter, just one of the variables ``tok=…`` holds, by a ladder of
variables (Sinz 2005).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from trilc.explain.formula.counting import counted
from trilc.explain.formula.expression import Atom, Read, fold
from trilc.explain.formula.reading import Reading
from trilc.explain.formula.threshold import Bit, Statement


@dataclass
class Clauses:
    """Clauses over the bits, the tokens and the rows."""

    bits: dict[Bit, int] = field(default_factory=dict)
    tokens: dict[int, int] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    """A literal for each row, true just where it holds."""
    clauses: list[list[int]] = field(default_factory=list)
    variables: int = 0

    def new(self) -> int:
        """One more variable."""
        self.variables += 1
        return self.variables


def clauses(rows: Sequence[Statement], reading: Reading) -> Clauses:
    """The clauses of rows, the token being one of those that may be read.

    Raises :class:`InputError` as :func:`trilc.explain.formula.counting.counted` does.
    """
    found = Clauses()
    for bit in sorted({bit for row in rows for bit in row.bits}, key=lambda bit: (bit.after, bit.number)):
        found.bits[bit] = found.new()
    expressions = [counted(row, reading.tokens).expression for row in rows]
    if any(fold(row, lambda leaf: isinstance(leaf, Read), lambda _, parts: any(parts)) for row in expressions):
        found.tokens = {token: found.new() for token in reading.tokens}
        _just_one(found, list(found.tokens.values()))
    for row, expression in zip(rows, expressions, strict=True):
        found.rows[row.name] = fold(
            expression,
            lambda leaf: _leaf(found, leaf),
            lambda join, parts: _defined(found, join.all, parts),
        )
    return found


def dimacs_text(rows: Sequence[Statement], reading: Reading) -> str:
    """The clauses in DIMACS."""
    found = clauses(rows, reading)
    lines = [f"c {variable} = {bit}" for bit, variable in found.bits.items()]
    lines += [f"c {variable} = tok={reading.name(token)}" for token, variable in found.tokens.items()]
    lines += [f"c {literal} = {name}" for name, literal in found.rows.items()]
    lines.append("c h is the state before the token, h' the state after it; add a unit clause for what is to hold")
    lines.append(f"p cnf {found.variables} {len(found.clauses)}")
    lines += [" ".join(map(str, [*clause, 0])) for clause in found.clauses]
    return "\n".join(lines)


def _leaf(found: Clauses, leaf: Atom | Read) -> int:
    if isinstance(leaf, Atom):
        variable = found.bits[leaf.literal.bit]
        return variable if leaf.literal.positive else -variable
    return _defined(found, False, [found.tokens[token] for token in leaf.tokens])


def _defined(found: Clauses, all_: bool, parts: Sequence[int]) -> int:
    """A literal that is equivalent to the conjunction or disjunction of others."""
    if len(parts) == 1:
        return parts[0]
    literal = found.new() if all_ else -found.new()
    others = parts if all_ else [-part for part in parts]
    found.clauses += [[-literal, part] for part in others]
    found.clauses.append([literal, *(-part for part in others)])
    return literal if all_ else -literal


def _just_one(found: Clauses, variables: list[int]) -> None:
    """That one of some variables holds, and no other."""
    found.clauses.append(variables)
    before = variables[0]
    for variable in variables[1:]:
        found.clauses.append([-before, -variable])
        if variable != variables[-1]:
            upto = found.new()  # whether this one, or one before it, holds
            found.clauses += [[-before, upto], [-variable, upto]]
            before = upto


