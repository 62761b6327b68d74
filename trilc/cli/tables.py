"""Tables on standard output."""

from __future__ import annotations

import click
from rich.console import Console
from rich.table import Table


def print_table(table: Table) -> None:
    """Print it as it is: names of files hold no markup."""
    console = Console(markup=False, emoji=False, highlight=False)
    with console.capture() as printed:
        console.print(table)
    click.echo(printed.get(), nl=False)
