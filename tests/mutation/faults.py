"""Single faults in our own source: every place where one can be seeded, and draws of some of them."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("trilc/lower", "passes")
"""Where faults are seeded, in turns."""
KINDS = ("polarity", "off by one", "swap")
"""What kinds of them, in turns."""

GATES = {"and_": 2, "or_": 2, "xor": 2, "mux": 3, "find_or_add": 2}
"""Calls that make gates, and how many of their last arguments are literals."""
_COMMUTE = ("and_", "or_", "xor", "find_or_add", "min", "max", "minimum", "maximum")
_THINGS = {
    "aig", "builder", "column", "costs", "count", "fanins", "first", "graph", "net", "self", "self.builder", "table",
}
"""Arguments that are no literals, nodes or numbers: exchanged for one, they only give an error of types."""
_COMPARISONS = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt}
_EQUALITIES = {ast.Eq: ast.NotEq, ast.NotEq: ast.Eq}
_ONE_WAY = (ast.Sub, ast.LShift, ast.RShift)
_CONSTANTS = {"TRUE": 0, "FALSE": 1}

Place = tuple[int, int, int, int]
"""Line and column (in bytes) of the beginning and of the end; lines count from 1."""


@dataclass(frozen=True)
class Fault:
    """A single place of the source, and what is to stand there instead."""

    path: str
    place: Place
    kind: str
    before: str
    after: str
    statement: int
    """Where the statement around it stands among all statements of the file."""

    def __str__(self) -> str:
        return f"{self.path}:{self.place[0]}  {self.before} → {self.after}"

    def seeded(self, source: str) -> str:
        """The source with the fault, on as many lines as before."""
        first, begin, last, end = self.place
        after = self.after.removesuffix(")") + "\n" * (last - first) + ")"
        lines = source.encode().splitlines(keepends=True)
        head, tail = b"".join(lines[: first - 1]) + lines[first - 1][:begin], lines[last - 1][end:]
        return (head + after.encode() + tail + b"".join(lines[last:])).decode()


def modules(part: str) -> list[str]:
    """The files of a part of the source."""
    return [f"{part}/{path.name}" for path in sorted((ROOT / part).glob("*.py"))]


@cache
def all_faults(path: str) -> tuple[Fault, ...]:
    """Every fault that can be seeded into a file, in the order of the text."""
    source = (ROOT / path).read_text()
    tree = ast.parse(source)
    found = []
    for number, statement in enumerate(statements(tree)):
        for node in own_expressions(statement):
            for kind, new in _changed(node):
                place = (node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0)
                found.append(Fault(path, place, kind, ast.unparse(node), f"({ast.unparse(new)})", number))
    return tuple(found)


def draw(seed: int) -> Iterator[Fault]:
    """All faults of all files in a random order: parts and kinds take turns, places are drawn among all there are."""
    rng = np.random.default_rng(seed)
    heaps = {
        (part, kind): [fault for path in modules(part) for fault in all_faults(path) if fault.kind == kind]
        for part in PARTS
        for kind in KINDS
    }
    orders = {key: rng.permutation(len(heap)).tolist() for key, heap in heaps.items()}
    while any(orders.values()):
        for key, order in orders.items():
            if order:
                yield heaps[key][order.pop()]


def statements(tree: ast.Module) -> list[ast.stmt]:
    """The statements of all functions, in a fixed order."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    inner = {id(node) for function in functions for s in function.body for node in ast.walk(s)}
    return [node for node in ast.walk(tree) if isinstance(node, ast.stmt) and id(node) in inner]


