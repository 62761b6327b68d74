"""``trilc score``."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trilc.cli.options import input_option, json_option, lines_option, path, quiet_option

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from trilc.cli.pace import Pace
    from trilc.runner import Runner
    from trilc.scoring import Score

EXAMPLES = """
\b
Examples:
  trilc score model.npz book.txt
  trilc score model.npz verses.txt --lines --json
  trilc score model.aig tokens.npy
"""

STANDARD_INPUT = Path("-")


@click.command("score", epilog=EXAMPLES)
@click.argument("source", metavar="MODEL_OR_NETLIST", type=path)
@click.argument("text", type=path, required=False)
@input_option("What TEXT holds (default: text where tokens have names, else ids). An .npy array holds ids.")
@lines_option
@click.option("--threads", type=click.IntRange(min=1), default=1, show_default=True, help="For many streams.")
@json_option
@quiet_option
def command(
    source: Path, text: Path | None, input_: str | None, lines: bool, threads: int, as_json: bool, quiet: bool
) -> None:
    """Say how well MODEL_OR_NETLIST foretells TEXT: a file, - for standard input (the default), or an .npy array of
    many streams.

    The accuracy is the share of tokens that were said, one step before they came. Bits per character need the scores,
    so a checkpoint or a netlist with --outputs scores, and the header's score_scale: they are the mean of
    log2 Σ exp(score_scale · (s − s_next)) over all tokens but the first, summed exactly. One state runs through the
    whole text, however long, from the reset state on; with --lines, and in an array, every stream begins there.
    """
    is_array = text is not None and text.suffix == ".npy"
    if is_array and (input_ not in (None, "ids") or lines):
        raise click.UsageError("an .npy array holds ids of many streams")

    from trilc.cli.pace import Pace
    from trilc.cli.sources import read_array, read_source
    from trilc.cli.stages import Stages
    from trilc.scoring import score, score_stream, score_streams, scoring_runner

    machine = read_source(source)
    with nullcontext() if quiet else Stages() as stages:
        runner = scoring_runner(machine, threads, stages)
    kind = input_ or ("text" if runner.tokenizer and not is_array else "ids")
    place = text or STANDARD_INPUT
    start = time.perf_counter()
    if is_array:
        assert text is not None
        found = score(runner, read_array(text))
    else:
        with Pace.of_file(place, quiet, shares_terminal=False) as pace:
            if lines:
                found = score_streams(runner, _followed_lines(runner, place, kind, pace))
            else:
                found = score_stream(runner, _followed(runner, place, kind, pace))
    _report(runner, found, time.perf_counter() - start, as_json)


def _followed(runner: Runner, text: Path, kind: str, pace: Pace) -> Iterator[NDArray[np.int64]]:
    from trilc.cli.sources import read_tokens

    for piece in read_tokens(text, kind, runner.named_tokens() if kind == "text" else None, pace.read):
        yield piece
        pace.said(len(piece))


def _followed_lines(runner: Runner, text: Path, kind: str, pace: Pace) -> Iterator[list[NDArray[np.int64]]]:
    from trilc.cli.sources import read_lines

    tokenizer = runner.named_tokens() if kind == "text" else None
    for group in read_lines(text, kind, runner.vocabulary, tokenizer, pace.read):
        yield group
        pace.said(sum(map(len, group)))


def _report(runner: Runner, found: Score, seconds: float, as_json: bool) -> None:
    unit = "token" if runner.tokenizer is None else "character"
    bits = found.bits_per_token if runner.tokenizer is None else found.bits_per_character
    bits = bits if found.tokens else None
    if as_json:
        summary = {
            "tokens": found.tokens,
            "correct": found.correct,
            "accuracy": found.accuracy if found.tokens else None,
            "nats": found.nats,
            f"bits_per_{unit}": bits,
            "seconds": round(seconds, 4),
        }
        click.echo(json.dumps(summary, indent=2))
        return
    from rich.table import Table

    from trilc.cli.tables import print_table

    table = Table(show_header=False)
    table.add_column(no_wrap=True)
    table.add_column()
    table.add_row("tokens foretold", f"{found.tokens:,}")
    table.add_row("accuracy", f"{found.accuracy:.4%} ({found.correct:,})" if found.tokens else "none")
    if bits is not None:
        table.add_row(f"bits per {unit}", f"{bits:.6f}")
    table.add_row("tokens per second", f"{found.tokens / max(seconds, 1e-9):,.0f}")
    print_table(table)
