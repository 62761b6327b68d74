"""Machine code: what is given registers computes the tape, and the bytes are the instructions meant.

Neither needs the processor: instructions are carried out in numpy, bytes are read by objdump.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from tests.aig.circuits import mixed
from tests.aig.test_simulation import tokens_for
from tests.oracles import tools
from trilc.aig import AIG, Builder
from trilc.aig.simulation import Simulator, literal_values, simulate_nodes
from trilc.aig.simulation import machine as machine_module
from trilc.aig.simulation.gates import GATES
from trilc.aig.simulation.interpreter import Interpreter
from trilc.aig.simulation.microcode import AND, ANDN, OR, TERNARY, XOR, expand, recipes
from trilc.aig.simulation.native import Native, register_bits
from trilc.aig.simulation.registers import END, HOME, LOAD, MOVE, STORE, assign
from trilc.aig.simulation.tape import compile_tape
from trilc.aig.simulation.x86 import encode

needs_registers = pytest.mark.skipif(not register_bits(), reason="no machine code for this processor")


def compiled(aig: AIG, wide: bool, registers: int, part: int) -> tuple[np.ndarray, int]:
    """Instructions and the number of homes."""
    tape = compile_tape(aig)
    plan = expand(aig.first_and, tape.code, tape.opcodes, tape.counts, tape.roots, *recipes(wide))
    instructions, homes = assign(aig.first_and + 1, *plan, registers, part)
    return instructions, homes


def carried_out(instructions: np.ndarray, homes: np.ndarray, registers: int) -> None:
    """Registers forget at every END; only the last operand may be at home."""
    held: dict[int, np.ndarray] = {}

    def read(place: int) -> np.ndarray:
        return homes[place - HOME] if place >= HOME else held[place]

    for kind, table, target, *places in instructions.tolist():
        assert target < registers or kind == STORE
        operands = [read(place) for place in places if place >= 0]
        assert all(place < HOME for place in places[: len(operands) - 1])
        if kind == END:
            held = {}
        elif kind == STORE:
            homes[target - HOME] = operands[0]
        elif kind in (LOAD, MOVE):
            held[target] = operands[0].copy()
        elif kind == TERNARY:
            assert target == places[0]
            x, y, z = operands
            terms = [
                (x if i & 4 else ~x) & (y if i & 2 else ~y) & (z if i & 1 else ~z) for i in range(8) if table >> i & 1
            ]
            held[target] = np.bitwise_or.reduce(terms, axis=0) if terms else np.zeros_like(x)
        else:
            x, y = operands
            held[target] = {AND: x & y, ANDN: ~x & y, OR: x | y, XOR: x ^ y}[kind]


@pytest.mark.parametrize(("wide", "registers"), [(False, 16), (True, 32), (False, 4), (True, 4)])
@pytest.mark.parametrize(("gates", "part"), [(40, 3000), (2500, 3000), (2500, 50)])
def test_instructions_compute_the_roots(wide: bool, registers: int, gates: int, part: int) -> None:
    aig = mixed(gates + part, gates)
    instructions, count = compiled(aig, wide, registers, part)
    leaves = np.random.default_rng(0).integers(0, 1 << 64, (aig.first_and - 1, 2), dtype=np.uint64)
    homes = np.full((count, 2), 0x5555, np.uint64)
    homes[0], homes[1 : aig.first_and], homes[aig.first_and] = 0, leaves, ~np.uint64(0)
    carried_out(instructions, homes, registers)
    roots = np.concatenate([aig.outputs, aig.next_state])
    said = homes[aig.first_and + 1 :][: len(roots)]
    assert (said == literal_values(simulate_nodes(aig, leaves), roots)).all()
    assert (instructions[:, 0] == END).sum() > len(instructions) // (part + registers + 8)


def test_a_full_adder_costs_five_instructions_or_two() -> None:
    b = Builder()
    for name, literal in zip(("s", "c"), b.full_adder(*(b.input(f"x[{i}]") for i in range(3))), strict=True):
        b.output(name, literal)
    for wide, cost in ((False, 5), (True, 2)):
        instructions, _ = compiled(b.build(), wide, 16, 3000)
        logic = instructions[:, 0] <= TERNARY
        assert logic.sum() - (instructions[:, -2:] == HOME + 4).sum() == cost  # complements aside


def test_a_chain_stays_in_registers() -> None:
    b = Builder()
    first, *rest = (b.input(f"x[{i}]") for i in range(61))
    value = first
    for i, literal in enumerate(rest):
        value = b.xor(value, literal) if i % 2 else b.and_(value, literal)
    b.output("y", value)
    instructions, count = compiled(b.build(), False, 16, 3000)
    assert np.bincount(instructions[:, 0])[[LOAD, STORE, END]].tolist() == [1, 1, 1]
    assert count == 1 + 61 + 1 + 1


def test_recipes_compute_their_gates() -> None:
    variables = (0xF0, 0xCC, 0xAA)
    for wide in (False, True):
        book = recipes(wide)
        for number, gate in enumerate(GATES):
            known = [*variables]
            for kind, table, *operands in book.steps[number, : book.lengths[number]].tolist():
                x, y, *_ = (known[i] for i in operands if i >= 0)
                simple = {AND: x & y, ANDN: ~x & y, OR: x | y, XOR: x ^ y, TERNARY: table}
                known.append(simple[kind] & 0xFF)
            for function, result in zip(gate.functions, book.results[number], strict=False):
                assert known[3 + result] == function(*variables[: gate.arity]) & 0xFF


NAMES = ["vpand", "vpandn", "vpor", "vpxor", "vpternlog", "vmovdqu", "vmovdqu", "vmovdqu"]


@pytest.mark.parametrize("wide", [False, True])
def test_objdump_reads_the_instructions_meant(wide: bool, tmp_path: Path) -> None:
    if tools.find("objdump") is None:
        tools.missing("objdump")
    rng = np.random.default_rng(0)
    count, registers = 3000, 32 if wide else 16
    instructions = np.full((count, 6), -1, np.int64)
    instructions[:, 0] = rng.choice([k for k in range(END) if wide or k != TERNARY], count)
    instructions[:, 1] = rng.integers(0, 256, count)
    instructions[:, 2:] = rng.integers(0, registers, (count, 4))
    at_home = HOME + np.where(rng.random(count) < 0.5, rng.integers(0, 300, count), rng.integers(0, 1 << 24, count))
    last = np.choose(instructions[:, 0], [4, 4, 4, 4, 5, 3, 2, 3])
    moved = (rng.random(count) < 0.5) | np.isin(instructions[:, 0], (LOAD, STORE))
    moved &= instructions[:, 0] != MOVE
    instructions[np.flatnonzero(moved), last[moved]] = at_home[moved]
    instructions = np.vstack([instructions, [(END, 0, -1, -1, -1, -1)]])
    region, index = rng.integers(0, 5, 1 << 24), np.arange(1 << 24)
    region[::256] = np.arange(1 << 16) % 5  # none is empty
    code, parts = encode(instructions, region, index, wide)
    assert parts.tolist() == [0]
    (tmp_path / "code").write_bytes(code.tobytes())
    printed = tools.run(["objdump", "-D", "-b", "binary", "-m", "i386:x86-64", "--no-show-raw-insn", tmp_path / "code"])
    lines = [line.strip() for line in re.findall(r"^ +[0-9a-f]+:\t(.*)$", printed, re.MULTILINE)]
    begin, end = len(lines) - len(instructions) - 7, len(lines) - 8
    saved = [line.split()[1] for line in lines if line.startswith("push")]
    assert lines[end:] == [*(f"pop    {register}" for register in reversed(saved)), "vzeroupper", "ret"]
    assert {"%rbx", "%rbp"} <= set(saved)
    multiples, bases = {}, {}
    for line in lines[len(saved) : begin]:
        name, written = line.split(maxsplit=1)
        source, target = written.rsplit(",", 1)
        full = re.sub("d$", "", target.replace("%e", "%r"))
        assert full in (*saved, "%rax", "%rcx", "%rdx", "%rsi", "%rdi", "%r8", "%r9", "%r10", "%r11")
        assert "%rdi" not in bases or target == "%rdi"  # which points to the others' beginnings
        if source[0] == "$" and name == "mov":
            multiples[full] = int(source[1:], 16)
        elif name == "mov":
            bases[target] = (int(re.fullmatch(r"(\w+)\(%rdi\)", source)[1], 16) // 8, 0)
        else:
            assert name == "add"
            bases[target] = (bases[target][0], int(source[1:], 16))
    assert not bases.keys() & multiples.keys()
    size, letter = (64, "z") if wide else (32, "y")

    def read(operand: str) -> tuple[int, ...] | str:
        """A register's name, or region and vector."""
        if "(" not in operand:
            return operand
        sign, offset, base, times, scale = re.fullmatch(r"(-?)(\w*)\((%\w+)(?:,(%\w+),(\d))?\)", operand).groups()
        place = bases[base][1] + int(sign + (offset or "0"), 16) + (multiples[times] * int(scale) if times else 0)
        assert place % size == 0
        return bases[base][0], place // size

    def meant(place: int) -> tuple[int, ...] | str:
        return f"%{letter}mm{place}" if place < HOME else (region[place - HOME], index[place - HOME])

    for line, (kind, table, target, a, b, c) in zip(lines[begin:end], instructions[:-1].tolist(), strict=True):
        name, written = line.split(maxsplit=1)
        suffix = "" if not wide else "64" if kind >= LOAD else "q"
        assert name == NAMES[kind] + suffix
        operands = re.findall(r"[^,(]*\(.*?\)|[^,]+", written)
        found = [operand if operand[0] == "$" else read(operand) for operand in operands]
        if kind == TERNARY:
            assert found == [f"${hex(table)}", meant(c), meant(b), meant(target)]
        elif kind in (LOAD, STORE, MOVE):
            assert found == [meant(a), meant(target)]
        elif kind == ANDN:
            assert found == [meant(b), meant(a), meant(target)]
        else:
            assert sorted(found[:2], key=str) == sorted([meant(a), meant(b)], key=str)
            assert found[2] == meant(target)


