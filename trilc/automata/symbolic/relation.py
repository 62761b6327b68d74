"""The transition relation of a model or netlist as a conjunction of small diagrams, one for each bit of the state.

A bit's next value is a threshold of few kinds of sums, whose diagram is as wide as there are sums (Hosaka, Takenaga,
Kaneda, Yajima 1997); that of a netlist is made gate by gate. A bit of a higher layer reads the next values of the
layer below as variables, so that nothing is composed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray
from oxidd.bdd import BDDFunction, BDDManager

from trilc.aig import AIG, UNKNOWN
from trilc.aig.supports import register_supports
from trilc.aig.traverse import reachable
from trilc.automata.observe import Observation
from trilc.automata.symbolic.order import arranged
from trilc.model import Model
from trilc.prove.transition import unpacked
from trilc.sat.patterns import reached

Source = Observation | AIG
"""A model and what is observed of it, or a netlist of any origin."""

Integers = NDArray[np.int64]

SAMPLE = 1 << 24
"""Bits of states of random runs, at the most, that are looked at for an order."""

STEPS = 64
"""Of a random run of a model."""


@dataclass(frozen=True)
class Conjunct:
    """One factor of the relation."""

    function: BDDFunction
    read: frozenset[int]
    """The variables of inputs and of present bits that it depends on."""


class Space:
    """The variables of a relation, from the top: inputs, then for each bit, in order, its present and next value."""

    def __init__(self, manager: BDDManager, inputs: int, order: Integers) -> None:
        self.manager, self.inputs, self.bits = manager, inputs, len(order)
        place = np.empty(len(order), np.int64)
        place[order] = np.arange(len(order))
        self.present = (inputs + 2 * place).tolist()
        """(bits,) the variable of each present bit; that of the next is one more."""
        manager.add_vars(inputs + 2 * len(order))

    def now(self, bit: int) -> BDDFunction:
        """The present value of a bit."""
        return self.manager.var(self.present[bit])

    def then(self, bit: int) -> BDDFunction:
        """Its next value."""
        return self.manager.var(self.present[bit] + 1)

    def cube(self, variables: Iterable[int]) -> BDDFunction:
        """The conjunction of variables."""
        return reduce(lambda all_, k: self.manager.var(k) & all_, sorted(variables, reverse=True), self.manager.true())


def bit_names(source: Source) -> tuple[str, ...]:
    """The names of the bits of the state: registers, or those units that what is observed depends on."""
    if isinstance(source, AIG):
        return source.register_names
    return tuple(name for name, kept in zip(source.model.state_names, source.units(), strict=True) if kept)


def reset_bits(source: Source) -> NDArray[np.uint8]:
    """(bits,) 0, 1 or ``UNKNOWN`` of each."""
    return source.reset if isinstance(source, AIG) else source.model.reset_state(1)[0][source.units()]


def space_of(source: Source, manager: BDDManager) -> Space:
    """The variables of a source, in a good order."""
    if isinstance(source, AIG):
        words = min(256, max(1, SAMPLE // 64 // source.num_nodes))
        states = reached(source, words, np.random.default_rng(0))[source.num_inputs :]
        return Space(manager, source.num_inputs, arranged(register_supports(source), unpacked(states, 64 * words).T))
    kept = source.units()
    width = (source.model.vocabulary - 1).bit_length()
    return Space(manager, width, arranged(_reads(source.model)[np.ix_(kept, kept)], _sample(source.model)[:, kept]))


def conjuncts(source: Source, space: Space) -> list[Conjunct]:
    """The factors of the transition relation: of each bit, and what is always true of inputs."""
    return _of_netlist(source, space) if isinstance(source, AIG) else _of_model(source, space)


def start(source: Source, space: Space) -> BDDFunction:
    """The states at reset."""
    states = space.manager.true()
    reset = reset_bits(source)
    for bit in sorted(range(space.bits), key=lambda bit: -space.present[bit]):  # each above those before
        if reset[bit] != UNKNOWN:
            states &= space.now(bit) if reset[bit] else ~space.now(bit)
    return states


# Models ------------------------------------------------------------------------------------------------


def _sample(model: Model) -> NDArray[np.uint8]:
    """(n, units) states of random runs."""
    rng = np.random.default_rng(0)
    streams = min(256, max(1, SAMPLE // STEPS // model.units))
    states = [model.reset_state(streams)]
    for _ in range(STEPS):
        states.append(model.step(states[-1], rng.integers(0, model.vocabulary, streams)))
    return np.concatenate(states[1:])


def _reads(model: Model) -> NDArray[np.bool_]:
    """(units, units) which units each one's next value reads, old ones and new ones of the layer below."""
    ends = np.cumsum([0, *(layer.units for layer in model.layers)])
    reads = np.zeros((model.units, model.units), np.bool_)
    for k, layer in enumerate(model.layers):
        rows = slice(ends[k], ends[k + 1])
        reads[rows, rows] = layer.recurrent != 0
        if k:
            reads[rows, ends[k - 1] : ends[k]] = layer.input != 0
    return reads


