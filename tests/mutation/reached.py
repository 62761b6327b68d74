"""Which statements of a file are executed, also in compiled kernels: before each of them a mark is set."""

from __future__ import annotations

import ast

from tests.mutation.faults import statements

MODULE = "trilc/reached.py"
"""The file that :data:`TEXT` is to be written to."""

TEXT = '''
import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

SEEN = np.zeros(10_000, np.uint8)
"""Whether each statement was executed."""
ADDRESS = SEEN.ctypes.data


@intrinsic
def _store(context, number):
    def generate(context, builder, signature, arguments):
        byte, word = ir.IntType(8), ir.IntType(64)
        address = builder.add(arguments[0], ir.Constant(word, ADDRESS))
        builder.store(ir.Constant(byte, 1), builder.inttoptr(address, byte.as_pointer()))
        return context.get_dummy_value()

    return types.none(types.int64), generate


@njit
def mark(number):
    _store(number)
'''


def marked(source: str) -> str:
    """The source with a mark before every statement of its functions."""
    tree = ast.parse(source)
    numbers = {id(statement): number for number, statement in enumerate(statements(tree))}
    for node in list(ast.walk(tree)):
        for name in ("body", "orelse", "finalbody"):
            body = getattr(node, name, None)
            if isinstance(body, list):
                setattr(node, name, [new for s in body for new in (*_mark(numbers.get(id(s))), s)])
    after = next(
        (k + 1 for k, s in enumerate(tree.body) if isinstance(s, ast.ImportFrom) and s.module == "__future__"), 0
    )
    tree.body[after:after] = ast.parse("from trilc.reached import mark as _mark_reached").body
    return ast.unparse(ast.fix_missing_locations(tree))


def _mark(number: int | None) -> list[ast.stmt]:
    return [] if number is None else ast.parse(f"_mark_reached({number})").body
