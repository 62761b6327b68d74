"""``trilc info``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from trilc.cli.options import json_option, path

if TYPE_CHECKING:
    from trilc.aig import AIG
    from trilc.model import Model

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
    from trilc.cli.sources import read_source
    from trilc.model import Model

    source = read_source(file)
    facts = _of_model(source) if isinstance(source, Model) else _of_netlist(source)
    if as_json:
        click.echo(json.dumps({"file": str(file), **facts}, indent=2))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(title=str(file), title_justify="left", show_header=False)
    for key, value in facts.items():
        table.add_row(key.replace("_", " "), _shown(value))
    Console().print(table)


def _of_model(model: Model) -> dict[str, Any]:
    from trilc.compiler import words
    from trilc.lower.bound import bound

    limit = bound(words(model))
    embedding = model.embedding
    return {
        "kind": "checkpoint",
        "sha256": model.digest,
        "cell": model.cell,
        "state": "pm1" if model.signed else "01",
        "output": model.output,
        "vocabulary": model.vocabulary,
        "embedding": "one-hot" if embedding is None else _matrix(embedding),
        "layers": [
            {
                "units": layer.units,
                "recurrent": _matrix(layer.recurrent),
                "input": _matrix(layer.input),
                "sums": _hull(model, k),
            }
            for k, layer in enumerate(model.layers)
        ],
        "head": None if model.head is None else _matrix(model.head.weight),
        "token_names": model.tokens is not None,
        "score_scale": model.score_scale,
        "gates_at_most": limit.gates,
        "bytes_at_most": limit.bytes,
    }


def _of_netlist(aig: AIG) -> dict[str, Any]:
    from passes import Size

    size = Size.of(aig)
    about = dict(aig.metadata)
    return {
        "kind": "netlist",
        "inputs": aig.num_inputs,
        "outputs": aig.num_outputs,
        "registers": size.registers,
        "ands": size.ands,
        "levels": size.levels,
        "constraints": len(aig.constraints),
        "compiled_by": about.get("trilc"),
        "sha256": about.get("model"),
        "output": about.get("output"),
        "vocabulary": about.get("vocabulary"),
        "removed_registers": len(about.get("removed") or {}),
    }


def _matrix(weights: Any) -> dict[str, Any]:
    import numpy as np

    nonzero = int(np.count_nonzero(weights))
    return {
        "shape": list(weights.shape),
        "nonzero": nonzero,
        "density": round(nonzero / max(1, weights.size), 4),
        "interval": [int(weights.min(initial=0)), int(weights.max(initial=0))],
    }


def _hull(model: Model, k: int) -> list[int]:
    """The interval that holds every pre-activation of a layer, bias included."""
    import numpy as np

    from trilc.exact.product import product

    layer = model.layers[k]
    signs = [layer.recurrent.astype(np.int64)]
    fixed = layer.bias[None]
    if k:
        signs.append(layer.input.astype(np.int64))
    else:
        terms = layer.input.T if model.embedding is None else product(model.embedding, layer.input)
        fixed = fixed + terms
    weights = np.concatenate(signs, axis=1)
    negative = -np.abs(weights).sum(1) if model.signed else np.minimum(weights, 0).sum(1)
    positive = np.abs(weights).sum(1) if model.signed else np.maximum(weights, 0).sum(1)
    return [int((fixed.min(0) + negative).min()), int((fixed.max(0) + positive).max())]


def _shown(value: Any) -> str:
    match value:
        case {"shape": shape, "nonzero": nonzero, "density": density, "interval": [low, high]}:
            return f"{' × '.join(map(str, shape))}, {nonzero:,} non-zero ({density:.1%}), in [{low}, {high}]"
        case [{"units": _}, *_]:
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
