"""Two sources made comparable: netlists with the same inputs and outputs, in the same environment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from trilc.aig import AIG, Builder, Literals
from trilc.aig.copying import at, copy
from trilc.aig.traverse import reachable
from trilc.errors import InputError
from trilc.hints import Hints
from trilc.ir import simplify
from trilc.lower.gates import to_gates
from trilc.lower.words import to_words
from trilc.metadata import require
from trilc.model import Model
from trilc.outputs import putting_out
from trilc.prove.specification import specification

Source = Model | AIG

RESERVED = ("start ", "state ")
"""How inputs of a miter begin that stand for registers."""

HELD = "the constraints"
"""The output that says whether they hold (and the register that they did not)."""


@dataclass(frozen=True, eq=False)
class Pair:
    """Two machines that read the same inputs and put out the same outputs."""

    a: AIG
    b: AIG
    sources: tuple[Source, Source]
    """What they stand for."""
    outputs: str | None
    """``argmax``, ``scores`` or ``state``; None where neither source says."""
    vocabulary: int | None
    """Token codes from here on never occur; None where every code does, or inputs are no tokens."""
    path: tuple[AIG, ...]
    """From the one to the other, by way of what checkpoints are lowered to: neighbours are more alike than the ends."""

    @cached_property
    def tokens(self) -> tuple[str, ...] | None:
        """The names of the tokens, if a source has them."""
        for source in self.sources:
            names = source.tokens if isinstance(source, Model) else _believed(source).get("tokens")
            if names is not None:
                return tuple(names)
        return None

    @cached_property
    def output_names(self) -> tuple[str, ...]:
        """Outputs that are the sources' own, in the order of the first."""
        return tuple(name for name in self.a.output_names if name != HELD)

    @cached_property
    def token_bits(self) -> int | None:
        """Bits of a token's code; None where the inputs are none."""
        return _token_bits(self.a)


def pair(a: Source, b: Source, outputs: str | None = None, tokens: int | None = None) -> Pair:
    """Make two sources comparable.

    A checkpoint is compared by its specification: what a netlist puts out says of which outputs, unless
    ``outputs`` does (``argmax``, ``scores`` or ``state``). Token codes that a source's vocabulary or constraints
    exclude never occur, nor do those from ``tokens`` on. Inputs that only one has do not count if nothing reads them,
    such as a clock that another tool kept as one.

    Raises :class:`InputError` where the interfaces are not the same.
    """
    chosen = outputs or _common_outputs(a, b)
    path = [*_stages(a, chosen), *reversed(_stages(b, chosen))]
    path = [_without_idle_inputs(aig, {*path[0].input_names} & {*path[-1].input_names}) for aig in path]
    _require_same_names(path[0], path[-1])
    vocabulary = _vocabulary((a, b), path[0], tokens)
    path = _in_one_environment(path, vocabulary)
    return Pair(path[0], path[-1], (a, b), chosen, vocabulary, tuple(path))


def _common_outputs(a: Source, b: Source) -> str | None:
    """What both put out: netlists can't choose, checkpoints can."""
    kinds = [source.output if isinstance(source, Model) else _output_kind(source) for source in (a, b)]
    fixed = [kind for kind, source in zip(kinds, (a, b), strict=True) if not isinstance(source, Model)]
    if fixed:
        return fixed[0] or fixed[-1]
    if kinds[0] != kinds[1]:
        raise InputError(f"the checkpoints put out {kinds[0]} and {kinds[1]}: choose with --outputs")
    return kinds[0]


def _believed(aig: AIG) -> Mapping[str, Any]:
    """The metadata, where they are of the form that trilc writes."""
    try:
        require(aig.metadata)
    except InputError:
        return {}
    return aig.metadata


def _output_kind(aig: AIG) -> str | None:
    """By the metadata, or else by the names that the format page gives to outputs."""
    if about := _believed(aig):
        return str(about["output"])
    beginnings = {name.split("[")[0].rstrip("0123456789") for name in aig.output_names}
    kinds = {"out": "argmax", "score": "scores", "state_l": "state"}
    return kinds.get(next(iter(beginnings))) if len(beginnings) == 1 else None


