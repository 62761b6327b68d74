"""Two machines side by side as one, the product machine: nothing is said of how their registers correspond."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from trilc.aig import AIG, TRUE, UNKNOWN, Literals
from trilc.aig.copying import at
from trilc.prove.miter import Miter
from trilc.prove.stack import (
    Registers,
    Side,
    Stack,
    constraints_of,
    enter,
    outputs_of,
    require_same_interface,
)
from trilc.sat.classes import Classes
from trilc.sat.induction import Effort, correspondences, reduced

FIRST = "first step"

MOST_THOROUGH = 5000
"""Gates above which thorough induction would take too long: each of its questions is about all of them."""


def sequential(a: AIG, b: AIG) -> Miter:
    """Both machines from their resets; registers that start unknown start alike where names agree.

    The constraints are those of ``a``. Raises :class:`trilc.errors.InputError` where inputs or outputs are not the
    same.
    """
    return Product(a, b).miter


def agreeing(miter: Miter, effort: Effort) -> Classes:
    """Nodes of a miter with registers that induction from reset finds equal: enough that no output is true, or all."""
    aig = miter.aig
    for thorough in (False, True)[: 1 + (aig.num_ands <= MOST_THOROUGH)]:
        classes = correspondences(aig, 1, effort, np.zeros(aig.num_registers, np.bool_), thorough)
        if not reduced(aig, classes).outputs.any():
            break
    return classes


class Product:
    """Two machines, from reset or from any state of each.

    The nodes of the product are the constant, the inputs of ``a``, the registers of ``a`` and of ``b``, the gates of
    ``a`` and of ``b``.
    """

    def __init__(self, a: AIG, b: AIG) -> None:
        require_same_interface(a, b)
        self.a, self.b = a, b
        resets = [dict(zip(g.register_names, g.reset.tolist(), strict=True)) for g in (a, b)]
        self._unknown = [[name for name, reset in side.items() if reset == UNKNOWN] for side in resets]
        self._alike = [name for name in self._unknown[0] if name in self._unknown[1]]

    # From reset on -----------------------------------------------------------------------------------

    @cached_property
    def miter(self) -> Miter:
        """See :func:`sequential`."""
        return self._built[0].hashed()[0]

    @cached_property
    def _built(self) -> tuple[Miter, Literals]:
        """The miter with all gates of both, and where in it the nodes of the product are."""
        resets = [
            0 if reset == UNKNOWN and name in self._alike else reset
            for g in (self.a, self.b)
            for name, reset in zip(g.register_names, g.reset.tolist(), strict=True)
        ]
        registers = Registers((FIRST, *self._state_names), (TRUE, *resets))
        stack = Stack([*self.a.input_names, *(f"start {name}" for name in self._alike)], registers)
        inputs, starts, (first,), state = _cut(stack.leaves, self.a.num_inputs, len(self._alike), 1, len(resets))
        start_of = dict(zip(self._alike, starts, strict=True))
        for k, name in enumerate([*self.a.register_names, *self.b.register_names]):
            if name in start_of:
                one, other = stack.conjunctions([(first, start_of[name]), (first ^ 1, state[k])])
                state[k] = stack.conjunctions([(one ^ 1, other ^ 1)])[0] ^ 1
        sides = self._sides(stack, inputs, state)
        pairs = {**outputs_of(*sides), **constraints_of(*sides)}
        miter = stack.different(pairs, sides[0].constraints, next_state=[0, *_following(*sides)])
        return miter, self._nodes(*sides)

    def equalities(self, effort: Effort) -> Literals:
        """(pairs, 2) literals of the product that induction from reset finds equal at every step.

        The first of each pair is no complement, comes later in the product, and stands in no other pair.
        """
        miter, nodes = self._built
        hashed, literal_of = miter.hashed()
        classes = agreeing(hashed, effort)
        where = at(literal_of, nodes)
        # what each node of the product is: the first of its class, or its complement
        known = (2 * classes.leader[where >> 1]).astype(np.int64) + self._phase(classes, where)
        found: Literals = _first_alike(known)
        inputs = slice(1, 1 + self.a.num_inputs)
        found[inputs] = 2 * np.arange(len(found))[inputs]
        later = np.flatnonzero(found >> 1 != np.arange(len(found)))
        return np.column_stack([2 * later, found[later]]).astype(np.uint32)

    @staticmethod
    def _phase(classes: Classes, literals: Literals) -> NDArray[np.int64]:
        node = literals >> 1
        differ = classes.phase[node] ^ classes.phase[classes.leader[node]]
        flip: NDArray[np.int64] = (literals & 1).astype(np.int64) ^ differ
        return flip

    # From any state ----------------------------------------------------------------------------------

    def base(self, equal: Literals) -> Miter:
        """Whether all pairs are equal in the first step, where the constraints hold."""
        # of the same name they start alike where both start unknown, and else only one does
        starts = list(dict.fromkeys(self._unknown[0] + self._unknown[1]))
        stack = Stack([*self.a.input_names, *(f"start {name}" for name in starts)])
        inputs, free = _cut(stack.leaves, self.a.num_inputs, len(starts))
        start_of = dict(zip(starts, free, strict=True))
        state = [
            start_of[name] if reset == UNKNOWN else reset
            for g in (self.a, self.b)
            for name, reset in zip(g.register_names, g.reset.tolist(), strict=True)
        ]
        sides = self._sides(stack, inputs, state)
        return stack.different(_numbered(self._nodes(*sides), equal), sides[0].constraints)

    def induction(self, equal: Literals) -> tuple[Miter, Miter]:
        """Whether all pairs are equal in a step where they were in the one before, and the constraints hold in both.

        The miter has a derivation. It comes again, what is assumed to be equal being merged.
        """
        names = self.a.input_names
        stack = Stack([*(f"{t} {name}" for t in "01" for name in names), *self._state_names])
        inputs, later, state = _cut(stack.leaves, len(names), len(names), len(self._state_names))
        now = self._sides(stack, inputs, state)
        held = stack.equal(list(_numbered(self._nodes(*now), equal).values()))
        then = self._sides(stack, later, _following(*now))
        constraints = [*now[0].constraints, *then[0].constraints, *held]
        miter = stack.different(_numbered(self._nodes(*then), equal), constraints).proving()
        return miter, miter.assuming(at(self._nodes(*now), equal), len(held))

    def outputs(self, equal: Literals) -> tuple[Miter, Miter]:
        """Whether outputs are the same where all pairs are equal and the constraints hold, twice as well."""
        stack, sides = self._anywhere()
        held = stack.equal(list(_numbered(self._nodes(*sides), equal).values()))
        miter = stack.different(outputs_of(*sides), [*sides[0].constraints, *held]).proving()
        return miter, miter.assuming(at(self._nodes(*sides), equal), len(held))

    def constraints(self) -> Miter:
        """Whether the constraints of both are the same in any state of each."""
        stack, sides = self._anywhere()
        return stack.different(constraints_of(*sides))

    def _anywhere(self) -> tuple[Stack, tuple[Side, Side]]:
        stack = Stack([*self.a.input_names, *self._state_names])
        return stack, self._sides(stack, *_cut(stack.leaves, self.a.num_inputs, len(self._state_names)))

    @cached_property
    def _state_names(self) -> list[str]:
        return [f"{side} {name}" for side, g in zip("ab", (self.a, self.b), strict=True) for name in g.register_names]

    def _sides(self, stack: Stack, inputs: Sequence[int], state: Sequence[int]) -> tuple[Side, Side]:
        """Both machines over literals for the inputs and for the registers of both."""
        named = dict(zip(self.a.input_names, inputs, strict=True))
        states = _cut(state, self.a.num_registers, self.b.num_registers)
        a, b = (
            enter(stack, g, named, dict(zip(g.register_names, own, strict=True)))
            for g, own in zip((self.a, self.b), states, strict=True)
        )
        return a, b

    def _nodes(self, a: Side, b: Side) -> Literals:
        """(nodes,) where the nodes of the product are."""
        leaves = [a.nodes[: self.a.first_and], b.nodes[1 + self.b.num_inputs : self.b.first_and]]
        gates = [a.nodes[self.a.first_and :], b.nodes[self.b.first_and :]]
        found: Literals = np.concatenate([*leaves, *gates])
        return found


def _numbered(nodes: Literals, equal: Literals) -> dict[str, tuple[int, int]]:
    pairs = at(nodes, equal).tolist()
    return {f"equality {k}": (x, y) for k, (x, y) in enumerate(pairs)}


def _first_alike(values: NDArray[np.int64]) -> Literals:
    """(nodes,) for each the first of the same value, as a literal: a complement's value has its last bit flipped."""
    _, first, which = np.unique(values >> 1, return_index=True, return_inverse=True)
    leader = first[which]
    found: Literals = (2 * leader + ((values ^ values[leader]) & 1)).astype(np.uint32)
    return found


def _following(a: Side, b: Side) -> list[int]:
    return [*a.next_state.values(), *b.next_state.values()]


def _cut(literals: Sequence[int], *sizes: int) -> list[list[int]]:
    """Parts of so many each."""
    ends = list(accumulate(sizes))
    return [list(literals[end - size : end]) for size, end in zip(sizes, ends, strict=True)]
