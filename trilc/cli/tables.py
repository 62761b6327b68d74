"""Tables on standard output."""

from __future__ import annotations

import click
from rich.console import Console
from rich.table import Table

from trilc.cli.terminal import visible


def print_table(table: Table) -> None:
    """Print it as it is: names hold no markup, and nothing that a terminal would act on."""
    console = Console(markup=False, emoji=False, highlight=False)
    with console.capture() as printed:
        console.print(table)
    click.echo(visible(printed.get()), nl=False)
