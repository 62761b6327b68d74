"""Seeds faults one after the other, lets the faulty program work, and asks the provers about what it made."""

from __future__ import annotations

import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from queue import Queue
from tempfile import TemporaryDirectory

from tests.mutation import provers, reached, tree
from tests.mutation.faults import ROOT, Fault
from tests.mutation.work import DIFFERENT, PIPELINES, Done, Task, Work, works
from trilc.prove.equivalence import Answer

LIMIT = 400
"""Seconds for all the work that one fault is tried with."""
ENOUGH = 4
"""Wrong netlists of one fault that the provers are asked about; of those that are right, about all."""

CAUGHT, MISSED, FALSE_ALARM = "caught by proof", "MISSED BY PROOF", "FALSE ALARM"
CRASHED, ENDLESS = "crashed", "endless"
COSTS, SAME, UNREACHED = "other gates, same behaviour", "the same netlists", "never executed"


@dataclass(frozen=True)
class Outcome:
    """What became of a fault."""

    fault: Fault
    outcome: str
    tried: int = 0
    """Pieces of work that gave a netlist."""
    other: int = 0
    """Netlists that are not, byte for byte, what the faultless program makes …"""
    wrong: int = 0
    """… those of them that ABC was asked about and calls wrong …"""
    equal: int = 0
    """… and those that it calls equal."""
    unknown: int = 0
    """Of the equal ones those that our prover left open."""
    steps: int = 0
    """Of the longest counterexample."""
    own: str | None = None
    """What the prover with the same fault in it says: different for every netlist that is wrong."""
    error: str | None = None
    seconds: float = 0.0

    @property
    def changes_behaviour(self) -> bool:
        """Whether there is a wrong netlist."""
        return self.outcome in (CAUGHT, MISSED)


class Campaign:
    """Copies of the packages, and the processes that work with them."""

    def __init__(self, folder: Path, processes: int = 2) -> None:
        self._folder = folder
        self._base = tree.make(folder / "base")
        self._processes = processes
        self._free: Queue[Path] = Queue()
        self._right: dict[str, list[Done]] = {}

    def prepare(self, groups: Sequence[str]) -> None:
        """Do work of some groups without a fault: that compiles the kernels, and says what is right."""
        for group in groups:
            report, error = self._labour(self._base, Task(works(group)))
            self._right[group] = report
            assert error is None and all(done.netlist is not None for done in report), (group, error, report[-1:])
        for number in range(self._processes):
            self._free.put(tree.make(self._folder / f"copy{number}", self._base))

    def run(self, faults: Iterator[Fault], wanted: int) -> Iterator[Outcome]:
        """Outcomes in the order of the faults, until so many change what is computed."""
        waiting: list[Future[Outcome]] = []
        found = 0
        context = get_context("spawn")
        with (
            ThreadPoolExecutor(self._processes) as threads,
            ProcessPoolExecutor(self._processes, context) as judges,
        ):
            while found < wanted:
                for fault in faults:
                    waiting.append(threads.submit(self._try, fault, judges))
                    if len(waiting) > self._processes:
                        break
                if not waiting:
                    return
                outcome = waiting.pop(0).result()
                found += outcome.changes_behaviour
                yield outcome
            for future in waiting:
                future.cancel()

    def _try(self, fault: Fault, judges: ProcessPoolExecutor) -> Outcome:
        begun = time.monotonic()
        groups = groups_of(fault.path)
        all_works = [work for group in groups for work in works(group)]
        right = [done for group in groups for done in self._right[group]]
        wanted = [done.fingerprint or "" for done in right]
        task = Task(all_works, wanted, proves=fault.path.startswith("trilc/lower"))
        report, error = self._with_a_copy(lambda folder: tree.seed(folder, fault), task)
        errors = [done.error for done in report if done.error] + ([error] if error else [])
        outcome = judges.submit(judged, fault, all_works, right, report).result()
        if not outcome.wrong and errors:
            outcome = replace(outcome, outcome=ENDLESS if errors[-1] == ENDLESS else CRASHED, error=errors[0])
        return replace(outcome, seconds=time.monotonic() - begun)

    def unreached(self, outcomes: Sequence[Outcome]) -> list[Fault]:
        """Of faults that change no netlist those in statements that no work goes through."""
        silent = [outcome.fault for outcome in outcomes if outcome.outcome == SAME]
        paths = sorted({fault.path for fault in silent})
        with ThreadPoolExecutor(self._processes) as threads:
            seen = dict(zip(paths, threads.map(self._reached, paths), strict=True))
        return [fault for fault in silent if fault.statement not in seen[fault.path]]

    def _reached(self, path: str) -> set[int]:
        """The statements of a file that its work goes through."""
        task = Task([work for group in groups_of(path) for work in works(group)], shows_reached=True)

        def mark(folder: Path) -> None:
            tree.change(folder, path, reached.marked((ROOT / path).read_text()))
            (folder / reached.MODULE).write_text(reached.TEXT)

        report, error = self._with_a_copy(mark, task)
        assert error is None and isinstance(report[-1], list), (path, error)
        return set(report[-1])

    def _with_a_copy(self, change: Callable[[Path], None], task: Task) -> tuple[list[Done], str | None]:
        folder = self._free.get()
        try:
            change(folder)
            return self._labour(folder, task)
        finally:
            tree.restore(folder, self._base)
            self._free.put(folder)

    def _labour(self, folder: Path, task: Task) -> tuple[list[Done], str | None]:
        """What came of a task, item by item, and why it ended early."""
        with TemporaryDirectory(dir=self._folder) as place:
            asked, told = Path(place) / "task", Path(place) / "report"
            asked.write_bytes(pickle.dumps(task))
            command = [sys.executable, "-P", "-m", "tests.mutation.laborer", str(asked), str(told)]
            command += [str(self._base)] if folder != self._base else []
            try:
                done = subprocess.run(
                    command, cwd=folder, env=tree.environment(folder), capture_output=True, text=True, timeout=LIMIT,
                    check=False,
                )  # fmt: skip
                status = done.returncode
                said = done.stderr.strip().splitlines()[-1:] or [f"status {status}"]
                error = None if status == 0 else ENDLESS if status == -signal.SIGPROF else said[0]
            except subprocess.TimeoutExpired:
                error = ENDLESS
            report = []
            if told.exists():
                with told.open("rb") as stream, suppress(EOFError, pickle.UnpicklingError):
                    while True:
                        report.append(pickle.load(stream))
            return report, error


