"""Switching activity as a backward SAIF file (IEEE 1801), of the nets in the Verilog that trilc writes."""

from __future__ import annotations

import re
from typing import BinaryIO

import numpy as np

from backends.text import NetNames
from backends.verilog.interface import Interface
from trilc.activity import Activity
from trilc.aig import AIG
from trilc.version import VERSION

PERIOD = 10
"""Nanoseconds of a step."""

LINES = 1 << 14
"""Nets that are written at a time."""


def write(activity: Activity, aig: AIG, stream: BinaryIO, module: str = "trilc") -> None:
    """Write what was counted of a netlist, for an instance of the module that it is written as.

    Streams are taken to follow each other, and nets to change with the clock; the clock does so twice a step. Raises
    :class:`trilc.errors.InputError` as the writer of Verilog does.
    """
    interface = Interface.of(aig, module)
    for k in range(len(aig.constraints)):
        interface.space.take(f"constraint{k}")
    leaves = [bit for kind in (interface.inputs, interface.registers) for signal in kind for bit in signal.bits()]
    labelled = np.arange(1, aig.first_and, dtype=np.int64)
    nets = NetNames.of(aig.num_nodes, leaves, labelled, interface.space.prefix("n"))
    steps = activity.steps
    stream.write(
        f'(SAIFILE\n(SAIFVERSION "2.0")\n(DIRECTION "backward")\n(DESIGN "{interface.module}")\n'
        f'(PROGRAM_NAME "trilc")\n(VERSION "{VERSION}")\n(DIVIDER /)\n(TIMESCALE 1 ns)\n'
        f"(DURATION {steps * PERIOD})\n(INSTANCE {_escaped(interface.module)}\n(NET\n".encode()
    )
    if aig.num_registers:
        half = steps * PERIOD // 2
        stream.write(f"({_escaped(interface.clock)} (T0 {half}) (T1 {half}) (TX 0) (TC {2 * steps}) (IG 0))\n".encode())
    names = [bit for signal in interface.outputs for bit in signal.bits()]
    ones, toggles = activity.of_literals(aig.outputs)
    outputs = zip(names, ones.tolist(), toggles.tolist(), strict=True)
    stream.write("".join(_net(*net, steps) for net in outputs).encode())
    for begin in range(1, aig.num_nodes, LINES):
        part = slice(begin, min(begin + LINES, aig.num_nodes))
        nodes = range(part.start, part.stop)
        counted = zip(nodes, activity.ones[part].tolist(), activity.toggles[part].tolist(), strict=True)
        stream.write("".join(_net(nets.of_node(node), one, changes, steps) for node, one, changes in counted).encode())
    stream.write(b")\n)\n)\n")


def _net(name: str, ones: int, toggles: int, steps: int) -> str:
    high, low = ones * PERIOD, (steps - ones) * PERIOD
    return f"({_escaped(name)} (T0 {low}) (T1 {high}) (TX 0) (TC {toggles}) (IG 0))\n"


def _escaped(name: str) -> str:
    """A Verilog name with a backslash before whatever is no letter, digit or underscore."""
    plain = name[1:].rstrip(" ") if name.startswith("\\") else name
    return re.sub(r"([^A-Za-z0-9_])", r"\\\1", plain.replace(" ", ""))
