"""A directory that shows that two machines behave alike: machines, formulas, proofs, and what checks them."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import pairwise
from multiprocessing.connection import wait
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backends import aiger
from trilc.aig import AIG, UNKNOWN, Builder, Literals
from trilc.aig.copying import at, copy
from trilc.errors import InputError, file_name
from trilc.hints import Hints
from trilc.model import Model
from trilc.prove.certificate import check, formula
from trilc.prove.certificate.check import directory as check_directory
from trilc.prove.certificate.check.machine import Machine
from trilc.prove.certificate.check.rejection import REFUSALS
from trilc.prove.equivalence import EFFORT, Answer, decide
from trilc.prove.miter import Miter
from trilc.prove.pair import HELD, Pair, Source, lowered
from trilc.prove.product import Product, sequential
from trilc.prove.specification import never_best
from trilc.prove.step import Invariants, OneStep, Relation, begin_alike, invariants_of, removed
from trilc.prove.worker import Ended, Task, Worker
from trilc.sat import elaboration
from trilc.sat.derivation import Clauses
from trilc.sat.invariants import implications
from trilc.version import VERSION

PARTS = ("constraints", "invariants", "step", "base", "induction", "outputs")
"""What there may be a proof of, for neighbours."""

NOTHING: Mapping[str, Any] = MappingProxyType({"removed": {}, "never": [], "equal": None})
"""What the manifest claims of neighbours' registers and gates."""

README = """\
This directory shows that machines behave alike on all inputs, from reset on: {first} and {last}.

    python check

checks that: Python alone will do, and nothing of what wrote it is used. How the parts compose is said in
check/__init__.py; manifest.json names the parts. Neighbours are alike:
{machines}
  N.step.cnf, N.step.lrat                that outputs and next states are equal, in one step from equal states
  N.constraints.cnf, N.constraints.lrat  that the environment's constraints are
  N.invariants.cnf, N.invariants.lrat    where equal states don't suffice: that some pairs of registers, true
                                         together at no reset, are not so after one step either
  N.base.cnf, N.base.lrat                where registers don't correspond: that the gates that manifest.json calls
  N.induction.cnf, N.induction.lrat      equal are so in the first step; in a step, if they were in the one before;
  N.outputs.cnf, N.outputs.lrat          and that outputs are, where these gates are
  N.miter.aig                            machine N−1 beside N, its output being true once they differ: a model
                                         checker's way to the same (the property is that it never is)
An .lrat file proves that the .cnf can't be satisfied: lrat-check N.step.cnf N.step.lrat, or cake_lpr

What it does not show: {assumed}.
"""

FORMATS = {
    ".npz": "checkpoint", ".safetensors": "checkpoint",
    ".blif": "netlist", ".aig": "netlist", ".aag": "netlist", ".v": "netlist",
}  # fmt: skip
"""Sources, all of which the checker reads itself."""


@dataclass(frozen=True)
class Certificate:
    """What was written."""

    proofs: int
    """Formulas that are refuted."""
    missing: tuple[str, ...]
    """What has no proof here."""
    assumed: tuple[str, ...]
    """What no file here is about."""


class _OutOfTimeError(Exception):
    pass


def write_certificate(
    pair: Pair,
    directory: str | os.PathLike[str],
    files: Sequence[Path | None] = (None, None),
    conflicts: int = 100_000,
    seconds: float | None = None,
    say: Callable[[str], None] | None = None,
) -> Certificate | None:
    """Prove neighbours on the path of a pair alike, as far as one step from any state shows that, and write it all.

    ``directory`` appears complete or not at all; it must not exist, or be empty. ``files`` are those of the two
    sources: copies become part of it, and are what is proved wherever the checker reads their format. ``conflicts``
    limits each question to a solver, ``seconds`` all of it; None is returned where they did not suffice.

    Raises :class:`InputError` where the directory can't be written.
    """
    with suppress(_OutOfTimeError), _appearing(Path(directory)) as folder:
        task = _Writing(folder, Path(directory), pair, tuple(files), conflicts)
        for message in task() if seconds is None else _within(task, seconds):
            if isinstance(message, Certificate):
                found = message
            elif say:
                say(message)
        return found
    return None


