"""Which adders to build in one column of many counters, so that counters share them.

A column holds, for every counter (row), the literals of one binary weight. A full adder turns three of them
into one sum of the same weight and one carry of the next. Signs are kept apart from variables: an exclusive
or is shared whatever the signs, a carry by all rows with the same signs up to complementing all three.

The choice is greedy, by what it saves, in gates or in tables. A pair of variables that rows have in common can
become one exclusive or; with a third variable, for those rows that share it too, one full adder. Whichever saves
most comes next, and its sum joins the column as a variable of its own. Greedy extraction of common pairs goes back
to Paar (1997) and to fast_extract (Rajski and Vasudevamurthi 1992). What no two rows share is added up row by row,
the shallowest literals first.
"""

from __future__ import annotations

from collections import namedtuple

import numpy as np
from numba import njit

from trilc.aig.popcount import popcount

MOST_PAIRS = 1 << 18
"""Candidate pairs looked at in one round; where there are more, the most shared ones come first."""

FORESIGHT = 3, 2
"""How much more (as a fraction) a shared adder counts than it saves: rows that share its carry go on sharing."""

Costs = namedtuple(
    "Costs",
    [
        "adder",  # a full adder
        "total",  # its sum alone
        "half",  # an exclusive or
        "like",  # a carry over a sum that is there, where the first two literals agree in sign with it
        "unlike",  # the same where they do not
        "chained",  # whether what is not shared becomes chains, not trees
    ],
)
"""What sharing saves, and the shape of the rest."""

GATES = Costs(7, 6, 3, 1, 3, False)
"""For few AND gates and levels."""

LUTS = Costs(5, 4, 0, 4, 4, True)
"""For few lookup tables of six inputs, in quarters: a sum or carry that is shared takes one, and an adder that is not
about 5/4, as tables swallow what nobody else reads; exclusive ors of two lie within others.

A chain of two adders has five inputs, so that both carries need no tables where they meet in the next column: a
table takes the five inputs and one literal more there.
"""

Column = namedtuple(
    "Column",
    [
        "start",  # (rows,) where each row's literals begin in items
        "length",  # (rows,) how many literals it still holds
        "items",  # (literals,) each 2·variable + sign
        "one",  # (rows,) whether the constant 1 is to be added, too
        "depth",  # (variables,) gates below each variable; 0 is the constant false
        "slot",  # (variables,) the variable's line in members, −1 where fewer than two rows hold it
        "variable",  # (slots,) the variable of each line
        "members",  # (slots, words) the set of rows that hold the variable
        "operands",  # (adders, 3) variables; an adder's sum is a variable, too
        "relative",  # (adders,) whether the first two enter the exclusive or with different signs
        "carry_row",  # (carries,) the row in whose next column the carry belongs
        "carry_source",  # (carries,) 4·adder + class, or −1 − variable where a literal is its own carry
        "carry_sign",  # (carries,)
        "used",  # [variables, slots, adders, carries] in use so far
        "costs",  # what is to be small
    ],
)
"""The working state of one column. Arrays have room for the worst case; ``used`` says how much is filled."""

VARIABLES, SLOTS, ADDERS, CARRIES = range(4)


@njit(cache=True, nogil=True)
def plan_column(start, length, items, one, keeps_sum, depth, costs):
    """Reduce every row of a column to at most one literal.

    Row ``r`` holds the literals ``items[start[r] : start[r] + length[r]]`` over different variables, and the
    constant ``one[r]``. All arrays but ``depth`` and ``keeps_sum`` (whether the row needs what is left) are
    overwritten: at the end ``length[r] <= 1`` and ``one[r] == 0`` unless nothing else is left.

    Returns the :class:`Column`. Adder ``j`` makes the variable ``len(depth) + j``.
    """
    column = _column(start, length, items, one, depth, costs)
    fresh = np.int64(0)
    while fresh < column.used[SLOTS]:
        slots = column.used[SLOTS]
        if _share_pairs(column, fresh, slots):
            fresh = slots
    queue = np.zeros(2 * items.shape[0] + 1, np.int64)
    for row in range(start.shape[0]):
        _finish_row(column, row, keeps_sum[row], queue)
    return column


