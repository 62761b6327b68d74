"""What the tests of formats do to graphs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from backends.linking import link, resolve
from trilc.aig import AIG, UNKNOWN, Builder


def same_order(aig: AIG, like: AIG) -> AIG:
    """``aig`` with inputs, registers and outputs in the order of ``like``; inputs that ``like`` lacks are
    dropped.

    A name of ``aig`` may hold several, separated by spaces.
    """
    inputs = _positions(aig.input_names, like.input_names)
    registers = _positions(aig.register_names, like.register_names)
    outputs = _positions(aig.output_names, like.output_names)
    defined = np.arange(aig.first_and, aig.num_nodes, dtype=np.uint32)
    gates = np.column_stack([defined, aig.fanins])
    leaves = np.concatenate([1 + inputs, 1 + aig.num_inputs + registers])
    dropped = np.setdiff1d(np.arange(1, aig.first_and), leaves)
    assert not np.isin(np.concatenate([aig.fanins.ravel(), aig.roots]) >> 1, dropped).any(), (
        "a dropped leaf is in use"
    )
    fanins, literal_of = link(aig.num_nodes, leaves, gates)
    return AIG(
        fanins=fanins,
        input_names=like.input_names,
        register_names=like.register_names,
        output_names=like.output_names,
        next_state=resolve(literal_of, aig.next_state[registers]),
        reset=aig.reset[registers],
        outputs=resolve(literal_of, aig.outputs[outputs]),
    )


def with_harness(aig: AIG, reset: str = "rst", enable: str = "en") -> AIG:
    """The graph as the Verilog module behaves: reset and enable are inputs, registers start unknown."""
    builder = Builder()
    rst, en = builder.input(reset), builder.input(enable)
    leaves = [builder.input(name) for name in aig.input_names]
    registers = [builder.register(name, UNKNOWN) for name in aig.register_names]
    literal = [0, *leaves, *registers]
    for a, b in aig.fanins.tolist():
        literal.append(builder.and_(literal[a >> 1] ^ (a & 1), literal[b >> 1] ^ (b & 1)))
    for name, root in zip(aig.output_names, aig.outputs.tolist(), strict=True):
        builder.output(name, literal[root >> 1] ^ (root & 1))
    for register, after, value in zip(registers, aig.next_state.tolist(), aig.reset.tolist(), strict=True):
        loaded = register if value == UNKNOWN else value
        clocked = builder.mux(en, literal[after >> 1] ^ (after & 1), register)
        builder.set_next(register, builder.mux(rst, loaded, clocked))
    return builder.build()


def without_constraints(aig: AIG) -> AIG:
    return replace(aig, constraints=np.zeros(0, np.uint32))


def run(aig: AIG, stimulus: np.ndarray) -> np.ndarray:
    """(T, outputs) bits for (T, inputs) bits from the reset state, where unknown ones start as 0."""
    state = [int(value) & 1 for value in aig.reset]
    outputs = np.zeros((len(stimulus), aig.num_outputs), np.uint8)
    for step, inputs in enumerate(stimulus.tolist()):
        value = [0, *inputs, *state]

        def bit(literal: int, value: list[int] = value) -> int:
            return value[literal >> 1] ^ (literal & 1)

        for a, b in aig.fanins.tolist():
            value.append(bit(a) & bit(b))
        outputs[step] = [bit(literal) for literal in aig.outputs.tolist()]
        state = [bit(literal) for literal in aig.next_state.tolist()]
    return outputs


def _positions(names: tuple[str, ...], wanted: tuple[str, ...]) -> np.ndarray:
    of = {part: k for k, name in enumerate(names) for part in [*name.split(" "), name]}
    return np.array([of[name] for name in wanted], np.int64)
