"""Parameters that several commands share."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from trilc.errors import InputError

if TYPE_CHECKING:
    from passes import Pipeline

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

path = click.Path(path_type=Path)
"""A path that the library opens: it says best what is wrong with a file."""


class OutputFile(click.Path):
    """A file to write. What surely can't be written is refused before any work is done."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path."""
        target = Path(value)
        if target.is_dir():
            raise InputError(f"cannot write {target}: Is a directory")
        if not target.parent.is_dir():
            raise InputError(f"cannot write {target}: {target.parent} is not a directory")
        return target


output_file = OutputFile()


def refuse_twice(*files: Path | None) -> None:
    """Refuse to write one file over another; devices take what comes."""
    seen = set()
    for file in filter(None, files):
        real = Path(os.path.realpath(file))
        if real in seen and (real.is_file() or not real.exists()):
            raise click.UsageError(f"{file} is named twice; expected a file for each")
        seen.add(real)


def _known_endings(
    context: click.Context, parameter: click.Parameter, targets: tuple[Path, ...]
) -> tuple[Path, ...]:
    from backends import WRITTEN

    for target in targets:
        if target.suffix not in WRITTEN:
            raise InputError(f"{target}: expected an ending among {', '.join(WRITTEN)}")
    return targets


def _a_number(context: click.Context, parameter: click.Parameter, seconds: float | None) -> float | None:
    if seconds is not None and math.isnan(seconds):
        raise click.BadParameter("nan is not in the range x>=0.")
    return seconds


targets_option: Decorator = click.option(
    "-o", "--output", "targets", type=output_file, multiple=True, metavar="FILE", callback=_known_endings,
    help="File to write; may be repeated. Its ending decides: .blif, .v, .aig, .aag, or .py or .c for a "
    "standalone simulator. Each file appears whole or not at all.",
)  # fmt: skip
passes_option: Decorator = click.option(
    "--passes", metavar="TEXT",
    help='Simplification passes, such as "strash, dead, 2*(rewrite, balance)", in place of those that the effort and '
    'the goal stand for; "" for none.',
)  # fmt: skip


def effort_option_of(usual: str) -> Decorator:
    """``--effort``, and what it is where nothing is said."""
    return click.option(
        "--effort", type=click.Choice(["fast", "default", "high"]), default=usual, show_default=True,
        help="How much time to spend for fewer gates: tenths of a second, seconds, or minutes for 50,000 gates.",
    )  # fmt: skip


effort_option = effort_option_of("default")
goal_option: Decorator = click.option(
    "--goal", type=click.Choice(["gates", "luts", "depth"]),
    help="What is to be small: AND gates (the default), look-up tables (the default with --lut), or levels first and "
    "gates then.",
)  # fmt: skip
keep_state_option: Decorator = click.option(
    "--keep-state", is_flag=True, help="Keep every register, also those that no output depends on."
)
stats_option: Decorator = click.option(
    "--stats", type=output_file, metavar="FILE", help="Write what every stage left behind, as JSON."
)
lut_option: Decorator = click.option(
    "--lut", type=int, metavar="K",
    help="Map to lookup tables of up to K inputs, 2 to 6; a .blif file is written of these.",
)  # fmt: skip
outputs_option: Decorator = click.option(
    "--outputs", type=click.Choice(["argmax", "scores", "state"]),
    help="What is compared (default: what a netlist puts out, or what the checkpoints' headers say).",
)  # fmt: skip
tokens_option: Decorator = click.option(
    "--tokens", type=click.IntRange(min=1), metavar="V",
    help="Token codes from V on never occur (default: those that a checkpoint, metadata or constraints exclude).",
)  # fmt: skip
conflicts_option: Decorator = click.option(
    "--conflicts", type=click.IntRange(1, 2**31 - 1), default=100_000, show_default=True, metavar="N",
    help="Limit for each question to a SAT solver.",
)  # fmt: skip


def seconds_option_of(default: str) -> Decorator:
    """``--seconds``; where it is left out it is None, and the default is the command's affair."""
    return click.option(
        "--seconds", type=click.FloatRange(min=0), metavar="S", callback=_a_number,
        help=f"Limit for all of it (default: {default}).",
    )  # fmt: skip


seconds_option = seconds_option_of("none")


class ProofBudget(click.ParamType[Any]):
    """``always``, ``never``, or seconds."""

    name = "always|never|SECONDS"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Seconds: none for ``never``, no end of them for ``always``."""
        if isinstance(value, float):
            return value
        if value in ("always", "never"):
            return math.inf if value == "always" else None
        with suppress(ValueError):
            if 0 <= (seconds := float(value)) < math.inf:
                return seconds
        self.fail(f"found {value!r}; expected always, never, or seconds, such as 60", param, ctx)


engine_option: Decorator = click.option(
    "--engine", type=click.Choice(["auto", "gates", "words", "reference"]), default="auto", show_default=True,
    help="What runs a checkpoint: gates in the lanes of machine words (it is compiled first; for many streams), sums "
    "of its weights word by word (at once; for few), or the numpy reference.",
)  # fmt: skip
prove_option: Decorator = click.option(
    "--prove", "proof_seconds", type=ProofBudget(), default="60", show_default=True,
    help="Prove the netlist equal to what the checkpoint's numbers mean: within so many seconds, never, or always: "
    "then nothing is written that is not proved.",
)  # fmt: skip
lines_option: Decorator = click.option(
    "--lines", is_flag=True, help="Every line is a stream of its own, of any length; they run side by side."
)
quiet_option: Decorator = click.option("-q", "--quiet", is_flag=True, help="Show no progress.")
json_option: Decorator = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object instead of a table."
)


def input_option(text: str) -> Decorator:
    """What kind of file tokens come from."""
    return click.option("--input", "input_", type=click.Choice(["ids", "bytes", "text"]), help=text)


def chosen_goal(goal: str | None, lut: int | None) -> str:
    """What is to be small, where ``--goal`` may be left out."""
    return goal or ("gates" if lut is None else "luts")


def chosen_pipeline(passes: str | None, effort: str, goal: str, made_for_luts: bool = False) -> Pipeline:
    """The passes that these options ask for; the last as in :func:`passes.efforts.pipeline`."""
    from passes import Pipeline, efforts

    return Pipeline.parse(efforts.pipeline(effort, goal, made_for_luts) if passes is None else passes)
