"""Automata of nets: ground truths that come back, reachable states per second, minimising; beside AALpy and Python.

    python -m tests.benchmarks.automata [MODEL.npz …] [--limit N] [--seconds S] [--json FILE]

Every ground truth is realised plain, and with redundant and permuted units; "certified" means that the certificate was
checked with the reference. AALpy learns the same nets by asking them (KV, random walks as equivalence oracle), as an
extractor that samples would, and minimises the same machines. Seconds are of CPU time, kernels warm.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.table import Table

import trilc
from tests.automata.machines import ground_truths
from tests.benchmarks.console import wide_console
from tests.benchmarks.models import TRAINED
from tests.models import Checkpoint, random_model
from trilc.automata import Machine, certificate, check, difference, explore, minimise, observation, realise
from trilc.automata.symbolic import reach_symbolic
from trilc.cells.elman.layer import ElmanLayer
from trilc.model import Head, Model

WAYS: dict[str, dict[str, Any]] = {
    "plain": {}, "redundant": {"redundant": 60, "permute": True, "seed": 9},
}  # fmt: skip


@dataclass(frozen=True)
class Truth:
    """One machine that went through a net and came back."""

    name: str
    way: str
    units: int
    net_states: int
    states: int
    equal: bool
    certified: bool
    seconds: float
    learned: str = ""
    """What AALpy made of it."""


@dataclass(frozen=True)
class Reach:
    """One search for all states."""

    name: str
    tokens: int
    states: int
    complete: bool
    new_per_second: float
    successors_per_second: float
    minimal: int | None = None
    minimising: float | None = None
    plain_python: float | None = None
    """Successors per second of a search with the reference, a dictionary and nothing else."""


@dataclass(frozen=True)
class Symbolic:
    """One search for all states as a set, beside the list of them."""

    name: str
    states: int
    complete: bool
    depth: int
    nodes: int
    seconds: float
    listed: int
    listed_complete: bool
    listed_seconds: float


def truths(folder: Path) -> list[Truth]:
    """Every ground truth in every way."""
    results = []
    for name, machine in ground_truths():
        for way, options in WAYS.items():
            net = realise(machine, **options)
            model = Checkpoint(net.header(), net.tensors()).load()
            start = time.process_time()
            reached = explore(observation(model))
            minimal, classes = minimise(reached.machine())
            seconds = time.process_time() - start
            (folder / "proof").write_bytes(certificate(reached, minimal, classes))
            certified = check(model, folder / "proof").equals(machine)
            learned = aalpy_learned(model, machine) if way == "plain" else ""
            equal = minimal.equals(machine)
            results.append(
                Truth(name, way, net.units, reached.states, minimal.states, equal, certified, seconds, learned)
            )
    return results


def aalpy_learned(model: Model, truth: Machine) -> str:
    """What a learner that may only ask comes to, and how long that takes it."""
    from aalpy.base import SUL
    from aalpy.learning_algs import run_KV
    from aalpy.oracles import RandomWalkEqOracle

    class Net(SUL):
        def pre(self) -> None:
            self.state = model.reset_state(1)

        def post(self) -> None:
            pass

        def step(self, letter: int) -> int:
            self.state = model.step(self.state, np.array([letter]))
            return int(model.choose(model.scores(self.state))[0])

    random.seed(0)
    start, net, letters = time.process_time(), Net(), list(range(model.vocabulary))
    oracle = RandomWalkEqOracle(letters, net, num_steps=2000, reset_prob=0.05)
    learned = run_KV(letters, net, oracle, automaton_type="mealy", print_level=0, max_learning_rounds=300)
    seconds = time.process_time() - start
    number = {state: k for k, state in enumerate(learned.states)}
    delta = [[number[state.transitions[t]] for t in letters] for state in learned.states]
    output = [[state.output_fun[t] for t in letters] for state in learned.states]
    found = Machine(np.array(delta, np.int32), np.array(output, np.int32), number[learned.initial_state])
    right = difference(found, truth) is None
    return f"{'right' if right else f'WRONG ({found.states} states)'}, {seconds:.1f} s"


def register(units: int) -> Model:
    """A shift register: every word of so many bits is a state, and what is said is the oldest bit."""
    recurrent = np.eye(units, k=-1, dtype=np.int8)
    entering = np.zeros((units, 2), np.int8)
    entering[0, 1] = 1
    layer = ElmanLayer(recurrent, entering, np.full(units, -1, np.int64), np.zeros(units, np.uint8))
    weight = np.zeros((2, units), np.int8)
    weight[1, -1] = 1
    return Model(False, None, (layer,), Head(weight, np.zeros(2, np.int64), np.zeros(2, np.int64)), "argmax")


def searched(name: str, model: Model, limit: int, minimised: bool) -> Reach:
    """One search, and what is made of the states."""
    observed = observation(model)
    seconds = cpu(lambda: explore(observed, limit))
    reached = explore(observed, limit)
    minimal = minimising = None
    if minimised and reached.complete:
        machine = reached.machine()
        start = time.process_time()
        minimal = minimise(machine)[0].states
        minimising = time.process_time() - start
    followed = reached.followed * model.vocabulary
    plain = plain_python(model, 10_000)
    return Reach(
        name, model.vocabulary, reached.states, reached.complete, reached.states / seconds, followed / seconds,
        minimal, minimising, plain,
    )  # fmt: skip


def last_tokens(length: int, vocabulary: int) -> Model:
    """A net that stores the last tokens, one-hot, its units shuffled: every word up to that length is a state."""
    units = length * vocabulary
    order = np.random.default_rng(0).permutation(units)
    recurrent = np.eye(units, k=-vocabulary, dtype=np.int8)[np.ix_(order, order)]
    entering = np.eye(units, vocabulary, dtype=np.int8)[order]
    layer = ElmanLayer(recurrent, entering, np.full(units, -1, np.int64), np.zeros(units, np.uint8))
    return Model(False, None, (layer,), None, "state")


def symbolic(name: str, model: Model, limit: int, seconds: float) -> Symbolic:
    """Both searches; seconds are those that pass for the set, whose search has a process of its own."""
    observed = observation(model)
    listing = cpu(lambda: explore(observed, limit))
    listed = explore(observed, limit)
    found = reach_symbolic(observed, seconds=seconds, wanted=False)
    return Symbolic(
        name, found.states, found.complete, found.depth, found.nodes, found.seconds,
        listed.states, listed.complete, listing,
    )  # fmt: skip


def plain_python(model: Model, successors: int) -> float:
    """Successors per second of the obvious search."""
    start = time.process_time()
    first = model.reset_state(1)[0]
    met, queue, made = {first.tobytes()}, [first], 0
    for state in queue:
        after = model.step(np.tile(state, (model.vocabulary, 1)), np.arange(model.vocabulary))
        model.choose(model.scores(after))
        made += len(after)
        for row in after:
            if row.tobytes() not in met:
                met.add(row.tobytes())
                queue.append(row)
        if made >= successors:
            break
    return made / (time.process_time() - start)


def aalpy_minimised(model: Model) -> tuple[int, float, float]:
    """States of a model's machine, and the seconds that AALpy and we take to minimise it."""
    from aalpy.automata import MealyMachine

    machine = explore(observation(model)).machine()
    rows = zip(machine.output.tolist(), machine.delta.tolist(), strict=True)
    setup = {
        f"s{k}": {t: (said[t], f"s{following[t]}") for t in range(machine.vocabulary)}
        for k, (said, following) in enumerate(rows)
    }
    theirs = MealyMachine.from_state_setup(setup)
    seconds = cpu(theirs.minimize)
    assert len(theirs.states) == minimise(machine)[0].states
    return machine.states, seconds, cpu(lambda: minimise(machine))


