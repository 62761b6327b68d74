"""``trilc modules``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from trilc.cli.options import conflicts_option, effort_option, json_option, output_file, path
from trilc.errors import InputError
from trilc.version import VERSION

if TYPE_CHECKING:
    from trilc.aig import AIG
    from trilc.cli.stages import Stages
    from trilc.explain.modules import Dependence, Effect, Significance, Structure
    from trilc.explain.modules.structure import Groups
    from trilc.model import Model

EXAMPLES = """
\b
Examples:
  trilc modules model.npz
  trilc modules model.npz book.txt --freeze majority
  trilc modules model.blif --by component --json
  trilc modules model.npz --reachable --shuffles 100
  trilc modules model.npz --dot model.dot --simplify-by-module parts
"""

SHOWN = 6
"""Names of bits that a row of the table shows at most."""

FORMATS = ("aig", "aag", "blif", "v")


@click.command("modules", epilog=EXAMPLES)
@click.argument("source", metavar="MODEL_OR_NETLIST", type=path)
@click.argument("text", type=path, required=False)
@click.option(
    "--by", type=click.Choice(["community", "component", "part"]), default="community", show_default=True,
    help="What a module is: a community (denser within than between, by Louvain's method), a strongly connected "
    "component, or a part that never talks to the others.",
)  # fmt: skip
@click.option(
    "--reachable", is_flag=True,
    help="Count only what happens in states that are reached from reset, not in all of them.",
)  # fmt: skip
@click.option(
    "--shuffles", type=click.IntRange(0, 10_000), default=20, show_default=True, metavar="N",
    help="Compare with so many shuffles of the weights at the same density.",
)  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="For communities and shuffles.")
@click.option(
    "--freeze", type=click.Choice(["reset", "majority"]), default="reset", show_default=True,
    help="What the bits of a module are held at to see what they are worth on TEXT.",
)  # fmt: skip
@click.option(
    "--tokens", "limit", type=click.IntRange(min=2), default=5000, show_default=True, metavar="N",
    help="Read so many tokens of TEXT at most.",
)  # fmt: skip
@click.option("--dot", type=output_file, metavar="FILE", help="Write the dependences as a graph, modules as clusters.")
@click.option(
    "--simplify-by-module", "directory", type=path, metavar="DIR",
    help="Write one simplified netlist for each module, and one for the outputs, to a new directory.",
)  # fmt: skip
@click.option(
    "--format", "ending", type=click.Choice(FORMATS), default="blif", show_default=True, help="Of these netlists."
)
@effort_option
@conflicts_option
@json_option
def command(
    source: Path,
    text: Path | None,
    by: str,
    reachable: bool,
    shuffles: int,
    seed: int,
    freeze: str,
    limit: int,
    dot: Path | None,
    directory: Path | None,
    ending: str,
    effort: str,
    conflicts: int,
    as_json: bool,
) -> None:
    """Say which state bits of MODEL_OR_NETLIST depend on which, in any state, and how they fall into modules.

    Every dependence and every independence is proved: in closed form, by the netlist's structure, by a pattern that
    shows it, or by SAT; what could not be decided is counted, and taken for dependent. Modularity is set against that
    of shuffled weights, in which every bit reads as many bits as before: modules that chance makes are no modules. With
    TEXT (a file, or - for standard input) each module is frozen in turn, to see what it is worth.
    """
    from trilc.cli.sources import read_source
    from trilc.cli.stages import Stages
    from trilc.explain.modules import dependence, significance, structure
    from trilc.model import Model

    if directory is not None and directory.exists():
        raise InputError(f"{directory}: it exists; expected the name of a new directory")
    machine = read_source(source)
    tokens = None
    if text is not None:
        if not isinstance(machine, Model):
            raise InputError(f"{source}: found a netlist; expected a checkpoint to read TEXT")
        tokens = _tokens(machine, text, limit)
    with Stages() as stages:
        stages.begin("dependences")
        found = dependence(machine, conflicts, reachable=reachable)
        stages.begin("communities")
        how = structure(found.depends, seed)
        modules = {"community": how.communities, "component": how.components, "part": how.parts}[by]
        meant = None
        if shuffles:
            stages.begin(f"{shuffles} shuffles")
            meant = significance(found.depends, shuffles, seed)
        effects = None
        if tokens is not None and isinstance(machine, Model):
            from trilc.explain.modules import ablation

            stages.begin("ablation")
            effects = ablation(machine, modules, tokens, freeze)
        written = None
        if directory is not None:
            written = _written(machine, modules, directory, ending, effort, conflicts, stages)
    if dot is not None:
        from backends import atomic_write
        from trilc.explain.modules.dot import dot_of

        with atomic_write(dot) as file:
            file.write(dot_of(found, modules).encode())
    facts = _facts(source, by, reachable, found, how, modules, meant, effects)
    if written is not None:
        facts["netlists"] = written
    if as_json:
        click.echo(json.dumps(facts, indent=2))
    else:
        _print(facts, found, modules)


def _tokens(model: Model, text: Path, limit: int) -> Any:
    import numpy as np

    from trilc.cli.sources import read_tokens
    from trilc.text import Tokenizer

    if model.tokens is None:
        raise InputError("the tokens have no names, so there is no text; expected 'tokens' in the header")
    parts, count = [np.zeros(0, np.int64)], 0
    for part in read_tokens(text, "text", Tokenizer(model.tokens, model.text)):
        parts.append(part)
        count += len(part)
        if count >= limit:
            break
    return np.concatenate(parts)[:limit]


def _written(
    machine: Model | AIG, modules: Groups, directory: Path, ending: str, effort: str, conflicts: int, stages: Stages
) -> dict[str, Any]:
    """Write the parts; says how large they are and whether they were proved to make up the whole."""
    from backends import write_aig
    from passes import Pipeline, Size, efforts
    from trilc.aig import AIG
    from trilc.compiler import compile
    from trilc.explain.modules import join, split
    from trilc.prove.equivalence import equivalent

    pipeline = Pipeline.parse(efforts.pipeline(effort))
    aig = machine if isinstance(machine, AIG) else compile(machine, None, "", keep_state=True)
    parts = []
    names = [f"module{k}" for k in range(len(modules))] + ["outputs"]
    for name, part in zip(names, split(aig, modules), strict=True):
        stages.begin(name)
        parts.append(pipeline.apply(part))
    stages.begin("proof of the parts put together")
    verdict = equivalent(aig, join(aig, parts), conflicts)
    if verdict.answer.value == "different":
        raise AssertionError(f"the parts put together differ from the whole: {verdict.where}")
    try:
        directory.mkdir()
    except OSError as error:
        raise InputError(f"cannot write {directory}: {error.strerror or error}") from None
    for name, part in zip(names, parts, strict=True):
        write_aig(part, directory / f"{name}.{ending}")
    return {
        "directory": str(directory),
        "files": {f"{name}.{ending}": asdict(Size.of(part)) for name, part in zip(names, parts, strict=True)},
        "whole": verdict.answer.value,
    }


def _facts(
    source: Path,
    by: str,
    reachable: bool,
    found: Dependence,
    how: Structure,
    modules: Groups,
    meant: Significance | None,
    effects: Sequence[Effect] | None,
) -> dict[str, Any]:
    named = [[found.names[k] for k in module] for module in modules]
    edges = found.depends
    rows = []
    for k, module in enumerate(modules):
        own = list(module)
        inside = int(edges[own][:, own].sum())
        row: dict[str, Any] = {
            "bits": named[k],
            "dependences_within": inside,
            "reads_from_others": int(edges[own].sum()) - inside,
            "read_by_others": int(edges[:, own].sum()) - inside,
        }
        if effects is not None:
            row["frozen"] = asdict(effects[k + 1])
        rows.append(row)
    return {
        "trilc": VERSION,
        "file": str(source),
        "states": "reachable" if reachable else "all",
        "bits": len(edges),
        "dependences": int(edges.sum()),
        "density": round(float(edges.mean()), 4) if edges.size else 0.0,
        "decided": found.decided,
        "unknown": int(found.unknown.sum()),
        "refuted_by_sat": found.refuted,
        "components": len(how.components),
        "largest_component": max(map(len, how.components), default=0),
        "parts": len(how.parts),
        "largest_part": max(map(len, how.parts), default=0),
        "communities": len(how.communities),
        "modularity": how.modularity,
        "shuffled": None if meant is None else {"modularity": meant.shuffled, "z": meant.z, "p": meant.p},
        "by": by,
        "text": None if effects is None else asdict(effects[0]),
        "modules": rows,
        "depends_on": {
            name: [found.names[j] for j in edges[i].nonzero()[0]] for i, name in enumerate(found.names)
        },
        "condensation": how.condensation,
    }


def _print(facts: dict[str, Any], found: Dependence, modules: Groups) -> None:
    from rich.table import Table

    from trilc.cli.tables import print_table
    from trilc.cli.terminal import visible

    def say(line: str) -> None:
        click.echo(visible(line))

    say(f"{facts['bits']:,} bits, {facts['dependences']:,} dependences ({facts['density']:.1%} of all pairs)")
    for way, count in facts["decided"].items():
        say(f"  {count:>9,} {way}")
    if facts["refuted_by_sat"]:
        say(f"  {facts['refuted_by_sat']:>9,} independences REFUTED by SAT: please report this")
    say(
        f"strongly connected components: {facts['components']:,}, the largest of {facts['largest_component']:,} bits; "
        f"parts that never talk to each other: {facts['parts']:,}, the largest of {facts['largest_part']:,}"
    )
    line = f"communities: {facts['communities']:,}, modularity {facts['modularity']:.4f}"
    if facts["shuffled"] is not None:
        others = facts["shuffled"]["modularity"]
        line += f"; shuffled weights {sum(others) / len(others):.4f} on average of {len(others):,}"
        z = facts["shuffled"]["z"]
        line += f" ({'' if z is None else f'z {z:+.1f}, '}p {facts['shuffled']['p']:.3f})"
    say(line)
    plain = facts["text"]
    table = Table(title=f"modules: by {facts['by']}", title_justify="left")
    for heading in ("module", "bits", "within", "reads", "is read", *_headings(plain)):
        table.add_column(heading, justify="right", no_wrap=True)
    if plain is None:
        table.add_column("", overflow="fold")
    for k, row in enumerate(facts["modules"]):
        bits = row["bits"]
        listed = " ".join(bits[:SHOWN]) + (" …" if len(bits) > SHOWN else "")
        counts = (len(bits), row["dependences_within"], row["reads_from_others"], row["read_by_others"])
        last = [listed] if plain is None else _changes(plain, row["frozen"])
        table.add_row(str(k), *(f"{n:,}" for n in counts), *last)
    print_table(table)
    if plain is not None:
        said = [f"of {plain['tokens']:,} tokens"]
        said += [f"accuracy {plain['accuracy']:.1%}"] if plain["accuracy"] is not None else []
        said += [f"{plain['bits']:.4f} bits each"] if plain["bits"] is not None else []
        say(f"with no module frozen, {', '.join(said)}; same: how often a frozen one says what the whole does")
    if "netlists" in facts:
        for name, size in facts["netlists"]["files"].items():
            say(f"{facts['netlists']['directory']}/{name}: {size['ands']:,} ANDs, {size['registers']:,} registers")
        say(f"put together: {facts['netlists']['whole']} to the whole")


def _headings(plain: dict[str, Any] | None) -> list[str]:
    if plain is None:
        return []
    return ["same"] + [
        name for name, key in (("Δ accuracy", "accuracy"), ("Δ bits", "bits")) if plain[key] is not None
    ]


def _changes(plain: dict[str, Any], frozen: dict[str, Any]) -> list[str]:
    cells = [f"{frozen['unchanged']:.1%}"]
    if plain["accuracy"] is not None:
        cells.append(f"{frozen['accuracy'] - plain['accuracy']:+.1%}")
    if plain["bits"] is not None:
        cells.append(f"{frozen['bits'] - plain['bits']:+.4f}")
    return cells
