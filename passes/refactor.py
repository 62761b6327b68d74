"""Refactoring: collapse fan-out-free cones to sums of products, and factor these."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import ClassVar, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from passes.factoring import Gates, factor
from trilc.aig import AIG, network
from trilc.aig.cones import Cones, fanout_free_cones, truth_table
from trilc.aig.network import add, copy_gate, dereference, match, operands, redirect, undo_dereference
from trilc.aig.traverse import by_level
from trilc.aig.truth import irredundant_cover
from trilc.errors import InputError

CUBES = 24
"""Cubes that a cone's sum of products may have: beyond, two levels do not describe it well (parities, adders)."""

SMALLEST = 4
"""Gates that a cone must have to be looked at."""


class Form(NamedTuple):
    """Gates over the leaves of a cone: fan-in literals ``2·signal + complement`` (constant, leaves, gates)."""

    pairs: tuple[tuple[int, int], ...]
    root: int


@dataclass(frozen=True)
class Refactor:
    """Rebuild cones of up to ``cut`` leaves from factored sums of products (as in Mishchenko et al. 2006).

    The cones are the fan-out-free parts of the graph. Each function and its complement is brought to an
    irredundant cover, with ``espresso`` minimised by pyeda's, and factored algebraically; the smaller of the two
    takes the cone's place where that saves gates (with ``zero_cost`` also where it is as good), those that exist
    elsewhere counted as free. A function is factored once.
    """

    name: ClassVar[str] = "refactor"
    cut: int = 10
    zero_cost: bool = False
    espresso: bool = False

    def __post_init__(self) -> None:
        if not 2 <= self.cut <= 12:
            raise InputError(f"refactor: cut is {self.cut}, not 2 to 12")

    def apply(self, aig: AIG) -> AIG:
        """See the class. Never more gates."""
        aig = by_level(aig)
        cones = fanout_free_cones(aig, self.cut)
        sizes = np.diff(cones.first_gate)
        forms: dict[int, Form] = {}
        for which in np.flatnonzero(sizes >= SMALLEST).tolist():
            form = _form(truth_table(aig, cones, which).tobytes(), self.espresso)
            if form:
                forms[which] = form
        return _replace(aig, cones, forms, self.zero_cost)


@lru_cache(maxsize=1 << 16)
def _form(table: bytes, espresso: bool) -> Form | None:
    """The smaller factored form of a function and of its complement; ``None`` where both are too large."""
    if espresso:
        from passes.espresso import minimise  # loads pyeda
    values = np.frombuffer(table, np.bool_)
    inputs = len(values).bit_length() - 1
    forms = []
    for complement in (False, True):
        cover = irredundant_cover(values ^ complement, CUBES)
        if cover is not None:
            gates = Gates(inputs)
            root = factor(minimise(cover, inputs) if espresso else cover, gates) ^ complement
            forms.append(Form(tuple(gates.pairs), root))
    return min(forms, key=lambda form: len(form.pairs), default=None)


def _replace(aig: AIG, cones: Cones, forms: dict[int, Form], zero_cost: bool) -> AIG:
    """The graph with the forms of some cones in place of them, where that saves gates."""
    packed = _Packed(
        which=np.array(list(forms), np.int64),
        first_gate=np.array([0, *accumulate(len(form.pairs) for form in forms.values())], np.int64),
        gates=np.array([pair for form in forms.values() for pair in form.pairs], np.uint32).reshape(-1, 2),
        roots=np.array([form.root for form in forms.values()], np.int64),
    )
    form_of = np.full(aig.num_nodes, -1, np.int32)
    form_of[cones.root[packed.which]] = np.arange(len(forms))
    rebuild = network.Rebuild.of(aig, aig.num_ands + len(packed.gates) + 1)
    _replace_cones(rebuild, cones, form_of, packed, zero_cost)
    return network.finish(aig, rebuild)


class _Packed(NamedTuple):
    """The forms of the cones ``which``, end to end."""

    which: NDArray[np.int64]
    first_gate: NDArray[np.int64]
    gates: NDArray[np.uint32]
    roots: NDArray[np.int64]


@njit(cache=True)
def _replace_cones(rebuild, cones, form_of, forms, zero_cost):
    net = rebuild.network
    stack = np.empty(2 * net.references.shape[0] + 2, np.uint32)
    longest = 0
    for f in range(forms.which.shape[0]):
        longest = max(longest, forms.first_gate[f + 1] - forms.first_gate[f])
    literal = np.zeros(1 + 16 + longest, np.int64)
    free = np.zeros(max(longest, 1), np.bool_)
    for row in range(rebuild.fanins.shape[0]):
        node = copy_gate(rebuild, row, stack)
        f = form_of[net.first + row]
        if node < 0 or f < 0:
            continue
        cone = forms.which[f]
        uses = net.references[node]
        first_leaf = cones.first_leaf[cone]
        base = 1 + cones.first_leaf[cone + 1] - first_leaf
        for k in range(1, base):
            literal[k] = rebuild.literal_of[cones.leaf[first_leaf + k - 1]]
            net.references[literal[k] >> 1] += 1
        dead = dereference(net, node, uses, stack)
        start, end = forms.first_gate[f], forms.first_gate[f + 1]
        match(net, forms.gates[start:end], literal, base, free)
        gain = dead
        for k in range(end - start):
            if not free[k]:
                gain -= 1
        undo_dereference(net, node, uses, stack, dead)
        for k in range(1, base):
            net.references[literal[k] >> 1] -= 1
        if gain > 0 or (zero_cost and gain == 0):
            for k in range(end - start):
                a, b = operands(forms.gates[start + k], literal)
                literal[base + k] = add(net, a, b)
            root = forms.roots[f]
            redirect(rebuild, row, literal[root >> 1] ^ (root & 1), stack)
