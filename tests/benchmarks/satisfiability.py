"""What the passes that rest on SAT remove, and how fast, beside ABC's.

    python -m tests.benchmarks.satisfiability NETLIST.aig|MODEL.npz … [--prove] [--json FILE]

``sweep`` stands beside ``fraig``, ``correspond`` beside ``scorr``, ``dontcare`` (once, and three times) beside ``mfs2``
on networks of two-input gates and ``&mfs``. A model is compiled by the default pipeline first. Our seconds are those
of the pass, warm, ABC's those of its process; ``--prove`` adds those that :func:`trilc.prove.equivalent` takes for each
result, and fails where it finds it wrong.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.table import Table

import trilc
from backends.files import read_aig, write_aig
from passes import Dead, Pipeline
from tests.benchmarks.console import wide_console
from tests.oracles import abc
from trilc.aig import AIG
from trilc.prove import equivalent

OURS = {"sweep": "sweep", "correspond": "correspond, dead", "dontcare": "dontcare", "3 dontcare": "3*dontcare"}
ABC = {
    "fraig": "strash; fraig", "scorr": "strash; scorr", "mfs2": "strash; logic; mfs2 -a; strash",
    "&mfs": "strash; if -K 4 -a; &get -nm; &mfs; &put; strash",
}  # fmt: skip


@dataclass(frozen=True)
class Reached:
    """What one way left behind."""

    way: str
    ands: int
    registers: int
    seconds: float
    proof: str = ""


def ours(aig: AIG, prove: bool) -> list[Reached]:
    """Every pass on its own, after a run that compiles the kernels."""
    results = []
    for name, text in OURS.items():
        pipeline = Pipeline.parse(text)
        start = time.perf_counter()
        result = pipeline.apply(aig)
        seconds = time.perf_counter() - start
        proof = ""
        if prove:
            start = time.perf_counter()
            verdict = equivalent(aig, result)
            proof = f"{verdict.answer.value}, {time.perf_counter() - start:.1f} s"
            if verdict.answer.value == "different":
                raise SystemExit(f"{name} is wrong: {verdict.where}")
        results.append(Reached(name, result.num_ands, result.num_registers, seconds, proof))
    return results


def rivals(netlist: Path, sequential: bool) -> list[Reached]:
    """ABC's commands on the same netlist."""
    results = []
    for name, script in ABC.items():
        if name == "scorr" and not sequential:
            continue
        start = time.perf_counter()
        printed = abc.run(f"read {netlist}; {script}; print_stats", timeout=1800)
        seconds = time.perf_counter() - start
        registers, ands = re.findall(r"lat = *(\d+).*?and = *(\d+)", printed)[-1]
        results.append(Reached(f"ABC {name}", int(ands), int(registers), seconds))
    return results


def measure(path: Path, prove: bool) -> tuple[AIG, list[Reached]]:
    """All ways on one circuit."""
    aig = trilc.compile(trilc.load(path)) if path.suffix == ".npz" else read_aig(path)
    aig = Dead().apply(aig)
    with tempfile.TemporaryDirectory() as folder:
        netlist = Path(folder, "netlist.aig")
        write_aig(aig, netlist)
        return aig, ours(aig, prove) + rivals(netlist, aig.num_registers > 0)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("netlists", nargs="+", type=Path)
    parser.add_argument("--prove", action="store_true")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    Pipeline.parse(", ".join(OURS.values())).apply(warm_up())
    console, everything = wide_console(), {}
    for path in options.netlists:
        aig, results = measure(path, options.prove)
        table = Table(title=f"{path.name}: {aig.num_ands:,} ANDs, {aig.num_registers} registers", title_justify="left")
        for heading in ("", "ANDs", "removed", "registers", "seconds", "proof"):
            table.add_column(heading, justify="left" if not heading else "right")
        for r in results:
            removed = f"{aig.num_ands - r.ands:,}"
            table.add_row(r.way, f"{r.ands:,}", removed, str(r.registers), f"{r.seconds:.2f}", r.proof)
        console.print(table)
        everything[path.name] = {"ands": aig.num_ands, "ways": [asdict(r) for r in results]}
    if options.json:
        options.json.write_text(json.dumps(everything, indent=2) + "\n")


def warm_up() -> AIG:
    """A machine that makes every kernel run."""
    b = trilc.aig.Builder()
    x, y = b.input("x"), b.input("y")
    state = [b.register(f"r{k}", 0) for k in range(3)]
    for k, register in enumerate(state):
        b.set_next(register, b.mux(x, b.xor(state[k - 1], y), b.and_(register, state[k - 2])))
    b.output("o", b.majority(*state))
    return b.build()


if __name__ == "__main__":
    main()
