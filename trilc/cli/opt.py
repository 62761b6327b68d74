"""``trilc opt``."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import click

from trilc.cli.options import (
    chosen_goal,
    chosen_pipeline,
    effort_option,
    goal_option,
    json_option,
    keep_state_option,
    lut_option,
    passes_option,
    path,
    refuse_twice,
    stats_option,
    targets_option,
)

EXAMPLES = """
\b
Examples:
  trilc opt adder.aig -o smaller.aig
  trilc opt adder.aig -o smallest.aig --effort high
  trilc opt adder.aig -o fastest.aig --goal depth
  trilc opt design.blif -o design.aig --passes "strash, 3*(rewrite, balance), dead"
  trilc opt design.aig -o design.blif --passes ""
  trilc opt design.aig -o design.blif --lut 4
"""


@click.command("opt", epilog=EXAMPLES)
@click.argument("netlist", type=path)
@targets_option
@effort_option
@goal_option
@passes_option
@keep_state_option
@lut_option
@stats_option
@json_option
def command(
    netlist: Path,
    targets: tuple[Path, ...],
    effort: str,
    goal: str | None,
    passes: str | None,
    keep_state: bool,
    lut: int | None,
    stats: Path | None,
    as_json: bool,
) -> None:
    """Simplify NETLIST (.blif, .aig, .aag, or .v as trilc writes it), wherever it came from."""
    refuse_twice(*targets, stats)

    from backends import read_aig
    from passes import Size
    from trilc.cli.stages import Stages
    from trilc.cli.targets import mapped, refuse_luts, write_targets
    from trilc.compiler import run_passes, timed

    refuse_luts(lut, targets)
    goal = chosen_goal(goal, lut)
    pipeline = chosen_pipeline(passes, effort, goal)
    with Stages() as stages:
        with timed(stages, "read") as left:
            aig = read_aig(netlist)
            left.append(Size.of(aig))
        if keep_state:
            aig = replace(aig, keep_registers=True)
        aig = run_passes(aig, pipeline, stages)
        luts = write_targets(aig, mapped(aig, lut, effort, goal, stages), targets, stages)
    summary = {
        "netlist": str(netlist),
        "sha256": aig.metadata.get("model"),
        "passes": str(pipeline),
        "files": [str(target) for target in targets],
        **asdict(Size.of(aig)),
        **luts,
    }
    stages.report(f"{netlist} → {', '.join(map(str, targets)) or 'no file (-o)'}", summary, stats, as_json)