def _within(task: Task, seconds: float) -> Iterator[Any]:
    """The messages of a task in a process of its own, which is stopped after so many seconds."""
    end = time.monotonic() + seconds
    worker = Worker("certificate")
    try:
        worker.give(task)
        while True:
            if not wait([worker.messages], max(0.0, end - time.monotonic())):
                raise _OutOfTimeError
            message = worker.receive()
            if isinstance(message, Ended):
                if message.error or message.refused:
                    raise InputError(message.refused or f"cannot write a certificate: {message.error}")
                return
            yield message
    finally:
        worker.stop()


@dataclass(frozen=True)
class _Writing:
    """Fills a directory; a worker's task."""

    folder: Path
    target: Path
    """What the folder will be."""
    pair: Pair
    files: tuple[Path | None, ...]
    conflicts: int

    def __call__(self) -> Iterator[str | Certificate]:
        """Write; yields what is under way, and at last what was written."""
        try:
            yield from self._written()
        except OSError as error:
            raise InputError(f"cannot write {file_name(self.target)}: {error.strerror or error}") from error

    def _written(self) -> Iterator[str | Certificate]:
        path, machines, assumed = self._machines()
        missing: list[str] = []
        proofs = 0
        links = []
        for k, (a, b) in enumerate(pairwise(path)):
            yield f"certificate of machines {k} and {k + 1}"
            with (self.folder / f"{k + 1}.miter.aig").open("wb") as stream:
                aiger.write(_bad(a, b), stream)
            link = _link(self.folder, k, a, b, self.conflicts)
            if link["step"] is None and link["outputs"] is None:
                missing.append(f"that {machines[k]['file']} and {machines[k + 1]['file']} behave alike")
            proofs += sum(link[part] is not None for part in PARTS)
            links.append(link)
        manifest = {
            "format": "trilc certificate",
            "version": 1,
            "trilc": VERSION,
            "claim": "all machines put out the same on all inputs from reset on, wherever the constraints hold",
            "machines": machines,
            "links": links,
            "missing": missing,
            "assumed": assumed,
        }
        _write(self.folder, "manifest.json", [json.dumps(manifest, indent=1)])
        first, last = machines[0]["file"], machines[-1]["file"]
        shown = [f"  {entry['file']:<37}  {_told(entry)}" for entry in machines]
        believed = ", nor ".join(assumed) or "nothing"
        text = README.format(first=first, last=last, machines="\n".join(shown), assumed=believed)
        (self.folder / "README.txt").write_text(text, encoding="utf-8", newline="\n")
        (self.folder / "check").mkdir()
        for module in sorted(Path(check.__file__).parent.glob("*.py")):
            shutil.copyfile(module, self.folder / "check" / module.name)
        yield Certificate(proofs, tuple(missing), tuple(assumed))

    def _machines(self) -> tuple[list[AIG], list[dict[str, Any]], list[str]]:
        """The machines that are compared, what the manifest says of each, and what is left to be believed."""
        path = [_without_held(aig) if self.pair.vocabulary is not None else aig for aig in self.pair.path]
        entries: list[dict[str, Any]] = []
        assumed = []
        sides = {0: 0, len(path) - 1: 1}
        for k, end in sides.items():
            file = self.files[end]
            if file and file.suffix.lower() in FORMATS:
                shutil.copyfile(file, self.folder / f"{k}{file.suffix.lower()}")
        for k, aig in enumerate(path):
            side = sides.get(k)
            entry = None if side is None else self._source(k, side, aig)
            if entry is None:
                needed = {known.get("under") for known in entries}
                for copied in {*self.folder.glob(f"{k}.*")}:
                    if copied.name not in needed:
                        copied.unlink()
                entry = {"kind": "machine", "file": f"{k}.aig", "tokens": None}
                with (self.folder / entry["file"]).open("wb") as stream:
                    aiger.write(replace(aig, metadata={}), stream)
                if side is not None:
                    file = self.files[side]
                    source = file.name if file else ("the first source", "the second source")[side]
                    assumed.append(f"that {entry['file']} is what {source} means")
            path[k] = _graph(check_directory.machine(self.folder, entry), aig.metadata)
            entries.append(entry)
        return path, entries, assumed

    def _source(self, k: int, side: int, aig: AIG) -> dict[str, Any] | None:
        """What the manifest says of a source's copy, if the checker makes the same kind of machine of it."""
        file, source, vocabulary = self.files[side], self.pair.sources[side], self.pair.vocabulary
        kind = FORMATS.get(file.suffix.lower()) if file else None
        if file is None or kind is None or (kind == "checkpoint") != isinstance(source, Model):
            return None
        own = f"{k}{file.suffix.lower()}"
        entry: dict[str, Any] = {"kind": kind, "file": own, "name": file.name}
        if isinstance(source, AIG) and (idle := [n for n in source.input_names if n not in aig.input_names]):
            entry["idle"] = idle
        if vocabulary is None:
            entry |= self._environment()
            if None in entry.values():
                return None
        entry["tokens"] = vocabulary
        if isinstance(source, Model):
            entry |= {"outputs": self.pair.outputs, "hints": f"{k}.hints.json"}
            outputs = self.pair.outputs or source.output
            hints = _hints(lowered(source, outputs)[1], never_best(source) if outputs == "argmax" else {})
            _write(self.folder, entry["hints"], [json.dumps(hints, separators=(",", ":"))])
        with suppress(*REFUSALS):
            found = check_directory.machine(self.folder, entry)
            same = ("input_names", "register_names", "output_names")
            if all(sorted(getattr(found, names)) == sorted(getattr(aig, names)) for names in same):
                return entry
        return None

    def _environment(self) -> dict[str, Any]:
        """How netlists' constraints count, which the checker finds in AIGER files; None where they are elsewhere."""
        constrained = [side for side in (0, 1) if len(_constraints(self.pair.sources[side]))]
        endings = [file.suffix.lower() if file else "" for file in self.files]
        readable = all(endings[side] in (".aig", ".aag") for side in constrained)
        if not constrained:
            return {}
        if len(constrained) == 2:
            return {"sealed": readable or None}
        side = constrained[0]
        return {"under": f"{side}{endings[side]}" if readable else None}


