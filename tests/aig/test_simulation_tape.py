"""Mapping and scheduling: what a tape must be besides right."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from tests.aig.circuits import mixed
from trilc.aig import Builder
from trilc.aig.simulation.gates import GATES, Tape
from trilc.aig.simulation.mapping import COMPLEMENTED, MATCH
from trilc.aig.simulation.tape import code_bits, compile_tape

VARIABLES = (0xAA, 0xCC, 0xF0)


def operations(tape: Tape) -> int:
    return int(tape.counts.sum())


def test_a_match_computes_its_function() -> None:
    for function in np.flatnonzero(MATCH.opcode >= 0):
        gate = GATES[MATCH.opcode[function]]
        table = gate.functions[-1](*(VARIABLES[i] for i in MATCH.order[function, : gate.arity]))
        assert (table ^ -int(MATCH.complement[function])) & 0xFF == function
        # whatever leaves are stored complemented
        assert (MATCH.opcode[COMPLEMENTED[:, function]] >= 0).all()
        if MATCH.fused[function] >= 0:
            adder = GATES[MATCH.fused[function]]
            inputs = VARIABLES[: adder.arity]
            assert adder.arity == gate.arity
            assert adder.functions[1](*inputs) == gate.functions[0](*inputs)


def test_what_single_gates_compute() -> None:
    missing = {0x16, 0x18, 0x19}  # exactly one of three, all or none, and a sum of two such products
    classes = {0x00, 0x01, 0x03, 0x06, 0x07, 0x0F, 0x16, 0x17, 0x18, 0x19, 0x1B, 0x1E, 0x3C, 0x69}
    assert {f for f in classes if MATCH.opcode[f] < 0} == missing


def test_a_full_adder_is_one_operation_whatever_its_polarities() -> None:
    for polarity in range(8):
        b = Builder()
        x, y, z = (b.input(f"x[{i}]") ^ (polarity >> i & 1) for i in range(3))
        for name, literal in zip(("sum", "carry"), b.full_adder(x, y, z), strict=True):
            b.output(name, literal)
        assert operations(compile_tape(b.build())) == 1


def test_a_ripple_of_adders_is_one_operation_each() -> None:
    b = Builder()
    x, y = ([b.input(f"{name}[{i}]") for i in range(64)] for name in "xy")
    carry = 0
    for i in range(64):
        total, carry = b.full_adder(x[i], y[i], carry)
        b.output(f"s[{i}]", total)
    b.output("s[64]", carry)
    tape = compile_tape(b.build())
    assert operations(tape) == 64
    assert len(tape.opcodes) <= 2
    assert tape.slots <= 1 + 128 + 3


def test_every_gate_is_used_by_random_logic() -> None:
    seen = {int(opcode) for seed in range(4) for opcode in compile_tape(mixed(seed, 9000)).opcodes}
    assert seen == set(range(len(GATES)))


def test_tapes_are_repeatable_and_share_slots() -> None:
    first, second = compile_tape(mixed(1, 9000)), compile_tape(mixed(1, 9000))
    for field in fields(Tape):
        assert np.array_equal(getattr(first, field.name), getattr(second, field.name))
    assert first.slots < operations(first) / 2


def test_bits_of_codes() -> None:
    assert code_bits(("tok[1]", "tok[0]")).tolist() == [1, 0]
    assert code_bits(("tok[1]", "tok[2]")).tolist() == [0, 1]
    assert code_bits(("a[1]", "b[0]")).tolist() == [0, 1]
    assert code_bits(("tok[1]", "tok[0]", "x")).tolist() == [0, 1, 2]
    assert code_bits(("b", "a")).tolist() == [0, 1]
    assert code_bits(()).tolist() == []
