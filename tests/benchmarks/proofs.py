"""Proofs of compiled models and their certificates, beside ABC on the same question, in one run.

    python -m tests.benchmarks.proofs [MODEL.npz …] [--limit 300] [--json FILE]

Without models, the shipped one and those of tests/benchmarks/models. Each is compiled by the default effort. Then: the
seconds and CPU seconds of the proof that the netlist is what the checkpoint means, kernels being compiled before; the
CPU seconds that ABC's ``cec`` and ``&cec`` take, up to a limit, to prove one step of the netlist equal to one step of
the careful RTL of rtl.py as Yosys elaborates it; the share of the proof's obligations that its certificate covers, how
long that is written, how large it is, and how long its own checker, on Python alone, takes to accept it.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

import trilc
from backends import read_aig, write_aig
from tests.benchmarks.console import wide_console
from tests.benchmarks.models import MODELS
from tests.benchmarks.rivals import elaborate
from tests.models import random_model
from tests.oracles import abc
from trilc.aig import AIG, Builder
from trilc.aig.copying import at, copy
from trilc.model import Model
from trilc.prove.certificate import write_certificate
from trilc.prove.equivalence import Answer
from trilc.prove.pair import pair
from trilc.prove.verification import CONFLICTS, Proof

RIVALS = {"cec": "cec -n {a} {b}", "&cec": "&r {a}; &cec {b}"}
"""ABC's commands."""


def measure(path: Path, limit: int) -> dict[str, Any]:
    """Every figure of one model."""
    model = trilc.load(path)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        netlist = trilc.compile(model)
        write_aig(netlist, folder / "netlist.aig")
        proof = timed(lambda: proved(model, netlist))
        return {
            "model": path.name,
            "ands": netlist.num_ands,
            "proof": proof,
            "abc": by_abc(model, netlist, folder, limit),
            "certificate": certified(path, model, folder),
        }


def timed(work: Callable[[], Any]) -> dict[str, float]:
    """Seconds, and seconds of one processor."""
    start, cpu = time.perf_counter(), time.process_time()
    work()
    return {"seconds": time.perf_counter() - start, "cpu_seconds": time.process_time() - cpu}


def proved(model: Model, netlist: AIG) -> None:
    """From the checkpoint's numbers on."""
    verdict = next(Proof(pair(model, netlist).path, CONFLICTS)())
    assert verdict.answer is Answer.EQUAL, verdict


def by_abc(model: Model, netlist: AIG, folder: Path, limit: int) -> dict[str, float | None]:
    """CPU seconds of each command; None where it does not come to an answer in time."""
    elaborate(model, folder / "rtl.aig")
    both = one_step(model, read_aig(folder / "rtl.aig"), netlist)
    files = {"a": folder / "rtl.step.aig", "b": folder / "netlist.step.aig"}
    for file, step in zip(files.values(), both, strict=True):
        write_aig(step, file)
    return {name: asked(command.format(**files), limit) for name, command in RIVALS.items()}


