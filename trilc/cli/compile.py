"""``trilc compile``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trilc.cli.options import (
    chosen_goal,
    chosen_pipeline,
    effort_option,
    goal_option,
    json_option,
    keep_state_option,
    lut_option,
    output_file,
    passes_option,
    path,
    prove_option,
    refuse_twice,
    stats_option,
    targets_option,
)

if TYPE_CHECKING:
    from trilc.aig import AIG
    from trilc.model import Model

BENCH_STEPS = 256
"""Tokens, drawn at random, that a test bench feeds."""

EXAMPLES = """
\b
Examples:
  trilc compile model.npz -o model.blif
  trilc compile model.npz -o model.v --testbench model_tb.v
  trilc compile model.npz -o model.aig --effort high
  trilc compile model.npz -o model.aig -o model.py --outputs scores --keep-state
  trilc compile model.npz -o model.aag --passes "strash, dead"
  trilc compile model.npz -o model.blif --lut 6
  trilc compile model.npz -o model.blif --prove always
  trilc compile model.npz --json --stats stages.json --emit-ir model.ir
"""


@click.command("compile", epilog=EXAMPLES)
@click.argument("model", type=path)
@targets_option
@click.option(
    "--outputs", type=click.Choice(["argmax", "scores", "state"]),
    help="What the netlist puts out (default: what the checkpoint's header says).",
)  # fmt: skip
@keep_state_option
@effort_option
@goal_option
@passes_option
@lut_option
@prove_option
@stats_option
@click.option("--emit-ir", type=output_file, metavar="FILE", help="Write the word-level graph, as text.")
@click.option(
    "--testbench", type=output_file, metavar="FILE",
    help="Write a self-checking Verilog bench for the .v file; its answers come from the numpy reference.",
)  # fmt: skip
@json_option
def command(
    model: Path,
    targets: tuple[Path, ...],
    outputs: str | None,
    keep_state: bool,
    effort: str,
    goal: str | None,
    passes: str | None,
    lut: int | None,
    proof_seconds: float | None,
    stats: Path | None,
    emit_ir: Path | None,
    testbench: Path | None,
    as_json: bool,
) -> None:
    """Compile the checkpoint MODEL (.npz or .safetensors) to an exact netlist.

    The table has a row for every stage and pass with what it left: ANDs, levels, registers, seconds. The same
    model and options give the same bytes on every machine. The netlist is proved equal to the checkpoint before it is
    written; one that differs is not written at all.
    """
    modules = [target.stem for target in targets if target.suffix == ".v"]
    if testbench and len(modules) != 1:
        raise click.UsageError("--testbench needs exactly one -o FILE.v that it checks")
    refuse_twice(model, *targets, stats, emit_ir, testbench)

    from backends import atomic_write
    from passes import Size
    from trilc import ir
    from trilc.checkpoint import load
    from trilc.cli.proof import proved
    from trilc.cli.stages import Stages
    from trilc.cli.targets import mapped, refuse_luts, write_targets
    from trilc.compiler import compile, words
    from trilc.version import VERSION

    refuse_luts(lut, targets)
    goal = chosen_goal(goal, lut)
    pipeline = chosen_pipeline(passes, effort, goal, made_for_luts=goal == "luts")
    with Stages() as stages:
        checkpoint = load(model)
        aig = compile(checkpoint, outputs, pipeline, keep_state, stages, for_luts=goal == "luts")
        network = mapped(aig, lut, effort, goal, stages)
        proof = None
        if proof_seconds is not None:
            proof = proved(checkpoint, aig if network is None else network.to_aig(), proof_seconds, stages)
        luts = write_targets(aig, network, targets, stages)
        if testbench:
            _write_testbench(aig, checkpoint, testbench, modules[0])
        if emit_ir:
            with atomic_write(emit_ir) as file:
                source = f"trilc {VERSION}, from the checkpoint with SHA-256 {checkpoint.digest}"
                file.write(ir.dump(words(checkpoint, outputs), source).encode())
    summary = {
        "model": str(model),
        "sha256": checkpoint.digest,
        "output": aig.metadata["output"],
        "passes": str(pipeline),
        "files": [str(target) for target in targets],
        **asdict(Size.of(aig)),
        **luts,
        "proof": proof and asdict(proof),
    }
    stages.report(f"{model} → {', '.join(map(str, targets)) or 'no file (-o)'}", summary, stats, as_json)
    if proof and not as_json:
        click.echo(f"{proof.line} ({proof.seconds:.1f} s)")


def _write_testbench(aig: AIG, model: Model, target: Path, module: str) -> None:
    """A bench whose expected outputs come from the reference, not from the netlist it checks."""
    import numpy as np

    from backends import atomic_write, write_testbench
    from trilc.outputs import output_bits

    tokens = np.random.default_rng(0).integers(0, model.vocabulary, BENCH_STEPS)
    stimulus = (tokens[:, None] >> np.arange(aig.num_inputs)) & 1
    said = model.run(tokens[None], aig.metadata["output"])[0]
    with atomic_write(target) as stream:
        write_testbench(aig, stimulus, output_bits(aig.num_outputs, said), stream, module)
