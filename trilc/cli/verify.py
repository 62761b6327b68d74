"""``trilc verify``."""

from __future__ import annotations

import json
import time
from contextlib import suppress
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
from trilc.cli.verdicts import CODES_HELP, EXIT_CODES, as_facts, shown, told
from trilc.version import VERSION

if TYPE_CHECKING:
    from trilc.prove.certificate import Certificate
    from trilc.prove.pair import Pair
    from trilc.prove.verification import Verification

EXAMPLES = """
\b
Examples:
  trilc verify model.npz model.blif
  trilc verify model.aig smaller.aig --seconds 60
  trilc verify model.npz foreign.v --tokens 31 --json
  trilc verify old.npz new.npz --outputs scores
  trilc verify model.npz model.blif --certificate proof && python proof/check
"""


@click.command("verify", epilog=EXAMPLES + CODES_HELP)
@click.argument("a", type=path)
@click.argument("b", type=path)
@outputs_option
@tokens_option
@conflicts_option
@seconds_option
@click.option(
    "--certificate", type=path, metavar="DIR",
    help="Where they are equal, write proofs that others can check, and what checks them, to a new directory.",
)
@json_option
def command(
    a: Path,
    b: Path,
    outputs: str | None,
    tokens: int | None,
    conflicts: int,
    seconds: float | None,
    certificate: Path | None,
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
    if certificate is not None:
        from trilc.prove.certificate.write import require_writable

        require_writable(certificate)
    compared = pair(read_source(a), read_source(b), outputs, tokens)
    found = investigated(compared, conflicts, seconds)
    written = None
    if certificate is not None and found.answer.value == "equal":
        left = None if seconds is None else max(0.0, seconds - (time.monotonic() - start))
        written = certified(compared, certificate, (a, b), conflicts, left)
    taken = round(time.monotonic() - start, 2)
    if as_json:
        facts = {"trilc": VERSION, "a": str(a), "b": str(b), **as_facts(compared, found), "seconds": taken}
        if certificate is not None:
            facts["certificate"] = None if written is None else {"directory": str(certificate), **asdict(written)}
        click.echo(json.dumps(facts, indent=2))
    else:
        click.echo(f"{found.answer.value}: {told(found)} ({taken:.1f} s)")
        if found.counterexample is not None:
            click.echo("\n".join(shown(compared, found.counterexample, str(a), str(b))))
        if certificate is not None:
            click.echo("\n".join(told_of(certificate, written, found.answer.value == "equal")))
    click.get_current_context().exit(EXIT_CODES[found.answer.value])


def certified(
    compared: Pair, directory: Path, files: tuple[Path, Path], conflicts: int, seconds: float | None
) -> Certificate | None:
    """Write a certificate; None where the time did not suffice, or patience: the verdict is known already."""
    from trilc.prove.certificate import write_certificate

    with Doing() as doing, suppress(KeyboardInterrupt):
        return write_certificate(compared, directory, files, conflicts, seconds, doing.say)
    return None


def told_of(directory: Path, written: Certificate | None, equal: bool) -> list[str]:
    """Lines on what was certified, and on what was not."""
    if not equal:
        return ["no certificate: that is written of what is equal"]
    if written is None:
        return ["no certificate: the time was over, or it was interrupted, before it was written"]
    many = f"{written.proofs} proof{'s' * (written.proofs != 1)}"
    return [f"certificate: {directory} ({many})", *(f"no proof there {what}" for what in written.missing)]


class Doing:
    """Shows what is under way, on standard error, where it lasts; a context."""

    def __init__(self) -> None:
        from trilc.cli.stages import PATIENCE, Stages

        self._stages = Stages()
        self._pause = PATIENCE
        self._next = 0.0
        self._last = ""

    def __enter__(self) -> Doing:
        self._stages.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._stages.__exit__(*error)

    def say(self, doing: str) -> None:
        """What is done from now on; of many things in a moment, the first."""
        if doing != self._last and time.monotonic() >= self._next:
            self._stages.begin(doing)
            self._last = doing
            self._next = time.monotonic() + self._pause


def investigated(compared: Pair, conflicts: int, seconds: float | None) -> Verification:
    """What is found; after Ctrl-C, what was found by then."""
    from trilc.prove.verification import Investigation

    investigation = Investigation(compared, conflicts, seconds)
    with Doing() as doing:
        try:
            investigation.conclude(doing.say)
        except KeyboardInterrupt:
            investigation.note("interrupted")
    return investigation.verdict()
