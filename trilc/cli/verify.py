"""``trilc verify``."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from trilc.cli.options import (
    conflicts_option,
    json_option,
    outputs_option,
    path,
    seconds_option,
    tokens_option,
)
from trilc.version import VERSION

if TYPE_CHECKING:
    from trilc.prove.counterexample import Counterexample
    from trilc.prove.pair import Pair
    from trilc.prove.verification import Verification

EXIT_CODES = {"equal": 0, "different": 1, "unknown": 3}

EXAMPLES = """
\b
Examples:
  trilc verify model.npz model.blif
  trilc verify model.aig smaller.aig --seconds 60
  trilc verify model.npz foreign.v --tokens 31 --json
  trilc verify old.npz new.npz --outputs scores

\b
Exit codes: 0 equal; 1 different; 3 unknown; 2, with one line on standard error, for whatever you can mend.
"""


@click.command("verify", epilog=EXAMPLES)
@click.argument("a", type=path)
@click.argument("b", type=path)
@outputs_option
@tokens_option
@conflicts_option
@seconds_option
@json_option
def command(
    a: Path,
    b: Path,
    outputs: str | None,
    tokens: int | None,
    conflicts: int,
    seconds: float | None,
    as_json: bool,
) -> None:
    """Prove that A and B, each a checkpoint or a netlist, behave alike from reset on, or find the shortest
    token stream that tells them apart.

    A checkpoint stands for what its numbers mean, not for what the compiler makes of it. A proof and a search for
    a difference run side by side. Ctrl-C answers with what is known by then.
    """
    from trilc.cli.sources import read_source
    from trilc.prove.pair import pair

    start = time.monotonic()
    compared = pair(read_source(a), read_source(b), outputs, tokens)
    found = investigated(compared, conflicts, seconds)
    taken = round(time.monotonic() - start, 2)
    if as_json:
        facts = {"trilc": VERSION, "a": str(a), "b": str(b), **as_facts(compared, found), "seconds": taken}
        click.echo(json.dumps(facts, indent=2))
    else:
        click.echo(f"{found.answer.value}: {told(compared, found)} ({taken:.1f} s)")
        if found.counterexample is not None:
            click.echo("\n".join(shown(compared, found.counterexample, str(a), str(b))))
    click.get_current_context().exit(EXIT_CODES[found.answer.value])


def investigated(compared: Pair, conflicts: int, seconds: float | None) -> Verification:
    """What is found, with progress while it lasts; after Ctrl-C what was found by then."""
    from trilc.cli.stages import PATIENCE, Stages
    from trilc.prove.verification import Investigation

    investigation = Investigation(compared, conflicts, seconds)
    with Stages() as stages:
        try:
            shown = -PATIENCE
            for doing in investigation.run():
                if time.monotonic() - shown >= PATIENCE:
                    stages.begin(doing)
                    shown = time.monotonic()
        except KeyboardInterrupt:
            investigation.note("interrupted")
    return investigation.verdict()


def told(compared: Pair, found: Verification) -> str:
    """The verdict's line, after its first word."""
    if found.counterexample is None:
        return found.how
    count = len(found.counterexample.steps)
    unit = "step" if found.counterexample.tokens is None else "token"
    return f"after {count:,} {unit}{'s' * (count != 1)}; {found.how}"


def shown(compared: Pair, example: Counterexample, a: str, b: str) -> list[str]:
    """The stream, and what each side says after it."""
    lines = []
    if example.tokens is not None:
        lines.append(f"  tokens  {' '.join(map(str, example.tokens))}")
        if compared.tokens is not None:
            lines.append(f"  text    {json.dumps(text_of(compared, example.tokens), ensure_ascii=False)}")
    else:
        for number, step in enumerate(example.steps, 1):
            lines.append(f"  step {number}  {' '.join(f'{name}={bit}' for name, bit in step.items())}")
    if example.start:
        lines.append(f"  from    {' '.join(f'{name}={bit}' for name, bit in example.start.items())}")
    width = max(len(a), len(b))
    for name, side in ((a, 0), (b, 1)):
        lines.append(f"  {name:{width}}  says {said_by(compared, example, side)}")
    return lines


def text_of(compared: Pair, tokens: tuple[int, ...]) -> str:
    """The names of tokens, joined."""
    assert compared.tokens is not None
    return "".join(compared.tokens[token] for token in tokens)


def said_by(compared: Pair, example: Counterexample, side: int) -> str:
    """What one side says, as far as the other does not."""
    values = (example.a, example.b)[side]
    if example.said is None or compared.outputs is None:
        differing = [
            f"{name}={value}"
            for name, value in zip(example.output_names, values, strict=True)
            if name in example.where
        ]
        return " ".join(differing or example.where)
    if compared.outputs == "argmax":
        token = example.said[side][0]
        named = compared.tokens is not None and token < len(compared.tokens)
        return f"{token} {json.dumps(compared.tokens[token], ensure_ascii=False)}" if named else str(token)  # type: ignore[index]
    words = list(dict.fromkeys(name.partition("[")[0] for name in example.output_names))
    names = example.output_names if compared.outputs == "state" else words
    pairs = zip(names, *example.said, strict=True)
    return " ".join(f"{name}={both[side]}" for name, *both in pairs if both[0] != both[1])


def as_facts(compared: Pair, found: Verification) -> dict[str, Any]:
    """A verification for JSON."""
    example = found.counterexample
    facts: dict[str, Any] = {
        "outputs": compared.outputs,
        "vocabulary": compared.vocabulary,
        "answer": found.answer.value,
        "how": found.how,
        "no_difference_up_to": found.depth,
        "states": found.states,
        "random_streams": found.streams,
        "random_steps": found.steps,
        "counterexample": None,
    }
    if example is not None:
        stream = {key: value for key, value in asdict(example).items() if key not in ("a", "b", "said")}
        names = example.output_names
        named = example.tokens is not None and compared.tokens is not None
        facts["counterexample"] = {
            **{key: stream[key] for key in ("tokens", "steps", "start", "where")},
            "text": text_of(compared, example.tokens) if named and example.tokens is not None else None,
            "shortest": found.shortest,
            "a": dict(zip(names, example.a, strict=True)),
            "b": dict(zip(names, example.b, strict=True)),
            "said": example.said,
        }
    return facts
