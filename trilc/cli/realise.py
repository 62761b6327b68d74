"""``trilc realise``."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from trilc.cli.options import OutputFile, path, refuse_twice

EXAMPLES = """
\b
Examples:
  trilc realise machine.json -o model.npz
  trilc realise machine.dot -o model.npz --redundant 50 --permute --seed 7
  trilc realise machine.json -o model.npz && trilc fsm model.npz --equal machine.json
"""


@click.command("realise", epilog=EXAMPLES)
@click.argument("automaton", type=path)
@click.option(
    "-o", "--output", "target", type=OutputFile(), required=True, metavar="FILE",
    help="The checkpoint to write, .npz or .safetensors.",
)  # fmt: skip
@click.option(
    "--redundant", type=click.IntRange(0), default=0, show_default=True, metavar="N",
    help="Units to add that change nothing: copies and complements that share the readers of others, pairs that cancel "
    "out, and such as nothing depends on.",
)  # fmt: skip
@click.option("--permute", is_flag=True, help="Shuffle the units.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="For both.")
def command(automaton: Path, target: Path, redundant: int, permute: bool, seed: int) -> None:
    """Write a checkpoint of a ternary net that does what AUTOMATON does: a Mealy machine in a .json file, with "start",
    "delta" and "output" by state and token, or in a .dot file as AALpy writes it.

    The net has a unit for each token in each state that is reached, on when that token was just read there.
    """
    refuse_twice(automaton, target)

    from backends import atomic_write
    from trilc.automata import read_automaton, realise
    from trilc.checkpoint import save
    from trilc.errors import InputError

    if target.suffix.lower() not in (".npz", ".safetensors"):
        raise InputError(f"{target}: expected an ending among .npz, .safetensors")
    machine = read_automaton(automaton)
    try:
        net = realise(machine, redundant, permute, seed)
    except InputError as error:
        raise InputError(f"{automaton}: {error}") from None
    with tempfile.TemporaryDirectory() as folder, atomic_write(target) as file:
        made = Path(folder) / f"model{target.suffix}"
        save(made, net.header(), net.tensors())
        file.write(made.read_bytes())
    click.echo(f"{target}: {net.units:,} units, {machine.vocabulary} tokens")