def _constraints(source: Source) -> Literals:
    return source.constraints if isinstance(source, AIG) else np.zeros(0, np.uint32)


def _hints(hints: Hints, never: Mapping[int, NDArray[np.int64]]) -> dict[str, Any]:
    """As JSON has it: the values of a table are the bits of a number, that at token 0 the lowest.

    ``never`` has the scores that are never the best, each with how often (O,) every rival counts that shows it.
    """
    counts = {
        name: {
            "literals": count.literals.tolist(),
            "weights": count.weights.tolist(),
            "constant": count.constant,
            "columns": count.columns,
            "adders": count.adders.tolist(),
        }
        for name, count in hints.counts.items()
    }
    tables = {literal: sum(int(bit) << t for t, bit in enumerate(row)) for literal, row in hints.tables.items()}
    rivals = {o: [[p, often] for p, often in enumerate(mixture.tolist()) if often] for o, mixture in never.items()}
    return {
        "registers": hints.registers,
        "new_state": hints.new_state,
        "tables": tables,
        "counts": counts,
        "never_best": rivals,
    }


def _graph(machine: Machine, metadata: Mapping[str, Any]) -> AIG:
    """A machine of the checker's, gate by gate."""
    return AIG(
        fanins=np.sort(np.array(machine.gates, np.uint32).reshape(-1, 2), axis=1),
        input_names=tuple(machine.input_names),
        register_names=tuple(machine.register_names),
        output_names=tuple(machine.output_names),
        next_state=np.array(machine.next_state, np.uint32),
        reset=np.array([UNKNOWN if reset is None else reset for reset in machine.reset], np.uint8),
        outputs=np.array(machine.outputs, np.uint32),
        constraints=np.array(machine.constraints, np.uint32),
        metadata=metadata,
    )


def _without_held(aig: AIG) -> AIG:
    """Without the output that says whether constraints hold: where the tokens are known, nothing else is asked."""
    kept = np.array([name != HELD for name in aig.output_names], np.bool_)
    names = tuple(name for name in aig.output_names if name != HELD)
    return replace(aig, outputs=aig.outputs[kept], output_names=names)


def _told(entry: Mapping[str, Any]) -> str:
    match entry["kind"]:
        case "machine":
            return "a machine (AIGER 1.9)"
        case "checkpoint":
            return f"a copy of {entry['name']}; {entry['hints']} says how its sums were added up, and is not trusted"
        case _:
            return f"a copy of {entry['name']}"


