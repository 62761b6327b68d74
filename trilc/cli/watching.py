"""What a run writes for those who watch: a waveform, and how often every net switches."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from trilc.version import VERSION

if TYPE_CHECKING:
    from trilc.activity import Activity, Meter
    from trilc.aig import AIG
    from trilc.model import Model
    from trilc.runner import Runner

AT_ONCE = 256
"""Tokens that are shown before what is said to them is printed."""

Run = Callable[[Iterable[NDArray[Any]]], Iterator[NDArray[Any]]]


@contextmanager
def waved(runner: Runner, path: Path) -> Iterator[Run]:
    """A function that runs one stream in pieces, as :meth:`Runner.run_stream` does, and draws its waveform.

    An interrupt leaves the waveform of the tokens before it.
    """
    from backends import atomic_write
    from trilc.waveform import Waveform

    interrupt: KeyboardInterrupt | None = None
    with atomic_write(path) as file, Waveform(file, runner) as waveform:

        def run(pieces: Iterable[NDArray[Any]]) -> Iterator[NDArray[Any]]:
            for piece in pieces:
                for begin in range(0, len(piece), AT_ONCE):
                    yield waveform.run(piece[begin : begin + AT_ONCE])

        try:
            yield run
        except KeyboardInterrupt as error:
            if not waveform.cut():
                raise
            interrupt = error
    if interrupt:
        raise interrupt


def meter_of(machine: Model | AIG, runner: Runner, begin: Path | None) -> Meter:
    """A meter of the netlist, or of the one that the model is compiled to where it is run."""
    from trilc.activity import Meter
    from trilc.compiler import compile
    from trilc.engines.gates import FAST
    from trilc.model import Model
    from trilc.saved_state import read_state
    from trilc.state import StatePlace

    aig = compile(machine, runner.output, FAST) if isinstance(machine, Model) else machine
    if begin is None:
        return Meter(aig)
    saved = read_state(begin)
    return Meter(aig, StatePlace.of(aig).registers(saved.bits, saved.reached))


def write_activity(meter: Meter, path: Path, module: str) -> None:
    """Write what was counted, by the ending: SAIF for the Verilog module of that name, or JSON."""
    from backends import atomic_write

    with atomic_write(path) as file:
        if path.suffix == ".saif":
            from backends import saif

            saif.write(meter.activity, meter.aig, file, module)
        else:
            file.write(json.dumps(_summary(meter.activity, meter.aig), separators=(",", ":")).encode() + b"\n")


def _summary(activity: Activity, aig: AIG) -> dict[str, Any]:
    """JSON of the counts: ones, then switches. Gates stand in the netlist's order, from node ``first_gate`` on."""
    from trilc.state import CONSTANT, UNKNOWN, StatePlace

    def named(names: Iterable[str], ones: Any, toggles: Any) -> dict[str, list[int]]:
        return dict(zip(names, map(list, zip(ones.tolist(), toggles.tolist(), strict=True)), strict=True))

    first = 1 + aig.num_inputs
    inputs, registers = slice(1, first), slice(first, aig.first_and)
    place = StatePlace.of(aig)
    neurons: dict[str, list[int] | None] = {}
    for name, source, flip in zip(place.names, place.source.tolist(), place.flip.tolist(), strict=True):
        if source == UNKNOWN:
            neurons[name] = None
        else:
            literal = (0 if source == CONSTANT else 2 * (first + source)) + flip
            neurons[name] = [int(count[0]) for count in activity.of_literals(np.array([literal], np.uint32))]
    return {
        "trilc": VERSION,
        "model": aig.metadata.get("model"),
        "steps": activity.steps,
        "pairs": activity.pairs,
        "neurons": neurons,
        "inputs": named(aig.input_names, activity.ones[inputs], activity.toggles[inputs]),
        "outputs": named(aig.output_names, *activity.of_literals(aig.outputs)),
        "registers": named(aig.register_names, activity.ones[registers], activity.toggles[registers]),
        "first_gate": aig.first_and,
        "gates": {
            "ones": activity.ones[aig.first_and :].tolist(),
            "toggles": activity.toggles[aig.first_and :].tolist(),
        },
    }
