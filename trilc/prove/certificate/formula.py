"""One step of two machines as one graph in which every gate of both has its place, and the formula that says it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from trilc.aig import AIG, UNKNOWN, Literals
from trilc.aig.traverse import reachable
from trilc.prove.equivalence import EFFORT
from trilc.prove.miter import Miter, sequential
from trilc.sat.derivation import Clauses, Meaning, signed
from trilc.sat.elaboration import plain
from trilc.sat.induction import correspondences

Relation = Mapping[str, str]
"""What registers are, by name: ``0``, ``1``, a register of the second machine that is not among them, or ``!`` it.

Registers of the same name are equal besides.
"""


def removed(a: AIG, b: AIG) -> Relation:
    """What the metadata of ``b`` say of registers that only ``a`` has."""
    own = set(b.register_names)
    said = b.metadata.get("removed", {})
    return {name: said[name] for name in a.register_names if name not in own and said.get(name) is not None}


def corresponding(a: AIG, b: AIG) -> Relation:
    """What induction from reset finds registers to be, those of either machine: see :data:`Relation`."""
    miter = sequential(a, b).aig
    classes = correspondences(miter, 1, EFFORT, np.zeros(miter.num_registers, np.bool_))
    node = {name: 1 + miter.num_inputs + k for k, name in enumerate(miter.register_names)}
    standing = {0: "0"}
    for name in b.register_names:
        standing.setdefault(int(classes.leader[node[f"b {name}"]]), name)
    found = {}
    for side, machine in (("b", b), ("a", a)):
        for name in machine.register_names:
            mine = node[f"{side} {name}"]
            source = standing.get(int(classes.leader[mine]))
            if source is None or name == source:
                continue
            theirs = 0 if source == "0" else node[f"b {source}"]
            differ = bool(classes.phase[mine] ^ classes.phase[theirs])
            found[name] = str(int(differ)) if source == "0" else "!" * differ + source
    return found


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


Invariants = Sequence[tuple[str, str]]
"""Pairs of registers of the first machine, or ``!`` them, that are never true together from reset on."""


def invariants_of(a: AIG, pairs: Literals) -> Invariants:
    """Those of the pairs of register literals that surely are not true together at reset, by the registers' names."""
    register = (pairs >> 1).astype(np.int64) - 1 - a.num_inputs
    false = a.reset[register] == (pairs & 1)
    names = [
        ("!" if x & 1 else "") + a.register_names[k]
        for x, k in zip(pairs[false.any(axis=1)].ravel().tolist(), register[false.any(axis=1)].ravel(), strict=True)
    ]
    return list(zip(names[::2], names[1::2], strict=True))


def constraints(a: AIG, b: AIG, relation: Relation, never: Invariants = ()) -> Miter:
    """Whether the constraints of both are the same in one step from any state that corresponds."""
    graph = _Stacked(a, b, relation, never)
    pairs = zip(graph.left(a.constraints), graph.right(b.constraints), strict=True)
    return graph.miter({f"constraint {k}": pair for k, pair in enumerate(pairs)})


def invariants(a: AIG, b: AIG, relation: Relation, never: Invariants) -> Miter:
    """Whether all invariants hold of the next state of ``a`` where they and the constraints hold of the present one."""
    graph = _Stacked(a, b, relation, never)
    following = dict(zip(a.register_names, graph.left(a.next_state), strict=True))
    both = [tuple(_follow(source, following) for source in pair) for pair in never]
    return graph.conjunctions(both, [*graph.left(a.constraints), *graph.held])


def step(a: AIG, b: AIG, relation: Relation, never: Invariants = ()) -> Miter:
    """Whether both put out the same and come to states that correspond, in one step.

    That is asked where the constraints and all invariants hold.
    """
    graph = _Stacked(a, b, relation, never)
    theirs = dict(zip(b.output_names, graph.right(b.outputs), strict=True))
    outputs = {
        f"output {name}": (x, theirs[name]) for name, x in zip(a.output_names, graph.left(a.outputs), strict=True)
    }
    following = dict(zip(b.register_names, graph.right(b.next_state), strict=True))
    states = {
        f"next state of {name}": (x, _follow(relation.get(name, name), following))
        for name, x in zip(a.register_names, graph.left(a.next_state), strict=True)
        if name in following or name in relation
    }
    states |= {
        f"next state of {name} there": (x, _follow(relation[name], following))
        for name, x in following.items()
        if name in relation
    }
    return graph.miter({**outputs, **states}, list(states.values()), [*graph.left(a.constraints), *graph.held])


