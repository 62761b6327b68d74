"""Many weighted counts at once: compressor trees that share their adders, column by column."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trilc.aig.aig import FALSE, TRUE, Literals
from trilc.aig.builder import Builder
from trilc.hints import UNBUILT
from trilc.lower import sharing, unary
from trilc.lower.adders import GATES_PER_ADDER, emit_adders
from trilc.lower.trees import any_of

Adders = NDArray[np.int64]
"""(adders, 7): the count's row and column, three literals, their sum or :data:`UNBUILT`, and their carry."""


@dataclass(frozen=True, eq=False)
class Count:
    """``constant + Σ weight · literal``, wanted as its low bits or as whether it reaches a power of two.

    A comparison with ``T`` is the carry out of the top column once the constant is ``2^columns − T``: at the
    top, then, only carries are built.
    """

    literals: Literals
    """(n,)"""
    weights: NDArray[np.int64]
    """(n,) positive."""
    constant: int
    """Not negative."""
    columns: int
    """How many low bits are wanted, or how many there are below the carry."""
    carry: bool
    """Whether only the bit ``constant + Σ … >= 2^columns`` is wanted."""


@dataclass(frozen=True, eq=False)
class _Terms:
    """Literals of one binary weight, each with its count's row."""

    rows: NDArray[np.int64]
    literals: Literals

    def where(self, mask: NDArray[np.bool_]) -> _Terms:
        return _Terms(self.rows[mask], self.literals[mask])


def reduce_counts(
    builder: Builder, counts: list[Count], costs: sharing.Costs = sharing.GATES, log: list[Adders] | None = None
) -> list[Literals]:
    """For every count its bits, lowest first (columns,), or its carry (1,); ``costs`` is what is to be small.

    The adders of each column are appended to ``log``.

    Adders are shared between counts as :mod:`trilc.lower.sharing` finds them. The time is near linear in the
    literals of sparse counts, save for the search: a word operation per pair of variables and 64 counts.
    """
    rows = np.repeat(np.arange(len(counts)), [len(count.literals) for count in counts])
    literals = np.concatenate([np.zeros(0, np.uint32), *(count.literals for count in counts)])
    weights = np.concatenate([np.zeros(0, np.int64), *(count.weights for count in counts)])
    columns = np.array([count.columns for count in counts], np.int64)
    carry = np.array([count.carry for count in counts], np.bool_)
    height = int(columns.max(initial=0))
    raw = np.zeros((len(counts), height), np.int64)
    for column in range(height):
        raw[:, column] = np.bincount(rows, weights >> column & 1, len(counts))
    open_ = np.ones(len(counts), np.bool_)
    bits = np.zeros((len(counts), height), np.uint32)
    beyond = [_Terms(rows[:0], literals[:0])]
    carried = beyond[0]
    for column in range(max(height, int(weights.max(initial=0)).bit_length())):
        has_bit = (weights >> column) & 1 == 1
        terms = _join([carried, _Terms(rows[has_bit], literals[has_bit])])
        beyond.append(terms.where(columns[terms.rows] <= column))
        terms = terms.where((open_ & (columns > column))[terms.rows])
        if costs is sharing.GATES:
            finished = _finish_in_unary(builder, counts, column, terms, raw)
            beyond.append(finished)
            open_[finished.rows] = False
        one = np.array([count.constant >> column & 1 for count in counts], np.int64)
        one *= open_ & (columns > column)
        left, carried, adders = _add_column(builder, terms.where(open_[terms.rows]), one, ~carry, costs)
        if log is not None:
            adders[:, 1] = column
            log.append(adders)
        if column < height:
            bits[:, column] = left
    over = _join([*beyond, carried])
    over = over.where(carry[over.rows])
    reached = any_of(builder, over.rows, over.literals, len(counts))
    return [
        np.array([TRUE if count.constant >> count.columns else reached[row]], np.uint32)
        if count.carry
        else bits[row, : count.columns]
        for row, count in enumerate(counts)
    ]


def _join(parts: list[_Terms]) -> _Terms:
    return _Terms(
        np.concatenate([part.rows for part in parts]), np.concatenate([part.literals for part in parts])
    )


def _finish_in_unary(
    builder: Builder, counts: list[Count], column: int, terms: _Terms, raw: NDArray[np.int64]
) -> _Terms:
    """Finish the comparisons for which it pays, ``terms`` being all that counts in this column.

    ``raw`` (rows, columns) says how many literals each count has in every column from the beginning. Returns
    the rows that are done, with their results.
    """
    pending = np.bincount(terms.rows, minlength=len(counts))
    small = np.flatnonzero((pending > 0) & (pending <= unary.MOST_UNITS))
    done: list[tuple[int, int]] = []
    for row in small.tolist():
        count = counts[row]
        threshold = (1 << (count.columns - column)) - (count.constant >> column)
        if not count.carry or threshold <= 0:
            continue
        above = raw[row, column + 1 : count.columns].tolist()
        if unary.pays((int(pending[row]), *above), threshold):
            heavy = [
                (literal, 1 << (k - column))
                for k in range(column + 1, count.columns)
                for literal in count.literals[count.weights >> k & 1 == 1].tolist()
            ]
            units = terms.literals[terms.rows == row].tolist()
            done.append((row, unary.at_least(builder, units, heavy, threshold)))
    return _Terms(np.array([row for row, _ in done], np.int64), np.array([x for _, x in done], np.uint32))


