"""Automata in files: JSON tables, and the DOT that AALpy reads and writes for Mealy machines."""

from __future__ import annotations

import json
import os
import re
import stat
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import numpy as np

from trilc.automata.machine import UNSAID, Machine, Table
from trilc.errors import InputError, file_name

LARGEST_FILE = 1 << 28
"""Bytes that are read."""

LARGEST_TABLE = 1 << 26
"""Entries of a table that are read."""

ENDINGS = (".json", ".dot")

# no two stretches of white space side by side, so that a line takes time in proportion to its length
_NODE = re.compile(r'("?)(\w+)\1\s*(?:\[.*\]\s*)?;?')
_EDGE = re.compile(r'("?)(\w+)\1\s*->\s*("?)(\w+)\3\s*(?:\[(.*)\]\s*)?;?')
_LABEL = re.compile(r'\blabel\s*=\s*(?:"([^"]*)"|([^\s\],;"]+))')
_START = re.compile(r"__start\d*")
_INTEGER = re.compile("-?[0-9]{1,10}")
_PLAIN = "".join(chr(c) for c in range(33, 127) if chr(c) not in '%"/\\&{}<>|')


def read_automaton(path: str | os.PathLike[str]) -> Machine:
    """The Mealy machine in a ``.json`` or ``.dot`` file.

    JSON has the tables ``delta`` and ``output`` by state and token, and ``start``. DOT is as AALpy writes it: edges
    labelled ``token/output``, the start behind an edge from ``__start0``. Labels that are numbers are numbers, tokens
    and outputs that are named are numbered as they are met; outputs that are all tokens are these. Raises
    :class:`InputError`, one line with the file and the place in it.
    """
    try:
        parse = {".json": parse_json, ".dot": parse_dot}.get(Path(path).suffix.lower())
        if parse is None:
            raise InputError(f"found ending {Path(path).suffix!r}; expected {' or '.join(ENDINGS)}")
        return parse(read_text(path))
    except InputError as error:
        raise InputError(f"{file_name(path)}: {error}") from None


def read_text(path: str | os.PathLike[str]) -> str:
    """A file of UTF-8. Raises :class:`InputError` where it can't be read or is too large."""
    path = Path(path)
    try:
        if "\0" in str(path) or not stat.S_ISREG(path.stat().st_mode):
            raise InputError("expected a regular file")
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise InputError(f"can't be read: {error.strerror or error}") from None
    if len(data) > LARGEST_FILE:
        raise InputError(f"expected at most {LARGEST_FILE >> 20} MiB")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise InputError(f"byte {error.start}: found 0x{data[error.start]:02x}; expected UTF-8") from None


def table_form(machine: Machine) -> dict[str, Any]:
    """The machine as JSON has it."""
    return {
        "states": machine.states,
        "start": machine.start,
        "delta": machine.delta.tolist(),
        "output": machine.output.tolist(),
    }


def json_text(machine: Machine) -> str:
    """The machine as one JSON object: ``states``, ``start``, and by state and token ``delta`` and ``output``."""
    return json.dumps(table_form(machine))


def parse_json(text: str) -> Machine:
    """The machine in a JSON object. Raises :class:`InputError` with the entry that is wrong."""
    return parse_table_form(parse_object(text))


def parse_object(text: str) -> dict[str, Any]:
    """A JSON object. Raises :class:`InputError` for anything else."""
    try:
        found = json.loads(text)
    except RecursionError:
        raise InputError("JSON is nested too deeply") from None
    except ValueError as error:
        raise InputError(f"not JSON: {error}") from None
    if not isinstance(found, dict):
        raise InputError(f"found a JSON {type(found).__name__}; expected an object")
    return found


def parse_table_form(found: dict[str, Any]) -> Machine:
    """The machine that :func:`table_form` gives so. Raises :class:`InputError` with the entry that is wrong."""
    for key in ("start", "delta", "output"):
        if key not in found:
            raise InputError(f"found no {key!r}; expected 'start', 'delta' and 'output'")
    start = found["start"]
    delta, output = _table("delta", found["delta"]), _table("output", found["output"])
    if type(start) is not int:
        raise InputError(f"start: found {start!r:.40}; expected a state, 0 to {len(delta) - 1}")
    if "states" in found and (type(found["states"]) is not int or found["states"] != len(delta)):
        raise InputError(f"states: found {found['states']!r:.40}, where delta has {len(delta)}")
    machine = Machine(delta, output, start)
    machine.check()
    return machine


def dot_text(machine: Machine) -> str:
    """The machine as AALpy writes Mealy machines, one edge for each state and token: ``s0 -> s1 [label="a/b"];``.

    Names are as they are where labels can hold them, else percent-encoded.
    """
    tokens = _labels(machine.tokens, machine.vocabulary)
    named = tokens is not None and machine.symbols == machine.tokens
    symbols = tokens if named else None
    lines = ["digraph machine {"]
    lines += [f's{state} [label="s{state}"];' for state in range(machine.states)]
    for state, (following, said) in enumerate(zip(machine.delta.tolist(), machine.output.tolist(), strict=True)):
        for token, (after, output) in enumerate(zip(following, said, strict=True)):
            if after != UNSAID:
                read = token if tokens is None else tokens[token]
                lines.append(f's{state} -> s{after} [label="{read}/{output if symbols is None else symbols[output]}"];')
    lines += ['__start0 [label="", shape=none];', f'__start0 -> s{machine.start} [label=""];', "}"]
    return "\n".join(lines) + "\n"


