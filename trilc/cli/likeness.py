"""Where else in a corpus the same bits switch on, as text and for JSON."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from trilc.cli.pace import Pace
from trilc.cli.sources import read_lines, read_tokens
from trilc.cli.stages import Stages
from trilc.cli.verdicts import quoted
from trilc.explain.trace.matches import Match, Matches, Pattern
from trilc.runner import Runner
from trilc.streams import run_ragged

if TYPE_CHECKING:
    from trilc.aig import AIG
    from trilc.explain.subject import Trace
    from trilc.model import Model


def likeness(
    machine: Model | AIG,
    trace: Trace,
    span: tuple[int, int],
    bits: Sequence[int],
    fresh: bool,
    corpus: Path,
    kind: str | None,
    lines: bool,
    best: int,
    quiet: bool,
    is_shown: bool,
) -> dict[str, Any]:
    """Look for what the bits do in a span of a trace; prints it where it is to be shown, and returns it for JSON."""
    pattern = Pattern.of(trace.states, *span, bits, fresh)
    with nullcontext() if quiet else Stages() as stages:
        runner = Runner(machine, output="state", observer=stages)
    found = Matches(pattern, best)
    tokenizer = runner.tokenizer
    kind = kind or ("ids" if tokenizer is None else "text")
    if kind == "text":
        tokenizer = runner.named_tokens()
    reset = trace.states[0]
    with Pace.of_file(corpus, quiet) as pace:
        if lines:
            for group in read_lines(corpus, kind, runner.vocabulary, tokenizer, pace.read):
                for tokens, states in zip(group, run_ragged(runner, group), strict=True):
                    found.begin(reset)
                    if len(tokens):
                        found.read(tokens, states)
                    found.end()
                    pace.said(len(tokens))
        else:
            found.begin(reset)
            for piece in read_tokens(corpus, kind, tokenizer, pace.read):
                done = 0
                for states in runner.run_stream([piece]):
                    found.read(piece[done : done + len(states)], states)
                    done += len(states)
                pace.said(len(piece))
            found.end()
    names = None if runner.tokenizer is None else runner.tokenizer.tokens
    if is_shown:
        _print(found, span, corpus, names, lines)
    return _facts(found, span, names)


def _print(
    found: Matches, span: tuple[int, int], corpus: Path, names: Sequence[str] | None, lines: bool
) -> None:
    pattern = found.pattern
    total = len(pattern.bits)
    does = "switch on" if pattern.fresh else "are on"
    where = f"token {span[0]}" if pattern.span == 1 else f"tokens {span[0]} to {span[1]}"
    several = f"h[{','.join(map(str, pattern.bits))}]"
    click.echo(f"{total} bit{'s' * (total != 1)} {does} at {where}{' and stay on' * (pattern.span > 1)}: {several}")
    click.echo(f"{corpus}: {found.tokens:,} tokens; {found.places:,} places where all of them do")
    rows = [(_share(match, total), _place(match, lines), *_context(match, names)) for match in found.best]
    widths = [max((len(row[k]) for row in rows), default=0) for k in range(3)]
    for share, place, before, rest in rows:
        click.echo(f"  {share:{widths[0]}}  {place:>{widths[1]}}  {before:>{widths[2]}}{rest}")


def _share(match: Match, total: int) -> str:
    return f"{match.shared} of {total}{f', {match.others} others' if match.others else ''}"


def _place(match: Match, lines: bool) -> str:
    return f"line {match.stream + 1:,}, token {match.first:,}" if lines else f"token {match.first:,}"


def _context(match: Match, names: Sequence[str] | None) -> tuple[str, str]:
    """The tokens before a match, and the rest of what is shown."""

    def text(tokens: Sequence[int]) -> str:
        if names is None:
            return " ".join(map(str, tokens))
        return quoted("".join(names[token] for token in tokens))[1:-1]

    gap = " " if names is None else ""
    return f"{text(match.before)}{gap}", f"⟦{text(match.within)}⟧{gap}{text(match.after)}"


def _facts(found: Matches, span: tuple[int, int], names: Sequence[str] | None) -> dict[str, Any]:
    def text(match: Match) -> str | None:
        if names is None:
            return None
        return "".join(names[token] for token in (*match.before, *match.within, *match.after))

    pattern = found.pattern
    return {
        "bits": list(pattern.bits),
        "first": span[0],
        "last": span[1],
        "fresh": pattern.fresh,
        "streams": found.streams,
        "tokens": found.tokens,
        "places": found.places,
        "best": [
            {
                "shared": match.shared,
                "others": match.others,
                "stream": match.stream,
                "first": match.first,
                "tokens": {"before": match.before, "within": match.within, "after": match.after},
                "text": text(match),
            }
            for match in found.best
        ],
    }
