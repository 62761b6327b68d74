"""Parameters that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

path = click.Path(path_type=Path)
"""A path that the library opens: it says best what is wrong with a file."""


def _targets(
    context: click.Context, parameter: click.Parameter, targets: tuple[Path, ...]
) -> tuple[Path, ...]:
    """Refuse an unknown ending before any work is done."""
    from backends import WRITTEN

    for target in targets:
        if target.suffix not in WRITTEN:
            raise click.BadParameter(
                f"{target}: expected an ending among {', '.join(WRITTEN)}", context, parameter
            )
    return targets


targets_option: Decorator = click.option(
    "-o", "--output", "targets", type=path, multiple=True, metavar="FILE", callback=_targets,
    help="File to write; may be repeated. Its ending decides: .blif, .v, .aig, .aag, or .py for a standalone "
    "simulator.",
)  # fmt: skip
passes_option: Decorator = click.option(
    "--passes", metavar="TEXT",
    help='Simplification passes, such as "strash, dead, 2*(rewrite, balance)" (default: the standard pipeline; '
    '"" for none).',
)  # fmt: skip
keep_state_option: Decorator = click.option(
    "--keep-state", is_flag=True, help="Keep every register, also those that no output depends on."
)
stats_option: Decorator = click.option(
    "--stats", type=path, metavar="FILE", help="Write what every stage left behind, as JSON."
)
json_option: Decorator = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object instead of a table."
)