def _stages(source: Source, outputs: str | None) -> list[AIG]:
    """A source as a netlist, and what follows on the way to one that was compiled from it."""
    return _specified(source, outputs or source.output) if isinstance(source, Model) else [_netlist(source, outputs)]


def _netlist(aig: AIG, outputs: str | None) -> AIG:
    """A netlist without what only its own passes need to know."""
    about = _believed(aig)
    if about and outputs is not None:
        aig = putting_out(aig, outputs)
        if (about["output"], outputs) == ("scores", "argmax"):
            raise InputError("the netlist puts out scores, not argmax; compare these with --outputs scores")
    own = set(aig.register_names)
    rebuilt = {name: said for name, said in about.get("removed", {}).items() if name not in own}
    known = own | {"0", "1"}
    removed = {name: said for name, said in rebuilt.items() if said is None or said.removeprefix("!") in known}
    return replace(aig, metadata={"removed": removed}, keep_registers=False)


@lru_cache(maxsize=2)
def _specified(model: Model, outputs: str) -> list[AIG]:
    """The specification, made like what the lowering makes, and that: the constraints of both are made anew."""
    gates, hints = lowered(model, outputs)
    none = np.zeros(0, np.uint32)
    return [replace(aig, constraints=none, metadata={}) for aig in (specification(model, outputs, hints), gates)]


@lru_cache(maxsize=2)
def lowered(model: Model, outputs: str) -> tuple[AIG, Hints]:
    """What a checkpoint is lowered to on the way to its netlists, and what that tells of itself."""
    hints = Hints()
    return to_gates(simplify(to_words(model, outputs)), hints=hints), hints


def _without_idle_inputs(aig: AIG, common: Set[str]) -> AIG:
    """The machine without those inputs, of those that not both have, that nothing in it reads; tokens' bits stay."""
    read = reachable(aig, aig.roots)[1 : 1 + aig.num_inputs].tolist()
    idle = {
        name
        for name, used in zip(aig.input_names, read, strict=True)
        if not (used or name in common or name.startswith("tok["))
    }
    if not idle:
        return aig
    builder = Builder(aig.num_ands)
    inputs = [0 if name in idle else builder.input(name) for name in aig.input_names]
    resets = zip(aig.register_names, aig.reset.tolist(), strict=True)
    registers = [builder.register(name, reset) for name, reset in resets]
    nodes = copy(builder, aig, np.array([0, *inputs, *registers], np.uint32))
    for register, literal in zip(registers, at(nodes, aig.next_state).tolist(), strict=True):
        builder.set_next(register, literal)
    for name, literal in zip(aig.output_names, at(nodes, aig.outputs).tolist(), strict=True):
        builder.output(name, literal)
    for literal in at(nodes, aig.constraints).tolist():
        builder.constrain(literal)
    return builder.build(aig.metadata)


def _require_same_names(a: AIG, b: AIG) -> None:
    for kind in ("input", "output"):
        left, right = (set(getattr(aig, f"{kind}_names")) for aig in (a, b))
        for here, there, only in ((left, right, "first"), (right, left, "second")):
            if here - there:
                names = sorted(here - there, key=lambda name: (len(name), name))
                raise InputError(
                    f"only the {only} has the {kind} {names[0]!r}; expected the same {kind}s "
                    f"({len(left)} here, {len(right)} there)"
                )


    for aig in (a, b):
        for name in (*aig.input_names, *aig.register_names, *aig.output_names):
            if name == HELD or name.startswith(RESERVED):
                raise InputError(f"the name {name!r} is one that proofs use for themselves; rename it")


def _token_bits(aig: AIG) -> int | None:
    names = {f"tok[{bit}]" for bit in range(aig.num_inputs)}
    return aig.num_inputs if names == set(aig.input_names) and 0 < aig.num_inputs < 63 else None


def _vocabulary(sources: Sequence[Source], aig: AIG, tokens: int | None) -> int | None:
    """How many codes occur."""
    bits = _token_bits(aig)
    said = [s.vocabulary if isinstance(s, Model) else _believed(s).get("vocabulary") for s in sources]
    known = [number for number in said if number is not None]
    if tokens is not None:
        if bits is None:
            raise InputError("--tokens: the inputs are no token's bits (tok[0], tok[1] …)")
        most = min([1 << bits, *known])
        if not 1 <= tokens <= most:
            raise InputError(f"--tokens {tokens}: expected 1 to {most}")
        return tokens
    if len(set(known)) > 1:
        raise InputError(f"they read {known[0]} and {known[1]} tokens; --tokens {min(known)} compares those of both")
    return known[0] if known and bits is not None else None


