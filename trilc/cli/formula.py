"""``trilc formula``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from trilc.cli.options import json_option, path
from trilc.errors import InputError

EXAMPLES = """
\b
What can be asked for:
  h[7], h[0..7], h[*]       neurons: state bits after a token
  score[a], score           scores, as sums
  out='a', out              what is said: the comparisons that it wins
  score[a] > score[b] + 2   (and >=, <, <=, =) a comparison, score[a] >= 5 too
  h[0..2] = 0b101           several bits together
\b
Examples:
  trilc formula model.npz h[7]
  trilc formula model.npz h[7] --form boolean --token a
  trilc formula model.npz h[7] --form dimacs > h7.cnf
  trilc formula model.npz "score['a'] > score['e']" --form smt
  trilc formula model.npz h[*] --json
"""

FORMS = ("threshold", "boolean", "table", "pyeda", "dimacs", "smt")


@click.command("formula", epilog=EXAMPLES)
@click.argument("model", type=path)
@click.argument("target")
@click.option(
    "--form", type=click.Choice(FORMS), default="threshold", show_default=True,
    help="A count of literals; and, or and not; a truth table; text for pyeda's expr; clauses; SMT-LIB 2.",
)  # fmt: skip
@click.option(
    "--token", "tokens", multiple=True, metavar="TOKEN",
    help="Only for this token, by name or id, or for a class: letters, vowels, digits, spaces, punctuation. May be "
    "repeated.",
)  # fmt: skip
@json_option
def command(model: Path, target: str, form: str, tokens: tuple[str, ...], as_json: bool) -> None:
    """Write TARGET of the checkpoint MODEL as a formula of state bits and the token.

    h is the state before the token, h' the state after it. Every form is exact: a neuron is a count of literals against
    what the token asks for. What would get too long in a form is refused, with the forms that will do.
    """
    from trilc.cli.sources import read_source
    from trilc.cli.terminal import visible
    from trilc.explain.formula import Reading, facts, formula, written
    from trilc.model import Model
    from trilc.version import VERSION

    source = read_source(model)
    if not isinstance(source, Model):
        raise InputError(f"{model}: is a netlist, which has gates, not neurons; expected a checkpoint")
    rows = formula(source, target)
    reading = Reading.of(source, tokens)
    if as_json:
        about = {"trilc": VERSION, "model": str(model), "target": target, "form": form}
        click.echo(json.dumps({**about, **facts(rows, form, reading)}, indent=2))
    else:
        click.echo(visible(written(rows, form, reading)))
