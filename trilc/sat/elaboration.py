"""A derivation made such that a checker has nothing to look for: LRAT.

Each clause of a derivation follows from some before it by unit propagation; here it is found from which, in which
order (Cruz-Filipe, Heule, Hunt, Kaufmann, Schneider-Kamp 2017). As in DRAT-trim (Wetzler, Heule, Hunt 2014) that is
done from the end backwards, so that what the empty clause does not rest on is left out, and clauses that are in use
already are propagated first. What is true without any assumption becomes a clause of its own as soon as it is, so
that no hint has to say it again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Clauses = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Refutation:
    """Clauses with hints, the last being the empty one."""

    first: int
    """The number of the first of them: one more than the formula has."""
    clauses: Clauses
    """Signed literals, each clause ended by a 0."""
    hints: Clauses
    """For each of them, numbers of clauses from 1, the formula's first, ended by a 0: with all literals of the
    clause false, each in its turn has one literal left, which is true then, but for the last, which has none."""

    def lines(self) -> list[str]:
        """An LRAT file."""
        both = zip(lines(self.clauses), lines(self.hints), strict=True)
        return [f"{number} {clause} {reasons}" for number, (clause, reasons) in enumerate(both, self.first)]


def lines(flat: Clauses) -> list[str]:
    """A clause a line, each with its 0, as DIMACS has it."""
    numbers = list(map(str, flat.tolist()))
    ends = (np.flatnonzero(flat == 0) + 1).tolist()
    return [" ".join(numbers[begin:end]) for begin, end in zip([0, *ends], ends, strict=False)]


class _Work(NamedTuple):
    """The clauses, and what unit propagation needs to know of them."""

    literals: NDArray[np.int32]
    """Those of all clauses, ``2·variable + complement``; a clause's first two are watched."""
    start: NDArray[np.int64]
    """(clauses + 1,) where each begins."""
    head: NDArray[np.int32]
    """(literals, 2) the first clause that watches each, of those out of use and of those in use; or −1."""
    link: NDArray[np.int32]
    """(clauses, 2) the next one that watches the same, for the two watched literals."""
    used: NDArray[np.bool_]
    """(clauses + variables,) what the empty clause rests on; last, that a variable has its value by propagation."""
    value: NDArray[np.int8]
    """(literals,) 1 where it is true, −1 where it is false."""
    reason: NDArray[np.int32]
    """(variables,) the clause that gave each its value, or −1."""
    place: NDArray[np.int32]
    """(variables,) where on the trail each is."""
    trail: NDArray[np.int32]
    """(variables,) literals in the order in which they became true."""


def elaborated(variables: int, formula: Clauses, derivation: Clauses) -> Refutation:
    """What of a derivation refutes a formula, both as :func:`plain` leaves them, with hints.

    Raises ``ValueError`` where the derivation does not lead to the empty clause, or some clause that this rests on
    does not follow from those before it.
    """
    flat = np.concatenate([formula, derivation])
    ends = np.flatnonzero(flat == 0)
    number, given = len(ends), int(np.count_nonzero(formula == 0))
    # no zeros between clauses
    bare = flat[flat != 0]
    work = _Work(
        literals=(2 * np.abs(bare) + (bare < 0)).astype(np.int32),
        start=np.concatenate([[0], ends + 1 - np.arange(1, number + 1)]),
        head=np.full((2 * variables + 2, 2), -1, np.int32),
        link=np.full((number, 2), -1, np.int32),
        used=np.zeros(number + variables + 1, np.bool_),
        value=np.zeros(2 * variables + 2, np.int8),
        reason=np.full(variables + 1, -1, np.int32),
        place=np.zeros(variables + 1, np.int32),
        trail=np.zeros(variables + 1, np.int32),
    )
    known = np.zeros(number + 1, np.int64)
    last, conflict = _forward(work, known)
    if conflict < 0:
        raise ValueError("the derivation ends before the empty clause")
    order, hints, failed = _backward(work, known, given, last, conflict)
    if failed >= 0:
        raise ValueError(f"clause {failed - given + 1} of the derivation does not follow")
    numbers = np.zeros(number + variables + 1, np.int64)
    numbers[:given] = np.arange(1, given + 1)
    numbers[order] = np.arange(given + 1, given + 1 + len(order))
    clauses = _in_order(flat, np.concatenate([[0], ends + 1]), order, work.trail)
    return Refutation(given + 1, clauses, np.where(hints < 0, 0, numbers[hints]).astype(np.int32))


