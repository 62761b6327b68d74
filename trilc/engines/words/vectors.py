"""Vector instructions for many sums at once, which plain loops do not become.

A sum is an int8, int16 or int64, whichever the arrays hold. LLVM cuts the vectors to the processor's registers.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from trilc.engines.words.bank import GROUPS
from trilc.engines.words.layout import CHOICES

TILES = (256, 128, 64, 32)
"""Bytes of sums that stay in registers while rows are added to them: eight registers of AVX2 at the most."""

_WORD = ir.IntType(64)


class _Code:
    """The arguments of an intrinsic, arrays as the pointers to their data, and what emits code."""

    def __init__(self, context: Any, builder: Any, signature: Any, args: Any) -> None:
        self.builder, self.none = builder, context.get_dummy_value()
        self.args = [
            context.make_array(kind)(context, builder, value).data if isinstance(kind, types.Array) else value
            for kind, value in zip(signature.args, args, strict=True)
        ]

    def load(self, data: Any, place: Any, lanes: int) -> Any:
        return self.builder.load(self._at(data, place, lanes), align=1)

    def store(self, value: Any, data: Any, place: Any) -> None:
        self.builder.store(value, self._at(data, place, value.type.count), align=1)

    def _at(self, data: Any, place: Any, lanes: int) -> Any:
        kind = ir.VectorType(data.type.pointee, lanes)
        return self.builder.bitcast(self.builder.gep(data, [place]), kind.as_pointer())


@intrinsic
def sum_rows(typingctx, sums, length, table, first, rows, begin, words):
    """The first ``length`` of ``sums`` become the sum of rows of a table that starts at ``first``.

    Which rows say ``GROUPS`` numbers of ``rows`` for each of so many words, from ``begin`` on. The length is a
    multiple of the last of :data:`TILES`.
    """

    def codegen(context, builder, signature, args):
        code = _Code(context, builder, signature, args)
        sums, length, table, first, rows, begin, words = code.args
        rows = builder.gep(rows, [begin])
        place = cgutils.alloca_once_value(builder, _WORD(0))
        for tile in TILES:
            lanes = tile * 8 // sums.type.pointee.width
            kind = ir.VectorType(sums.type.pointee, lanes)
            times = builder.udiv(builder.sub(length, builder.load(place)), _WORD(lanes))
            total = cgutils.alloca_once(builder, kind)
            with cgutils.for_range(builder, times):
                at = builder.load(place)
                base = builder.gep(table, [builder.add(first, at)])
                builder.store(ir.Constant(kind, None), total)
                with cgutils.for_range(builder, words) as loop:
                    for group in range(GROUPS):
                        number = builder.add(builder.mul(loop.index, _WORD(GROUPS)), _WORD(group))
                        row = builder.zext(builder.load(builder.gep(rows, [number])), _WORD)
                        addend = code.load(base, builder.mul(row, length), lanes)
                        builder.store(builder.add(builder.load(total), addend), total)
                code.store(builder.load(total), sums, at)
                builder.store(builder.add(at, _WORD(lanes)), place)
        return code.none

    place = types.int64
    return types.void(sums, place, table, place, rows, place, place), codegen


@intrinsic
def at_least(typingctx, sums, at, thresholds, first):
    """A word whose bit i says whether sum i of 64 is at least threshold i."""

    def codegen(context, builder, signature, args):
        code = _Code(context, builder, signature, args)
        sums, at, thresholds, first = code.args
        is_so = builder.icmp_signed(">=", code.load(sums, at, 64), code.load(thresholds, first, 64))
        return builder.bitcast(is_so, _WORD)

    return types.uint64(sums, types.int64, thresholds, types.int64), codegen


@intrinsic
def largest(typingctx, sums, at):
    """The largest of ``CHOICES`` sums, and the first place where it stands."""

    def codegen(context, builder, signature, args):
        code = _Code(context, builder, signature, args)
        values = code.load(*code.args, CHOICES)
        kind, element = values.type, values.type.element
        name = f"llvm.vector.reduce.smax.v{CHOICES}i{element.width}"
        reduction = cgutils.get_or_insert_function(builder.module, ir.FunctionType(element, [kind]), name)
        best = builder.call(reduction, [values])
        nothing = ir.Constant(kind, ir.Undefined)
        everywhere = ir.Constant(ir.VectorType(ir.IntType(32), CHOICES), [0] * CHOICES)
        spread = builder.shuffle_vector(builder.insert_element(nothing, best, ir.IntType(32)(0)), nothing, everywhere)
        equal = builder.bitcast(builder.icmp_signed("==", values, spread), ir.IntType(CHOICES))
        place = builder.zext(builder.cttz(equal, ir.IntType(1)(1)), _WORD)
        wide = best if element == _WORD else builder.sext(best, _WORD)
        return context.make_tuple(builder, signature.return_type, [wide, place])

    return types.UniTuple(types.int64, 2)(sums, types.int64), codegen
