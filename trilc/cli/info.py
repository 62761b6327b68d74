"""``trilc info``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from trilc.cli.options import json_option, path

EXAMPLES = """
\b
Examples:
  trilc info model.npz
  trilc info model.blif --json
"""


@click.command("info", epilog=EXAMPLES)
@click.argument("file", type=path)
@json_option
def command(file: Path, as_json: bool) -> None:
    """Describe FILE: a checkpoint (.npz, .safetensors) or a netlist (.blif, .aig, .aag, .v).

    For a checkpoint: shapes, sparsity, the interval of every layer's sums, and bounds on the gates and the
    memory that compiling it takes. For a netlist: inputs, outputs, registers, gates, levels.
    """
    from dataclasses import asdict

    from trilc.cli.sources import read_source
    from trilc.describe import describe

    facts = {"file": str(file), **asdict(describe(read_source(file)))}
    if as_json:
        click.echo(json.dumps(facts, indent=2))
        return
    from rich.table import Table

    from trilc.cli.tables import print_table

    table = Table(show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for key, value in facts.items():
        one_hot = key == "embedding" and value is None
        table.add_row(key.replace("_", " "), "one-hot" if one_hot else _shown(value))
    print_table(table)


def _shown(value: Any) -> str:
    match value:
        case {"shape": shape, "nonzero": nonzero, "density": density, "interval": (low, high)}:
            return f"{' × '.join(map(str, shape))}, {nonzero:,} non-zero ({density:.1%}), in [{low}, {high}]"
        case ({"units": _}, *_):
            return "\n".join(
                f"{k}: {layer['units']} units, sums in [{layer['sums'][0]}, {layer['sums'][1]}]\n"
                f"   recurrent {_shown(layer['recurrent'])}\n   input {_shown(layer['input'])}"
                for k, layer in enumerate(value)
            )
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case None:
            return "none"
    return str(value)
