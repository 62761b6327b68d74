"""The order of a tape's operations, and the slots of its values.

Two wishes pull apart: values should be used soon after they are made, so that few are alive and all stay in
the first caches; and equal gates should stand together, so that the interpreter's branches are foreseen.
Hence depth first from the roots, then windows of that order; in each, whatever is ready runs gate by gate.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from trilc.aig.simulation.mapping import NO_LEAF

WINDOW = 1024
"""Operations. From 512 to 4096 the speed hardly changes; at 256 it has lost a sixth, at 16 far more."""


@njit(cache=True)
def depth_first(first, roots, leaves, partner):
    """The gates that ``roots`` (literals) need, fan-ins first; of two partners one stands for both."""
    done = np.zeros(leaves.shape[0], np.bool_)
    open_ = np.zeros(leaves.shape[0], np.bool_)
    stack = np.empty(3 * leaves.shape[0] + 1, np.int64)
    order = np.empty(leaves.shape[0], np.int64)
    count = 0
    for root in roots:
        stack[0] = (np.int64(root) >> 1) - first
        height = 1 if stack[0] >= 0 else 0
        while height:
            i = stack[height - 1]
            if done[i] or open_[i]:
                height -= 1
                if not done[i]:
                    order[count] = i
                    count += 1
                    done[i] = True
                    if partner[i] >= 0:
                        done[partner[i]] = True
                continue
            open_[i] = True
            for m in range(3):
                leaf = np.int64(leaves[i, m])
                if leaves[i, m] != NO_LEAF and leaf >= first and not open_[leaf - first]:
                    stack[height] = leaf - first
                    height += 1
    return order[:count].copy()


@njit(cache=True)
def group(first, order, leaves, partner, opcode):
    """Rearrange ``order`` in place: list scheduling by windows, always the gate with most operations."""
    place = np.full(leaves.shape[0], -1, np.int64)
    for p in range(order.shape[0]):
        place[order[p]] = p
        if partner[order[p]] >= 0:
            place[partner[order[p]]] = p
    waiting = np.zeros(WINDOW, np.int64)
    users = np.empty(WINDOW, np.int64)  # list of edges out of each operation; edge 3·user + m
    next_user = np.empty(3 * WINDOW, np.int64)
    head, tail = np.empty(128, np.int64), np.empty(128, np.int64)  # queue of operations ready, by opcode
    behind = np.empty(WINDOW, np.int64)
    ready = np.zeros(128, np.int64)
    for low in range(0, order.shape[0], WINDOW):
        old = order[low : low + WINDOW].copy()
        users[:] = -1
        waiting[:] = 0
        for p in range(old.shape[0] - 1, -1, -1):
            for m in range(3):
                leaf = np.int64(leaves[old[p], m])
                if leaves[old[p], m] != NO_LEAF and leaf >= first and place[leaf - first] >= low:
                    maker = place[leaf - first] - low
                    waiting[p] += 1
                    next_user[3 * p + m] = users[maker]
                    users[maker] = 3 * p + m
        for p in range(old.shape[0]):
            if waiting[p] == 0:
                _enqueue(p, opcode[old[p]], head, tail, behind, ready)
        count = low
        while count < low + old.shape[0]:
            gate = 0
            for other in range(ready.shape[0]):
                if ready[other] > ready[gate]:
                    gate = other
            while ready[gate]:
                p = head[gate]
                head[gate] = behind[p]
                ready[gate] -= 1
                order[count] = old[p]
                count += 1
                edge = users[p]
                while edge >= 0:
                    user = edge // 3
                    waiting[user] -= 1
                    if waiting[user] == 0:
                        _enqueue(user, opcode[old[user]], head, tail, behind, ready)
                    edge = next_user[edge]


@njit(cache=True)
def _enqueue(p, gate, head, tail, behind, ready):
    if ready[gate]:
        behind[tail[gate]] = p
    else:
        head[gate] = p
    tail[gate] = p
    ready[gate] += 1


@njit(cache=True)
def allocate(first, order, roots, leaves, partner, is_carry, opcode, operand, arity):
    """Give every value a slot that is free again after its last use, the last freed first.

    ``operand`` (ANDs, 3) says which leaf is each fan-in. Returns the code (fan-in slots, then result slots,
    of each operation), the slot of every node, and the number of slots. Node 0, the inputs and the registers
    start in the slots of their numbers; slot 0 stays the constant.
    """
    slot = np.zeros(first + leaves.shape[0], np.int64)
    for node in range(first):  # by numbers: an assignment of arrays takes seconds to compile
        slot[node] = node
    last = np.full(slot.shape[0], -1, np.int64)
    for p in range(order.shape[0]):
        for m in range(3):
            if leaves[order[p], m] != NO_LEAF:
                last[leaves[order[p], m]] = p
    last[0] = order.shape[0]
    for root in roots:
        last[np.int64(root) >> 1] = order.shape[0]
    code = np.empty(5 * order.shape[0], np.uint32)
    free = np.empty(slot.shape[0], np.int64)
    num_free, slots, at = 0, first, 0
    for p in range(order.shape[0]):
        total, carry = order[p], partner[order[p]]
        if is_carry[total] and carry >= 0:
            total, carry = carry, total
        lead = carry if carry >= 0 else total
        for m in range(arity[opcode[lead]]):
            code[at] = slot[leaves[lead, operand[lead, m]]]
            at += 1
        for m in range(3):
            leaf = leaves[lead, m]
            if leaf != NO_LEAF and last[leaf] == p:
                free[num_free] = slot[leaf]
                num_free += 1
        for node in (total, carry):
            if node < 0:
                continue
            if num_free:
                num_free -= 1
                slot[first + node] = free[num_free]
            else:
                slot[first + node] = slots
                slots += 1
            code[at] = slot[first + node]
            at += 1
    return code[:at].copy(), slot, slots
