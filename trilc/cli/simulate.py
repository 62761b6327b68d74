"""``trilc simulate``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trilc.cli.options import path

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from trilc.aig import AIG
    from trilc.model import Model
    from trilc.runner import Runner

EXAMPLES = """
\b
Examples:
  echo 3 1 4 1 5 | trilc simulate model.npz
  trilc simulate model.blif book.txt --input text --show text
  trilc simulate model.npz - --input text --show scores < book.txt
  trilc simulate model.aig streams.npy -o said.npy --threads 2
  trilc simulate model.npz --generate 200 --prompt "in the beginning " --temperature 0.8 --seed 7
"""

SHOWN = {"argmax": "tokens", "scores": "scores", "state": "state"}
"""How an output is shown where nothing else is asked for."""

NEEDS = {"tokens": "argmax", "text": "argmax", "scores": "scores", "state": "state"}
"""What must be put out for each way to show it."""


@click.command("simulate", epilog=EXAMPLES)
@click.argument("source", metavar="MODEL_OR_NETLIST", type=path)
@click.argument("tokens", type=path, default=Path("-"))
@click.option(
    "--input", "input_", type=click.Choice(["ids", "text"]), default="ids", show_default=True,
    help="What TOKENS holds: ids between white space, or text that the token names are matched with. "
    "(.npy arrays say themselves what they hold.)",
)  # fmt: skip
@click.option(
    "--show", type=click.Choice(list(NEEDS)),
    help="tokens: one index per token read; text: their names; scores, state: one line per token read. "
    "(Default: what the source puts out; text when it generates and tokens have names.)",
)  # fmt: skip
@click.option(
    "--generate", type=click.IntRange(min=1), metavar="N", help="Let it write N tokens after the prompt."
)
@click.option("--prompt", metavar="TEXT", help="What it reads before it writes (default: TOKENS).")
@click.option(
    "--temperature", type=click.FloatRange(min=0, min_open=True), metavar="T",
    help="Sample from softmax(scores · score_scale / T) (default: the best token; a score_scale of 1 where the "
    "checkpoint gives none).",
)  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="For sampling.")
@click.option(
    "-o", "--output", "target", type=path, metavar="FILE.npy", help="Write what is said as an array."
)
@click.option("--threads", type=click.IntRange(min=1), default=1, show_default=True, help="For many streams.")
def command(
    source: Path,
    tokens: Path,
    input_: str,
    show: str | None,
    generate: int | None,
    prompt: str | None,
    temperature: float | None,
    seed: int,
    target: Path | None,
    threads: int,
) -> None:
    """Run MODEL_OR_NETLIST on TOKENS: a file, - for standard input, or an .npy array of many streams.

    A checkpoint is compiled first; a netlist is one that trilc wrote. Every stream starts in the reset state.
    """
    from trilc.cli.said import print_array, print_stream, run_array, streams_at_once, write_array
    from trilc.cli.sources import read_array, read_source

    if not generate and (prompt is not None or temperature is not None):
        raise click.UsageError("--prompt and --temperature need --generate")
    if generate and (target or show in ("scores", "state")):
        raise click.UsageError("--generate prints tokens or text")
    is_array = tokens.suffix == ".npy"
    if target and not is_array:
        raise click.UsageError("-o needs TOKENS in an .npy array")
    machine = read_source(source)
    if generate:
        runner = _runner(machine, "argmax" if temperature is None else "scores")
        show = show or ("text" if runner.tokenizer else "tokens")
        print_stream(_written(runner, tokens, input_, prompt, generate, temperature, seed), show, runner)
    elif is_array:
        array = read_array(tokens)
        runner = _runner(machine, show and NEEDS[show], streams_at_once(array.shape), threads)
        said = run_array(runner, array)
        if target:
            write_array(target, array.shape, said)
        else:
            print_array(array.shape, said, show or SHOWN[runner.output], runner)
    else:
        runner = _runner(machine, show and NEEDS[show])
        pieces = (runner.run(ids[:, None])[:, 0] for ids in _read(runner, tokens, input_))
        print_stream(pieces, show or SHOWN[runner.output], runner)


def _runner(machine: Model | AIG, output: str | None, streams: int = 1, threads: int = 1) -> Runner:
    from trilc.cli.stages import Stages
    from trilc.runner import Runner

    with Stages() as stages:
        return Runner(machine, streams, output, threads, stages)


def _read(runner: Runner, tokens: Path, input_: str) -> Iterator[NDArray[np.int64]]:
    """The token ids in a file or on standard input, as they arrive."""
    from trilc.cli.sources import opened, read_ids, read_text

    name = "standard input" if str(tokens) == "-" else str(tokens)
    with opened(tokens) as stream:
        if input_ == "text":
            yield from read_text(stream, name, runner.named_tokens())
        else:
            yield from read_ids(stream, name)


def _written(
    runner: Runner,
    tokens: Path,
    input_: str,
    prompt: str | None,
    count: int,
    temperature: float | None,
    seed: int,
) -> Iterator[NDArray[np.int64]]:
    """What it writes after the prompt, a token at a time."""
    import numpy as np

    from trilc.generation import generate

    if prompt is not None:
        given = runner.named_tokens().encode(prompt)
    else:
        given = np.concatenate([np.zeros(0, np.int64), *_read(runner, tokens, input_)])
    for token in generate(runner, given, count, temperature, seed):
        yield np.array([token])
