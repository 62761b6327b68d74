"""Stages of a compilation: shown while they last, and as one table when all are done."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import click

from trilc.cli.terminal import visible
from trilc.version import VERSION

if TYPE_CHECKING:
    from rich.progress import Progress
    from rich.table import Table

    from passes import Size
    from trilc.luts import LutNetwork

PATIENCE = 2.0
"""Seconds of work before progress is shown."""

FIRST_ROWS, LAST_ROWS = 14, 7
"""Rows of a long table that are printed; the passes between them are one row. JSON has them all."""


@dataclass(frozen=True)
class Row:
    """One stage or pass, and what it left behind."""

    stage: str
    ands: int | None
    levels: int | None
    registers: int | None
    seconds: float
    luts: int | None = None
    """Where it is the mapping to LUTs; the levels are theirs."""


class Stages:
    """An observer of compilations: progress on standard error after two seconds, and rows for the table.

    Use it as a context: on leaving, whatever progress shows on a terminal is cleared away. Elsewhere progress
    is one line for each stage that is under way after two seconds.
    """

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self._progress: Progress | None = None
        self._start = time.monotonic()
        self._timer: threading.Timer | None = None

    def __enter__(self) -> Stages:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._settle()
        if self._progress:
            self._progress.stop()

    def begin(self, stage: str) -> None:
        """A stage is about to start."""
        self._settle()
        wait = max(0.0, self._start + PATIENCE - time.monotonic())
        self._timer = threading.Timer(wait, self._show, [stage])
        self._timer.daemon = True
        with suppress(RuntimeError):  # where no thread can be had, there is no progress
            self._timer.start()

    def end(self, stage: str, seconds: float, size: Size | None) -> None:
        """It is done."""
        self._settle()
        ands, levels, registers = (size.ands, size.levels, size.registers) if size else (None, None, None)
        self.rows.append(Row(stage, ands, levels, registers, round(seconds, 4)))

    @contextmanager
    def mapping(self, stage: str) -> Iterator[list[LutNetwork]]:
        """Show a block as a stage; it appends the LUTs that it made."""
        self.begin(stage)
        start = time.perf_counter()
        made: list[LutNetwork] = []
        yield made
        self._settle()
        seconds = round(time.perf_counter() - start, 4)
        self.rows.append(Row(stage, None, made[0].levels, len(made[0].register_names), seconds, made[0].size))

    def report(self, title: str, summary: Mapping[str, Any], stats: Path | None, as_json: bool) -> None:
        """Print the table, or the summary with its stages as JSON; write the latter to ``stats``, too."""
        text = json.dumps({"trilc": VERSION, **summary, "stages": [asdict(row) for row in self.rows]}, indent=2)
        if stats:
            from backends import atomic_write

            with atomic_write(stats) as file:
                file.write(text.encode() + b"\n")
        if as_json:
            click.echo(text)
        else:
            from trilc.cli.tables import print_table

            print_table(self._table(title))

    def _table(self, title: str) -> Table:
        from rich.table import Table

        table = Table(title=title, title_justify="left")
        table.add_column("stage", overflow="fold")
        mapped = any(row.luts is not None for row in self.rows)
        for heading in ("ANDs", *["LUTs"] * mapped, "levels", "registers", "seconds"):
            table.add_column(heading, justify="right", no_wrap=True)
        for row in self._shown():
            figures = (row.ands, *[row.luts] * mapped, row.levels, row.registers)
            counts = [f"{n:,}" if n is not None else "" for n in figures]
            table.add_row(row.stage, *counts, f"{row.seconds:.2f}")
        table.add_section()
        table.add_row("all", *[""] * (3 + mapped), f"{sum(row.seconds for row in self.rows):.2f}")
        return table

    def _shown(self) -> list[Row]:
        """The rows, those in the middle as one where there are many."""
        middle = self.rows[FIRST_ROWS:-LAST_ROWS]
        if len(middle) < 2:
            return self.rows
        last, seconds = middle[-1], sum(row.seconds for row in middle)
        summary = Row(f"… {len(middle)} passes", last.ands, last.levels, last.registers, seconds)
        return [*self.rows[:FIRST_ROWS], summary, *self.rows[-LAST_ROWS:]]

    def _show(self, stage: str) -> None:
        from rich.console import Console
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        console = Console(stderr=True)
        if not console.is_interactive:
            console.print(f"trilc: {visible(stage)} …", markup=False, highlight=False, soft_wrap=True)
            return
        if not self._progress:
            self._progress = Progress(
                SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn(),
                console=console, transient=True,
            )  # fmt: skip
            self._progress.start()
        self._progress.add_task(visible(stage), total=None)

    def _settle(self) -> None:
        """No progress is shown from here on, until a stage begins."""
        if self._timer:
            self._timer.cancel()
            if self._timer.ident is not None:
                self._timer.join()
            self._timer = None
        if self._progress:
            for task in self._progress.task_ids:
                self._progress.remove_task(task)
