"""An automaton becomes a ternary net, the net is blurred, and the automaton is found again, exactly.

    python examples/automata/there_and_back.py [--redundant N] [--seed N] [--folder DIR]

The automaton is Tomita's fourth language, the words without 000. It is written as ``tomita4.json``; the net as
``tomita4.npz``, with redundant units and in any order; what is found in it as ``found.dot``, with the certificate
``found.proof``. On the command line the same is:

    trilc realise tomita4.json -o tomita4.npz --redundant 40 --permute --seed 1
    trilc fsm tomita4.npz --equal tomita4.json
    trilc fsm tomita4.npz -o found.dot --certificate found.proof
    trilc fsm tomita4.npz --check found.proof
"""

from __future__ import annotations

from pathlib import Path

import click
import numpy as np

import trilc
from trilc import automata


def words_without_000() -> automata.Machine:
    """The state is the number of 0s at the end, 3 from the first 000 on; 1 is said of words in the language."""
    delta = np.array([[1, 0], [2, 0], [3, 0], [3, 3]], np.int32)
    return automata.Machine(delta, (delta < 3).astype(np.int32))


@click.command()
@click.option("--redundant", default=40, show_default=True, help="Units that change nothing.")
@click.option("--seed", default=1, show_default=True)
@click.option("--folder", type=click.Path(path_type=Path), default=Path("automata"), show_default=True)
def main(redundant: int, seed: int, folder: Path) -> None:
    """Realise the automaton, blur the net, find the automaton."""
    folder.mkdir(parents=True, exist_ok=True)
    truth = words_without_000()
    automata.write_automaton(truth, folder / "tomita4.json")
    net = automata.realise(truth, redundant, permute=True, seed=seed)
    trilc.save(folder / "tomita4.npz", net.header(), net.tensors())
    model = trilc.load(folder / "tomita4.npz")
    click.echo(f"the net: {model.units} units, of which {truth.states * truth.vocabulary} would do")

    reached = automata.explore(automata.observation(model))
    machine, classes = automata.minimise(reached.machine())
    click.echo(f"states that it can reach: {reached.states}; of its minimal automaton: {machine.states}")
    word = automata.difference(machine, truth)
    click.echo("equal to what went in" if word is None else f"DIFFERENT after {word}")

    automata.write_automaton(machine, folder / "found.dot")
    (folder / "found.proof").write_bytes(automata.certificate(reached, machine, classes))
    automata.check(model, folder / "found.proof")
    click.echo(f"certified: {folder / 'found.proof'} was checked by the numpy reference, step by step")
    if word is not None or not machine.equals(truth):
        raise click.ClickException("the automaton that was found is another one")


if __name__ == "__main__":
    main()