def _in_one_environment(machines: Sequence[AIG], vocabulary: int | None) -> list[AIG]:
    """All under the same constraints, such that what one says of its environment excuses nothing wrongly.

    Where the vocabulary is known, each token of it occurs, and the constraints that a netlist has must permit it: that
    is one more output. Else they are two netlists. The constraints of the one that has some hold for both; and where
    both have some, each machine goes on, and says something, only while its own hold, and says whether they do.
    """
    constrained = [aig for aig in machines if len(aig.constraints)]
    if vocabulary is not None:
        return [_within(aig, vocabulary, bool(constrained)) for aig in machines]
    if len(constrained) == 2:
        return [_sealed(aig) for aig in machines]
    if constrained:
        environment = constrained[0]
        if reachable(environment, environment.constraints)[1 + environment.num_inputs : environment.first_and].any():
            raise InputError("only one of the netlists has constraints, and these depend on its state")
        return [_under(aig, environment) for aig in machines]
    return list(machines)


class _Rebuilding:
    """A machine that is built anew with something besides."""

    def __init__(self, aig: AIG, besides: int = 0) -> None:
        self.aig = aig
        self.builder = Builder(aig.num_ands + besides)
        self.inputs = {name: self.builder.input(name) for name in aig.input_names}
        self.registers = [
            self.builder.register(name, int(reset)) for name, reset in zip(aig.register_names, aig.reset, strict=True)
        ]

    def copy(self) -> Literals:
        """Its own gates; returns where its nodes are."""
        nodes = copy(self.builder, self.aig, np.array([0, *self.inputs.values(), *self.registers], np.uint32))
        self.outputs = at(nodes, self.aig.outputs).tolist()
        self.following = at(nodes, self.aig.next_state).tolist()
        self.held = 1
        for literal in at(nodes, self.aig.constraints).tolist():
            self.held = self.builder.and_(self.held, literal)
        return nodes

    def build(self, held: int | None = None) -> AIG:
        """The machine, ``held`` being an output."""
        for register, literal in zip(self.registers, self.following, strict=True):
            self.builder.set_next(register, literal)
        for name, literal in zip(self.aig.output_names, self.outputs, strict=True):
            self.builder.output(name, literal)
        if held is not None:
            self.builder.output(HELD, held)
        return self.builder.build(self.aig.metadata)


def _within(aig: AIG, vocabulary: int, says_held: bool) -> AIG:
    """The machine where codes below ``vocabulary`` occur, and no others."""
    new = _Rebuilding(aig, 64)
    new.copy()
    below = 1
    for bit in range(aig.num_inputs):
        join = new.builder.or_ if (vocabulary - 1) >> bit & 1 else new.builder.and_
        below = join(new.inputs[f"tok[{bit}]"] ^ 1, below)
    if below != 1:
        new.builder.constrain(below)
    return new.build(new.held if says_held else None)


def _under(aig: AIG, environment: AIG) -> AIG:
    """The machine under the constraints of ``environment``, which are on inputs alone."""
    new = _Rebuilding(aig, environment.num_ands)
    new.copy()
    inputs = [new.inputs[name] for name in environment.input_names]
    needed = reachable(environment, environment.constraints)
    around = copy(
        new.builder, environment, np.array([0, *inputs, *[0] * environment.num_registers], np.uint32), needed
    )
    for literal in at(around, environment.constraints).tolist():
        new.builder.constrain(literal)
    return new.build()


def _sealed(aig: AIG) -> AIG:
    """The machine that stands still and says nothing from the step on in which its constraints don't hold."""
    new = _Rebuilding(aig, 3 * (aig.num_registers + aig.num_outputs))
    broken = new.builder.register(HELD)
    new.copy()
    builder = new.builder
    held = builder.and_(new.held, broken ^ 1)
    builder.set_next(broken, held ^ 1)
    new.outputs = [builder.and_(literal, held) for literal in new.outputs]
    new.following = [builder.mux(held, a, b) for a, b in zip(new.following, new.registers, strict=True)]
    return new.build(held)
