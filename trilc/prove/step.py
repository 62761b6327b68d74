"""One step of two machines whose registers correspond: what is equal in it from any state is equal from reset on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from trilc.aig import AIG, UNKNOWN, Literals
from trilc.errors import InputError
from trilc.prove.miter import Miter
from trilc.prove.stack import Side, Stack, constraints_of, enter, outputs_of, require_same_interface

Relation = Mapping[str, str]
"""What registers are, by name: ``0``, ``1``, a register of the second machine that is not among them, or ``!`` it.

Registers of the same name are equal besides.
"""

Invariants = Sequence[tuple[str, str]]
"""Pairs of registers of the first machine, or ``!`` them, that are never true together from reset on."""


def removed(a: AIG, b: AIG) -> Relation:
    """What the metadata of ``b`` say of registers that only ``a`` has.

    Raises :class:`InputError` where they name what is no register of ``b``.
    """
    own = set(b.register_names)
    said = b.metadata.get("removed", {})
    relation = {name: said[name] for name in a.register_names if name not in own and said.get(name) is not None}
    for source in relation.values():
        if source not in ("0", "1") and source.removeprefix("!") not in own:
            raise InputError(f"the metadata rebuild a register from {source.removeprefix('!')!r}, which is none")
    return relation


def begin_alike(a: AIG, b: AIG, relation: Relation) -> bool:
    """Whether the relation holds at reset."""
    left, right = (dict(zip(g.register_names, g.reset.tolist(), strict=True)) for g in (a, b))
    if any(left[name] != right[name] for name in left.keys() & right.keys()):
        return False
    for name, source in relation.items():
        reset = int(source) if source in ("0", "1") else right[source.removeprefix("!")]
        if reset == UNKNOWN or any(side.get(name, reset) != reset ^ source.startswith("!") for side in (left, right)):
            return False
    return True


def invariants_of(a: AIG, pairs: Literals) -> Invariants:
    """Those of the pairs of register literals that surely are not true together at reset, by the registers' names."""
    register = (pairs >> 1).astype(int) - 1 - a.num_inputs
    false = a.reset[register] == (pairs & 1)
    names = [
        ("!" if x & 1 else "") + a.register_names[k]
        for x, k in zip(pairs[false.any(axis=1)].ravel().tolist(), register[false.any(axis=1)].ravel(), strict=True)
    ]
    found = zip(names[::2], names[1::2], strict=True)
    return [pair for pair in found if not {"0", "1"} & {*pair}]  # registers that are called like constants


class OneStep:
    """Both machines over the same leaves, and what may be asked of their step.

    Leaves are the inputs of ``a``, the registers of ``a`` but for those that the relation speaks of, and the others
    that only ``b`` has, by name: all in any state. A gate for each invariant follows both machines' gates; it is true
    where that does not hold. Raises :class:`InputError` where inputs or outputs are not the same.
    """

    def __init__(self, a: AIG, b: AIG, relation: Relation, never: Invariants = ()) -> None:
        require_same_interface(a, b)
        self._a, self._b, self._relation, self._never = a, b, relation, never

    def constraints(self) -> Miter:
        """Whether the constraints of both are the same."""
        stack, left, right, _ = self._begin()
        return stack.different(constraints_of(left, right))

    def invariants(self) -> Miter:
        """Whether all invariants hold of the next state where they and the constraints hold of the present one."""
        stack, left, _, held = self._begin()
        both = stack.conjunctions(_pairs(self._never, left.next_state))
        return stack.miter({f"invariant {k}": x for k, x in enumerate(both)}, held)

    def outputs_and_states(self) -> Miter:
        """Whether both put out the same and come to states that correspond, where constraints and invariants hold."""
        stack, left, right, held = self._begin()
        states = _states(left, right, self._relation)
        pairs = {**outputs_of(left, right), **states}
        return stack.different(pairs, held, list(states.values()), known=self._a.num_ands)

    def _begin(self) -> tuple[Stack, Side, Side, list[int]]:
        """Both machines, and what holds."""
        a, b = self._a, self._b
        kept = [name for name in a.register_names if name not in self._relation]
        state = [*kept, *sorted(set(b.register_names) - set(a.register_names) - self._relation.keys())]
        stack = Stack([*a.input_names, *(f"state {name}" for name in state)])
        inputs = dict(zip(a.input_names, stack.leaves, strict=False))
        registers = dict(zip(state, stack.leaves[len(inputs) :], strict=True))
        registers |= {name: follow(source, registers) for name, source in self._relation.items()}
        left, right = (enter(stack, machine, inputs, registers) for machine in (a, b))
        broken = stack.conjunctions(_pairs(self._never, registers))
        return stack, left, right, [*left.constraints, *(x ^ 1 for x in broken)]


def _states(a: Side, b: Side, relation: Relation) -> dict[str, tuple[int, int]]:
    """The next states that correspond."""
    following = b.next_state
    found = {
        f"next state of {name}": (x, follow(relation[name], following) if name in relation else following[name])
        for name, x in a.next_state.items()
        if name in following or name in relation
    }
    there = {name: x for name, x in following.items() if name in relation}
    return found | {f"next state of {name} there": (x, follow(relation[name], following)) for name, x in there.items()}


def _pairs(never: Invariants, values: Mapping[str, int]) -> list[tuple[int, int]]:
    return [(follow(one, values), follow(other, values)) for one, other in never]


def follow(source: str, values: Mapping[str, int]) -> int:
    """The literal of a constant, a register or its complement."""
    if source in ("0", "1"):
        return int(source)
    return values[source.removeprefix("!")] ^ source.startswith("!")
