"""The plain lowering: a checkpoint as the Verilog that an engineer would write from the format page.

Everything is said from the tensors as they stand, in rationals and then in signed integers; nothing is shared
with the compiler. Every neuron is a signed sum and a comparison, the token a case, the argmax a chain.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import floor, gcd, lcm

from tests.checkpoint.meaning import at_least_zero, exact
from tests.models import Checkpoint

Row = list[Fraction]


Port = tuple[str, int]
"""A vector's name and its bits."""


@dataclass(frozen=True)
class Module:
    """Inputs ``clk``, ``rst`` (synchronous, wins over ``en``), ``en``, ``tok``; registers start in the reset state."""

    text: str
    vocabulary: int
    """Codes of ``tok`` from here on act as 0."""
    token_bits: int
    outputs: list[Port]
    registers: list[Port]


def lower(checkpoint: Checkpoint, output: str, name: str) -> Module:
    """The module ``name``; it puts out ``out`` for ``argmax``, ``score0`` … for ``scores``, else ``state_l0`` …."""
    net = _Net(checkpoint)
    outputs, body = {"argmax": net.argmax, "scores": net.scores, "state": net.state}[output]()
    layers = range(len(net.units))
    ports = [f"output [{width - 1}:0] {port}" for port, width in outputs]
    lines = [f"module {name}(input clk, input rst, input en, input [{net.token_bits - 1}:0] tok, {', '.join(ports)});"]
    lines += [f"  reg [{net.units[k] - 1}:0] h_l{k} = {net.reset(k)};" for k in layers]
    lines += [f"  wire [{net.units[k] - 1}:0] next_l{k};" for k in layers]
    for k in layers:
        lines += net.layer(k)
    lines += body
    lines.append("  always @(posedge clk)")
    lines += ["    if (rst) begin", *(f"      h_l{k} <= {net.reset(k)};" for k in layers)]
    lines += ["    end else if (en) begin", *(f"      h_l{k} <= next_l{k};" for k in layers)]
    lines += ["    end", "endmodule", ""]
    registers = [(f"h_l{k}", net.units[k]) for k in layers]
    return Module("\n".join(lines), len(net.vectors), net.token_bits, outputs, registers)