@njit(cache=True)
def plain(flat):
    """Clauses, each ended by a 0, with each literal once, and without those that always hold."""
    result = np.empty_like(flat)
    end = 0
    begin = 0
    holds = False
    for k in range(flat.shape[0]):
        literal = flat[k]
        twice = False
        if literal != 0:
            for j in range(begin, end):
                twice = twice or result[j] == literal
                holds = holds or result[j] == -literal
        if not twice:
            result[end] = literal
            end += 1
        if literal == 0:
            if holds:
                end = begin
            begin = end
            holds = False
    return result[:end].copy()


@njit(cache=True)
def _forward(work, known):
    """Add clauses up to a conflict; returns the last that was added, and what is false then, or −1.

    ``known[c]`` becomes the length of the trail before clause ``c``.
    """
    literals, start, value = work.literals, work.start, work.value
    count = np.int64(0)
    number = start.shape[0] - 1
    for c in range(number):
        known[c] = count
        free = np.int64(0)
        holds = False
        for k in range(start[c], start[c + 1]):
            x = literals[k]
            if value[x] > 0:
                holds = True
                break
            if value[x] == 0:
                literals[k], literals[start[c] + free] = literals[start[c] + free], x
                free += 1
                if free == 2:
                    break
        if holds:
            continue
        if free == 2:
            for side in range(2):
                x = literals[start[c] + side]
                work.link[c, side] = work.head[x, 0]
                work.head[x, 0] = c
            continue
        conflict = np.int64(c)
        if free == 1:
            _assign(work, literals[start[c]], c, count)
            count, conflict = _propagate(work, count, count + 1, number)
        if conflict >= 0:
            known[c + 1] = count
            return np.int64(c), conflict
    return np.int64(number), np.int64(-1)


@njit(cache=True)
def _backward(work, known, given, last, conflict):
    """Find what the conflict rests on, clause by clause from the last added one down.

    Returns the clauses in use but for the formula's in their order, ``clauses + v`` standing for the value of variable
    ``v``; their hints, and those of the empty clause, each list ended by −1; and a clause that does not follow, or
    −1. The trail is left with the value of each variable that the order speaks of, as a signed literal.
    """
    start, used, value, trail = work.start, work.used, work.value, work.trail
    number = start.shape[0] - 1
    count = known[last + 1]
    order = np.empty(count + last + 1, np.int64)
    size = np.int64(0)
    hints = np.empty(1024, np.int64)
    seen = np.zeros(trail.shape[0], np.bool_)
    sign = np.zeros(trail.shape[0], np.int64)
    hints, end = _end(hints, np.int64(0))
    hints, end = _because(work, conflict, count, count, hints, end, seen)
    for c in range(last, -1, -1):
        while count > known[c]:  # what is true from here on
            count -= 1
            v = np.int64(trail[count]) >> 1
            if used[number + v]:
                order[size] = number + v
                size += 1
                sign[v] = trail[count] & 1
                hints, end = _end(hints, end)
                hints, end = _because(work, np.int64(work.reason[v]), count, count, hints, end, seen)
            value[2 * v] = value[2 * v + 1] = 0
        if c < given or not used[c]:
            continue
        order[size] = c
        size += 1
        hints, end = _end(hints, end)
        for k in range(start[c], start[c + 1]):
            x = np.int64(work.literals[k])
            if value[x] == 0:
                _assign(work, x ^ 1, -1, count)
                count += 1
        base = known[c]
        count, conflict = _propagate(work, base, count, c)
        if conflict < 0:
            return order[:0], hints[:0], np.int64(c)
        hints, end = _because(work, conflict, base, count, hints, end, seen)
        for k in range(base, count):
            value[trail[k]] = value[trail[k] ^ 1] = 0
        count = base
    for v in range(trail.shape[0]):  # nothing is on the trail any more
        trail[v] = -v if sign[v] else v
    return order[:size][::-1].copy(), hints[:end][::-1].copy(), np.int64(-1)


@njit(cache=True)
def _end(hints, end):
    """The end of one list, which comes before what is in it."""
    if end == hints.shape[0]:
        hints = np.concatenate((hints, hints))
    hints[end] = -1
    return hints, end + 1


