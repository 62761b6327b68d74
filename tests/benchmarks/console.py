"""Where the benchmarks print their tables."""

from __future__ import annotations

from rich.console import Console

WIDTH = 140
"""Where output goes to a file or a pipe, which has none of its own: as many columns as the widest table."""


def wide_console() -> Console:
    """As wide as the terminal, or else as the tables are."""
    console = Console()
    return console if console.is_terminal else Console(width=WIDTH)
