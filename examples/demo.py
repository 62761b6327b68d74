"""The main job on a real model: compile it to three formats, run it on real text, let it write.

    python examples/demo.py [--model FILE] [--folder DIR]

Everything is written to ``demo/`` and told in one table. The text that it reads is trilc's own README.
"""

from __future__ import annotations

import time
from pathlib import Path

import click
import numpy as np
from rich.console import Console
from rich.table import Table

import trilc
from trilc.cli.stages import Stages
from trilc.generation import generate
from trilc.prove import conforms
from trilc.prove.equivalence import Answer

HERE = Path(__file__).parent
PROMPT = "in the beginning "


@click.command()
@click.option("--model", type=click.Path(path_type=Path), default=HERE / "kjv" / "kjv128.npz", show_default=True)
@click.option("--text", type=click.Path(path_type=Path), default=HERE.parent / "README.md", show_default=True)
@click.option("--folder", type=click.Path(path_type=Path), default=Path("demo"), show_default=True)
def demo(model: Path, text: Path, folder: Path) -> None:
    """Compile MODEL, run the netlist on TEXT, let it write, and say what happened."""
    folder.mkdir(exist_ok=True)
    table = Table(title="What happened", title_justify="left", show_header=False)
    checkpoint = trilc.load(model)
    table.add_row("model", f"{model}: {checkpoint.units} units, {checkpoint.vocabulary} tokens")

    start = time.perf_counter()
    with Stages() as stages:
        netlist = trilc.compile(checkpoint, observer=stages)
    last = stages.rows[-1]
    table.add_row(
        "compiled",
        f"{last.ands:,} ANDs, {last.levels} levels, {last.registers} registers in "
        f"{time.perf_counter() - start:.1f} s (most of a first time is spent compiling trilc's own kernels)",
    )
    start = time.perf_counter()
    verdict = conforms(checkpoint, netlist, seconds=300)
    proof = f"{verdict.answer.value}: {verdict.how or verdict.where} ({time.perf_counter() - start:.1f} s)"
    table.add_row("proof that it is the model", proof)
    for ending in ("blif", "v", "aig"):
        target = folder / f"{model.stem}.{ending}"
        trilc.write_aig(netlist, target)
        table.add_row("written", f"{target}, {target.stat().st_size / 1024:,.0f} KB")

    # the file that was written reads real text, and must say what the numpy reference says
    runner = trilc.Runner(trilc.read_aig(folder / f"{model.stem}.blif"))
    tokens = runner.named_tokens().encode(text.read_text(encoding="utf-8"))
    start = time.perf_counter()
    said = runner.run(tokens[:, None])[:, 0]
    seconds = time.perf_counter() - start
    agrees = np.array_equal(said, checkpoint.run(tokens[None])[0])
    right = np.mean(said[:-1] == tokens[1:])
    facts = f"{len(tokens):,} characters in {seconds:.2f} s; {right:.0%} of the next ones guessed"
    table.add_row("read", f"{text}: {facts}")
    table.add_row("equal to the numpy reference", "yes, at every character" if agrees else "NO")

    writer = trilc.Runner(checkpoint, output="scores")
    written = generate(writer, [writer.named_tokens().encode(PROMPT)], 120, temperature=0.6, seed=4)
    table.add_row("written", PROMPT + writer.named_outputs().decode(np.array(list(written))))
    Console().print(table)
    if not agrees or verdict.answer is Answer.DIFFERENT:
        raise click.ClickException("the netlist and the model disagree")


if __name__ == "__main__":
    demo()
