"""From Verilog back to a graph: exactly the subset that the writer writes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from backends import names
from backends.linking import LoopError, link, resolve
from backends.verilog.parser import Module
from backends.verilog.statements import first_twice
from trilc.aig import AIG, UNKNOWN, Literals
from trilc.errors import InputError


def read(data: bytes) -> AIG:
    """The graph in a file's bytes.

    Clock, reset and enable are known by the ``always`` block and dropped; the reset state is what the block
    loads. Raises :class:`InputError`, naming the line, for anything outside the subset, for nets without or
    with two drivers, and for loops.
    """
    module = Module(data)
    signals = {
        "inputs": [number for number in module.inputs if number not in module.harness],
        "registers": module.registers,
        "outputs": module.outputs,
    }
    bits = {kind: _bits(module, numbers) for kind, numbers in signals.items()}
    registers = bits["registers"].tolist()
    gates = module.gates[: module.num_gates]
    constraints = 2 * np.array([module.constraint(name) for name in module.extras.constraints], np.uint32)
    outputs = 2 * bits["outputs"].astype(np.uint32)
    _check_registers(module, registers)
    next_state = np.array([module.next[variable] for variable in registers], np.uint32)
    _check_drivers(module, gates, bits["registers"], np.concatenate([outputs, next_state, constraints]))
    try:
        fanins, literal_of = link(
            module.variables, np.concatenate([bits["inputs"], bits["registers"]]), gates
        )
    except LoopError as loop:
        place = int(module.targets[np.argmax(gates[:, 0] == loop.variable)])
        raise InputError(
            f"{module.words.line(place)}: a combinational loop goes through this assignment"
        ) from None
    true = {kind: module.extras.true_names(kind, _names(module, signals[kind])) for kind in signals}
    aig = AIG(
        fanins=fanins,
        input_names=true["inputs"],
        register_names=true["registers"],
        output_names=true["outputs"],
        next_state=resolve(literal_of, next_state),
        reset=np.array([module.reset.get(variable, UNKNOWN) for variable in registers], np.uint8),
        outputs=resolve(literal_of, outputs),
        constraints=resolve(literal_of, constraints),
        metadata=module.extras.metadata,
        keep_registers=module.extras.keep_registers,
    )
    names.check_all(aig)
    return aig


def _bits(module: Module, numbers: Sequence[int]) -> NDArray[np.int64]:
    """The variables of some signals' bits."""
    spans = [np.arange(module.base[n], module.base[n] + max(module.width[n], 1)) for n in numbers]
    return np.concatenate([np.zeros(0, np.int64), *spans]).astype(np.int64)


def _names(module: Module, numbers: Sequence[int]) -> list[str]:
    """The names of some signals' bits, as the file has them."""
    found: list[str] = []
    for number in numbers:
        name = module.words.spelling(number).decode("ascii", "replace").removeprefix("\\")
        width = int(module.width[number])
        found += [f"{name}[{k}]" for k in range(width)] if width else [name]
    return found


def _check_registers(module: Module, registers: Sequence[int]) -> None:
    """Every register has a next state, and nothing else has."""
    for variable in registers:
        if variable not in module.next:
            raise InputError(f"{module.spell(variable)} is a register without a next state")
    for variable in sorted((module.next.keys() | module.reset.keys()) - set(registers)):
        raise InputError(f"{module.spell(variable)} is clocked but is not a register")


def _check_drivers(module: Module, gates: Literals, registers: NDArray[np.int64], roots: Literals) -> None:
    """Every net in use has one driver."""
    driven = np.zeros(module.variables, np.bool_)
    driven[0] = True
    driven[_bits(module, module.inputs)] = True
    driven[registers] = True
    row = first_twice(gates, driven)
    if row >= 0:
        place = int(module.targets[row])
        name = module.words.quoted(int(module.ids[place]))
        raise InputError(f"{module.words.line(place)}: {name} is driven twice")
    used = np.zeros(module.variables, np.bool_)
    used[gates[:, 1:] >> 1] = True
    used[roots >> 1] = True
    for variable in np.flatnonzero(used & ~driven)[:1].tolist():
        raise InputError(f"{module.spell(variable)} is used but never driven")
