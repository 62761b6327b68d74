"""One netlist for each module, and all of them put together again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from passes import Dead
from trilc.aig import AIG, Builder
from trilc.aig.copying import at, copy, copy_cut
from trilc.aig.traverse import reachable
from trilc.errors import InputError
from trilc.explain.modules.structure import Groups
from trilc.version import VERSION

NEXT = "next_"
"""What the name of a register's next value begins with, among outputs and inputs."""


def split(aig: AIG, modules: Groups) -> list[AIG]:
    """A netlist for every module of registers, and at last one for the outputs.

    A module's netlist has the module's registers, as inputs the old one's and those registers of other modules that it
    reads, and puts out the present and the next value of each of its own: ``r`` and ``next_r``. The last one computes
    the outputs from inputs, next values and, where it must, present ones. Each has the constraints.

    Raises :class:`InputError` where ``next_r`` is the name of something else.
    """
    taken = {*aig.input_names, *aig.register_names}
    for name in aig.register_names:
        if f"{NEXT}{name}" in taken or name in aig.input_names:
            raise InputError(f"register {name!r}: expected no input of that name, and nothing named {NEXT + name!r}")
    return [*(_module(aig, module, k) for k, module in enumerate(modules)), _outputs(aig)]


def join(aig: AIG, parts: Sequence[AIG]) -> AIG:
    """The parts that :func:`split` made of ``aig``, or what equals them, as one netlist, wired by names."""
    builder = Builder(sum(part.num_ands for part in parts))
    wires = {name: builder.input(name) for name in aig.input_names}
    resets = dict(zip(aig.register_names, aig.reset.tolist(), strict=True))
    for name in aig.register_names:
        wires[name] = builder.register(name, resets[name])
    for part in parts:
        sources = [0, *(wires[name] for name in (*part.input_names, *part.register_names))]
        nodes = copy(builder, part, np.array(sources, np.uint32))
        for name, literal in zip(part.register_names, at(nodes, part.next_state).tolist(), strict=True):
            wires[f"{NEXT}{name}"] = literal
            builder.set_next(wires[name], literal)
    for name, literal in zip(parts[-1].output_names, at(nodes, parts[-1].outputs).tolist(), strict=True):
        builder.output(name, literal)
    for literal in at(nodes, parts[-1].constraints).tolist():
        builder.constrain(literal)
    return builder.build(aig.metadata, aig.keep_registers)


def _module(aig: AIG, module: tuple[int, ...], number: int) -> AIG:
    own = set(module)
    seen = reachable(aig, np.concatenate([aig.next_state[list(module)], aig.constraints]))
    builder = Builder(aig.num_ands)
    sources = np.zeros(aig.first_and, np.uint32)
    for k, name in enumerate(aig.input_names, 1):
        sources[k] = builder.input(name)
    first = 1 + aig.num_inputs
    for k, name in enumerate(aig.register_names):
        if k not in own and seen[first + k]:
            sources[first + k] = builder.input(name)
    for k in module:
        sources[first + k] = builder.register(aig.register_names[k], int(aig.reset[k]))
    nodes = copy(builder, aig, sources, seen)
    for k in module:
        name, literal = aig.register_names[k], int(at(nodes, aig.next_state[k : k + 1])[0])
        builder.set_next(int(sources[first + k]), literal)
        builder.output(name, int(sources[first + k]))
        builder.output(f"{NEXT}{name}", literal)
    for literal in at(nodes, aig.constraints).tolist():
        builder.constrain(literal)
    return builder.build(_metadata(aig, f"module {number}"), keep_registers=True)


def _outputs(aig: AIG) -> AIG:
    """The outputs from the next state: cut at every gate that is one."""
    gates = aig.next_state[aig.next_state >= 2 * aig.first_and]
    chosen = {int(literal) >> 1: k for k, literal in enumerate(aig.next_state.tolist()) if literal >= 2 * aig.first_and}
    cut = np.unique(gates >> 1).astype(np.uint32)
    seen = _seen(aig, cut)
    builder = Builder(aig.num_ands)
    sources = np.zeros(aig.first_and, np.uint32)
    for k, name in enumerate(aig.input_names, 1):
        sources[k] = builder.input(name)
    for k, name in enumerate(aig.register_names, 1 + aig.num_inputs):
        if seen[k]:
            sources[k] = builder.input(name)
    given = np.zeros(len(cut), np.uint32)
    for k, node in enumerate(cut.tolist()):
        if seen[node]:
            register = chosen[node]
            name = f"{NEXT}{aig.register_names[register]}"
            given[k] = builder.input(name) ^ int(aig.next_state[register] & 1)
    nodes = copy_cut(builder, aig, sources, cut, given)
    for name, literal in zip(aig.output_names, at(nodes, aig.outputs).tolist(), strict=True):
        builder.output(name, literal)
    for literal in at(nodes, aig.constraints).tolist():
        builder.constrain(literal)
    return Dead().apply(builder.build(_metadata(aig, "outputs"), keep_registers=True))


def _seen(aig: AIG, cut: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """(nodes,) what the outputs and constraints read, not looking behind the nodes ``cut``."""
    is_cut = np.zeros(aig.num_nodes, np.bool_)
    is_cut[cut] = True
    fanins = aig.fanins.copy()
    fanins[is_cut[aig.first_and :]] = 0
    return reachable(replace(aig, fanins=fanins), np.concatenate([aig.outputs, aig.constraints]))


def _metadata(aig: AIG, part: str) -> dict[str, Any]:
    return {"trilc": VERSION, "model": aig.metadata.get("model"), "part": part}
