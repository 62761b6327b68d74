"""From a graph to BLIF: one ``.names`` per gate, five fields per ``.latch``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO

import numpy as np
from numba import njit
from numpy.typing import NDArray

from backends import metadata, names
from backends.text import CHUNK, NetNames, put_net
from trilc.aig import AIG, UNKNOWN

_WIDTH = 100
"""Columns after which a list of names goes on in the next line."""


def write(aig: AIG, stream: BinaryIO, model: str = "trilc") -> None:
    """Write a graph as the model ``model``.

    A netlist with registers lists its clock among its inputs; the reader drops it again. Names that BLIF
    cannot hold are bent, and the metadata says how. Raises :class:`trilc.errors.InputError` for a name that
    is empty or holds a control character.
    """
    names.check_all(aig)
    space = names.Namespace()
    inputs = [space.take(legal(name)) for name in aig.input_names]
    registers = [space.take(legal(name)) for name in aig.register_names]
    leaves = inputs + registers
    outputs, named_gates = _name_outputs(aig, leaves, space)
    clock = space.take("clk")
    constraints = [space.take(f"constraint{k}") for k in range(len(aig.constraints))]
    labelled = np.concatenate([np.arange(1, aig.first_and), list(named_gates)]).astype(np.int64)
    nets = NetNames.of(aig.num_nodes, [*leaves, *named_gates.values()], labelled, space.prefix("n"))

    comment = metadata.encode(aig, constraints, _bent(aig, inputs, registers, outputs))
    if comment:
        stream.write(b"# " + comment + b"\n")
    _put(stream, [f".model {legal(model)}\n"])
    _put(stream, _wrapped(".inputs", inputs + [clock] * (aig.num_registers > 0)))
    _put(stream, _wrapped(".outputs", outputs))
    _put(stream, _latches(aig, registers, clock, nets))
    if (aig.fanins < 2).any() or (aig.roots < 2).any():
        _put(stream, [f".names {nets.of_node(0)}\n"])
    _write_gates(aig, nets, stream)
    for node in np.unique(aig.next_state[aig.next_state & 1 == 1] >> 1).tolist():
        net = nets.of_node(node)
        _put(stream, [f".names {net} {_inverse(node, nets)}\n0 1\n"])
    _put(stream, _buffers([*outputs, *constraints], [*aig.outputs.tolist(), *aig.constraints.tolist()], nets))
    stream.write(b".end\n")


def legal(name: str) -> str:
    """A name with everything that BLIF or its readers give a meaning replaced by underscores."""
    return re.sub(r"^[.$]|[^!-~]|[#\\=]", "_", name)


def _name_outputs(
    aig: AIG, leaves: Sequence[str], space: names.Namespace
) -> tuple[list[str], dict[int, str]]:
    """The outputs' nets, and the gates that bear an output's name."""
    outputs: list[str] = []
    named: dict[int, str] = {}
    for name, literal in zip(aig.output_names, aig.outputs.tolist(), strict=True):
        wish, node = legal(name), literal >> 1
        if literal & 1 == 0 and 0 < node < aig.first_and and leaves[node - 1] == wish:
            outputs.append(wish)
            continue
        outputs.append(space.take(wish))
        if literal & 1 == 0 and node >= aig.first_and:
            named.setdefault(node, outputs[-1])
    return outputs, named


def _bent(aig: AIG, *written: Sequence[str]) -> dict[str, dict[str, str]]:
    true = (aig.input_names, aig.register_names, aig.output_names)
    return {
        kind: {name: original for name, original in zip(new, old, strict=True) if name != original}
        for kind, new, old in zip(metadata.KINDS, written, true, strict=True)
    }


def _latches(aig: AIG, registers: Sequence[str], clock: str, nets: NetNames) -> Iterator[str]:
    for present, after, reset in zip(registers, aig.next_state.tolist(), aig.reset.tolist(), strict=True):
        net = _inverse(after >> 1, nets) if after & 1 else nets.of_node(after >> 1)
        yield f".latch {net} {present} re {clock} {3 if reset == UNKNOWN else reset}\n"


def _buffers(targets: Sequence[str], literals: Sequence[int], nets: NetNames) -> Iterator[str]:
    """Nets for outputs and constraints that do not bear their node's own name."""
    for target, literal in zip(targets, literals, strict=True):
        source = nets.of_node(literal >> 1)
        if source != target:
            yield f".names {source} {target}\n{1 - (literal & 1)} 1\n"


def _inverse(node: int, nets: NetNames) -> str:
    return f"{nets.prefix.tobytes().decode()}{node}_not"


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


def _write_gates(aig: AIG, nets: NetNames, stream: BinaryIO) -> None:
    longest = 3 * nets.longest + 16
    step = max(1, CHUNK // longest)
    out = np.empty(longest * min(step, aig.num_ands), np.uint8)
    for start in range(0, aig.num_ands, step):
        fanins = aig.fanins[start : start + step]
        used = _put_gates(
            fanins, aig.first_and + start, out, nets.text, nets.start, nets.label, nets.prefix, _NAMES
        )  # fmt: skip
        stream.write(out[:used].data)


_NAMES: NDArray[np.uint8] = np.frombuffer(b".names ", np.uint8)


@njit(cache=True)
def _put_gates(fanins, first, out, text, start, label, prefix, keyword):
    at = 0
    for i in range(fanins.shape[0]):
        out[at : at + keyword.shape[0]] = keyword
        at += keyword.shape[0]
        for k in range(2):
            at = put_net(out, at, np.int64(fanins[i, k] >> 1), text, start, label, prefix)
            out[at] = 32
            at += 1
        at = put_net(out, at, np.int64(first + i), text, start, label, prefix)
        out[at] = 10
        out[at + 1] = 49 - (fanins[i, 0] & 1)
        out[at + 2] = 49 - (fanins[i, 1] & 1)
        out[at + 3] = 32
        out[at + 4] = 49
        out[at + 5] = 10
        at += 6
    return at
