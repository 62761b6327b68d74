"""Seed faults: ``python -m tests.mutation [--count 50] [--seed 0] [--processes 2] [--json FILE]``."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.mutation import campaign
from tests.mutation.faults import PARTS, draw, modules
from tests.mutation.flips import Flip, flips, looked_for
from tests.mutation.outcome import CAUGHT, COSTS, CRASHED, REFUSED, SAME, UNREACHED, Outcome
from tests.mutation.workshop import ENDLESS, Workshop

FINE = {CAUGHT, COSTS, SAME, CRASHED, REFUSED, ENDLESS}
"""All else is a failure: of the proof, or of the work that is to show what a fault does."""
FLIPS_EACH = 4
"""Gates of each netlist that are flipped, besides all of its outputs."""


def main() -> int:
    """Draw until so many faults change what is computed; the exit code is 1 where one escapes."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description="Single faults in our own source.")
    parser.add_argument("--count", type=int, default=50, help="faults that change what is computed")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all of it there, too")
    asked = parser.parse_args()
    begun = time.monotonic()
    with campaign.processes(asked.processes) as pool, TemporaryDirectory(prefix="trilc-mutation-") as folder:
        found = [*pool.map(looked_for, *zip(*flips(FLIPS_EACH, asked.seed), strict=True), chunksize=8)]
        _print_flips(found)
        workshop = Workshop(Path(folder))
        workshop.prepare(sorted({g for part in PARTS for path in modules(part) for g in campaign.groups_of(path)}))
        outcomes: list[Outcome] = []
        seeded = 0
        for outcome in campaign.run(workshop, pool, draw(asked.seed), asked.count):
            outcomes.append(outcome)
            seeded += outcome.changes_behaviour
            print(_row(seeded, outcome), flush=True)
        unreached = campaign.unreached(workshop, pool, outcomes)
    outcomes = [replace(each, outcome=UNREACHED) if each.fault in unreached else each for each in outcomes]
    for fault in unreached:
        print(f"{UNREACHED}: {fault}")
    counts = Counter(outcome.outcome for outcome in outcomes)
    seconds = round(time.monotonic() - begun)
    print(f"{len(outcomes)} faults in {seconds} s:", ", ".join(f"{n} {what}" for what, n in counts.most_common()))
    if asked.json:
        rows = {"faults": [asdict(each) for each in outcomes], "flips": [asdict(flip) for flip in found]}
        about = {"seed": asked.seed, "counts": counts, "seconds": seconds}
        asked.json.write_text(json.dumps(about | rows, indent=2) + "\n")
    return int(not set(counts) <= FINE or not all(flip.right for flip in found))


def _print_flips(found: Sequence[Flip]) -> None:
    for what, those in (
        ("outputs flipped", [flip for flip in found if flip.what.startswith("output")]),
        ("fan-ins flipped or read elsewhere", [flip for flip in found if not flip.what.startswith("output")]),
    ):
        shown = [flip for flip in those if flip.wanted is not None]
        right = sum(flip.right for flip in shown)
        silent = sum(flip.right for flip in those) - right
        print(
            f"{len(those)} {what}: {len(shown)} can be seen, {right} of them found with the shortest stream "
            f"(1 to {max((flip.wanted or 0 for flip in shown), default=0)} steps); {silent} proved to change nothing"
        )
    for flip in found:
        if not flip.right:
            print("WRONG:", flip)


def _row(seeded: int, outcome: Outcome) -> str:
    """The number of those that change what is computed, the site, the fault, the verdict, and how it came to it."""
    fault = outcome.fault
    how = []
    if outcome.wrong:
        how.append(f"{outcome.wrong} netlists that ABC calls wrong, each shown in {outcome.steps} steps or fewer")
    if outcome.own:
        how.append(f"with the fault in itself, the prover says {outcome.own}")
    if outcome.outcome == COSTS:
        how.append(f"{outcome.other} other netlists, all equal for ABC, all but {outcome.unproved} for us")
    if outcome.undecided:
        how.append(f"{outcome.undecided} netlists not decided by ABC")
    if outcome.outcome == SAME:
        how.append(f"{outcome.tried} netlists the same to the byte")
    how += [_short(outcome.error)] if outcome.error else []
    number = str(seeded) if outcome.changes_behaviour else "–"
    change = f"{_short(fault.before)} → {_short(fault.after)}"
    site = f"{fault.path}:{fault.place[0]}"
    return f"{number:>3} | {site:29} | {fault.kind:10} | {change:62} | {outcome.outcome:26} | {'; '.join(how)}"


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 60 else f"{text[:57]}…"


if __name__ == "__main__":
    sys.exit(main())