def cpu(work: Callable[[], Any]) -> float:
    """Seconds of CPU time."""
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="*", type=Path, default=[TRAINED[0]])
    parser.add_argument("--limit", type=int, default=10_000_000)
    parser.add_argument("--seconds", type=float, default=20, help="for each search for a set")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    console = wide_console()
    explore(observation(random_model(np.random.default_rng(0), 8, 3, 0.5)))  # kernels
    with tempfile.TemporaryDirectory() as folder:
        found = truths(Path(folder))
    table = Table(title="ground truths", title_justify="left")
    for heading in ("automaton", "way", "units", "net's states", "minimal", "equal", "certified", "ms", "AALpy KV"):
        table.add_column(heading, justify="left" if heading in ("automaton", "way", "AALpy KV") else "right")
    for r in found:
        marks = ("yes" if mark else "NO" for mark in (r.equal, r.certified))
        table.add_row(
            r.name, r.way, str(r.units), str(r.net_states), str(r.states), *marks, f"{1000 * r.seconds:.1f}", r.learned
        )
    console.print(table)
    console.print(f"{sum(r.equal and r.certified for r in found)} of {len(found)} equal and certified")
    searches = [searched("shift register, 22 units", register(22), options.limit, True)]
    rng = np.random.default_rng(7)
    searches.append(searched("random, 60 units at 30 %", random_model(rng, 60, 2, 0.3), options.limit, False))
    for path in options.models:
        searches.append(searched(path.stem, trilc.load(path), options.limit, True))
    table = Table(title="reachability and minimising, one core", title_justify="left")
    for heading in (
        "net", "tokens", "states", "complete", "new states/s", "successors/s", "plain Python", "minimal", "s",
    ):  # fmt: skip
        table.add_column(heading, justify="left" if heading == "net" else "right")
    for s in searches:
        table.add_row(
            s.name, str(s.tokens), f"{s.states:,}", "yes" if s.complete else "no", f"{s.new_per_second:.2g}",
            f"{s.successors_per_second:.2g}", f"{s.plain_python:.2g}", f"{s.minimal:,}" if s.minimal else "",
            f"{s.minimising:.2f}" if s.minimising else "",
        )  # fmt: skip
    console.print(table)
    states, theirs, ours = aalpy_minimised(register(10))
    console.print(f"minimising {states:,} states: AALpy {theirs:.2f} s, trilc {1000 * ours:.2f} ms")
    sets = []
    for length, vocabulary in ((20, 8), (12, 31)):
        name = f"last {length} of {vocabulary} tokens"
        sets.append(symbolic(name, last_tokens(length, vocabulary), 10**6, options.seconds))
    for units, density in ((24, 0.3), (24, 0.6), (32, 0.15), (32, 0.3), (48, 0.1), (48, 0.3)):
        model = replace(random_model(np.random.default_rng(1), units, 3, density), output="state")
        name = f"random, {units} units at {density:.0%}"
        sets.append(symbolic(name, model, options.limit, options.seconds))
    sets += [symbolic(path.stem, trilc.load(path), options.limit, options.seconds) for path in options.models]
    table = Table(title="states as one set (s: all that passes), beside listing them", title_justify="left")
    for heading in ("net", "states", "complete", "depth", "nodes", "s", "listed", "complete", "s"):
        table.add_column(heading, justify="left" if heading == "net" else "right")
    for one in sets:
        whole, listed_whole = ("yes" if complete else "no" for complete in (one.complete, one.listed_complete))
        table.add_row(
            one.name, f"{one.states:,}", whole, str(one.depth), f"{one.nodes:,}", f"{one.seconds:.1f}",
            f"{one.listed:,}", listed_whole, f"{one.listed_seconds:.2f}",
        )  # fmt: skip
    console.print(table)
    if options.json:
        facts = {name: [asdict(r) for r in rows] for name, rows in (
            ("truths", found), ("searches", searches), ("sets", sets),
        )}  # fmt: skip
        options.json.write_text(json.dumps(facts, indent=2) + "\n")


if __name__ == "__main__":
    main()
