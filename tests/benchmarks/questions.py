"""Questions that random streams don't decide: how many trilc decides, and how many ABC's pdr and bmc3 do together.

    python -m tests.benchmarks.questions a.npz b.npz --queries 100 --seconds 10 --save answers.jsonl

Questions come from a generator with a fixed seed, the models in turns; those that sixteen thousand random streams
decide are not counted. Then each side gets the same processor time, in two processes that have so many seconds each:
trilc a search and a proof, ABC its pdr and its bmc3, on the same bad-state property. What takes trilc time to start,
Python's and its compiler's, is counted; what the tables of its weights rule out is false in ABC's file already.
Answers that were saved are not asked for again.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import trilc
from backends import aiger
from tests.benchmarks.models import MODELS
from tests.oracles import abc
from trilc.explain.inquiry import question_system
from trilc.explain.system import System
from trilc.model import Model
from trilc.prove.runs import Runs
from trilc.prove.transition import Transition

WORDS, STEPS = 256, 64
"""Of random streams."""

PROVED = re.compile(r"Property proved|is proved|UNSATISFIABLE", re.IGNORECASE)
TRIVIAL = re.compile(r"All outputs solved", re.IGNORECASE)
"""What pdr prints where the property is the constant false, and before it says that it is undecided."""
REFUTED = re.compile(r"was asserted in frame|is disproved", re.IGNORECASE)

DECIDED = {0: "yes", 1: "no", 3: "unknown"}
"""By exit status of ``trilc ask``."""


def questions(model: Model, rng: np.random.Generator) -> Iterator[tuple[str, str]]:
    """Random questions, of each family as many: its name and the question."""
    units, outputs, vocabulary = model.units, model.num_outputs, model.vocabulary
    while True:
        bits = rng.permutation(units).tolist()
        values = rng.integers(0, 2, units).tolist()
        said = rng.integers(0, outputs, 4).tolist()
        read = rng.integers(0, vocabulary, 4).tolist()
        literals = [f"h[{bit}] = {value}" for bit, value in zip(bits, values, strict=True)]
        yield "output after token", f"never out = {said[0]} after tok = {read[0]}"
        yield "partial state", f"never {' and '.join(literals[: int(rng.integers(6, 13))])}"
        yield "two outputs", f"never out = {said[0]} and out@-1 = {said[1]} and tok = {read[0]}"
        few = int(rng.integers(2, 8))
        yield "output in partial state", f"reach out = {said[0]} and {' and '.join(literals[:few])}"
        part = ",".join(map(str, bits[: units // 2]))
        yield "count", f"always count(h[{part}]) > {int(rng.integers(2, units // 4))}"
        yield "scores", f"reach score[{said[0]}] > score[{said[1]}] + {int(rng.integers(units // 4, units))}"
        yield "dependence", f"does h[{bits[0]}] depend on tok@-{int(rng.integers(1, 9))}"
        same = f"out = {said[2]} and out@-1 = {said[2]} and out@-2 = {said[2]}"
        yield "same output thrice", f"reach {same} and tok = {read[1]}"


def decided_by_chance(system: System) -> bool:
    """Whether random streams show a bad state."""
    runs = Runs(Transition(system.miter, system.aig.num_inputs), WORDS)
    runs.advance(STEPS)
    return runs.found is not None


def by_trilc(path: Path, question: str, seconds: int) -> tuple[str, str]:
    """Whether such a stream was found or is proved not to be, and how."""
    command = [sys.executable, "-m", "trilc", "ask", str(path), question, "--seconds", "inf", "--json"]
    done = subprocess.run(_limited(command, seconds), capture_output=True, text=True, check=False)
    if done.returncode not in DECIDED:
        return "unknown", "the time is over"
    reply = json.loads(done.stdout)
    if reply["answer"] == "unknown":
        return "unknown", reply["how"]
    denied = question.startswith(("never", "always"))
    return ("reached" if (reply["answer"] == "yes") != denied else "proved"), reply["how"]


def by_abc(path: Path, seconds: int) -> tuple[str, str]:
    """The same of pdr and bmc3."""
    running = {
        name: subprocess.Popen(
            _limited([str(abc.path()), "-q", f"read {path}; fold; {name} -T {1000 * seconds}"], seconds),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        for name in ("pdr", "bmc3")
    }  # fmt: skip
    answer = "unknown", "the time is over"
    for name, process in running.items():
        printed = process.communicate()[0]
        if REFUTED.search(printed):
            answer = "reached", f"by {name}"
        elif PROVED.search(printed) or (TRIVIAL.search(printed) and process.returncode == 0):
            answer = "proved", f"by {name}"
    return answer


def drawn(paths: list[Path], seed: int, number: int) -> Iterator[tuple[Path, str, str, System]]:
    """So many questions that chance does not decide, of the models in turns."""
    models = [trilc.load(path) for path in paths]
    streams = [questions(model, np.random.default_rng([seed, k])) for k, model in enumerate(models)]
    counted = 0
    while counted < number:
        which = counted % len(models)
        family, question = next(streams[which])
        system = question_system(models[which], question)
        if not decided_by_chance(system):
            counted += 1
            yield paths[which], family, question, system


def main() -> None:
    """Measure, a line for each question."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", type=Path, default=MODELS)
    parser.add_argument("--queries", type=int, default=100)
    parser.add_argument("--seconds", type=int, default=10, help="of the processor, for each of two processes")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--save", type=Path, help="a file of answers, a line each, to go on from and to add to")
    options = parser.parse_args()
    saved: dict[tuple[str, str], dict[str, Any]] = {}
    if options.save and options.save.exists():
        lines = map(json.loads, options.save.read_text().splitlines())
        saved = {(line["model"], line["question"]): line for line in lines}
    table: dict[str, Counter[str]] = {}
    for path, family, question, system in drawn(options.models, options.seed, options.queries):
        line = saved.get((path.stem, question), {"model": path.stem, "family": family, "question": question})
        if "abc" not in line:
            with tempfile.TemporaryDirectory() as folder:
                target = Path(folder) / "question.aig"
                with target.open("wb") as stream:
                    aiger.write(system.aig, stream, bad=True)
                line["abc"] = by_abc(target, options.seconds)
        if "trilc" not in line:
            line["trilc"] = by_trilc(path, question, options.seconds)
        if options.save:
            with options.save.open("a") as log:
                log.write(json.dumps(line) + "\n")
        print(json.dumps(line), flush=True)
        own, rival = line["trilc"][0], line["abc"][0]
        row = table.setdefault(family, Counter())
        row.update(["questions", *(["trilc"] * (own != "unknown")), *(["ABC"] * (rival != "unknown"))])
        row["contradictions"] += "unknown" not in (own, rival) and own != rival
    table["all"] = sum(table.values(), Counter())
    columns = ("questions", "trilc", "ABC", "contradictions")
    print(f"\n{'':24}" + "".join(f"{column:>16}" for column in columns))
    for family, row in table.items():
        print(f"{family:24}" + "".join(f"{row[column]:16}" for column in columns))


def _limited(command: list[str], seconds: int) -> list[str]:
    """The same with a limit of processor time for its process and, each by itself, for those that it starts."""
    return ["sh", "-c", f'ulimit -c 0; ulimit -t {seconds}; exec "$@"', "sh", *command]


if __name__ == "__main__":
    main()
