"""Seeds faults, several side by side, lets the faulty programs work, and has judged what they made."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

from tests.mutation import reached, tree
from tests.mutation.faults import ROOT, Fault
from tests.mutation.outcome import CRASHED, SAME, Outcome, judged
from tests.mutation.work import PIPELINES, Task, works
from tests.mutation.workshop import ENDLESS, Workshop

AHEAD = 6
"""Faults tried before it is known whether they are needed."""


def processes(number: int) -> ProcessPoolExecutor:
    """Processes to try faults in."""
    return ProcessPoolExecutor(number, get_context("spawn"))


def run(workshop: Workshop, pool: ProcessPoolExecutor, faults: Iterator[Fault], wanted: int) -> Iterator[Outcome]:
    """Outcomes in the order of the faults, until so many of these change what is computed."""
    waiting = deque(pool.submit(tried, workshop, fault) for fault in islice(faults, AHEAD))
    found = 0
    while waiting and found < wanted:
        outcome = waiting.popleft().result()
        found += outcome.changes_behaviour
        yield outcome
        waiting.extend(pool.submit(tried, workshop, fault) for fault in islice(faults, 1))
    for future in waiting:
        future.cancel()


def tried(workshop: Workshop, fault: Fault) -> Outcome:
    """What becomes of a fault."""
    begun = time.monotonic()
    groups = groups_of(fault.path)
    all_works = [work for group in groups for work in works(group)]
    right = [done for group in groups for done in workshop.right(group)]
    wanted = [done.fingerprint or "" for done in right]
    task = Task(all_works, wanted, proves=fault.path.startswith("trilc/lower"))
    report, error = workshop.labour(partial(tree.seed, fault=fault), task)
    errors = [done.error for done in report if done.error] + ([error] if error else [])
    outcome = judged(fault, all_works, right, report)
    if not outcome.wrong and errors:
        outcome = replace(outcome, outcome=ENDLESS if errors[-1] == ENDLESS else CRASHED, error=errors[0])
    return replace(outcome, seconds=time.monotonic() - begun)


def unreached(workshop: Workshop, pool: ProcessPoolExecutor, outcomes: Sequence[Outcome]) -> list[Fault]:
    """Of faults that change no netlist those in statements that no work goes through."""
    silent = [outcome.fault for outcome in outcomes if outcome.outcome == SAME]
    paths = sorted({fault.path for fault in silent})
    seen = dict(zip(paths, pool.map(partial(_reached, workshop), paths), strict=True))
    return [fault for fault in silent if fault.statement not in seen[fault.path]]


def _reached(workshop: Workshop, path: str) -> set[int]:
    """The statements of a file that its work goes through."""
    task = Task([work for group in groups_of(path) for work in works(group)], shows_reached=True)

    def mark(folder: Path) -> None:
        tree.change(folder, path, reached.marked((ROOT / path).read_text()))
        (folder / reached.MODULE).write_text(reached.TEXT)

    report, error = workshop.labour(mark, task)
    assert error is None and isinstance(report[-1], list), (path, error)
    return set(report[-1])


def groups_of(path: str) -> list[str]:
    """The work that goes through a file."""
    if path.startswith("trilc/lower"):
        return ["lowering"]
    if path == "passes/efforts.py":
        return ["efforts"]
    name = Path(path).stem
    users = [Path(other).stem for other in sorted(tree.importers(path)) if other.startswith("passes/")]
    return [name] if name in PIPELINES else [user for user in users if user in PIPELINES and user != "pipeline"]
