"""Words → gates: a word-level step as an And-Inverter Graph with registers.

Values are lowered in waves: all counts whose literals are ready are reduced together, so that they can share
adders. A word is held as unsigned bits above the low end of its interval; no width is written by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trilc.aig.aig import AIG, TRUE, Literals
from trilc.aig.builder import Builder
from trilc.hints import CountHint, Hints
from trilc.ir.graph import Graph, Output
from trilc.ir.ops import Add, Argmax, AtLeast, Constant, Input, Op, Popcount, State, Table
from trilc.lower.argmax import lower_argmax
from trilc.lower.counters import Adders, Count, reduce_counts
from trilc.lower.offsets import common_offset, table_offsets
from trilc.lower.sharing import GATES, LUTS, Costs
from trilc.lower.tables import lower_tables


def to_gates(
    graph: Graph,
    metadata: Mapping[str, Any] | None = None,
    keep_registers: bool = False,
    for_luts: bool = False,
    hints: Hints | None = None,
) -> AIG:
    """The gates of one step: few of them, or with ``for_luts`` such as make few lookup tables.

    Every input becomes a word of input bits ``name[0] …`` with the environment constraint that it stays
    within its bound; every state bit a register of the same name. How counts are added up is told to ``hints``.
    """
    return _Lowering(graph, LUTS if for_luts else GATES, hints).run(metadata, keep_registers)


@dataclass(frozen=True, eq=False)
class _Word:
    """``low + Σ 2^i · bits[i]``."""

    bits: Literals
    low: int


@dataclass(frozen=True, eq=False)
class _Linear:
    """``offset + Σ weight · literal``, every weight positive."""

    literals: Literals
    weights: NDArray[np.int64]
    offset: int


@dataclass(frozen=True)
class _Contest:
    """Values of which the largest is wanted, the first among equals, and the index of each."""

    operands: list[int]
    indices: list[int]


@dataclass(frozen=True)
class _Wave:
    """What can be lowered together."""

    operations: list[int] = field(default_factory=list)
    outputs: list[Output] = field(default_factory=list)


class _Lowering:
    def __init__(self, graph: Graph, costs: Costs, hints: Hints | None = None) -> None:
        graph.check()
        self.graph = graph
        self.costs = costs
        self.hints = hints
        self.builder = Builder()
        self.literals = np.zeros(len(graph.ops), np.uint32)
        """The literal of every atomic bit."""
        self.atomic = np.array([isinstance(op, State | AtLeast | Constant) for op in graph.ops], np.bool_)
        """Which values are state bits, comparisons or constants: one literal each, where they are bits."""
        self.words: dict[int, _Word] = {}
        """The bits of every input, table and argmax."""
        self.offsets = table_offsets(graph)
        """What the entries of tables are larger by in their words."""
        self.put_out: dict[Output, Literals] = {}
        """The bits of every word to put out."""

    def run(self, metadata: Mapping[str, Any] | None, keep_registers: bool) -> AIG:
        self._interface()
        self._tables([n for n, op in enumerate(self.graph.ops) if self._is_ready_table(op)])
        for wave in self._waves():
            self._lower_wave(wave)
        for output in self.graph.outputs:
            self._put_out(output)
        for state, value in self.graph.next_state.items():
            self.builder.set_next(int(self.literals[state]), self._bit(value))
        if self.hints is not None:
            self._name_state(self.hints)
        return self.builder.build(metadata, keep_registers)

    def _interface(self) -> None:
        for number, op in enumerate(self.graph.ops):
            if isinstance(op, Input):
                width = max(1, op.high.bit_length())
                bits = [self.builder.input(f"{op.name}[{bit}]") for bit in range(width)]
                self.words[number] = _Word(np.array(bits, np.uint32), 0)
        for number, op in enumerate(self.graph.ops):
            if isinstance(op, State):
                self.literals[number] = self.builder.register(op.name, op.reset)
            elif isinstance(op, Constant) and op.value == 1:
                self.literals[number] = TRUE
        for number, op in enumerate(self.graph.ops):
            if isinstance(op, Input) and op.high + 1 < 1 << len(self.words[number].bits):
                self.builder.constrain(self._at_most(self.words[number].bits, op.high))

    def _at_most(self, bits: Literals, bound: int) -> int:
        """The literal ``bits <= bound``, from the lowest bit up."""
        holds = TRUE
        for position, bit in enumerate(bits.tolist()):
            join = self.builder.or_ if bound >> position & 1 else self.builder.and_
            holds = join(bit ^ 1, holds)
        return holds

    def _is_ready_table(self, op: Op) -> bool:
        return isinstance(op, Table) and isinstance(self.graph.ops[op.index], Input)

    def _waves(self) -> list[_Wave]:
        """What is not linear, by the longest chain of such operations below; words to put out, likewise."""
        depth = np.zeros(len(self.graph.ops), np.int64)
        waves: list[_Wave] = [_Wave()]
        for number, op in enumerate(self.graph.ops):
            depth[number] = depth[np.asarray(op.operands, np.int64)].max(initial=0)
            if isinstance(op, AtLeast | Argmax | Table) and not self._is_ready_table(op):
                waves[depth[number]].operations.append(number)
                depth[number] += 1
                if depth[number] == len(waves):
                    waves.append(_Wave())
        for output in self.graph.outputs:
            if output.width is not None:
                waves[depth[output.value]].outputs.append(output)
        return waves

    def _lower_wave(self, wave: _Wave) -> None:
        ops = self.graph.ops
        comparisons = [n for n in wave.operations if isinstance(ops[n], AtLeast)]
        argmaxes = [n for n in wave.operations if isinstance(ops[n], Argmax)]
        tables = [n for n in wave.operations if isinstance(ops[n], Table)]
        counts = [self._comparison(n) for n in comparisons]
        contests = [self._contest(number) for number in argmaxes]
        for contest in contests:
            counts += self._scores(contest)
        indices = sorted({int(ops[n].operands[0]) for n in tables} - self.words.keys())
        counts += [self._word(index, 0, self.graph.interval(index)[1].bit_length()) for index in indices]
        counts += [self._word(output.value, 0, output.width or 1) for output in wave.outputs]

        log: list[Adders] | None = None if self.hints is None else []
        bits = iter(reduce_counts(self.builder, counts, self.costs, log))
        if self.hints is not None and log is not None:
            scores = [f"score {index}" for contest in contests for index in contest.indices]
            others = [str(index) for index in indices] + [output.name for output in wave.outputs]
            self._tell(self.hints, [str(number) for number in comparisons] + scores + others, counts, log)
        for number in comparisons:
            self.literals[number] = next(bits)[0]
        for number, contest in zip(argmaxes, contests, strict=True):
            words = [next(bits) for _ in contest.operands]
            self.words[number] = _Word(lower_argmax(self.builder, words, contest.indices), 0)
        for index in indices:
            self.words[index] = _Word(next(bits), 0)
        for output in wave.outputs:
            self.put_out[output] = next(bits)
        self._tables(tables)

    def _tell(self, hints: Hints, names: list[str], counts: list[Count], log: list[Adders]) -> None:
        """Tell how counts were added up; comparisons go by their numbers until the state has its names."""
        adders = np.concatenate([np.zeros((0, 7), np.int64), *log])
        adders = adders[np.argsort(adders[:, 0], kind="stable")]
        ends = np.searchsorted(adders[:, 0], np.arange(len(counts)), side="right")
        for name, count, own in zip(names, counts, np.split(adders[:, 1:], ends)[: len(counts)], strict=True):
            hints.counts[name] = CountHint(count.literals, count.weights, count.constant, count.columns, own)

    def _name_state(self, hints: Hints) -> None:
        for state, value in self.graph.next_state.items():
            op = self.graph.ops[state]
            assert isinstance(op, State)
            hints.registers[op.name] = int(self.literals[state])
            hints.new_state[op.name] = self._bit(value)
            if str(value) in hints.counts:
                hints.counts[op.name] = hints.counts[str(value)]

    def _contest(self, number: int) -> _Contest:
        """The operands of an argmax that their intervals leave a chance."""
        op = self.graph.ops[number]
        assert isinstance(op, Argmax)
        bounds = self.graph.bounds[list(op.operands)]
        indices = [index for index in op.priority if bounds[index, 1] >= bounds[:, 0].max()]
        return _Contest([op.operands[index] for index in indices], indices)

    def _scores(self, contest: _Contest) -> list[Count]:
        """The words of a contest, all above the same number."""
        bounds = self.graph.bounds[contest.operands]
        low, high = int(bounds[:, 0].min()), int(bounds[:, 1].max())
        width = (high - low).bit_length()
        counts = [self._word(operand, low, width) for operand in contest.operands]
        literals = np.array([[(c.weights >> k & 1).sum() for k in range(width)] for c in counts], np.int64)
        constants = np.array([count.constant for count in counts], np.int64)
        more = common_offset(literals.reshape(len(counts), width), constants, (1 << width) - 1 - (high - low))
        return [replace(count, constant=(count.constant + more) % (1 << width)) for count in counts]

    def _put_out(self, output: Output) -> None:
        if output.width is None:
            self.builder.output(output.name, self._bit(output.value))
        else:
            for position, bit in enumerate(self.put_out[output].tolist()):
                self.builder.output(f"{output.name}[{position}]", bit)

    def _comparison(self, number: int) -> Count:
        op = self.graph.ops[number]
        assert isinstance(op, AtLeast)
        linear = self._linear(op.value)
        threshold = max(0, op.threshold - linear.offset)
        columns = max(0, threshold - 1).bit_length()
        return Count(linear.literals, linear.weights, (1 << columns) - threshold, columns, carry=True)

    def _word(self, value: int, low: int, width: int) -> Count:
        """The bits of ``value − low``, modulo 2^width."""
        linear = self._linear(value)
        return Count(
            linear.literals, linear.weights, (linear.offset - low) % (1 << width), width, carry=False
        )

    def _tables(self, numbers: list[int]) -> None:
        """All tables of one index are lowered together."""
        by_index: dict[int, list[Table]] = {}
        for number in numbers:
            op = self.graph.ops[number]
            assert isinstance(op, Table)
            by_index.setdefault(op.index, []).append(op)
            low, high = self.graph.interval(number)
            width = (high - low).bit_length()
            self.words[number] = _Word(np.zeros(width, np.uint32), low - self.offsets.get(number, 0))
        for index, tables in by_index.items():
            words = [self.words[number] for number in numbers if self.graph.ops[number].operands == (index,)]
            reached = slice(self.words[index].low, self.graph.interval(index)[1] + 1)
            columns = [
                ((table.values[reached] - word.low) >> np.arange(len(word.bits))[:, None]) & 1 == 1
                for table, word in zip(tables, words, strict=True)
            ]
            bits = lower_tables(self.builder, self.words[index].bits, np.concatenate(columns))
            for word, part in zip(
                words, np.split(bits, np.cumsum([len(c) for c in columns])[:-1]), strict=True
            ):
                word.bits[:] = part
            if self.hints is not None and self._is_ready_table(tables[0]):
                self.hints.tables.update(zip(bits.tolist(), np.concatenate(columns), strict=True))

    def _bit(self, value: int) -> int:
        """The literal of a value in [0, 1], whatever made it."""
        if self.atomic[value]:
            return int(self.literals[value])
        (bits,) = reduce_counts(self.builder, [self._word(value, 0, 1)], self.costs)
        return int(bits[0])

    def _linear(self, value: int) -> _Linear:
        """A value as one weighted sum of literals, through all sums and counts below it."""
        literals, weights, offset = [np.zeros(0, np.uint32)], [np.zeros(0, np.int64)], 0
        pending = [value]
        while pending:
            number = pending.pop()
            match self.graph.ops[number]:
                case Constant(constant):
                    offset += constant
                case Popcount(bits, complemented, factors):
                    held = self.literals[bits]
                    for position in np.flatnonzero(~self.atomic[bits]).tolist():
                        held[position] = self._bit(int(bits[position]))
                    literals.append(held ^ complemented.astype(np.uint32))
                    weights.append(factors)
                case Add(operands, added):
                    offset += added
                    pending += operands
                case AtLeast() | State():
                    literals.append(self.literals[[number]])
                    weights.append(np.ones(1, np.int64))
                case _:
                    word = self.words[number]
                    literals.append(word.bits)
                    weights.append(1 << np.arange(len(word.bits)))
                    offset += word.low
        return _Linear(np.concatenate(literals), np.concatenate(weights), offset)