def test_homes_used_often_have_short_addresses() -> None:
    def size(homes: int) -> int:
        instructions = np.full((4001, 6), -1, np.int64)
        instructions[:, :3] = LOAD, 0, 1
        instructions[:, 3] = HOME + np.arange(4001) % homes
        instructions[-1] = END, 0, -1, -1, -1, -1
        return len(encode(instructions, np.zeros(homes, np.int64), np.arange(homes), False)[0])

    assert size(8) < 4.9 * 4000 + 200  # one in eight of four bytes
    assert size(24) < 5 * 4000 + 200
    assert size(400) < 6 * 4000 + 200  # a base and an index register
    assert size(4000) > 7 * 4000


def test_operands_are_in_a_high_and_a_low_register() -> None:
    """Of a tree with room for all, hardly any instruction has two high ones, or takes ANDN's second from a high one."""
    b = Builder()
    level = [b.input(f"x[{i}]") for i in range(512)]
    while len(level) > 1:
        pairs = enumerate(zip(level[::2], level[1::2], strict=True))
        level = [b.xor(x, y) if i % 3 else b.and_(x, y ^ 1) for i, (x, y) in pairs]
    b.output("y", level[0])
    instructions, _ = compiled(b.build(), False, 16, 3000)
    logic = instructions[instructions[:, 0] < TERNARY]
    _, _, _, x, y, _ = logic.T
    long = (y >= 8) & (y < HOME) & ((x >= 8) | (logic[:, 0] == ANDN))
    assert (y < HOME).sum() > 200
    assert long.mean() < 0.02


