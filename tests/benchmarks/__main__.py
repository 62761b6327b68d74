"""Every figure of the README in one command, each measured for a short while.

python -m tests.benchmarks [--only NAME …] [--list] [MODEL.npz …]      (or: make bench)

Each is a program of its own, ``python -m tests.benchmarks.NAME --help``, that also measures longer and more.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.models import MODELS, SHIPPED

MODEL, NETLIST = "MODEL …", "NETLIST"
"""What stands for the models, and for the gates of the first as they are lowered."""

BENCHMARKS: dict[str, tuple[str, ...]] = {
    "compiler": (MODEL,),
    "luts": (MODEL, "--rounds", "0"),
    "optimiser": (NETLIST,),
    "proofs": (MODEL, "--limit", "60"),
    "satisfiability": (NETLIST,),
    "simulator": (MODEL,),
    "latency": (MODEL,),
    "kernels": (),
    "automata": (),
    "questions": (MODEL, "--queries", "16", "--seconds", "5"),
    "layout": ("--edges", "10000", "1000000", "--limit", "60"),
    "report": (MODEL, "--seconds", "0", "--times", "3"),
}
"""What measures what, and how for a short while."""


def arguments(benchmark: str, models: list[str], netlist: Path) -> list[str]:
    """What a benchmark is given."""
    stand_for = {MODEL: models, NETLIST: [str(netlist)]}
    return [word for said in BENCHMARKS[benchmark] for word in stand_for.get(said, [said])]


def main() -> None:
    """Run them, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", default=[str(path) for path in MODELS])
    parser.add_argument("--only", action="append", choices=BENCHMARKS, help="may be repeated")
    parser.add_argument("--list", action="store_true", help="say what would be run, and run nothing")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        netlist = Path(folder) / "netlist.aig"
        for benchmark in options.only or BENCHMARKS:
            command = ["-m", f"tests.benchmarks.{benchmark}", *arguments(benchmark, options.models, netlist)]
            if options.list:
                print("python", *command)
                continue
            if NETLIST in BENCHMARKS[benchmark] and not netlist.exists():
                import trilc

                first = options.models[0] if options.models else SHIPPED
                trilc.write_aig(trilc.compile(trilc.load(first), passes="strash, dead"), netlist)
            print(f"\n{benchmark}\n", flush=True)
            # each in a process of its own: they measure memory and set threads
            subprocess.run([sys.executable, *command], check=True)


if __name__ == "__main__":
    main()