def _of_model(observed: Observation, space: Space) -> list[Conjunct]:
    model, kept = observed.model, observed.units()
    parts = np.split(kept, np.cumsum([layer.units for layer in model.layers])[:-1])
    ends = np.cumsum([0, *(int(part.sum()) for part in parts)]).tolist()
    first = model.layers[0].input[parts[0]].astype(np.int64)
    added = first.T if model.embedding is None else model.embedding.astype(np.int64) @ first.T
    found = [Conjunct(_tokens(space, range(model.vocabulary)), frozenset(range(space.inputs)))]
    for k, (layer, part) in enumerate(zip(model.layers, parts, strict=True)):
        own = range(ends[k], ends[k + 1])
        weights = layer.recurrent[np.ix_(part, part)].astype(np.int64)
        variables = [space.present[bit] for bit in own]
        if k:
            weights = np.concatenate([weights, layer.input[np.ix_(part, parts[k - 1])].astype(np.int64)], axis=1)
            variables += [space.present[bit] + 1 for bit in range(ends[k - 1], ends[k])]
        for row, bit, bias in zip(weights, own, layer.bias[part].tolist(), strict=True):
            by_token = added[:, bit] + bias if k == 0 else np.array([bias])
            terms = [(variable, weight) for variable, weight in zip(variables, row.tolist(), strict=True) if weight]
            offsets = np.unique(by_token)
            over = thresholds(space.manager, terms, offsets.tolist(), model.signed)
            function = over[0]
            if len(offsets) > 1:
                function = space.manager.false()
                for offset, each in zip(offsets, over, strict=True):
                    function |= _tokens(space, np.flatnonzero(by_token == offset).tolist()) & each
            read = {variable for variable, _ in terms if (variable - space.inputs) % 2 == 0}
            if len(offsets) > 1:
                read |= set(range(space.inputs))
            found.append(Conjunct(space.then(bit).equiv(function), frozenset(read)))
    return found


def thresholds(
    manager: BDDManager, terms: Sequence[tuple[int, int]], offsets: Sequence[int], signed: bool
) -> list[BDDFunction]:
    """For each offset, whether it and the ``(variable, weight)`` terms, of values ±1 or 0/1, sum up to at least 0.

    A node stands for a variable and the sum above it; sums that the rest can't change any more are constants.
    """
    terms = sorted(terms)
    least, most = [0], [0]
    for _, weight in reversed(terms):
        least.append(least[-1] - abs(weight) if signed else least[-1] + min(weight, 0))
        most.append(most[-1] + abs(weight) if signed else most[-1] + max(weight, 0))
    least.reverse()
    most.reverse()
    open_ = [{total for total in offsets if least[0] < -total <= most[0]}]
    for k, (_, weight) in enumerate(terms):
        following = {total + step for total in open_[-1] for step in (weight, -weight if signed else 0)}
        open_.append({total for total in following if least[k + 1] < -total <= most[k + 1]})
    below: dict[int, BDDFunction] = {}

    def node(total: int, k: int) -> BDDFunction:
        return below[total] if total in below else manager.true() if total + least[k] >= 0 else manager.false()

    for k in range(len(terms) - 1, -1, -1):
        variable, weight = terms[k]
        decide = manager.var(variable)
        below = {
            total: decide.ite(node(total + weight, k + 1), node(total - weight if signed else total, k + 1))
            for total in sorted(open_[k])
        }
    return [node(total, 0) for total in offsets]