class _Net:
    def __init__(self, checkpoint: Checkpoint) -> None:
        self.tensors = {name: exact(array) for name, array in checkpoint.tensors.items()}
        self.signed = checkpoint.header["state"] == "pm1"
        self.eps = Fraction(str(checkpoint.header.get("norm_eps", "0.00001")))
        layers = sum(name.startswith("rnn.weight_hh_l") for name in self.tensors)
        self.units = [len(self.tensors[f"rnn.weight_hh_l{k}"]) for k in range(layers)]
        if "embedding.weight" in self.tensors:
            self.vectors: list[Row] = self.tensors["embedding.weight"]
        else:
            size = len(self.tensors["rnn.weight_ih_l0"][0])
            self.vectors = [[Fraction(i == token) for i in range(size)] for token in range(size)]
        self.token_bits = max(1, (len(self.vectors) - 1).bit_length())

    def reset(self, k: int) -> str:
        bits = self.tensors.get(f"rnn.h0_l{k}", [0] * self.units[k])
        return f"{self.units[k]}'b" + "".join(str(int(bit)) for bit in reversed(bits))

    # Neurons -----------------------------------------------------------------------------------------

    def layer(self, k: int) -> Iterator[str]:
        for j in range(self.units[k]):
            yield from self._neuron(k, j)

    def _neuron(self, k: int, j: int) -> Iterator[str]:
        """``b' = 1`` where ``pre >= 0``: an integer sum in the unit of all that enters it, and its threshold."""
        recurrent = self.tensors[f"rnn.weight_hh_l{k}"][j]
        below = self.tensors[f"rnn.weight_ih_l{k}"][j]
        bits = [(f"h_l{k}[{i}]", weight) for i, weight in enumerate(recurrent)]
        table = [Fraction(0)]
        if k:
            bits += [(f"next_l{k - 1}[{i}]", weight) for i, weight in enumerate(below)]
        else:
            table = [sum((w * x for w, x in zip(below, vector, strict=True)), Fraction(0)) for vector in self.vectors]
        unit = _common([*(weight for _, weight in bits), *table])
        bits = [(name, weight / unit) for name, weight in bits]
        table = [entry / unit for entry in table]
        reach = int(sum(abs(weight) for _, weight in bits) + max(abs(entry) for entry in table))
        width = reach.bit_length() + 2
        name = f"pre_l{k}_{j}"
        yield from self._table(f"{name}_tok", table, width)
        yield f"  wire signed [{width - 1}:0] {name} = {self._sum(bits, width)} + {name}_tok;"
        yield f"  assign next_l{k}[{j}] = {self._comparison(k, j, name, unit, reach, width)};"

    def _table(self, name: str, table: Row, width: int) -> Iterator[str]:
        yield f"  reg signed [{width - 1}:0] {name};"
        yield "  always @* case (tok)"
        for token, entry in enumerate(table):
            yield f"    {self.token_bits}'d{token}: {name} = {_number(entry, width)};"
        yield f"    default: {name} = {_number(table[0], width)};"
        yield "  endcase"

    def _sum(self, bits: list[tuple[str, Fraction]], width: int) -> str:
        """``Σ weight · v(bit)``, each term a choice between its two values."""
        terms = [_number(Fraction(0), width)]
        for name, weight in bits:
            if weight:
                low = -weight if self.signed else Fraction(0)
                terms.append(f"({name} ? {_number(weight, width)} : {_number(low, width)})")
        return " + ".join(terms)

    def _comparison(self, k: int, j: int, name: str, unit: Fraction, reach: int, width: int) -> str:
        """Where the neuron fires, which is monotonic in its sum: the first sum at which that changes."""
        fires = self._fires(k, j, unit)
        sums = range(-reach, reach + 1)
        falls = fires(sums[0])
        first = sums[0] + bisect_left(sums, True, key=lambda total: fires(total) != falls)
        if first > reach:
            return f"1'b{int(falls)}"
        return f"{name} {'<' if falls else '>='} {_number(Fraction(first), width)}"

    def _fires(self, k: int, j: int, unit: Fraction) -> Callable[[int], bool]:
        bias = sum(
            (self.tensors[f"rnn.{name}_l{k}"][j] for name in ("bias", "bias_ih", "bias_hh")
             if f"rnn.{name}_l{k}" in self.tensors),
            Fraction(0),
        )  # fmt: skip
        if f"rnn.norm_l{k}.var" not in self.tensors:
            return lambda total: total * unit + bias >= 0
        gain, shift, mean, var = (
            self.tensors[f"rnn.norm_l{k}.{part}"][j] for part in ("weight", "bias", "mean", "var")
        )
        return lambda total: at_least_zero((total * unit + bias - mean) * gain, shift, var + self.eps)

    # Outputs -----------------------------------------------------------------------------------------

    def state(self) -> tuple[list[Port], list[str]]:
        """The new state of every layer."""
        outputs = [(f"state_l{k}", units) for k, units in enumerate(self.units)]
        return outputs, [f"  assign state_l{k} = next_l{k};" for k in range(len(self.units))]

    def scores(self) -> tuple[list[Port], list[str]]:
        """Words of the one width that holds every score's every value."""
        rows, biases = self._head()
        width = self._score_width(rows, biases)
        terms = [self._score(row, bias, width) for row, bias in zip(rows, biases, strict=True)]
        outputs = [(f"score{o}", width) for o in range(len(rows))]
        return outputs, [f"  assign score{o} = {term};" for o, term in enumerate(terms)]

    def argmax(self) -> tuple[list[Port], list[str]]:
        """One candidate after the other: a larger integer part wins, then a larger fraction; else the first stays."""
        rows, biases = self._head()
        fractions = sorted({bias - floor(bias) for bias in biases})
        ranks = [fractions.index(bias - floor(bias)) for bias in biases]
        wholes = [Fraction(floor(bias)) for bias in biases]
        width = self._score_width(rows, wholes)
        high = max(1, (len(rows) - 1).bit_length())
        body = [
            f"  wire signed [{width - 1}:0] whole{o} = {self._score(row, whole, width)};"
            for o, (row, whole) in enumerate(zip(rows, wholes, strict=True))
        ]
        body += [f"  reg signed [{width - 1}:0] best;", f"  reg [{high - 1}:0] index;", "  reg [31:0] rank;"]
        body += ["  always @* begin", f"    index = 0; best = whole0; rank = {ranks[0]};"]
        for o, rank in enumerate(ranks[1:], start=1):
            body.append(f"    if (whole{o} > best || (whole{o} == best && {rank} > rank)) begin")
            body.append(f"      index = {high}'d{o}; best = whole{o}; rank = {rank};")
            body.append("    end")
        return [("out", high)], [*body, "  end", "  assign out = index;"]

    def _head(self) -> tuple[list[Row], Row]:
        """Weights and biases in units of the head's one scale."""
        rows: list[Row] = self.tensors["head.weight"]
        scale = max(abs(weight) for row in rows for weight in row) or Fraction(1)
        biases: Row = self.tensors.get("head.bias", [Fraction(0)] * len(rows))
        return [[weight / scale for weight in row] for row in rows], [bias / scale for bias in biases]

    def _score_width(self, rows: list[Row], biases: Row) -> int:
        width = 1
        for row, bias in zip(rows, biases, strict=True):
            low = bias + sum(-abs(weight) if self.signed else min(weight, 0) for weight in row)
            high = bias + sum(abs(weight) if self.signed else max(weight, 0) for weight in row)
            while low < -(1 << width - 1) or high >= 1 << width - 1:
                width += 1
        return width

    def _score(self, row: Row, bias: Fraction, width: int) -> str:
        top = len(self.units) - 1
        bits = [(f"next_l{top}[{i}]", weight) for i, weight in enumerate(row)]
        return f"{self._sum(bits, width)} + {_number(bias, width)}"


def _common(values: Row) -> Fraction:
    """The largest rational of which all values are integer multiples; 1 where all are 0."""
    numerator, denominator = gcd(*(v.numerator for v in values)), lcm(*(v.denominator for v in values))
    return Fraction(gcd(*(int(v * denominator) for v in values)), denominator) if numerator else Fraction(1)


def _number(value: Fraction, width: int) -> str:
    """An integer as a signed word."""
    assert value.denominator == 1
    return f"{width}'sb{int(value) & (1 << width) - 1:0{width}b}"