def parse_dot(text: str) -> Machine:
    """The machine in a DOT file with a line for every node and edge. Raises :class:`InputError` with the line."""
    nodes: dict[str, int] = {}
    edges: list[tuple[int, int, str, str, int]] = []
    start = None
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith(("digraph", "//", "#", "}", "{", "graph", "node", "edge", "rankdir")):
            continue
        if edge := _EDGE.fullmatch(line):
            source, target, attributes = edge[2], edge[4], edge[5] or ""
            if _START.fullmatch(source):
                if start is not None:
                    raise InputError(f"line {number}: found a second start")
                start = nodes.setdefault(target, len(nodes))
                continue
            label = _LABEL.search(attributes)
            read, slash, said = (label[1] or label[2] or "").partition("/") if label else ("", "", "")
            if not slash:
                raise InputError(f"line {number}: found no label token/output; expected one on every edge")
            ends = (nodes.setdefault(source, len(nodes)), nodes.setdefault(target, len(nodes)))
            edges.append((*ends, read.strip() or read, said.strip() or said, number))
        elif node := _NODE.fullmatch(line):
            if not _START.fullmatch(node[2]):
                nodes.setdefault(node[2], len(nodes))
        else:
            raise InputError(f"line {number}: found {line[:40]!r}; expected a node, or an edge")
    if start is None:
        raise InputError("found no edge from __start0; expected one to the start")
    return _assembled(len(nodes), start, edges)


def _assembled(states: int, start: int, edges: list[tuple[int, int, str, str, int]]) -> Machine:
    read = list(dict.fromkeys(edge[2] for edge in edges))
    tokens = _numbers(read)
    unnamed = tokens is not None and sorted(tokens.values()) == list(range(len(read)))
    by_name = tokens if tokens is not None and unnamed else {name: k for k, name in enumerate(read)}
    said = list(dict.fromkeys(edge[3] for edge in edges))
    among_tokens = set(said) <= set(read)
    symbols = by_name if among_tokens else _numbers(said) or {name: k for k, name in enumerate(said)}
    if states * len(read) > LARGEST_TABLE:
        raise InputError(f"{states} states and {len(read)} tokens; expected a table of at most {LARGEST_TABLE} entries")
    delta = np.full((states, len(read)), UNSAID, np.int32)
    output = np.full(delta.shape, UNSAID, np.int32)
    for source, target, token, symbol, number in edges:
        at = source, by_name[token]
        if delta[at] != UNSAID:
            raise InputError(f"line {number}: found a second edge for {token[:40]!r}; expected one from each state")
        delta[at], output[at] = target, symbols[symbol]
    names = None if unnamed else tuple(unquote(name) for name in read)
    if names is not None and (len(set(names)) < len(names) or not all(names)):
        raise InputError("two tokens have the same name, or one has none")
    machine = Machine(delta, output, start, names, names if among_tokens else None)
    if not edges:
        raise InputError("found no edge; expected one for each state and token")
    missing = np.argwhere(delta == UNSAID)
    if len(missing):
        state, token = missing[0].tolist()
        raise InputError(f"state {state} has no edge for token {read[token][:40]!r}; expected one for each")
    return machine


def _numbers(labels: list[str]) -> dict[str, int] | None:
    """Labels that are all numbers, and these."""
    if not all(_INTEGER.fullmatch(label) and -(1 << 31) <= int(label) < 1 << 31 for label in labels):
        return None
    numbers = {label: int(label) for label in labels}
    return numbers if len(set(numbers.values())) == len(labels) else None


def _labels(names: tuple[str, ...] | None, count: int) -> list[str] | None:
    """The names as labels, None where numbers serve better: names that are other numbers would be read as these."""
    if names is None or len(names) != count:
        return None
    labels = [quote(name, safe=_PLAIN) if name != " " else "%20" for name in names]
    numbers = _numbers(labels)
    return labels if numbers is None or list(numbers.values()) == list(range(count)) else None


def _table(name: str, found: Any) -> Table:
    """(states, V) integers of lists of lists."""
    if not isinstance(found, list) or not found or not all(isinstance(row, list) for row in found):
        raise InputError(f"{name}: expected a list of lists, by state and token")
    width = len(found[0])
    if len(found) * width > LARGEST_TABLE or not width:
        raise InputError(f"{name}: found {len(found)} states and {width} tokens; expected 1 to {LARGEST_TABLE} entries")
    for state, row in enumerate(found):
        if len(row) != width:
            raise InputError(f"{name}[{state}]: found {len(row)} entries; expected {width}, as in {name}[0]")
        for token, value in enumerate(row):
            if type(value) is not int or not -(1 << 31) <= value < 1 << 31:
                raise InputError(f"{name}[{state}][{token}]: found {value!r:.40}; expected an integer of 32 bits")
    return np.array(found, np.int32)


def write_automaton(machine: Machine, path: str | os.PathLike[str]) -> None:
    """Write a machine as ``.json`` or ``.dot``, by the ending. Raises :class:`InputError` for others."""
    from backends import atomic_write

    path = Path(path)
    if path.suffix.lower() not in ENDINGS:
        raise InputError(f"{file_name(path)}: expected an ending among {', '.join(ENDINGS)}")
    with atomic_write(path) as file:
        file.write((json_text(machine) + "\n" if path.suffix.lower() == ".json" else dot_text(machine)).encode())