def own_expressions(statement: ast.stmt) -> Iterator[ast.expr]:
    """The expressions of a statement that are evaluated there, not in a statement within it."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom | ast.Raise | ast.Assert):
        return
    for name, value in ast.iter_fields(statement):
        if name != "annotation":
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.expr):
                    yield from _within(child)


def _within(node: ast.expr) -> Iterator[ast.expr]:
    """An expression and its parts; texts are left alone, and what a flipped literal is flipped by."""
    if isinstance(node, ast.JoinedStr | ast.Lambda):
        return
    yield node
    for child in ast.iter_child_nodes(node):
        for part in [child.iter, *child.ifs] if isinstance(child, ast.comprehension) else [child]:
            inner = part.value if isinstance(part, ast.keyword) else part
            if isinstance(inner, ast.expr) and not (_is_flip(node) and inner is node.right):
                yield from _within(inner)


def _is_flip(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.BitXor)
        and isinstance(node.right, ast.Constant)
        and node.right.value == 1
    )


def _changed(node: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """What an expression may be instead, and of which kind this is."""
    yield from (("polarity", new) for new in _flipped(node))
    yield from (("off by one", new) for new in _shifted(node))
    yield from (("swap", new) for new in _swapped(node))


def _flipped(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.BinOp) and _is_flip(node):
        yield node.left
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.Invert):
        yield node.operand
    elif isinstance(node, ast.Name) and node.id in _CONSTANTS:
        yield ast.Constant(_CONSTANTS[node.id])
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node, ast.Compare) and type(node.ops[0]) in _EQUALITIES and len(node.ops) == 1:
        yield ast.Compare(node.left, [_EQUALITIES[type(node.ops[0])]()], node.comparators)
    elif isinstance(node, ast.Call) and (wide := GATES.get(_name(node), 0)) <= len(node.args):
        for k in range(len(node.args) - wide, len(node.args)):
            if not _is_flip(node.args[k]) and not isinstance(node.args[k], ast.Starred):
                new = copy.deepcopy(node)
                new.args[k] = ast.BinOp(new.args[k], ast.BitXor(), ast.Constant(1))
                yield new


def _shifted(node: ast.expr) -> Iterator[ast.expr]:
    """Thresholds, shifts, ranges and sums that are off by one."""
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        if type(node.ops[0]) in _COMPARISONS:
            yield ast.Compare(node.left, [_COMPARISONS[type(node.ops[0])]()], node.comparators)
        for value in _next_to(node.comparators[0]):
            yield ast.Compare(node.left, node.ops, [value])
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub | ast.LShift | ast.RShift):
        for value in _next_to(node.right):
            yield ast.BinOp(node.left, node.op, value)
    elif isinstance(node, ast.Call) and _name(node) == "range":
        for k, bound in enumerate(node.args):
            for value in _next_to(bound) or [ast.BinOp(bound, ast.Add(), ast.Constant(1))]:
                yield ast.Call(node.func, [*node.args[:k], value, *node.args[k + 1 :]], [])


def _next_to(node: ast.expr) -> list[ast.expr]:
    """One more and one less than a number."""
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return [ast.Constant(node.value + 1), *([ast.Constant(node.value - 1)] if node.value else [])]
    return []


def _swapped(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, _ONE_WAY):
        yield ast.BinOp(node.right, node.op, node.left)
    elif isinstance(node, ast.IfExp):
        yield ast.IfExp(node.test, node.orelse, node.body)
    elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Tuple) and len(node.slice.elts) == 2:
        side = node.slice.elts[1]
        if isinstance(side, ast.Constant) and side.value in (0, 1) and type(side.value) is int:
            other = ast.Tuple([node.slice.elts[0], ast.Constant(1 - side.value)])
            yield ast.Subscript(node.value, other)
    elif isinstance(node, ast.Call) and not node.keywords and not any(isinstance(a, ast.Starred) for a in node.args):
        name = _name(node)
        first = len(node.args) - GATES.get(name, len(node.args))
        for k in range(first, 0 if name in _COMMUTE else len(node.args) - 1):
            if _alike(node.args[k], node.args[k + 1]):
                new = copy.deepcopy(node)
                new.args[k], new.args[k + 1] = new.args[k + 1], new.args[k]
                yield new


def _alike(a: ast.expr, b: ast.expr) -> bool:
    """Whether two arguments are different, but of the same kind: literals, nodes or numbers, not the graph itself."""
    names = {ast.unparse(x) for x in (a, b)}
    return type(a) is type(b) and len(names) == 2 and not names & _THINGS


def _name(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