def asked(command: str, limit: int) -> float | None:
    """CPU seconds until ABC says that two networks are equivalent; None where they don't suffice."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [abc.path(), "-q", command], capture_output=True, text=True, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 5)),
    )  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert "NOT EQUIVALENT" not in done.stdout, done.stdout
    if "are equivalent" not in done.stdout:
        return None
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def one_step(model: Model, rtl: AIG, netlist: AIG) -> tuple[AIG, AIG]:
    """RTL and netlist over the token and the registers that the netlist has, with the outputs of both in its order.

    Codes beyond the vocabulary, which don't occur, are read as token 0; what was removed is what the netlist says.
    """
    width = netlist.num_inputs
    steps = []
    for side, graph in enumerate((rtl, netlist)):
        builder = Builder(graph.num_ands)
        token = [builder.input(f"tok[{k}]") for k in range(width)]
        state = {name: builder.input(name) for name in netlist.register_names}
        below = 1
        for k, bit in enumerate(token):
            join = builder.or_ if (model.vocabulary - 1) >> k & 1 else builder.and_
            below = join(bit ^ 1, below)
        token = [builder.and_(bit, below) for bit in token]
        if side:
            nodes = copy(builder, graph, np.array([0, *token, *state.values()], np.uint32))
            found = [*at(nodes, graph.outputs).tolist(), *at(nodes, graph.next_state).tolist()]
        else:
            removed = netlist.metadata.get("removed", {})
            old = [state[name] if name in state else rebuilt(removed[name], state) for name in model.state_names]
            nodes = copy(builder, graph, np.array([0, *token, *old], np.uint32))
            said = at(nodes, graph.outputs).tolist()
            new = dict(zip(model.state_names, said, strict=False))
            found = [*said[len(new) :], *(new[name] for name in netlist.register_names)]
        for k, literal in enumerate(found):
            builder.output(f"o{k}", literal)
        steps.append(builder.build())
    return steps[0], steps[1]


def rebuilt(source: str | None, state: dict[str, int]) -> int:
    """What a removed register is; 0 where nothing depends on it."""
    if source is None or source in ("0", "1"):
        return int(source or 0)
    return state[source.removeprefix("!")] ^ source.startswith("!")


def certified(path: Path, model: Model, folder: Path) -> dict[str, Any]:
    """A certificate from file to file, and what its checker says."""
    files = path, folder / "netlist.aig"
    target = folder / "proof"
    both = pair(model, read_aig(files[1]))
    written = []
    write = timed(lambda: written.append(write_certificate(both, target, files)))
    covered = written[0]
    obligations = covered.proofs + len(covered.missing) + len(covered.assumed)
    size = sum(file.stat().st_size for file in target.rglob("*") if file.is_file())
    command = [sys.executable, "-I", "-S", target / "check"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    accepted = subprocess.run(command, capture_output=True, text=True, check=False).stdout.endswith("\naccepted\n")
    seconds = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "share": covered.proofs / obligations if accepted else 0.0,
        "write": write,
        "check": {"seconds": seconds, "cpu_seconds": after.ru_utime - before.ru_utime},
        "megabytes": size / 1e6,
    }


def show(results: list[dict[str, Any]], limit: int, console: Console) -> None:
    """Both tables."""
    proofs = Table("model", "ANDs", "proof, s", "CPU s", *(f"ABC {name}, CPU s" for name in RIVALS), "ABC / trilc")
    headings = "written, s", "CPU s", "checked, s", "CPU s", "size, MB"
    certificates = Table("model", "obligations certified", *headings)
    for result in results:
        proof, rivals, certificate = result["proof"], result["abc"], result["certificate"]
        known = [seconds for seconds in rivals.values() if seconds is not None]
        ratio = f"{min(known) / proof['cpu_seconds']:.1f}" if known else f"> {limit / proof['cpu_seconds']:.1f}"
        shown = [f"> {limit}" if seconds is None else f"{seconds:.1f}" for seconds in rivals.values()]
        row = [f"{proof['seconds']:.1f}", f"{proof['cpu_seconds']:.1f}", *shown, ratio]
        proofs.add_row(result["model"], f"{result['ands']:,}", *row)
        times = [*certificate["write"].values(), *certificate["check"].values(), certificate["megabytes"]]
        certificates.add_row(result["model"], f"{certificate['share']:.0%}", *(f"{value:.1f}" for value in times))
    console.print(proofs, certificates)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", type=Path, default=MODELS)
    parser.add_argument("--limit", type=int, default=300, help="CPU seconds for each command of ABC")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    small = random_model(np.random.default_rng(0), 24, 5)
    with tempfile.TemporaryDirectory() as folder:  # what is compiled is not to be measured
        netlist = trilc.compile(small)
        proved(small, netlist)
        write_certificate(pair(small, netlist), Path(folder) / "proof")
    console = wide_console()
    results = []
    for path in options.models:
        console.print(f"{path.name} …")
        results.append(measure(path, options.limit))
    show(results, options.limit, console)
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
