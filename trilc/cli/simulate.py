"""``trilc simulate``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trilc.cli.options import (
    engine_option,
    input_option,
    lines_option,
    output_file,
    path,
    quiet_option,
    refuse_twice,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from trilc.aig import AIG
    from trilc.cli.pace import Pace
    from trilc.model import Model
    from trilc.runner import Runner

EXAMPLES = """
\b
Examples:
  echo 3 1 4 1 5 | trilc simulate model.npz
  trilc simulate model.blif book.txt --input text --show text
  trilc simulate model.npz --input text --show scores < book.txt
  trilc simulate model.aig streams.npy -o said.npy --threads 2
  trilc simulate model.blif verses.txt --input text --lines --show text
  trilc simulate model.npz part1.txt --input text --save-state here.npz
  trilc simulate model.npz part2.txt --input text --load-state here.npz
  trilc simulate model.v book.txt --input text --vcd run.vcd --activity model.saif
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
@input_option(
    "What TOKENS holds: ids between white space (the default), bytes, each of which is an id, or text that the token "
    "names are matched with. An .npy array holds ids."
)
@lines_option
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
@click.option(
    "--load-state", "begin", type=path, metavar="FILE",
    help="Start from a saved state, or from bits in an .npy array: one for all streams, or one for each.",
)  # fmt: skip
@click.option(
    "--save-state", "end", type=output_file, metavar="FILE.npz",
    help="Write the state after the last token, to go on from there.",
)  # fmt: skip
@click.option(
    "--vcd", type=output_file, metavar="FILE.vcd",
    help="Write the waveform of one stream: tokens by name, state, outputs; for GTKWave, Surfer and others.",
)  # fmt: skip
@click.option(
    "--activity", type=output_file, metavar="FILE",
    help="Count how often each neuron, register and gate switches, into .json, or .saif for power estimation of the "
    "Verilog of the same netlist.",
)  # fmt: skip
@click.option("--threads", type=click.IntRange(min=1), default=1, show_default=True, help="For many streams.")
@engine_option
@click.option("--verbose", is_flag=True, help="Say on standard error which engine runs, and why.")
@quiet_option
def command(
    source: Path,
    tokens: Path | None,
    input_: str | None,
    lines: bool,
    show: str | None,
    count: int | None,
    prompt: str | None,
    temperature: float | None,
    seed: int,
    target: Path | None,
    begin: Path | None,
    end: Path | None,
    vcd: Path | None,
    activity: Path | None,
    threads: int,
    engine: str,
    verbose: bool,
    quiet: bool,
) -> None:
    """Run MODEL_OR_NETLIST on TOKENS: a file, - for standard input (the default), or an .npy array of many
    streams, (T,) or (streams, T), where -1 ends a stream early.

    A netlist is one that trilc wrote. Every stream starts in the reset state. What is said is printed while tokens
    still come, so that files and pipes of any length are read.
    """
    is_array = tokens is not None and tokens.suffix == ".npy"
    if count and (is_array or target or lines or vcd or activity or show in ("scores", "state")):
        raise click.UsageError("--generate reads ids or text, and prints tokens or text")
    if prompt is not None and (tokens or input_):
        raise click.UsageError("a prompt is either --prompt or TOKENS")
    if not count and (prompt is not None or temperature is not None):
        raise click.UsageError("--prompt and --temperature need --generate")
    if is_array and (input_ not in (None, "ids") or lines):
        raise click.UsageError("an .npy array holds ids, not text, and has its own streams")
    if target and (not is_array or target.suffix != ".npy" or show == "text"):
        raise click.UsageError("-o writes numbers to an .npy array, for TOKENS in an .npy array")
    if lines and (end or vcd):
        raise click.UsageError("--save-state and --vcd are for one stream or an .npy array, not for --lines")
    if end and end.suffix != ".npz":
        raise click.UsageError("--save-state writes an .npz file")
    if activity and activity.suffix not in (".json", ".saif"):
        raise click.UsageError("--activity writes a .json or a .saif file")
    refuse_twice(target, end, vcd, activity)

    from trilc.cli.audience import Audience
    from trilc.cli.pace import Pace
    from trilc.cli.said import print_array, print_stream, print_streams, write_array
    from trilc.cli.sources import read_array, read_lines, read_source
    from trilc.streams import run_ragged

    machine = read_source(source)
    array = read_array(tokens) if tokens and is_array else None
    output = ("argmax" if temperature is None else "scores") if count else NEEDS[show] if show else None
    runner, meter = _runner(machine, output, threads, quiet, engine, verbose, array), None
    if begin:
        from trilc.saved_state import read_state

        runner.start_from(read_state(begin))
    if activity:
        from trilc.cli.watching import meter_of

        meter = meter_of(machine, runner, begin)
    if array is not None:
        pace = Pace(array.size, quiet, shares_terminal=target is None)
    else:
        pace = Pace.of_file(tokens or STANDARD_INPUT, quiet)
    with pace:
        audience = Audience(pace, meter, keep=end is not None)
        if count:
            said = _written(runner, _read(runner, tokens, input_, prompt, pace), count, temperature, seed)
            print_stream(runner, show or ("text" if runner.tokenizer else "tokens"), said)
            audience.end(runner)
        else:
            show = show or SHOWN[runner.output]
            if lines:
                tokenizer = runner.named_tokens() if input_ == "text" else None
                groups = read_lines(
                    tokens or STANDARD_INPUT, input_ or "ids", runner.vocabulary, tokenizer, pace.read
                )
                said_to = (run_ragged(runner, group) for group in audience.hear_lines(groups))
                print_streams(runner, show, said_to)
            elif array is None or vcd:
                pieces = _read(runner, tokens, input_, None, pace) if array is None else _only(array)
                heard = audience.hear(pieces, runner)
                if vcd:
                    from trilc.cli.watching import waved

                    with waved(runner, vcd) as run:
                        print_stream(runner, show, run(heard))
                else:
                    print_stream(runner, show, runner.run_stream(heard))
            elif target:
                write_array(runner, target, array, audience)
            else:
                print_array(runner, show, array, audience)
    if end:
        from backends import atomic_write
        from trilc.saved_state import write_state

        with atomic_write(end) as file:
            write_state(audience.state, file)
    if activity and meter:
        from trilc.cli.watching import write_activity

        write_activity(meter, activity, source.stem)