def test_a_root_that_leaves_its_register_is_read_where_it_is() -> None:
    """Six values are made in four registers after the root, and then taken together with it."""
    first = 9
    pairs = [(XOR, i, i + 1) for i in range(7)]
    chain = [(OR, first + 1, first + 2), *((OR, first + 6 + i, first + 2 + i) for i in range(1, 5))]
    steps = np.array([*pairs, *chain, (AND, first, first + 11)])
    kinds, operands = np.zeros((len(steps), 2), np.int64), np.full((len(steps), 3), -1, np.int64)
    kinds[:, 0], operands[:, :2] = steps[:, 0], steps[:, 1:]
    roots = np.array([first, first + len(steps) - 1])
    instructions, _ = assign(first, kinds, operands, roots, 4, 99)
    stores = instructions[instructions[:, 0] == STORE]
    assert (stores[:, 2] == HOME + first).sum() == 1
    assert (instructions[:, 3:] == HOME + first).any()
    assert len(stores) == 2 + 2


@needs_registers
def test_both_engines_say_the_same() -> None:
    aig = mixed(8, 9000)
    tokens = tokens_for(aig, 5, 5000)
    by_code, interpreted = Simulator(aig, 5000), Simulator(aig, 5000, engine=Interpreter)
    assert (by_code.run(tokens) == interpreted.run(tokens)).all()
    assert (by_code.state == interpreted.state).all()
    interpreted.state = by_code.state
    assert (by_code.run(tokens) == interpreted.run(tokens)).all()


@needs_registers
def test_where_memory_may_not_hold_code_the_tape_is_interpreted(monkeypatch: pytest.MonkeyPatch) -> None:
    class Refused(Native):
        def __init__(self, *_: object) -> None:
            raise OSError("no")

    aig = mixed(9, 300)
    tokens = tokens_for(aig, 3, 10)
    expected = Simulator(aig, 10).run(tokens)
    monkeypatch.setattr(machine_module, "Native", Refused)
    assert isinstance(machine_module.fastest(compile_tape(aig)), Interpreter)
    assert (Simulator(aig, 10).run(tokens) == expected).all()


def test_other_processors_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "arm64")
    assert register_bits() == 0


@pytest.mark.parametrize("registers", [4, 16])
def test_an_instruction_reads_a_value_twice_and_for_the_last_time(registers: int) -> None:
    zeros, x, y, ones, made, copied = range(6)
    kinds = np.array([[ANDN, 0], [AND, 0]])
    operands = np.array([[y, x, -1], [made, made, -1]])
    instructions, count = assign(made, kinds, operands, np.array([copied]), registers, 99)
    homes = np.full((count, 1), 0x5555, np.uint64)
    homes[[zeros, x, y, ones]] = np.array([[0], [0b1100], [0b1010], [2**64 - 1]], np.uint64)
    carried_out(instructions, homes, registers)
    assert homes[made, 0] == 0b0100
