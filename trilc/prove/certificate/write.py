"""A directory that shows that two machines behave alike: machines, formulas, proofs, and what checks them."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from backends import aiger
from trilc.aig import AIG, Builder
from trilc.aig.copying import at, copy
from trilc.errors import InputError, file_name
from trilc.prove.certificate import check, formula
from trilc.prove.equivalence import Answer, decide, start_alike
from trilc.prove.miter import Miter, sequential
from trilc.prove.pair import Pair
from trilc.sat.derivation import Clauses
from trilc.sat.invariants import implications
from trilc.version import VERSION

PARTS = ("constraints", "invariants", "step")
"""What there may be a proof of, for neighbours."""

README = """\
This directory shows that machines behave alike on all inputs, from reset on: {first} and {last}.

    python check.py .

checks it: Python alone will do, and nothing of what wrote it is used. How the parts compose is said at the top of
check.py; manifest.json names the parts. N.aig are machines (AIGER 1.9), neighbours being alike:
  N.step.cnf, N.step.drup                that outputs and next states are equal, in one step from equal states
  N.constraints.cnf, N.constraints.drup  that the environment's constraints are
  N.invariants.cnf, N.invariants.drup    where equal states don't suffice: that some pairs of registers, true
                                         together at no reset, are not so after one step either
  N.miter.aig                            machine N−1 beside N, its output being true once they differ: a model
                                         checker's way to the same (the property is that it never is)
A .drup file proves that the .cnf can't be satisfied: drat-trim N.step.cnf N.step.drup

What it does not show: {assumed}.
"""


@dataclass(frozen=True)
class Certificate:
    """What was written."""

    proofs: int
    """Formulas that are refuted."""
    missing: tuple[str, ...]
    """What has no proof here."""
    assumed: tuple[str, ...]
    """What no file here is about."""


def write_certificate(
    pair: Pair,
    directory: str | os.PathLike[str],
    about: Sequence[Mapping[str, str]] = ({}, {}),
    conflicts: int = 100_000,
    say: Callable[[str], None] | None = None,
) -> Certificate:
    """Prove neighbours on the path of a pair alike, as far as one step from any state shows that, and write it all.

    ``directory`` appears complete or not at all; it must not exist, or be empty. ``about`` says what the two ends
    of the path are, in words of the caller's. ``conflicts`` limits each question to a solver.

    Raises :class:`InputError` where the directory can't be written.
    """
    missing: list[str] = []
    proofs = 0
    assumed = (
        "that 0.aig is what the first source means",
        f"that {len(pair.path) - 1}.aig is what the second source means",
    )
    with _appearing(Path(directory)) as folder:
        machines = []
        for k, aig in enumerate(pair.path):
            with (folder / f"{k}.aig").open("wb") as stream:
                aiger.write(replace(aig, metadata={}), stream)
            machines.append({"file": f"{k}.aig"})
        links = []
        for k, (a, b) in enumerate(pairwise(pair.path)):
            if say:
                say(f"certificate of machines {k} and {k + 1}")
            with (folder / f"{k + 1}.miter.aig").open("wb") as stream:
                aiger.write(_bad(a, b), stream)
            link = _link(folder, k, a, b, conflicts)
            if link["step"] is None:
                missing.append(f"that {k}.aig and {k + 1}.aig behave alike")
            proofs += sum(link[part] is not None for part in PARTS)
            links.append(link)
        manifest = {
            "format": "trilc certificate",
            "version": 1,
            "trilc": VERSION,
            "claim": "all machines put out the same on all inputs from reset on, wherever the constraints hold",
            "sources": list(about),
            "machines": machines,
            "links": links,
            "missing": missing,
            "assumed": assumed,
        }
        _write(folder, "manifest.json", json.dumps(manifest, indent=1) + "\n")
        last = f"{len(pair.path) - 1}.aig"
        _write(folder, "README.txt", README.format(first="0.aig", last=last, assumed=", nor ".join(assumed)))
        _write(folder, "check.py", Path(check.__file__).read_text(encoding="utf-8"))
    return Certificate(proofs, tuple(missing), assumed)


def require_writable(directory: Path) -> None:
    """Raise :class:`InputError` for a directory that :func:`write_certificate` would refuse."""
    if directory.exists() and not (directory.is_dir() and not any(directory.iterdir())):
        raise InputError(f"cannot write {file_name(directory)}: it exists already (expected no or an empty directory)")
    if not directory.absolute().parent.is_dir():
        raise InputError(f"cannot write {file_name(directory)}: {directory.parent} is not a directory")


def _link(folder: Path, k: int, a: AIG, b: AIG, conflicts: int) -> dict[str, Any]:
    """Prove two neighbours alike; what the manifest says of them."""
    order = [k, k + 1]
    if not set(b.register_names) <= set(a.register_names):
        order, a, b = order[::-1], b, a
    link: dict[str, Any] = {"machines": order, "removed": formula.removed(a, b), "never": []}
    link |= dict.fromkeys(PARTS)
    if not start_alike(a, b):
        return link
    proved = _proved({"step": formula.step(a, b)}, conflicts)
    if not proved:
        link["never"] = never = formula.invariants_of(a, implications(a))
        proved = _proved(
            {"invariants": formula.invariants(a, b, never), "step": formula.step(a, b, never)}, conflicts
        ) if never else {}
    if proved and len(a.constraints):
        alike = _proved({"constraints": formula.constraints(a, b, link["never"])}, conflicts)
        proved = {**alike, **proved} if alike else {}
    for part, miter in proved.items():
        link[part] = {"cnf": f"{k + 1}.{part}.cnf", "drup": f"{k + 1}.{part}.drup"}
        clauses = formula.lines(formula.clauses(miter))
        _write(folder, link[part]["cnf"], "\n".join([f"p cnf {miter.aig.num_nodes} {len(clauses)}", *clauses, ""]))
        _write(folder, link[part]["drup"], "\n".join([*formula.lines(_proof(miter)), ""]))
    return link


def _proved(miters: dict[str, Miter], conflicts: int) -> dict[str, Miter]:
    """All of them with their derivations, or none where one can't be proved."""
    for miter in miters.values():
        if decide(miter.only(np.ones(len(miter.outputs), np.bool_)), conflicts).answer is not Answer.EQUAL:
            return {}
    return miters


