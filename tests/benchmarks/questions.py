"""Questions that random streams don't decide: how many trilc decides, and how many ABC's pdr and bmc3 do together.

    python -m tests.benchmarks.questions a.npz b.npz --queries 100 --seconds 20

Questions come from a generator with a fixed seed, the models in turns; those that sixteen thousand random streams
decide are not counted. Then each side gets the same time on the wall and two processes: trilc a search and a proof,
ABC its pdr and its bmc3, on the same bad-state property. What takes trilc time to start is counted.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import trilc
from backends import aiger
from tests.oracles import abc
from trilc.explain.inquiry import Answer, Inquiry, question_system
from trilc.explain.system import System
from trilc.model import Model
from trilc.prove.runs import Runs
from trilc.prove.transition import Transition

WORDS, STEPS = 256, 64
"""Of random streams."""

PROVED = re.compile(r"Property proved|is proved|UNSATISFIABLE", re.IGNORECASE)
TRIVIAL = re.compile(r"All outputs solved", re.IGNORECASE)
"""What pdr prints before it says that it is undecided, where the property is the constant false."""
REFUTED = re.compile(r"was asserted in frame|is disproved", re.IGNORECASE)


def questions(model: Model, rng: np.random.Generator) -> Iterator[str]:
    """Random questions, of each kind as many."""
    units, outputs, vocabulary = model.units, model.num_outputs, model.vocabulary
    while True:
        bits = rng.permutation(units).tolist()
        values = rng.integers(0, 2, units).tolist()
        said = rng.integers(0, outputs, 4).tolist()
        read = rng.integers(0, vocabulary, 4).tolist()
        literals = [f"h[{bit}] = {value}" for bit, value in zip(bits, values, strict=True)]
        yield f"never out = {said[0]} after tok = {read[0]}"
        yield f"never {' and '.join(literals[: int(rng.integers(6, 13))])}"
        yield f"never out = {said[0]} and out@-1 = {said[1]} and tok = {read[0]}"
        few = int(rng.integers(2, 8))
        yield f"reach out = {said[0]} and {' and '.join(literals[:few])}"
        part = ",".join(map(str, bits[: units // 2]))
        yield f"always count(h[{part}]) > {int(rng.integers(2, units // 4))}"
        yield f"reach score[{said[0]}] > score[{said[1]}] + {int(rng.integers(units // 4, units))}"
        yield f"does h[{bits[0]}] depend on tok@-{int(rng.integers(1, 9))}"
        yield f"reach out = {said[2]} and out@-1 = {said[2]} and out@-2 = {said[2]} and tok = {read[1]}"


def decided_by_chance(system: System) -> bool:
    """Whether random streams show a bad state."""
    runs = Runs(Transition(system.miter, system.aig.num_inputs), WORDS)
    runs.advance(STEPS)
    return runs.found is not None


def by_trilc(model: Model, question: str, seconds: float) -> tuple[str, float]:
    """The answer, and the time that it took."""
    start = time.monotonic()
    reply = Inquiry(model, question, seconds=seconds).conclude()
    answer = "unknown" if reply.answer is Answer.UNKNOWN else f"{reply.answer.value}: {reply.how}"
    return answer, time.monotonic() - start


def by_abc(path: Path, seconds: float) -> tuple[str, float]:
    """The same of pdr and bmc3, side by side; the first that decides ends it."""
    start = time.monotonic()
    limit = int(np.ceil(seconds))
    commands = {name: f"read {path}; fold; {name} -T {limit}" for name in ("pdr", "bmc3")}
    running = {
        name: subprocess.Popen([abc.path(), "-q", script], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for name, script in commands.items()
    }
    answer = "unknown"
    while running and time.monotonic() < start + seconds and answer == "unknown":
        for name, process in list(running.items()):
            if process.poll() is None:
                continue
            printed = running.pop(name).communicate()[0]
            if REFUTED.search(printed):
                answer = f"reached, by {name}"
            elif PROVED.search(printed) or (TRIVIAL.search(printed) and time.monotonic() < start + seconds - 1):
                answer = f"proved, by {name}"
        time.sleep(0.02)
    for process in running.values():
        process.kill()
        process.wait()
    return answer, time.monotonic() - start


def main() -> None:
    """Measure, a line for each question."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", type=Path)
    parser.add_argument("--queries", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    models = [trilc.load(path) for path in options.models]
    streams = [questions(model, np.random.default_rng([options.seed, k])) for k, model in enumerate(models)]
    counted = drawn = ours = theirs = contradictions = 0
    while counted < options.queries:
        which = counted % len(models)
        question = next(streams[which])
        drawn += 1
        system = question_system(models[which], question)
        if decided_by_chance(system):
            continue
        counted += 1
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "question.aig"
            with path.open("wb") as stream:
                aiger.write(system.aig, stream, bad=True)
            rival, rival_seconds = by_abc(path, options.seconds)
        own, own_seconds = by_trilc(models[which], question, options.seconds)
        ours += own != "unknown"
        theirs += rival != "unknown"
        reached = own.startswith("no" if question.startswith(("never", "always")) else "yes")
        contradictions += "unknown" not in (own, rival) and reached != rival.startswith("reached")
        line = {"model": options.models[which].stem, "question": question, "trilc": own, "abc": rival}
        seconds = {"trilc_seconds": round(own_seconds, 1), "abc_seconds": round(rival_seconds, 1)}
        print(json.dumps(line | seconds), flush=True)
    ratio = ours / theirs if theirs else float("inf")
    print(
        f"{counted} questions of {drawn} drawn, {options.seconds:g} s each: trilc decides {ours}, ABC {theirs}, "
        f"ratio {ratio:.2f}; contradictions {contradictions}"
    )


if __name__ == "__main__":
    main()
