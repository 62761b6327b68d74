"""Where faulty programs work: a copy of the packages for each process, and what a faultless one makes."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.mutation import tree
from tests.mutation.work import Done, Task, works
from trilc.prove.equivalence import Answer

LIMIT = 400
"""Seconds for all the work that one fault is tried with."""
ENDLESS = "endless"


@dataclass(frozen=True)
class Workshop:
    """A folder; each process that works in it has a copy of its own, and may have one thread only.

    (CPython 3.11 counts the depth of a syntax tree for all threads together, so that two that parse source at a
    time fail now and then: python/cpython#106905.)
    """

    folder: Path

    def prepare(self, groups: Sequence[str]) -> None:
        """Do the work of some groups without a fault: that compiles the kernels, and says what is right."""
        tree.make(self._base)
        for group in groups:
            report, error = self._labour(self._base, Task(works(group), proves=group == "lowering"))
            assert error is None and all(done.netlist is not None for done in report), (group, error, report[-1:])
            assert {done.own for done in report} <= {None, Answer.EQUAL.value}, report
            self._wanted(group).write_bytes(pickle.dumps(report))

    def right(self, group: str) -> list[Done]:
        """What a faultless program makes of the work of a group."""
        found: list[Done] = pickle.loads(self._wanted(group).read_bytes())
        return found

    def labour(self, change: Callable[[Path], None], task: Task) -> tuple[list[Done], str | None]:
        """What comes of a task in a copy that is changed for it, item by item, and why it ended early."""
        own = self.folder / f"copy{os.getpid()}"
        if not own.exists():
            tree.make(own, self._base)
        try:
            change(own)
            return self._labour(own, task)
        finally:
            tree.restore(own, self._base)

    @property
    def _base(self) -> Path:
        return self.folder / "base"

    def _wanted(self, group: str) -> Path:
        return self.folder / f"{group}.pickle"

    def _labour(self, copy: Path, task: Task) -> tuple[list[Done], str | None]:
        with TemporaryDirectory(dir=self.folder) as place:
            asked, told = Path(place) / "task", Path(place) / "report"
            asked.write_bytes(pickle.dumps(task))
            command = [sys.executable, "-P", "-m", "tests.mutation.laborer", str(asked), str(told)]
            seeded = copy != self._base
            command += [str(self._base)] if seeded else []
            try:
                done = subprocess.run(
                    command, cwd=copy, env=tree.environment(copy, seeded), capture_output=True, text=True,
                    timeout=LIMIT, check=False,
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