def require_writable(directory: Path) -> None:
    """Raise :class:`InputError` for a directory that :func:`write_certificate` would refuse."""
    if directory.exists() and not (directory.is_dir() and not any(directory.iterdir())):
        raise InputError(f"cannot write {file_name(directory)}: it exists already (expected no or an empty directory)")
    if not directory.absolute().parent.is_dir():
        raise InputError(f"cannot write {file_name(directory)}: {directory.parent} is not a directory")


Question = tuple[Miter, Miter]
"""A miter with a derivation, and the same as it is put to the prover."""


def _link(folder: Path, k: int, a: AIG, b: AIG, conflicts: int) -> dict[str, Any]:
    """Prove two neighbours alike; what the manifest says of them."""
    order = [k, k + 1]
    # the machine with more registers first, which are what those of the other say
    if a.num_registers < b.num_registers:
        order, a, b = order[::-1], b, a
    link: dict[str, Any] = {"machines": order, **NOTHING, **dict.fromkeys(PARTS)}
    for claims, miters in _ways(a, b, conflicts):
        link |= claims
        for part, (miter, _) in miters.items():
            link[part] = {"cnf": f"{k + 1}.{part}.cnf", "lrat": f"{k + 1}.{part}.lrat"}
            clauses = formula.clauses(miter)
            lines = elaboration.lines(clauses)
            _write(folder, link[part]["cnf"], [f"p cnf {miter.aig.num_nodes} {len(lines)}", *lines])
            proof = elaboration.elaborated(miter.aig.num_nodes, clauses, elaboration.plain(_proof(miter)))
            _write(folder, link[part]["lrat"], proof.lines())
        break
    return link


def _ways(a: AIG, b: AIG, conflicts: int) -> Iterator[tuple[dict[str, Any], dict[str, Question]]]:
    """What there is to claim, with what was proved for it, where it could be."""
    relation = removed(a, b)
    if found := _proved_under(relation, a, b, conflicts):
        yield found
    product = Product(a, b)
    equal = product.equalities(EFFORT)
    named = formula.corresponding(a, b, equal)
    if named is not None and (found := _proved_under(named, a, b, conflicts)):
        yield found
    base = product.base(equal).proving()
    parts = {"base": (base, base), "induction": product.induction(equal), "outputs": product.outputs(equal)}
    if len(a.constraints):
        alike = product.constraints().proving()
        parts = {"constraints": (alike, alike), **parts}
    if _proved(parts, conflicts):
        yield {"equal": equal.tolist()}, parts


def _proved_under(
    relation: Relation, a: AIG, b: AIG, conflicts: int
) -> tuple[dict[str, Any], dict[str, Question]] | None:
    """A relation, and invariants, under which one step shows all, with what was proved; None where that can't be."""
    if not begin_alike(a, b, relation):
        return None
    never: Invariants = []
    step = OneStep(a, b, relation)
    parts = _asked(step=step.outputs_and_states())
    if not _proved(parts, conflicts):
        never = invariants_of(a, implications(a))
        step = OneStep(a, b, relation, never)
        parts = _asked(invariants=step.invariants(), step=step.outputs_and_states())
        if not never or not _proved(parts, conflicts):
            return None
    if len(a.constraints):
        alike = _asked(constraints=step.constraints())
        if not _proved(alike, conflicts):
            return None
        parts = {**alike, **parts}
    return {"removed": relation, "never": never}, parts


def _asked(**miters: Miter) -> dict[str, Question]:
    proving = {part: miter.proving() for part, miter in miters.items()}
    return {part: (miter, miter) for part, miter in proving.items()}


def _proved(parts: dict[str, Question], conflicts: int) -> bool:
    """Whether all can be proved, the derivations being part of the miters then."""
    return all(decide(miter.only(_all(miter)), conflicts).answer is Answer.EQUAL for _, miter in parts.values())


def _all(miter: Miter) -> NDArray[np.bool_]:
    return np.ones(len(miter.outputs), np.bool_)


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


def _write(folder: Path, name: str, lines: Iterable[str]) -> None:
    (folder / name).write_text("\n".join([*lines, ""]), encoding="utf-8", newline="\n")


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
