"""``trilc layout``."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trilc.cli.options import json_option, output_file, path
from trilc.errors import InputError
from trilc.version import VERSION

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from trilc.aig import AIG

EXAMPLES = """
\b
Examples:
  trilc layout model.npz -o graph.png
  trilc layout model.blif -o levels.png --by level --size 4096
  trilc layout adder.aig -o graph.png --places places.npy
  trilc layout large.aig -o graph.png --device cuda
"""

MOST_REGISTERS = 4096
"""Registers among which communities are looked for."""


@click.command("layout", epilog=EXAMPLES)
@click.argument("file", type=path)
@click.option("-o", "--output", "target", type=output_file, metavar="FILE.png", help="Picture to write.")
@click.option("--size", type=click.IntRange(16, 32768), default=2048, show_default=True, help="Pixels on a side.")
@click.option(
    "--by", type=click.Choice(["module", "level", "register"]),
    help="What colours show: the community of registers that a gate works for, the register itself, or the level of "
    "the gate (default: module; level where there are no registers). Grey gates work for several.",
)  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="For the first places.")
@click.option(
    "--places", type=output_file, metavar="FILE.npy", help="Write where every node is, (nodes, 2) numbers, as an array."
)
@click.option(
    "--device", "device_name", default="cpu", show_default=True, metavar="NAME",
    help="What computes the forces: cpu, or, with the extra trilc[gpu], a device of PyTorch's such as cuda, cuda:1 or "
    "mps (torch:cpu is PyTorch on the processor).",
)  # fmt: skip
@json_option
def command(
    file: Path, target: Path | None, size: int, by: str | None, seed: int, places: Path | None, device_name: str,
    as_json: bool,
) -> None:  # fmt: skip
    """Draw the gates of FILE, a netlist or a checkpoint, and the wires between them, by forces.

    The picture shows density: each wire has the same ink, spread along it. Time and memory are in proportion to the
    wires: some ten seconds for a million. The same file, options and seed give the same picture; another device one
    that differs in details.
    """
    if target is None and places is None:
        raise click.UsageError("Missing option '-o' / '--output'.")
    if target is not None and target.suffix != ".png":
        raise InputError(f"{target}: expected the ending .png")
    import numpy as np

    from backends import atomic_write
    from passes import efforts
    from trilc.cli.sources import read_source
    from trilc.cli.stages import Stages
    from trilc.compiler import compile
    from trilc.layout import device_named, draw, gate_graph, graph_of, place
    from trilc.model import Model

    start = time.monotonic()
    device = device_named(device_name)
    with Stages() as stages:
        source = read_source(file)
        if isinstance(source, Model):
            source = compile(source, None, efforts.pipeline("fast"), keep_state=True, observer=stages)
        by = by or ("module" if source.num_registers else "level")
        wires = gate_graph(source)
        stages.begin("neighbours")
        where = place(graph_of(source.num_nodes, wires), seed, stages.begin, device)
        if places is not None:
            with atomic_write(places) as stream:
                np.save(stream, where)
        if target is not None:
            stages.begin("picture")
            shown = _coloured(source, by, seed)
            with atomic_write(target) as stream:
                draw(stream, where, wires, shown, size)
    facts = {
        "trilc": VERSION,
        "file": str(file),
        "nodes": source.num_nodes,
        "wires": len(wires),
        "by": by,
        "device": device_name,
        "output": None if target is None else str(target),
        "seconds": round(time.monotonic() - start, 2),
    }
    if as_json:
        click.echo(json.dumps(facts, indent=2))
    else:
        written = " and ".join(str(path) for path in (target, places) if path is not None)
        counts = f"{facts['nodes']:,} nodes, {facts['wires']:,} wires"
        click.echo(f"{written}: {counts}, coloured by {by} ({facts['seconds']:.1f} s)")


def _coloured(aig: AIG, by: str, seed: int) -> NDArray[np.uint8]:
    from trilc.layout.colours import colours

    if by != "module":
        return colours(aig, by)
    from trilc.aig.supports import register_supports
    from trilc.explain.modules.structure import communities

    if aig.num_registers > MOST_REGISTERS:
        raise InputError(
            f"--by module: found {aig.num_registers:,} registers; expected at most {MOST_REGISTERS:,}, or --by register"
        )
    return colours(aig, by, communities(register_supports(aig), seed))
