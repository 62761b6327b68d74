"""Seed faults: ``python -m tests.mutation --count 50 [--seed N] [--processes N] [--json]``."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.mutation.campaign import FALSE_ALARM, MISSED, UNREACHED, Campaign, Outcome, groups_of
from tests.mutation.faults import PARTS, draw, modules


def main() -> int:
    """Draw until so many faults change what is computed; the exit code is 1 where a proof was fooled by one."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description="Single faults in our own source.")
    parser.add_argument("--count", type=int, default=50, help="faults that change what is computed")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    asked = parser.parse_args()
    begun = time.monotonic()
    outcomes: list[Outcome] = []
    with TemporaryDirectory(prefix="trilc-mutation-") as folder:
        campaign = Campaign(Path(folder), asked.processes)
        print("compiling kernels …", file=sys.stderr, flush=True)
        campaign.prepare(sorted({group for part in PARTS for path in modules(part) for group in groups_of(path)}))
        for outcome in campaign.run(draw(asked.seed), asked.count):
            outcomes.append(outcome)
            seeded = sum(each.changes_behaviour for each in outcomes)
            print(_line(seeded, outcome), file=sys.stderr if asked.json else sys.stdout, flush=True)
        unreached = campaign.unreached(outcomes)
    outcomes = [replace(each, outcome=UNREACHED) if each.fault in unreached else each for each in outcomes]
    counts = Counter(outcome.outcome for outcome in outcomes)
    seconds = round(time.monotonic() - begun)
    if asked.json:
        rows = [asdict(each) for each in outcomes]
        print(json.dumps({"seed": asked.seed, "counts": counts, "seconds": seconds, "faults": rows}, indent=2))
    else:
        for fault in unreached:
            print("never executed:", fault)
        print(f"{len(outcomes)} faults in {seconds} s:", ", ".join(f"{n} {what}" for what, n in counts.most_common()))
    return int(bool({MISSED, FALSE_ALARM, UNREACHED} & set(counts)))


def _line(seeded: int, outcome: Outcome) -> str:
    fault = outcome.fault
    change = f"{_short(fault.before)} → {_short(fault.after)}"
    about = []
    if outcome.other:
        about.append(f"{outcome.other} of {outcome.tried} netlists other: {outcome.wrong} wrong, {outcome.equal} equal")
    if outcome.steps:
        about.append(f"shown in {outcome.steps} steps")
    if outcome.unknown:
        about.append(f"{outcome.unknown} left open")
    if outcome.own:
        about.append(f"itself: {outcome.own}")
    about += [_short(outcome.error)] if outcome.error else []
    where = f"{fault.path}:{fault.place[0]}"
    number = str(seeded) if outcome.changes_behaviour else ""
    return f"{number:>3} {where:30} {change:62} {outcome.outcome:16} {'; '.join(about)} ({outcome.seconds:.0f} s)"


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 60 else f"{text[:57]}…"


if __name__ == "__main__":
    sys.exit(main())
