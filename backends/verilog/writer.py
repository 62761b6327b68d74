"""From a graph to a Verilog module."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import BinaryIO

import numpy as np
from numba import njit
from numpy.typing import NDArray

from backends import metadata
from backends.text import CHUNK, NetNames, put_decimal, put_net
from backends.verilog.interface import Interface
from trilc.aig import AIG, UNKNOWN

_NETS_PER_LINE = 10


def write(aig: AIG, stream: BinaryIO, module: str = "trilc") -> None:
    """Write a graph as a module; outputs depend combinationally on inputs and state.

    A module with registers has the ports ``clk``, ``rst`` (synchronous; it loads the reset state and wins
    over ``en``) and ``en`` before all others, under other names where the graph has such names itself. A
    register with an unknown reset keeps its value during ``rst``. Bits called ``x[0]``, ``x[1]``, … form the
    vector ``x``. Constraints are nets of their own, which the metadata names. Raises
    :class:`trilc.errors.InputError` for a name that is empty or holds a control character.
    """
    interface = Interface.of(aig, module)
    constraints = [interface.space.take(f"constraint{k}") for k in range(len(aig.constraints))]
    leaves = [
        bit for kind in (interface.inputs, interface.registers) for signal in kind for bit in signal.bits()
    ]
    labelled = np.arange(1, aig.first_and, dtype=np.int64)
    nets = NetNames.of(aig.num_nodes, leaves, labelled, interface.space.prefix("n"))
    lint = [
        ("UNUSED", "unused constraint nets, and bits that nothing observable depends on")
    ] * _ignores_something(aig)
    lint += [("DECLFILENAME", "a module not named like its file, whose name it could not bear")] * (
        interface.module != module
    )

    comment = metadata.encode(aig, constraints, interface.bent_names(aig))
    if comment:
        stream.write(b"// " + comment + b"\n")
    _put(stream, (f"// on purpose: {what}\n// verilator lint_off {warning}\n" for warning, what in lint))
    _put(stream, _header(aig, interface))
    _put(stream, [f"  {signal.declared('reg')};\n" for signal in interface.registers])
    _write_wires(aig, nets, stream)
    _put(stream, [f"  wire {name};\n" for name in constraints])
    _write_gates(aig, nets, stream)
    outputs = [bit for signal in interface.outputs for bit in signal.bits()]
    literals = [*aig.outputs.tolist(), *aig.constraints.tolist()]
    for target, literal in zip([*outputs, *constraints], literals, strict=True):
        _put(stream, [f"  assign {target} = {_expression(literal, nets)};\n"])
    _put(stream, _state(aig, interface, nets))
    _put(stream, ["endmodule\n"])
    _put(stream, (f"// verilator lint_on {warning}\n" for warning, _ in lint))


def _ignores_something(aig: AIG) -> bool:
    """Whether some input, register or gate drives nothing, or only a constraint."""
    used = np.zeros(aig.num_nodes, np.bool_)
    for literals in (aig.fanins, aig.outputs, aig.next_state):
        used[literals >> 1] = True
    return bool(len(aig.constraints) or not used[1:].all())


def _header(aig: AIG, interface: Interface) -> Iterator[str]:
    ports = [f"input {name}" for name in (interface.clock, interface.reset, interface.enable)]
    ports = ports if aig.num_registers else []
    ports += [signal.declared("input") for signal in interface.inputs]
    ports += [signal.declared("output") for signal in interface.outputs]
    yield f"module {interface.module}("
    yield ",".join(f"\n  {port}" for port in ports)
    yield "\n);\n"


def _state(aig: AIG, interface: Interface, nets: NetNames) -> Iterator[str]:
    """The block that clocks the registers."""
    if not aig.num_registers:
        return
    reset = aig.reset.tolist()
    yield f"  always @(posedge {interface.clock})\n    if ({interface.reset}) begin\n"
    for signal in interface.registers:
        values = reset[signal.first : signal.first + (signal.width or 1)]
        if signal.width is not None and UNKNOWN not in values:
            number = int("".join(map(str, reversed(values))), 2)
            yield f"      {signal.identifier} <= {signal.width}'h{number:x};\n"
        else:
            for bit, value in zip(signal.bits(), values, strict=True):
                if value != UNKNOWN:
                    yield f"      {bit} <= 1'b{value};\n"
    yield f"    end else if ({interface.enable}) begin\n"
    bits = (bit for signal in interface.registers for bit in signal.bits())
    for bit, literal in zip(bits, aig.next_state.tolist(), strict=True):
        yield f"      {bit} <= {_expression(literal, nets)};\n"
    yield "    end\n"


def _expression(literal: int, nets: NetNames) -> str:
    if literal < 2:
        return f"1'b{literal}"
    return "~" * (literal & 1) + nets.of_node(literal >> 1)


def _put(stream: BinaryIO, text: Iterable[str]) -> None:
    stream.write("".join(text).encode())


def _write_wires(aig: AIG, nets: NetNames, stream: BinaryIO) -> None:
    """Declare the gates' nets: scalars, since simulators see a loop in a vector that drives itself."""
    step = max(_NETS_PER_LINE, CHUNK // 20 // _NETS_PER_LINE * _NETS_PER_LINE)
    out = np.empty(min(step, aig.num_ands) * (nets.longest + 10), np.uint8)
    for start in range(aig.first_and, aig.num_nodes, step):
        stop = min(start + step, aig.num_nodes)
        stream.write(out[: _put_wires(start, stop, out, nets.prefix, _WIRE, _NETS_PER_LINE)].data)


def _write_gates(aig: AIG, nets: NetNames, stream: BinaryIO) -> None:
    longest = 3 * nets.longest + 24
    step = max(1, CHUNK // longest)
    out = np.empty(longest * min(step, aig.num_ands), np.uint8)
    for start in range(0, aig.num_ands, step):
        fanins = aig.fanins[start : start + step]
        used = _put_gates(
            fanins, aig.first_and + start, out, nets.text, nets.start, nets.label, nets.prefix, _ASSIGN
        )
        stream.write(out[:used].data)


_WIRE: NDArray[np.uint8] = np.frombuffer(b"  wire ", np.uint8)
_ASSIGN: NDArray[np.uint8] = np.frombuffer(b"  assign ", np.uint8)


@njit(cache=True)
def _put_wires(first, last, out, prefix, keyword, per_line):
    at = 0
    for node in range(first, last):
        if (node - first) % per_line == 0:
            out[at : at + keyword.shape[0]] = keyword
            at += keyword.shape[0]
        out[at : at + prefix.shape[0]] = prefix
        at = put_decimal(out, at + prefix.shape[0], np.int64(node))
        if node + 1 == last or (node - first) % per_line == per_line - 1:
            out[at] = 59
            out[at + 1] = 10
        else:
            out[at] = 44
            out[at + 1] = 32
        at += 2
    return at


@njit(cache=True)
def _put_gates(fanins, first, out, text, start, label, prefix, keyword):
    at = 0
    for i in range(fanins.shape[0]):
        out[at : at + keyword.shape[0]] = keyword
        at = put_net(out, at + keyword.shape[0], np.int64(first + i), text, start, label, prefix)
        for k in range(2):
            out[at] = 32
            out[at + 1] = 61 if k == 0 else 38
            out[at + 2] = 32
            at += 3
            literal = np.int64(fanins[i, k])
            if literal < 2:
                out[at] = 49
                out[at + 1] = 39
                out[at + 2] = 98
                out[at + 3] = 48 + literal
                at += 4
                continue
            if literal & 1:
                out[at] = 126
                at += 1
            at = put_net(out, at, literal >> 1, text, start, label, prefix)
        out[at] = 59
        out[at + 1] = 10
        at += 2
    return at