class _Stacked:
    """The gates of both machines one after the other over the same leaves, nothing being merged.

    Leaves are the inputs of ``a``, the registers of ``a`` but for those that the relation speaks of, and the others
    that only ``b`` has, by name. A gate for each invariant follows, which is true where that does not hold.
    """

    def __init__(self, a: AIG, b: AIG, relation: Relation, never: Invariants) -> None:
        kept = [name for name in a.register_names if name not in relation]
        state = [*kept, *sorted(set(b.register_names) - set(a.register_names) - relation.keys())]
        self.names = (*a.input_names, *(f"state {name}" for name in state))
        inputs = {name: 2 + 2 * k for k, name in enumerate(a.input_names)}
        registers = {name: 2 + 2 * (len(inputs) + k) for k, name in enumerate(state)}
        registers |= {name: _follow(source, registers) for name, source in relation.items()}
        self.first = 1 + len(self.names)
        self.known = a.num_ands
        sides, start = [], self.first
        for machine in (a, b):
            leaves = [0, *(inputs[n] for n in machine.input_names), *(registers[n] for n in machine.register_names)]
            own = 2 * np.arange(start, start + machine.num_ands)
            sides.append(np.concatenate([np.array(leaves), own]).astype(np.uint32))
            start += machine.num_ands
        self._left, self._right = sides
        broken = [tuple(_follow(source, registers) for source in pair) for pair in never]
        self.held = [2 * (start + k) + 1 for k in range(len(broken))]
        gates = [_at(side, g.fanins) for side, g in zip(sides, (a, b), strict=True)]
        self._gates = np.concatenate([*gates, _rows(broken)])

    def left(self, literals: Literals) -> list[int]:
        """Literals of ``a`` here."""
        return list(map(int, _at(self._left, literals)))

    def right(self, literals: Literals) -> list[int]:
        """Literals of ``b`` here."""
        return list(map(int, _at(self._right, literals)))

    def miter(
        self,
        pairs: dict[str, tuple[int, int]],
        new_state: Sequence[tuple[int, int]] = (),
        constraints: Sequence[int] = (),
    ) -> Miter:
        """Each pair is compared by three gates: ``x ∧ ¬y``, ``¬x ∧ y``, and that it is neither."""
        gates: list[tuple[int, int]] = []
        outputs = []
        for x, y in pairs.values():
            one = 2 * (self.first + len(self._gates) + len(gates))
            gates += [(x, y ^ 1), (x ^ 1, y), (one ^ 1, one + 3)]
            outputs.append(one + 5)
        further = [literal for both in new_state for literal in both]
        return self._built(gates, outputs, tuple(pairs), further, constraints)

    def conjunctions(self, pairs: Sequence[tuple[int, ...]], constraints: Sequence[int]) -> Miter:
        """An output for each pair, which is true where both are."""
        outputs = [2 * (self.first + len(self._gates) + k) for k in range(len(pairs))]
        return self._built(pairs, outputs, tuple(f"invariant {k}" for k in range(len(pairs))), [], constraints)

    def _built(
        self,
        gates: Sequence[tuple[int, ...]],
        outputs: Sequence[int],
        names: tuple[str, ...],
        further: Sequence[int],
        constraints: Sequence[int],
    ) -> Miter:
        aig = AIG(
            fanins=np.sort(np.concatenate([self._gates, _rows(gates)]), axis=1),
            input_names=self.names,
            outputs=np.array([*outputs, *further], np.uint32),
            output_names=(*names, *(f"new {k}" for k in range(len(further)))),
            constraints=np.array(constraints, np.uint32),
        )
        return Miter(aig, names, self.known, Meaning.of_formula(aig))


def clauses(miter: Miter) -> Clauses:
    """That some output of a miter is true where its constraints hold: node ``n`` is the variable ``n + 1``."""
    aig = miter.aig
    differ = aig.outputs[: len(miter.outputs)]
    needed = reachable(aig, np.concatenate([differ, aig.constraints]))[aig.first_and :]
    variable = np.arange(1, aig.num_nodes + 1, dtype=np.int32)
    gate, (x, y) = variable[aig.first_and :][needed], signed(variable, aig.fanins[needed]).T
    none = np.zeros_like(gate)
    gates = np.column_stack([-gate, x, none, -gate, y, none, gate, -x, -y, none])
    held = signed(variable, aig.constraints)
    units = np.column_stack([held, np.zeros_like(held)])
    parts = [np.array([-1, 0], np.int32), gates.ravel(), units.ravel(), signed(variable, differ), np.zeros(1, np.int32)]
    found: Clauses = plain(np.concatenate(parts))
    return found


def _rows(pairs: Sequence[tuple[int, ...]]) -> Literals:
    return np.array(pairs, np.uint32).reshape(-1, 2)


def _at(side: NDArray[np.uint32], literals: Literals) -> Literals:
    found: Literals = side[literals >> 1] ^ (literals & 1)
    return found


def _follow(source: str, values: dict[str, int]) -> int:
    if source in ("0", "1"):
        return int(source)
    return values[source.removeprefix("!")] ^ source.startswith("!")
