"""``trilc report``."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trilc.cli.options import (
    effort_option_of,
    input_option,
    output_file,
    path,
    quiet_option,
    refuse_twice,
    seconds_option_of,
)
from trilc.errors import InputError

if TYPE_CHECKING:
    from trilc.aig import AIG
    from trilc.model import Model
    from trilc.report.gather import Given

EXAMPLES = """
\b
Examples:
  trilc report model.npz -o report.html
  trilc report model.npz book.txt -o report.html -o report.json
  trilc report model.npz book.txt -o report.html --ask "never out='b' after tok='a'"
  trilc report model.aig -o report.html --seconds 0
"""

ENDINGS = (".html", ".json")


@click.command("report", epilog=EXAMPLES)
@click.argument("source", metavar="MODEL_OR_NETLIST", type=path)
@click.argument("text", type=path, required=False)
@click.option(
    "-o", "--output", "targets", type=output_file, multiple=True, metavar="FILE",
    help="Page (.html) or its data (.json) to write; may be repeated.",
)  # fmt: skip
@click.option("--title", metavar="TEXT", help="Of the page (default: the file's name).")
@click.option(
    "--ask", "asked", multiple=True, metavar="QUESTION",
    help="Ask this too, as trilc ask does; may be repeated. Questions about a certain input are asked of the first "
    "tokens of TEXT.",
)  # fmt: skip
@seconds_option_of("120, for the proof and the questions; with 0 neither is tried")
@effort_option_of("fast")
@click.option(
    "--tokens", "limit", type=click.IntRange(1, 1_000_000), metavar="N",
    help="Read so many tokens of TEXT at most (default: 20000).",
)  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="For a text of its own.")
@input_option("What TEXT holds (default: text where tokens have names, else ids).")
@quiet_option
def command(
    source: Path,
    text: Path | None,
    targets: tuple[Path, ...],
    title: str | None,
    asked: tuple[str, ...],
    seconds: float | None,
    effort: str,
    limit: int | None,
    seed: int,
    input_: str | None,
    quiet: bool,
) -> None:
    """Lay MODEL_OR_NETLIST open in one HTML file that needs no server and no network.

    What it is and what is proved of it; every bit of its state while it reads TEXT (a file, or - for standard input;
    without one, a text that it writes itself); modules and gates on maps, with cones of influence; a card for each bit;
    its automaton where that is small; questions with their verdicts. A netlist is one that trilc wrote, with all of
    its state.
    """
    if not targets:
        raise click.UsageError("Missing option '-o' / '--output'.")
    for target in targets:
        if target.suffix.lower() not in ENDINGS:
            raise InputError(f"{target}: expected an ending among {', '.join(ENDINGS)}")
    if input_ is not None and text is None:
        raise click.UsageError("--input is for TEXT")
    refuse_twice(source, text, *targets)

    from contextlib import nullcontext

    from backends import atomic_write
    from trilc.cli.sources import read_source
    from trilc.cli.terminal import visible
    from trilc.cli.verify import Doing
    from trilc.report import Wishes, gather, json_text, page
    from trilc.report.gather import LIMIT, SECONDS

    start = time.monotonic()
    machine = read_source(source)
    wishes = Wishes(title or source.name, asked, SECONDS if seconds is None else seconds, effort, limit or LIMIT, seed)
    with nullcontext() if quiet else Doing() as doing:
        given = None if text is None else _given(machine, text, input_)
        data = gather(machine, given, wishes, doing.say if doing else lambda _: None)
    for target in targets:
        with atomic_write(target) as file:
            file.write(page(data) if target.suffix.lower() == ".html" else json_text(data).encode())
    sizes = ", ".join(f"{target} ({target.stat().st_size / 1e6:.1f} MB)" for target in targets)
    answers = [question["answer"] for question in data["questions"]]
    counted = ", ".join(f"{answers.count(answer)} {answer}" for answer in ("yes", "no", "unknown") if answer in answers)
    told = f"; questions: {counted}" if counted else ""
    click.echo(visible(f"{sizes}: {data['text']['origin']}{told} ({time.monotonic() - start:.1f} s)"))


def _given(machine: Model | AIG, text: Path, kind: str | None) -> Given:
    """The tokens of a file."""
    from trilc.cli.sources import read_tokens
    from trilc.metadata import metadata, require
    from trilc.model import Model, TextRules
    from trilc.report.gather import Given
    from trilc.text import Tokenizer

    about = metadata(machine) if isinstance(machine, Model) else machine.metadata
    require(about)
    names, rules = about["tokens"], about["text"]
    kind = kind or ("ids" if names is None else "text")
    if kind == "text" and names is None:
        raise InputError("the tokens have no names, so there is no text; expected --input ids or bytes")
    tokenizer = Tokenizer(names, rules and TextRules(**rules)) if kind == "text" else None
    origin = "standard input" if str(text) == "-" else text.name
    return Given(read_tokens(text, kind, tokenizer), origin)