def groups_of(path: str) -> list[str]:
    """The work that goes through a file."""
    if path.startswith("trilc/lower"):
        return ["lowering"]
    if path == "passes/efforts.py":
        return ["efforts"]
    name = Path(path).stem
    users = [Path(other).stem for other in sorted(tree.importers(path)) if other.startswith("passes/")]
    return [name] if name in PIPELINES else [user for user in users if user in PIPELINES and user != "pipeline"]


def judged(fault: Fault, all_works: list[Work], right: list[Done], report: list[Done]) -> Outcome:
    """What the provers say of all netlists that are not as they should be."""
    netlists = [
        (work, good.netlist, done.netlist, done.own)
        for work, good, done in zip(all_works, right, report, strict=False)
        if good.netlist is not None and done.netlist is not None
    ]
    tried = sum(done.error is None for done in report)
    found = Outcome(fault, COSTS if netlists else SAME, tried, len(netlists))
    for begin in range(0, len(netlists), 2 * ENOUGH):
        asked = [
            (work, *view, own)
            for work, good, bad, own in netlists[begin : begin + 2 * ENOUGH]
            for view in provers.views(work, good, bad)
        ]
        with TemporaryDirectory() as place:
            answers = provers.abcs([(work, good, bad) for work, _, good, bad, _ in asked], Path(place))
        for (work, outputs, _, netlist, own), equal in zip(asked, answers, strict=True):
            found = weighed(found, provers.ours(work, netlist, outputs or work.output), equal, own)
        if found.wrong >= ENOUGH:
            break
    return found


def weighed(so_far: Outcome, ours: provers.Opinion, equal: bool | None, own: str | None) -> Outcome:
    """One more netlist, and what was said about it."""
    says_equal = Answer.EQUAL in (ours.verified, ours.proved)
    if equal is None:  # ABC leaves it open
        return replace(so_far, unknown=so_far.unknown + 1)
    if equal:
        alarm = ours.verified in (None, Answer.DIFFERENT) or ours.proved is Answer.DIFFERENT
        open_ = not alarm and not says_equal
        outcome = FALSE_ALARM if alarm else so_far.outcome
        return replace(so_far, outcome=outcome, equal=so_far.equal + 1, unknown=so_far.unknown + open_)
    outcome = so_far.outcome if so_far.outcome in (MISSED, FALSE_ALARM) else CAUGHT
    if not ours.told_apart or own not in (None, DIFFERENT):
        outcome = MISSED
    return replace(
        so_far, outcome=outcome, wrong=so_far.wrong + 1, steps=max(so_far.steps, ours.steps), own=own or so_far.own
    )