def _tokens(space: Space, tokens: Iterable[int]) -> BDDFunction:
    """That the inputs are the code of one of the tokens."""
    layer = dict.fromkeys(tokens, space.manager.true())
    for bit in range(space.inputs):  # the lowest bit is lowest in the order
        halves = sorted({code >> 1 for code in layer})
        false = space.manager.false()
        decide = space.manager.var(space.inputs - 1 - bit)
        layer = {c: decide.ite(layer.get(2 * c + 1, false), layer.get(2 * c, false)) for c in halves}
    return layer.get(0, space.manager.false())


# Netlists ----------------------------------------------------------------------------------------------


def _of_netlist(aig: AIG, space: Space) -> list[Conjunct]:
    roots = np.concatenate([aig.next_state, aig.constraints]) >> 1
    needed = reachable(aig, np.concatenate([aig.next_state, aig.constraints]))
    last = np.zeros(aig.num_nodes, np.int64)
    nodes = aig.first_and + np.flatnonzero(needed[aig.first_and :])
    fanins = aig.fanins[nodes - aig.first_and].astype(np.int64)
    np.maximum.at(last, (fanins >> 1).ravel(), np.repeat(nodes, 2))
    last[roots] = aig.num_nodes
    leaves = [space.manager.var(k) for k in range(space.inputs)] + [space.now(bit) for bit in range(space.bits)]
    values: dict[int, BDDFunction] = dict(enumerate([space.manager.false(), *leaves]))

    def value(literal: int) -> BDDFunction:
        return ~values[literal >> 1] if literal & 1 else values[literal >> 1]

    for node, (a, b) in zip(nodes.tolist(), fanins.tolist(), strict=True):
        values[node] = value(a) & value(b)
        for below in (a >> 1, b >> 1):
            if last[below] == node:  # so that the manager can forget it
                values.pop(below, None)
    found = []
    for bit, literal in enumerate(aig.next_state.tolist()):
        function = value(literal)
        found.append(Conjunct(space.then(bit).equiv(function), support(function)))
    for literal in aig.constraints.tolist():
        function = value(literal)
        found.append(Conjunct(function, support(function)))
    return found


def support(function: BDDFunction) -> frozenset[int]:
    """The variables that a function depends on."""
    met, waiting, variables = {function}, [function], set()
    while waiting:
        one = waiting.pop()
        variable = one.node_var()
        if variable is None:
            continue
        variables.add(variable)
        for below in one.cofactors() or ():
            if below not in met:
                met.add(below)
                waiting.append(below)
    return frozenset(variables)


# The schedule ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Factor:
    """A factor, and the variables that nothing after it reads: they are quantified as it is multiplied in."""

    function: BDDFunction
    quantified: BDDFunction | None


def schedule(space: Space, parts: Sequence[Conjunct], largest: int) -> list[Factor]:
    """The factors in an order that lets variables go early, small ones that follow each other as one.

    The next is that which lets most variables go that nothing else reads, and among those one that brings in fewest
    (Geist, Beer 1994; Ranjan et al. 1995). ``largest`` is the nodes of a factor that is made of several.
    """
    reads = np.zeros((len(parts), space.inputs + 2 * space.bits), np.float32)
    for k, part in enumerate(parts):
        reads[k, sorted(part.read)] = 1
    readers = reads.sum(axis=0)
    quantified = [*range(space.inputs), *space.present]
    first = {variable for variable in quantified if not readers[variable]}
    fresh, left = np.ones(len(readers), np.float32), np.ones(len(parts), np.bool_)
    ordered: list[tuple[BDDFunction, set[int]]] = []
    for _ in parts:
        score = reads @ (readers == 1) - reads @ fresh / max(1, len(readers))
        chosen = int(np.argmax(np.where(left, score, -np.inf)))
        left[chosen], fresh[reads[chosen] > 0] = False, 0
        readers -= reads[chosen]
        ordered.append((parts[chosen].function, {variable for variable in parts[chosen].read if not readers[variable]}))
    merged: list[tuple[BDDFunction, set[int]]] = [(space.manager.true(), first)] if first else []
    for function, gone in ordered:
        if merged:
            both = merged[-1][0] & function
            if both.node_count() <= largest:
                merged[-1] = (both, merged[-1][1] | gone)
                continue
        merged.append((function, gone))
    return [Factor(function, space.cube(gone) if gone else None) for function, gone in merged]
