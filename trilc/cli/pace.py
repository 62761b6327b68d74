"""How far a long run has come, and how fast it is: on a terminal's standard error, after two seconds."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from trilc.cli.stages import PATIENCE

if TYPE_CHECKING:
    from rich.progress import Progress

OFTEN = 0.25
"""Seconds between two looks at the numbers."""


class Pace:
    """Counts tokens, and bytes of a file, and shows them. Use it as a context.

    ``total`` is how many tokens there are, or bytes in the file that holds them, if that is known. With ``quiet``, and
    where standard error is no terminal or standard output shares it, nothing is shown.
    """

    def __init__(self, total: int | None, quiet: bool, shares_terminal: bool = True) -> None:
        shared = shares_terminal and bool(sys.stdout) and sys.stdout.isatty()
        self._shown = not quiet and not shared and bool(sys.stderr) and sys.stderr.isatty()
        self._total, self._counts_bytes = total, False
        self._bytes = self.tokens = 0
        self._start = self._looked = time.monotonic()
        self._progress: Progress | None = None

    @classmethod
    def of_file(cls, path: Path, quiet: bool, shares_terminal: bool = True) -> Pace:
        """For a file of ids, bytes or text."""
        pace = cls(path.stat().st_size if path.is_file() else None, quiet, shares_terminal)
        pace._counts_bytes = True
        return pace

    def __enter__(self) -> Pace:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._progress:
            self._progress.stop()

    @property
    def per_second(self) -> float:
        """Tokens per second, from the beginning on."""
        return self.tokens / max(1e-9, time.monotonic() - self._start)

    def read(self, count: int) -> None:
        """So many bytes more were read."""
        self._bytes += count

    def said(self, count: int) -> None:
        """So many tokens more were read, and what is said to them is known."""
        self.tokens += count
        now = time.monotonic()
        if self._shown and now >= max(self._start + PATIENCE, self._looked + OFTEN):
            self._looked = now
            self._show()

    def _show(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

        if not self._progress:
            self._progress = Progress(
                TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn(),
                console=Console(stderr=True), transient=True,
            )  # fmt: skip
            self._progress.start()
            self._progress.add_task("", total=self._total)
        self._progress.update(
            self._progress.task_ids[0],
            completed=self._bytes if self._counts_bytes else self.tokens,
            description=f"{self.tokens:,} tokens, {self.per_second:,.0f} per second",
        )
