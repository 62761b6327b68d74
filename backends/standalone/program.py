"""What a standalone simulator does besides running its tape: unpacking it, and the command line."""

from __future__ import annotations

import argparse
import base64
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from io import BufferedReader
from typing import Any, cast

import numpy as np

from trilc.aig.simulation.gates import Tape
from trilc.aig.simulation.machine import Machine
from trilc.errors import InputError

_PIECE = 1 << 16
"""Bytes of input looked at together."""


def read_tape(entries: Mapping[str, Any]) -> Tape:
    """The tape from the dictionary that :mod:`backends.standalone` wrote."""
    fields: dict[str, Any] = dict(entries)
    for name, entry in entries.items():
        if isinstance(entry, tuple):
            kind, text = entry
            fields[name] = np.frombuffer(base64.b85decode("".join(text.split())), kind)
    return Tape(**fields)


def read_ids(stream: BufferedReader) -> Iterator[list[int]]:
    """Whitespace-separated integers, as many at a time as have arrived. ``InputError`` for anything else."""
    rest = b""
    while piece := stream.read1(_PIECE):
        words = (rest + piece).split()
        rest = words.pop() if words and not piece[-1:].isspace() else b""
        yield [_number(word) for word in words]
        if rest:
            _number(rest)  # what cannot begin a number must not grow either
    if rest:
        yield [_number(rest)]


def _number(word: bytes) -> int:
    if not word.isdigit() or len(word) > 19:
        raise InputError(f"input: {word[:20].decode(errors='replace')!r} is not a token id")
    return int(word)


def main(simulator: Callable[[int], Machine], metadata: Mapping[str, Any]) -> int:
    """Read token ids from standard input, print an output for each; returns the exit code."""
    parser = argparse.ArgumentParser(
        description="Runs the circuit from its reset state on whitespace-separated token ids from standard "
        "input and prints its output after each, one per line.",
        epilog="example: echo 7 4 11 | python model.py",
    )
    parser.add_argument("--bits", action="store_true", help="print the output bits, in their order")
    parser.add_argument("--metadata", action="store_true", help="print the metadata as JSON and stop")
    options = parser.parse_args()
    try:
        if options.metadata:
            print(json.dumps(metadata, sort_keys=True))
            return 0
        machine = simulator(1)
        for ids in read_ids(cast(BufferedReader, sys.stdin.buffer)):
            if not ids:
                continue
            tokens = np.array(ids, np.uint64)[:, None]
            if options.bits:
                lines = ["".join(map(str, row)) for chunk in machine.run_bits(tokens) for row in chunk[:, 0]]
            else:
                lines = list(map(str, machine.run(tokens)[:, 0]))
            print("\n".join(lines), flush=True)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stderr.close()  # the reader left: nothing to say, also not at exit
        return 0
    return 0