def _proof(miter: Miter) -> Clauses:
    """What was derived, then that each output is false, and the empty clause."""
    assert miter.meaning is not None
    differ = miter.meaning.of(miter.aig.outputs[: len(miter.outputs)])
    each = np.column_stack([-differ, np.zeros_like(differ)]).ravel()
    return np.concatenate([*miter.meaning.derivation.parts, each, np.zeros(1, np.int32)])


def _bad(a: AIG, b: AIG) -> AIG:
    """Both machines side by side; the one output is true where they differ."""
    miter = sequential(a, b).aig
    builder = Builder(miter.num_ands + miter.num_outputs)
    inputs = [builder.input(name) for name in miter.input_names]
    registers = [
        builder.register(name, int(reset)) for name, reset in zip(miter.register_names, miter.reset, strict=True)
    ]
    nodes = copy(builder, miter, np.array([0, *inputs, *registers], np.uint32))
    for register, literal in zip(registers, at(nodes, miter.next_state).tolist(), strict=True):
        builder.set_next(register, literal)
    bad = 0
    for literal in at(nodes, miter.outputs).tolist():
        bad = builder.or_(bad, literal)
    builder.output("differ", bad)
    for literal in at(nodes, miter.constraints).tolist():
        builder.constrain(literal)
    return builder.build()


def _write(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text, encoding="utf-8", newline="\n")


@contextmanager
def _appearing(target: Path) -> Iterator[Path]:
    """A directory that takes the place of ``target`` when the block ends, and leaves no trace when it fails."""
    require_writable(target)
    temporary = target.absolute().with_name(f".trilc-{secrets.token_hex(8)}")
    try:
        temporary.mkdir()
        try:
            yield temporary
            temporary.replace(target)
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise
    except OSError as error:
        raise InputError(f"cannot write {file_name(target)}: {error.strerror or error}") from error
