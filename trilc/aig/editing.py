"""A graph whose gates are replaced where they stand: for passes that look at the readers of a gate.

The rows of the graph are its gates, then *sinks*, two roots each, then the gates that were added. A sink reads like
a gate and is read by nothing. A gate that nothing refers to is dead and stays so. Every edge, a fan-in of a row, is
in the list of the node that it reads; those of dead gates stay there. Gates that were added may come after their
readers; :func:`finish` puts all in topological order.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from trilc.aig import hashing
from trilc.aig.aig import AIG, Literals
from trilc.aig.network import dereference, enlarged, live_references, reference
from trilc.aig.traverse import reachable, restrict


class Editing(NamedTuple):
    """The arrays of a graph under editing; its nodes are those of the :class:`trilc.aig.AIG`, then more.

    :func:`trilc.aig.network.reference`, ``dereference`` and ``undo_dereference`` work on it.
    """

    fanins: Literals
    """(capacity, 2) uint32: row ``i`` belongs to node ``first + i``."""
    references: NDArray[np.int32]
    """(first + capacity,) how many live gates and roots read each node."""
    reader: NDArray[np.uint32]
    """(first + capacity,) the first edge that reads each node; 0: none. Edges are ``2·(row + 1) + side``."""
    next_reader: NDArray[np.uint32]
    """(2·(capacity + 1),) the edge after each that reads the same node."""
    rows: NDArray[np.int64]
    """(1,) rows in use."""
    first: int
    """Number of the first AND node."""


def edit(aig: AIG, room: int) -> Editing:
    """The graph, with room for ``room`` more gates."""
    sinks = (len(aig.roots) + 1) // 2
    rows = aig.num_ands + sinks
    fanins = np.zeros((rows + room, 2), np.uint32)
    fanins[: aig.num_ands] = aig.fanins
    fanins[aig.num_ands : rows].reshape(-1)[: len(aig.roots)] = aig.roots
    references = enlarged(live_references(aig.fanins, aig.first_and, aig.roots), aig.first_and + rows + room)
    reader = np.zeros(len(references), np.uint32)
    next_reader = np.zeros(2 * (len(fanins) + 1), np.uint32)
    editing = Editing(fanins, references, reader, next_reader, np.array([rows]), aig.first_and)
    _link_all(editing, rows)
    return editing


def grown(editing: Editing) -> Editing:
    """The same graph with twice the capacity."""
    capacity = 2 * len(editing.fanins)
    return editing._replace(
        fanins=enlarged(editing.fanins, capacity),
        references=enlarged(editing.references, editing.first + capacity),
        reader=enlarged(editing.reader, editing.first + capacity),
        next_reader=enlarged(editing.next_reader, 2 * (capacity + 1)),
    )


@njit(cache=True)
def _link_all(editing, rows):
    """List the readers of all nodes, the earliest first."""
    for row in range(rows - 1, -1, -1):
        _link(editing, row)


@njit(cache=True)
def _link(editing, row):
    for side in range(2):
        node = np.int64(editing.fanins[row, side]) >> 1
        edge = 2 * (row + 1) + side
        editing.next_reader[edge] = editing.reader[node]
        editing.reader[node] = edge


@njit(cache=True)
def add_gate(editing, a, b):
    """The literal of a new gate ``a ∧ b``, that nothing refers to yet. There must be room."""
    row = editing.rows[0]
    editing.rows[0] = row + 1
    editing.fanins[row, 0] = a
    editing.fanins[row, 1] = b
    _link(editing, row)
    return 2 * (editing.first + row)


@njit(cache=True)
def replace(editing, node, literal, stack):
    """Let all that reads ``node`` read ``literal`` instead, which must not depend on ``node``.

    The gates that only ``node`` needed die, those that only ``literal`` needs come to life.
    """
    target = np.int64(literal) >> 1
    uses = editing.references[node]
    reference(editing, target, uses, stack)
    dereference(editing, node, uses, stack)
    edge = np.int64(editing.reader[node])
    last = np.int64(0)
    while edge != 0:
        row, side = (edge >> 1) - 1, edge & 1
        editing.fanins[row, side] = literal ^ (np.int64(editing.fanins[row, side]) & 1)
        last = edge
        edge = np.int64(editing.next_reader[edge])
    if last != 0:
        editing.next_reader[last] = editing.reader[target]
        editing.reader[target] = editing.reader[node]
        editing.reader[node] = 0


@njit(cache=True)
def simulate_word(editing, values, w, last, done, stack):
    """Set word ``w`` of the values (nodes, words) of all live gates from that of the nodes below them.

    ``last`` is the last row that may be read; ``done`` (nodes,) is scratch.
    """
    fanins, first = editing.fanins, editing.first
    done[: first + last] = False
    done[:first] = True
    for row in range(last):
        if editing.references[first + row] == 0 or done[first + row]:
            continue
        stack[0] = first + row
        depth = 1
        while depth > 0:
            node = np.int64(stack[depth - 1])
            a, b = np.int64(fanins[node - first, 0]), np.int64(fanins[node - first, 1])
            if not done[a >> 1]:
                stack[depth] = a >> 1
                depth += 1
            elif not done[b >> 1]:
                stack[depth] = b >> 1
                depth += 1
            else:
                left = values[a >> 1, w] ^ (np.uint64(0) - np.uint64(a & 1))
                right = values[b >> 1, w] ^ (np.uint64(0) - np.uint64(b & 1))
                values[node, w] = left & right
                done[node] = True
                depth -= 1


def finish(aig: AIG, editing: Editing) -> AIG:
    """The live gates in the place of those of ``aig``, in topological order, equal ones joined."""
    rows = int(editing.rows[0])
    fanins = np.empty((rows, 2), np.uint32)
    table = np.zeros(1 << max(2 * rows, 16).bit_length(), np.uint32)
    literal_of = np.full(editing.first + rows, -1, np.int64)
    literal_of[: aig.first_and] = np.arange(0, 2 * aig.first_and, 2)
    sinks = (len(aig.roots) + 1) // 2
    roots = editing.fanins[aig.num_ands : aig.num_ands + sinks].reshape(-1)[: len(aig.roots)]
    count = _sorted(editing, roots, literal_of, fanins, table)
    new_roots = (literal_of[roots >> 1] ^ (roots & 1)).astype(np.uint32)
    rebuilt = aig.with_roots(new_roots, fanins=fanins[:count])
    alive = reachable(rebuilt, rebuilt.roots)[aig.first_and :]
    return restrict(rebuilt, alive, np.ones(aig.num_registers, np.bool_))


@njit(cache=True)
def _sorted(editing, roots, literal_of, fanins, table):
    """Enter the cones of the roots into a new graph, depth first; returns the number of its gates."""
    first = editing.first
    stack = np.empty(literal_of.shape[0] + 1, np.uint32)
    count = 0
    for k in range(roots.shape[0]):
        stack[0] = np.int64(roots[k]) >> 1
        depth = 1
        while depth > 0:
            node = np.int64(stack[depth - 1])
            if literal_of[node] >= 0:
                depth -= 1
                continue
            a, b = np.int64(editing.fanins[node - first, 0]), np.int64(editing.fanins[node - first, 1])
            if literal_of[a >> 1] < 0:
                stack[depth] = a >> 1
                depth += 1
            elif literal_of[b >> 1] < 0:
                stack[depth] = b >> 1
                depth += 1
            else:
                a, b = literal_of[a >> 1] ^ (a & 1), literal_of[b >> 1] ^ (b & 1)
                literal_of[node], count = hashing.find_or_add(fanins, first, table, count, a, b)
    return count
