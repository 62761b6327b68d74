"""``trilc simulate``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trilc.cli.options import engine_option, output_file, path

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
  trilc simulate model.npz --input text --show scores < book.txt
  trilc simulate model.aig streams.npy -o said.npy --threads 2
  trilc simulate model.npz --generate 200 --prompt "in the beginning " --temperature 0.8 --seed 7
"""

SHOWN = {"argmax": "tokens", "scores": "scores", "state": "state"}
"""How an output is shown where nothing else is asked for."""

NEEDS = {"tokens": "argmax", "text": "argmax", "scores": "scores", "state": "state"}
"""What must be put out for each way to show it."""


STANDARD_INPUT = Path("-")


@click.command("simulate", epilog=EXAMPLES)
@click.argument("source", metavar="MODEL_OR_NETLIST", type=path)
@click.argument("tokens", type=path, required=False)
@click.option(
    "--input", "input_", type=click.Choice(["ids", "text"]),
    help="What TOKENS holds: ids between white space (the default), or text that the token names are matched "
    "with. An .npy array holds ids.",
)  # fmt: skip
@click.option(
    "--show", type=click.Choice(list(NEEDS)),
    help="tokens: one index per token read; text: their names; scores, state: one line per token read. "
    "(Default: what the source puts out; text when it generates and tokens have names.)",
)  # fmt: skip
@click.option(
    "--generate", "count", type=click.IntRange(min=1), metavar="N",
    help="Let it write N tokens after the prompt.",
)  # fmt: skip
@click.option("--prompt", metavar="TEXT", help="What it reads before it writes (default: TOKENS).")
@click.option(
    "--temperature", type=float, metavar="T",
    help="Sample from softmax(scores · score_scale / T) (default: the best token; a score_scale of 1 where the "
    "checkpoint gives none).",
)  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="For sampling.")
@click.option(
    "-o", "--output", "target", type=output_file, metavar="FILE.npy", help="Write what is said as an array."
)
@click.option("--threads", type=click.IntRange(min=1), default=1, show_default=True, help="For many streams.")
@engine_option
@click.option("--verbose", is_flag=True, help="Say on standard error which engine runs, and why.")
def command(
    source: Path,
    tokens: Path | None,
    input_: str | None,
    show: str | None,
    count: int | None,
    prompt: str | None,
    temperature: float | None,
    seed: int,
    target: Path | None,
    threads: int,
    engine: str,
    verbose: bool,
) -> None:
    """Run MODEL_OR_NETLIST on TOKENS: a file, - for standard input (the default), or an .npy array of many
    streams, (T,) or (streams, T).

    A netlist is one that trilc wrote. Every stream starts in the reset state.
    What is said is printed while tokens still come.
    """
    is_array = tokens is not None and tokens.suffix == ".npy"
    if count and (is_array or target or show in ("scores", "state")):
        raise click.UsageError("--generate reads ids or text, and prints tokens or text")
    if prompt is not None and (tokens or input_):
        raise click.UsageError("a prompt is either --prompt or TOKENS")
    if not count and (prompt is not None or temperature is not None):
        raise click.UsageError("--prompt and --temperature need --generate")
    if is_array and input_ == "text":
        raise click.UsageError("an .npy array holds ids, not text")
    if target and (not is_array or target.suffix != ".npy" or show == "text"):
        raise click.UsageError("-o writes numbers to an .npy array, for TOKENS in an .npy array")

    from trilc.cli.said import print_array, print_stream, write_array
    from trilc.cli.sources import read_array, read_source

    machine = read_source(source)
    if count:
        runner = _runner(machine, "argmax" if temperature is None else "scores", engine, verbose)
        said = _written(runner, _read(runner, tokens, input_, prompt), count, temperature, seed)
        print_stream(runner, show or ("text" if runner.tokenizer else "tokens"), said)
        return
    array = read_array(tokens) if tokens and is_array else None
    runner = _runner(machine, NEEDS[show] if show else None, engine, verbose, threads, array)
    show = show or SHOWN[runner.output]
    if array is None:
        print_stream(runner, show, runner.run_stream(_read(runner, tokens, input_)))
    elif target:
        write_array(runner, target, array)
    else:
        print_array(runner, show, array)


def _runner(
    machine: Model | AIG,
    output: str | None,
    engine: str,
    verbose: bool,
    threads: int = 1,
    array: NDArray[np.integer] | None = None,
) -> Runner:
    """The machine, for one stream or for those of an array."""
    from trilc.cli.stages import Stages
    from trilc.runner import Runner

    streams = len(array) if array is not None and array.ndim == 2 else 1
    tokens = None if array is None else array.size
    with Stages() as stages:
        runner = Runner(machine, max(1, streams), output, threads, stages, engine, tokens)
    if verbose:
        click.echo(f"trilc: engine {runner.choice.engine}: {runner.choice.reason}", err=True)
    return runner


def _read(
    runner: Runner, tokens: Path | None, input_: str | None, prompt: str | None = None
) -> Iterator[NDArray[np.int64]]:
    """The ids of the prompt, or of what arrives in a file or on standard input."""
    from trilc.cli.sources import read_prompt, read_tokens

    if prompt is not None:
        return read_prompt(prompt, runner.named_tokens())
    return read_tokens(tokens or STANDARD_INPUT, runner.named_tokens() if input_ == "text" else None)


def _written(
    runner: Runner, prompt: Iterator[NDArray[np.int64]], count: int, temperature: float | None, seed: int
) -> Iterator[NDArray[np.int64]]:
    """What it writes after the prompt, a token at a time."""
    import numpy as np

    from trilc.generation import generate

    return (np.array([token]) for token in generate(runner, prompt, count, temperature, seed))