@njit(cache=True, nogil=True)
def _column(start, length, items, one, depth, costs):
    rows, variables = start.shape[0], depth.shape[0]
    limit = items.shape[0] + rows
    holders = np.zeros(variables, np.int32)
    for row in range(rows):
        for k in range(start[row], start[row] + length[row]):
            holders[items[k] >> 1] += 1
    slot = np.full(variables + limit, -1, np.int32)
    variable = np.zeros(variables + limit // 2, np.int32)
    slots = 0
    for v in range(1, variables):
        if holders[v] > 1:
            slot[v] = slots
            variable[slots] = v
            slots += 1
    members = np.zeros((slots + limit // 2, (rows + 63) // 64), np.uint64)
    for row in range(rows):
        for k in range(start[row], start[row] + length[row]):
            if slot[items[k] >> 1] >= 0:
                members[slot[items[k] >> 1], row >> 6] |= np.uint64(1) << np.uint64(row & 63)
    depths = np.zeros(variables + limit, np.int32)
    depths[:variables] = depth
    return Column(
        start, length, items, one, depths, slot, variable, members,
        np.zeros((limit, 3), np.int32), np.zeros(limit, np.uint8),
        np.zeros(limit, np.int32), np.zeros(limit, np.int64), np.zeros(limit, np.uint8),
        np.array([variables, slots, 0, 0]), costs,
    )  # fmt: skip


@njit(cache=True, nogil=True)
def _share_pairs(column, fresh, slots):
    """Use up the pairs of lines below ``slots``, one of them at least ``fresh``, that two rows share.

    Returns whether these were all of them.
    """
    rows = column.start.shape[0]
    tally, touched = np.zeros(column.depth.shape[0], np.int32), np.zeros(column.items.shape[0] + 1, np.int32)
    common = np.zeros(rows, np.int64)

    histogram = np.zeros(rows + 1, np.int64)
    for b in range(fresh, slots):
        seen = _tally_partners(column, b, tally, touched, common)
        for k in range(seen):
            histogram[tally[touched[k]]] += 1
            tally[touched[k]] = 0
    lowest, kept = rows + 1, np.int64(0)
    while lowest > 2 and (kept == 0 or kept + histogram[lowest - 1] <= MOST_PAIRS):
        lowest -= 1
        kept += histogram[lowest]

    # one linked list of pairs for each number of gates that they might save
    top = _foreseen(column.costs.adder * rows)
    first, second = np.zeros(kept, np.int32), np.zeros(kept, np.int32)
    following, head = np.full(kept, -1, np.int32), np.full(top + 1, -1, np.int32)
    for b in range(slots - 1, fresh - 1, -1):
        seen = _tally_partners(column, b, tally, touched, common)
        for k in range(seen - 1, -1, -1):
            a, count = touched[k], tally[touched[k]]
            tally[a] = 0
            if count >= lowest:
                kept -= 1
                first[kept], second[kept] = a, b
                limit = _foreseen(column.costs.adder * (np.int64(count) - 1))
                following[kept] = head[limit]
                head[limit] = kept

    signs = np.zeros(column.depth.shape[0], np.uint8)
    for level in range(top, 0, -1):
        while head[level] >= 0:
            pair = head[level]
            head[level] = following[pair]
            count = _list_common(column, np.int64(first[pair]), np.int64(second[pair]), common)
            if count < 2:
                continue
            a, b = np.int64(column.variable[first[pair]]), np.int64(column.variable[second[pair]])
            gain, c = _best_gain(column, a, b, common[:count], tally, touched, signs)
            if gain < level:
                again = max(gain, 0)
            elif c == 0:
                _complete_pair(column, a, b, common[:count], tally, touched)
                again = np.int64(0)
            else:
                holders = _holders(column, c, common[:count])
                _add(column, a, b, c, _are_unlike(column, a, b, holders), holders)
                again = np.int64(level)
            if again > 0:
                following[pair] = head[again]
                head[again] = pair
    return lowest == 2


@njit(cache=True, nogil=True)
def _foreseen(gates):
    return gates * FORESIGHT[0] // FORESIGHT[1]


@njit(cache=True, nogil=True)
def _best_gain(column, a, b, rows, tally, touched, signs):
    """The gates that a pair in ``rows`` saves, and the third variable of the adder that saves them.

    The third is 0 where more is saved by sharing the exclusive or alone between all the rows.
    """
    seen, unlike = 0, np.int64(0)
    for row in rows:
        sign_a, sign_b = _sign(column, row, a), _sign(column, row, b)
        unlike += sign_a ^ sign_b
        for k in range(column.start[row], column.start[row] + column.length[row]):
            v, sign = column.items[k] >> 1, np.int64(column.items[k] & 1)
            if v not in (a, b):
                if tally[v] == 0:
                    touched[seen] = v
                    signs[v] = 0
                    seen += 1
                tally[v] += 1
                signs[v] |= 1 << (2 * (sign_b ^ sign) + (sign_a ^ sign))
    count = rows.shape[0]
    unlike = min(unlike, count - unlike)
    costs = column.costs
    best, third = costs.half * (count - 1) - (costs.unlike - costs.like) * unlike, np.int64(0)
    for k in range(seen):
        v, sharing = np.int64(touched[k]), np.int64(tally[touched[k]])
        tally[v] = 0
        if sharing > 1:
            like, other = (signs[v] & 1) + (signs[v] >> 3), (signs[v] >> 1 & 1) + (signs[v] >> 2 & 1)
            carries = min(costs.like * like + costs.unlike * other, costs.unlike * like + costs.like * other)
            gain = _foreseen(costs.adder * sharing - costs.total - np.int64(carries))
            if gain > best or (gain == best and third > 0 and column.depth[v] < column.depth[third]):
                best, third = gain, v
    return best, third


@njit(cache=True, nogil=True)
def _are_unlike(column, a, b, rows):
    """Whether most rows hold two variables with different signs."""
    balance = 0
    for row in rows:
        balance += 1 - 2 * (_sign(column, row, a) ^ _sign(column, row, b))
    return balance < 0


@njit(cache=True, nogil=True)
def _holders(column, variable, rows):
    """Bring the rows that hold a variable to the front; returns them. The constant 0 is at every row's hand."""
    holders = 0
    for i in range(rows.shape[0]):
        row = rows[i]
        if variable == 0 or _sign(column, row, variable) >= 0:
            rows[i], rows[holders] = rows[holders], row
            holders += 1
    return rows[:holders]


@njit(cache=True, nogil=True)
def _complete_pair(column, a, b, rows, tally, touched):
    """Share one exclusive or between all ``rows``, the third variable chosen for as many as can be."""
    unlike = _are_unlike(column, a, b, rows)
    while rows.shape[0] > 0:
        c = _third(column, a, b, rows, tally, touched)
        holders = _holders(column, c, rows)
        _add(column, a, b, c, unlike, holders)
        rows = rows[holders.shape[0] :]


@njit(cache=True, nogil=True)
def _third(column, a, b, rows, tally, touched):
    """The variable beside ``a`` and ``b`` that most rows hold; among equals the shallowest, then the least shared.

    0, the constant, where no row holds a third.
    """
    seen = 0
    for row in rows:
        for k in range(column.start[row], column.start[row] + column.length[row]):
            v = column.items[k] >> 1
            if v != a and v != b:
                if tally[v] == 0:
                    touched[seen] = v
                    seen += 1
                tally[v] += 1
    best, choice = np.int64(-1), np.int64(0)
    for k in range(seen):
        v = np.int64(touched[k])
        score = (np.int64(tally[v]) << 40) - (np.int64(column.depth[v]) << 1) - np.int64(column.slot[v] >= 0)
        if score > best or (score == best and v < choice):
            best, choice = score, v
        tally[v] = 0
    return choice


@njit(cache=True, nogil=True)
def _add(column, a, b, c, relative, rows):
    """Append the full adder of three variables and move ``rows`` from them to its sum; ``c`` may be the constant."""
    adder, total = column.used[ADDERS], column.used[VARIABLES]
    column.used[ADDERS] += 1
    column.used[VARIABLES] += 1
    column.operands[adder, 0], column.operands[adder, 1], column.operands[adder, 2] = a, b, c
    column.relative[adder] = relative
    column.depth[total] = 2 + max(column.depth[a], column.depth[b], column.depth[c])
    if rows.shape[0] > 1:
        column.slot[total] = column.used[SLOTS]
        column.variable[column.used[SLOTS]] = total
        column.used[SLOTS] += 1
    for row in rows:
        sign_a, sign_b = _take(column, row, a), _take(column, row, b)
        if c == 0:
            sign_c = np.int64(column.one[row])
            column.one[row] = 0
        else:
            sign_c = _take(column, row, c)
        _carry(column, row, 4 * adder + 2 * (sign_b ^ sign_c) + (sign_a ^ sign_c), sign_c)
        column.items[column.start[row] + column.length[row]] = 2 * total + (sign_a ^ sign_b ^ sign_c)
        column.length[row] += 1
        if rows.shape[0] > 1:
            column.members[column.slot[total], row >> 6] |= np.uint64(1) << np.uint64(row & 63)


@njit(cache=True, nogil=True)
def _finish_row(column, row, keeps_sum, queue):
    """Add up what a row shares with no other, first come, first served from the shallowest."""
    start, length = column.start[row], np.int64(column.length[row])
    alone = np.array([row], np.int64)
    if column.one[row] and length % 2 == 1 and length > 1 and not keeps_sum:
        # x + y + 1 costs three gates, and then the last carry is one gate instead of a majority
        x, y = np.int64(column.items[start] >> 1), np.int64(column.items[start + 1] >> 1)
        _add(column, x, y, np.int64(0), _sign(column, row, x) != _sign(column, row, y), alone)
        length -= 1
    _sort_by_depth(column, column.items[start : start + length], queue)
    if column.costs.chained:
        _chain(column, queue[:length], alone)
    else:
        _stack(column, queue, length, alone)
    if column.one[row] and column.length[row] == 1:
        literal = column.items[start]
        _carry(column, row, np.int64(-1 - (literal >> 1)), np.int64(literal & 1))
        column.items[start] ^= 1
        column.one[row] = 0


@njit(cache=True, nogil=True)
def _stack(column, queue, length, alone):
    """Add up the first ``length`` variables of a queue in a tree: sums go to its end."""
    head, tail = 0, length
    while tail - head > 1:
        c = queue[head + 2] if tail - head > 2 else np.int64(0)
        _add_alone(column, queue[head], queue[head + 1], c, alone)
        queue[tail] = column.used[VARIABLES] - 1
        head, tail = head + (3 if c else 2), tail + 1


@njit(cache=True, nogil=True)
def _chain(column, variables, alone):
    """Add up variables in a chain: each sum goes into the next adder, with two variables more.

    The carries of two adders in a row stand side by side in the next column; what has no partner, here the last
    one, comes first, so that they stay together there.
    """
    count = variables.shape[0]
    if count == 0:
        return
    total = variables[count - 1] if count % 2 else variables[0]
    k = np.int64(0)
    if count % 2 == 0:
        _add_alone(column, total, variables[1], np.int64(0), alone)
        total = np.int64(column.used[VARIABLES] - 1)
        k = np.int64(2)
    while k + 1 < count:
        _add_alone(column, total, variables[k], variables[k + 1], alone)
        total = np.int64(column.used[VARIABLES] - 1)
        k += 2


@njit(cache=True, nogil=True)
def _add_alone(column, a, b, c, alone):
    """The adder of three variables for one row."""
    row = alone[0]
    _add(column, a, b, c, _sign(column, row, a) != _sign(column, row, b), alone)


@njit(cache=True, nogil=True)
def _sort_by_depth(column, items, queue):
    """Write the variables of ``items`` to ``queue``, the shallowest first, equals in order."""
    placed, depth = 0, np.int64(0)
    while placed < items.shape[0]:
        following = np.int64(1) << 62
        for literal in items:
            own = np.int64(column.depth[literal >> 1])
            if own == depth:
                queue[placed] = literal >> 1
                placed += 1
            elif own > depth:
                following = min(following, own)
        depth = following


@njit(cache=True, nogil=True)
def _carry(column, row, source, sign):
    place = column.used[CARRIES]
    column.used[CARRIES] += 1
    column.carry_row[place], column.carry_source[place], column.carry_sign[place] = row, source, sign


@njit(cache=True, nogil=True)
def _sign(column, row, variable):
    """The sign with which a row holds a variable, −1 where it does not."""
    for k in range(column.start[row], column.start[row] + column.length[row]):
        if column.items[k] >> 1 == variable:
            return np.int64(column.items[k] & 1)
    return np.int64(-1)


@njit(cache=True, nogil=True)
def _take(column, row, variable):
    """Remove a variable from a row; returns its sign."""
    sign = _sign(column, row, variable)
    last = column.start[row] + column.length[row] - 1
    for k in range(column.start[row], last + 1):
        if column.items[k] >> 1 == variable:
            column.items[k] = column.items[last]
            break
    column.length[row] -= 1
    slot = column.slot[variable]
    if slot >= 0:
        column.members[slot, row >> 6] &= ~(np.uint64(1) << np.uint64(row & 63))
    return sign


@njit(cache=True, nogil=True)
def _tally_partners(column, line, tally, touched, common):
    """Count, for every lower line, the rows in which its variable stands beside that of ``line``.

    Fills in ``tally``, by line, and lists the lines counted in ``touched``; returns their number.
    """
    seen = 0
    for i in range(_list_common(column, line, line, common)):
        row = common[i]
        for k in range(column.start[row], column.start[row] + column.length[row]):
            partner = column.slot[column.items[k] >> 1]
            if 0 <= partner < line:
                if tally[partner] == 0:
                    touched[seen] = partner
                    seen += 1
                tally[partner] += 1
    return seen


@njit(cache=True, nogil=True)
def _list_common(column, a, b, common):
    """Write the rows that hold both variables to ``common``, ascending; returns their number."""
    count = 0
    for w in range(column.members.shape[1]):
        both = column.members[a, w] & column.members[b, w]
        while both:
            lowest = both & (~both + np.uint64(1))
            common[count] = 64 * w + popcount(lowest - np.uint64(1))
            count += 1
            both ^= lowest
    return count