def _runner(
    machine: Model | AIG,
    output: str | None,
    threads: int,
    quiet: bool,
    engine: str,
    verbose: bool,
    array: NDArray[np.integer] | None,
) -> Runner:
    """The machine, for one stream or for those of an array."""
    from trilc.cli.stages import Stages
    from trilc.runner import Runner

    streams = len(array) if array is not None and array.ndim == 2 else 1
    tokens = None if array is None else array.size
    with nullcontext() if quiet else Stages() as stages:
        runner = Runner(machine, max(1, streams), output, threads, stages, engine, tokens)
    if verbose:
        click.echo(f"trilc: engine {runner.choice.engine}: {runner.choice.reason}", err=True)
    return runner


def _only(array: NDArray[np.integer]) -> list[NDArray[np.integer]]:
    """The one stream of an array."""
    if array.ndim == 2 and len(array) != 1:
        raise click.UsageError(f"--vcd shows one stream; the array has {len(array)}")
    return [array.reshape(-1)]


def _read(
    runner: Runner, tokens: Path | None, input_: str | None, prompt: str | None, pace: Pace
) -> Iterator[NDArray[np.int64]]:
    """The ids of the prompt, or of what arrives in a file or on standard input."""
    from trilc.cli.sources import read_prompt, read_tokens

    if prompt is not None:
        return read_prompt(prompt, runner.named_tokens())
    tokenizer = runner.named_tokens() if input_ == "text" else None
    return read_tokens(tokens or STANDARD_INPUT, input_ or "ids", tokenizer, pace.read)


def _written(
    runner: Runner, prompt: Iterator[NDArray[np.int64]], count: int, temperature: float | None, seed: int
) -> Iterator[NDArray[np.int64]]:
    """What it writes after the prompt, a token at a time."""
    import numpy as np

    from trilc.generation import generate

    return (np.array([token]) for token in generate(runner, prompt, count, temperature, seed))