@njit(cache=True)
def _because(work, conflict, base, count, hints, end, seen):
    """Write why the literals of a clause are false, the last reason first, what was known before ``base`` last.

    A variable that has its value from here on stays out of it: its clause is then the reason for that.
    """
    start, literals, trail, reason, used = work.start, work.literals, work.trail, work.reason, work.used
    number = start.shape[0] - 1
    if end + 2 * trail.shape[0] > hints.shape[0]:
        hints = np.concatenate((hints, np.empty(hints.shape[0] + 2 * trail.shape[0], np.int64)))
    clause = conflict
    lasting = np.int64(0)
    last = hints.shape[0] - 1  # what lasts is put there until the rest is written
    own = np.int64(-1)
    place = count
    while True:
        hints[end] = clause
        end += 1
        used[clause] = True
        for k in range(start[clause], start[clause + 1]):
            v = np.int64(literals[k]) >> 1
            if v == own or seen[v] or (work.place[v] >= count and base == count):
                continue
            seen[v] = True
            if work.place[v] < base:
                hints[last - lasting] = v
                lasting += 1
        place -= 1
        while place >= base and not (seen[trail[place] >> 1] and reason[trail[place] >> 1] >= 0):
            seen[trail[place] >> 1] = False
            place -= 1
        if place < base:
            break
        own = np.int64(trail[place]) >> 1
        seen[own] = False
        clause = np.int64(reason[own])
    for k in range(lasting):
        v = hints[last - k]
        seen[v] = False
        clause = np.int64(reason[v])
        if start[clause + 1] - start[clause] > 1:
            clause = number + v
        used[clause] = True
        hints[end] = clause
        end += 1
    return hints, end


@njit(cache=True)
def _propagate(work, done, count, limit):
    """Draw all conclusions from the trail, from ``done`` on, over the clauses before ``limit``.

    Returns its length then, and a clause that is false, or −1. Clauses in use go first.
    """
    literals, start, value, link, head = work.literals, work.start, work.value, work.link, work.head
    rest = done
    while rest < count:
        among = np.int64(done < count)
        if among:
            false = np.int64(work.trail[done]) ^ 1
            done += 1
        else:
            false = np.int64(work.trail[rest]) ^ 1
            rest += 1
        before, before_side = np.int64(-1), np.int64(0)
        clause = np.int64(head[false, among])
        while clause >= 0:
            first = start[clause]
            side = np.int64(literals[first] != false)
            following = np.int64(link[clause, side])
            other = np.int64(literals[first + 1 - side])
            now = np.int64(work.used[clause])
            target = false
            stays = clause < limit
            conflict = False
            if stays and value[other] <= 0:
                for k in range(first + 2, start[clause + 1]):
                    x = np.int64(literals[k])
                    if value[x] >= 0:
                        literals[first + side], literals[k] = x, false
                        target = x
                        break
                if target == false:
                    conflict = value[other] < 0
                    if not conflict:
                        _assign(work, other, clause, count)
                        count += 1
            if stays and target == false and now == among:
                before, before_side = clause, side
            else:
                if before < 0:
                    head[false, among] = following
                else:
                    link[before, before_side] = following
                if stays:
                    link[clause, side] = head[target, now]
                    head[target, now] = clause
            if conflict:
                return count, clause
            clause = following
    return count, np.int64(-1)


@njit(cache=True, inline="always")
def _assign(work, literal, reason, count):
    v = np.int64(literal) >> 1
    work.value[literal], work.value[np.int64(literal) ^ 1] = 1, -1
    work.reason[v] = reason
    work.place[v] = count
    work.trail[count] = literal


@njit(cache=True)
def _in_order(flat, start, order, values):
    """The clauses in use as they were given, values of variables among them, and the empty one, each ended by a 0."""
    number = start.shape[0] - 1
    size = np.int64(1)
    for c in order:
        size += start[c + 1] - start[c] if c < number else 2
    result = np.zeros(size, np.int32)
    end = np.int64(0)
    for c in order:
        if c >= number:
            result[end] = values[c - number]
            end += 2
            continue
        for k in range(start[c], start[c + 1]):
            result[end] = flat[k]
            end += 1
    return result