def _add_column(
    builder: Builder, terms: _Terms, ones: NDArray[np.int64], keeps_sum: NDArray[np.bool_], costs: sharing.Costs
) -> tuple[Literals, _Terms, Adders]:
    """Add up one column of every row: the literal left in each (rows,), the carries into the next, and the adders."""
    terms, ones, doubled = _distinct(terms, ones)
    rows = len(ones)
    nodes, variable = np.unique(terms.literals >> 1, return_inverse=True)
    literal = np.concatenate([[FALSE], 2 * nodes]).astype(np.uint32)
    depth = np.concatenate([[0], builder.levels()[nodes]]).astype(np.int32)
    length = np.bincount(terms.rows, minlength=rows).astype(np.int32)
    start = np.concatenate([[0], np.cumsum(length)[:-1]]).astype(np.int64)[:rows]
    items = (2 * (variable + 1) + (terms.literals & 1)).astype(np.int32)
    one = (ones & 1).astype(np.uint8)

    plan = sharing.plan_column(start, length, items, one, keeps_sum, depth, costs)

    adders, carries = plan.used[sharing.ADDERS], plan.used[sharing.CARRIES]
    operands = plan.operands[:adders]
    row, source, sign = (a[:carries] for a in (plan.carry_row, plan.carry_source, plan.carry_sign))
    built = source >= 0
    wants_carry = np.zeros(4 * adders, np.bool_)
    wants_carry[source[built]] = True
    kept = (length == 1) & keeps_sum
    final = np.zeros(rows, np.int64)
    final[length == 1] = items[start[length == 1]]
    wants_sum = np.zeros(len(literal) + adders, np.bool_)
    wants_sum[operands.ravel()] = True
    wants_sum[final[kept] >> 1] = True
    wants_sum[-1 - source[~built]] = True
    literal = np.concatenate([literal, np.zeros(adders, np.uint32)])
    carry = np.zeros((adders, 4), np.uint32)
    builder.emit(
        emit_adders, GATES_PER_ADDER * adders,
        operands, plan.relative[:adders], wants_sum[len(depth) :],
        wants_carry.reshape(adders, 4), len(depth), literal, carry,
    )  # fmt: skip
    carry_literal = np.empty(carries, np.uint32)
    carry_literal[built] = carry.ravel()[source[built]]
    carry_literal[~built] = literal[-1 - source[~built]]
    carried = _Terms(row.astype(np.int64), carry_literal ^ sign)
    left = np.where(length == 1, literal[final >> 1] ^ (final & 1), one)
    left = np.where(kept | (length == 0), left, FALSE).astype(np.uint32)
    adders = _adders(plan, literal, wants_sum, carried, len(depth))
    return left, _join([doubled, carried]), adders


def _adders(
    plan: sharing.Column, literal: Literals, wants_sum: NDArray[np.bool_], carried: _Terms, variables: int
) -> Adders:
    """What each row added, by its carries: see :data:`Adders`."""
    source, sign = (a[: len(carried.rows)].astype(np.int64) for a in (plan.carry_source, plan.carry_sign))
    built = source >= 0
    adder, kind = np.maximum(source, 0) >> 2, np.maximum(source, 0) & 3
    # a literal and the constant 1 are twice the literal and its complement
    operands = np.where(built[:, None], plan.operands[adder], np.stack([-1 - source, 0 * source, 0 * source], 1))
    signs = np.stack([sign ^ (kind & 1), sign ^ (kind >> 1), sign], 1)
    signs[~built, 1:] = [1, 0]
    total = np.where(built, variables + adder, -1 - source)
    sums = literal[total].astype(np.int64) ^ np.where(built, signs.sum(1) & 1, 1 ^ sign)
    sums[built & ~wants_sum[total]] = UNBUILT
    values = literal[operands].astype(np.int64) ^ signs
    return np.column_stack([carried.rows, 0 * source, values, sums, carried.literals])


def _distinct(terms: _Terms, ones: NDArray[np.int64]) -> tuple[_Terms, NDArray[np.int64], _Terms]:
    """At most one literal of each variable in a row: ``x + x`` is carried, ``x + ¬x`` is a one, and so are two ones.

    Returns the terms in row order, at most one 1 per row, and the carries.
    """
    constant = terms.literals <= TRUE
    ones = ones + np.bincount(terms.rows[terms.literals == TRUE], minlength=len(ones))
    terms = terms.where(~constant)
    keys = (terms.rows.astype(np.uint64) << np.uint64(32)) | (terms.literals >> 1)
    keys, where = np.unique(keys, return_inverse=True)
    rows, nodes = (keys >> np.uint64(32)).astype(np.int64), keys.astype(np.uint32)
    negative = np.bincount(where, terms.literals & 1, minlength=len(keys)).astype(np.int64)
    positive = np.bincount(where, minlength=len(keys)) - negative
    ones += np.bincount(rows, np.minimum(positive, negative), minlength=len(ones)).astype(np.int64)
    surplus = np.abs(positive - negative)
    literals = (2 * nodes + (negative > positive)).astype(np.uint32)
    odd = surplus % 2 == 1
    doubled = _Terms(np.repeat(rows, surplus // 2), np.repeat(literals, surplus // 2))
    twos = _Terms(
        np.repeat(np.arange(len(ones)), ones // 2), np.full(int((ones // 2).sum()), TRUE, np.uint32)
    )
    return _Terms(rows[odd], literals[odd]), ones % 2, _join([doubled, twos])
