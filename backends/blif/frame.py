"""What BLIF says around the gates: names, ports, latches, and the nets of outputs and constraints."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np

from backends import metadata, names
from backends.netlist import Netlist
from backends.text import NetNames
from trilc.aig import UNKNOWN, Literals

_WIDTH = 100
"""Columns after which a list of names goes on in the next line."""


@dataclass(frozen=True, eq=False)
class Frame:
    """Everything of a netlist but its gates. Roots are literals: ``2·node + complement``."""

    netlist: Netlist
    outputs: Literals
    next_state: Literals
    constraints: Literals
    nets: NetNames
    """The nets of all nodes."""
    inputs: Sequence[str]
    registers: Sequence[str]
    targets: Sequence[str]
    """The nets of the outputs, then those of the constraints."""
    clock: str

    @classmethod
    def of(
        cls, netlist: Netlist, outputs: Literals, next_state: Literals, constraints: Literals, nodes: int
    ) -> Frame:
        """Name every net of a netlist of ``nodes`` nodes.

        Raises :class:`trilc.errors.InputError` for a name that is empty or holds a control character.
        """
        names.check_all(netlist)
        space = names.Namespace()
        inputs = [space.take(legal(name)) for name in netlist.input_names]
        registers = [space.take(legal(name)) for name in netlist.register_names]
        leaves = inputs + registers
        targets, named_gates = _name_outputs(netlist.output_names, outputs, leaves, space)
        clock = space.take("clk")
        targets += [space.take(f"constraint{k}") for k in range(len(constraints))]
        labelled = np.concatenate([np.arange(1, 1 + len(leaves)), list(named_gates)]).astype(np.int64)
        nets = NetNames.of(nodes, [*leaves, *named_gates.values()], labelled, space.prefix("n"))
        return cls(netlist, outputs, next_state, constraints, nets, inputs, registers, targets, clock)

    def put_head(self, stream: BinaryIO, model: str, luts: Mapping[str, int] | None = None) -> None:
        """Write what comes before the gates.

        A netlist with registers lists its clock among its inputs; the reader drops it again. Names that BLIF
        cannot hold are bent, and the metadata says how.
        """
        outputs = self.targets[: len(self.outputs)]
        comment = metadata.encode(self.netlist, self.targets[len(outputs) :], self._bent(), luts)
        if comment:
            stream.write(b"# " + comment + b"\n")
        _put(stream, [f".model {legal(model)}\n"])
        _put(stream, _wrapped(".inputs", [*self.inputs, *[self.clock] * (len(self.registers) > 0)]))
        _put(stream, _wrapped(".outputs", outputs))
        _put(stream, self._latches())

    def put_constant(self, stream: BinaryIO) -> None:
        """Write the constant false."""
        _put(stream, [f".names {self.nets.of_node(0)}\n"])

    def put_tail(self, stream: BinaryIO) -> None:
        """Write what comes after the gates: inverters of next states, and nets that do not bear their node's name."""
        for node in np.unique(self.next_state[self.next_state & 1 == 1] >> 1).tolist():
            _put(stream, [f".names {self.nets.of_node(node)} {self._inverse(node)}\n0 1\n"])
        literals = [*self.outputs.tolist(), *self.constraints.tolist()]
        for target, literal in zip(self.targets, literals, strict=True):
            source = self.nets.of_node(literal >> 1)
            if source != target:
                _put(stream, [f".names {source} {target}\n{1 - (literal & 1)} 1\n"])
        stream.write(b".end\n")

    def _latches(self) -> Iterator[str]:
        for present, after, reset in zip(
            self.registers, self.next_state.tolist(), self.netlist.reset.tolist(), strict=True
        ):
            net = self._inverse(after >> 1) if after & 1 else self.nets.of_node(after >> 1)
            yield f".latch {net} {present} re {self.clock} {3 if reset == UNKNOWN else reset}\n"

    def _inverse(self, node: int) -> str:
        return f"{self.nets.prefix.tobytes().decode()}{node}_not"

    def _bent(self) -> dict[str, dict[str, str]]:
        netlist = self.netlist
        written = (self.inputs, self.registers, self.targets[: len(self.outputs)])
        true = (netlist.input_names, netlist.register_names, netlist.output_names)
        return {
            kind: {name: original for name, original in zip(new, old, strict=True) if name != original}
            for kind, new, old in zip(metadata.KINDS, written, true, strict=True)
        }


def legal(name: str) -> str:
    """A name with everything that BLIF or its readers give a meaning replaced by underscores."""
    return re.sub(r"^[.$]|[^!-~]|[#\\=]", "_", name)


def _name_outputs(
    output_names: Sequence[str], literals: Literals, leaves: Sequence[str], space: names.Namespace
) -> tuple[list[str], dict[int, str]]:
    """The outputs' nets, and the gates that bear an output's name."""
    outputs: list[str] = []
    named: dict[int, str] = {}
    for name, literal in zip(output_names, literals.tolist(), strict=True):
        wish, node = legal(name), literal >> 1
        if literal & 1 == 0 and 0 < node <= len(leaves) and leaves[node - 1] == wish:
            outputs.append(wish)
            continue
        outputs.append(space.take(wish))
        if literal & 1 == 0 and node > len(leaves):
            named.setdefault(node, outputs[-1])
    return outputs, named


def _wrapped(keyword: str, words: Iterable[str]) -> Iterator[str]:
    line = keyword
    for word in words:
        if len(line) + len(word) >= _WIDTH and line.strip():
            yield line + " \\\n"
            line = ""
        line += " " + word
    yield line + "\n"


def _put(stream: BinaryIO, text: Iterable[str]) -> None:
    stream.write("".join(text).encode())
