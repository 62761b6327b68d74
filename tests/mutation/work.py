"""What faulty lowerings and passes are given to do: models and netlists that take every way through them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from passes import Pipeline, efforts
from tests.models import random_model, ternary
from tests.passes.graphs import multiplier, random_graph
from trilc.aig import AIG
from trilc.cells.elman.layer import ElmanLayer
from trilc.compiler import compile, words
from trilc.lower.bound import bound
from trilc.model import Head, Model


@dataclass(frozen=True)
class Work:
    """One thing to do: compile a model without passes, or run a pipeline on a netlist."""

    name: str
    source: Model | AIG
    output: str | None = None
    for_luts: bool = False
    passes: str = ""

    def done(self) -> AIG:
        """The netlist that comes of it."""
        if not isinstance(self.source, Model):
            return Pipeline.parse(self.passes).apply(self.source)
        effort, _, goal = self.passes.partition("/")
        passes = efforts.pipeline(effort, goal, self.for_luts) if goal else self.passes
        netlist = compile(self.source, self.output, passes, for_luts=self.for_luts)
        assert netlist.num_ands <= bound(words(self.source, self.output)).gates, "more gates than the bound says"
        return netlist


def lowering() -> Iterator[Work]:
    """Compilations: signs, layers, embeddings, fractions, weights above 1, all outputs, both kinds of costs."""
    rng = np.random.default_rng(4)
    shapes = [
        ("one bit", random_model(rng, 3, 2, 0.8)),
        ("pm1", random_model(rng, 7, 5, 0.6)),
        ("01", random_model(rng, 7, 6, 0.6, signed=False)),
        ("layers", random_model(rng, 4, 3, 0.8, layers=3)),
        ("embedding", random_model(rng, 6, 11, 0.6, embedding=4, outputs=5)),
        ("fractions", random_model(rng, 6, 7, 0.7, fractions=True, outputs=9)),
        ("alike", _alike(rng)),
        ("weights", _heavy(rng)),
        ("wide", random_model(rng, 14, 9, 0.7, outputs=6)),
    ]
    for name, model in shapes:
        for output in ("argmax", "scores", "state"):
            if output == "scores" and name == "fractions":
                continue
            for for_luts in (False, True):
                yield Work(f"{name}, {output}{', for LUTs' if for_luts else ''}", model, output, for_luts)
    dense = random_model(rng, 11, 9, 0.95, outputs=12)
    yield Work("dense, argmax", dense, "argmax")
    yield Work("dense, argmax, for LUTs", dense, "argmax", True)


def _alike(rng: np.random.Generator) -> Model:
    """Neurons and scores that count nearly the same, with signs of their own: there is much to share."""
    model = random_model(rng, 10, 4, 0.9, outputs=5)
    pattern, head = ternary(rng, 1, 10, 1.0), ternary(rng, 1, 10, 1.0)

    def near(rows: int, row: np.ndarray) -> np.ndarray:
        kept = rng.random((rows, 10)) < 0.8
        return (np.where(kept, row, 0) * rng.choice([-1, 1], (rows, 1))).astype(np.int8)

    layer = replace(model.layers[0], recurrent=near(10, pattern), bias=rng.integers(-2, 3, 10))
    return replace(model, layers=(layer,), head=Head(near(5, head), rng.integers(-1, 2, 5), np.zeros(5, np.int64)))


def _heavy(rng: np.random.Generator) -> Model:
    """Weights and biases above 1, as scales that differ from row to row bring them."""
    layer = ElmanLayer(
        recurrent=rng.integers(-5, 6, (6, 6)), input=rng.integers(-9, 10, (6, 6)), bias=rng.integers(-7, 8, 6),
        reset=rng.integers(0, 2, 6, np.uint8),
    )  # fmt: skip
    head = Head(weight=rng.integers(-3, 4, (5, 6)), bias=rng.integers(-4, 5, 5), fraction_rank=np.zeros(5, np.int64))
    return Model(signed=False, embedding=None, layers=(layer,), head=head, output="argmax")


PIPELINES = {
    "balance": ("balance",),
    "constants": ("constants", "constants, dead"),
    "correspond": ("correspond", "correspond(frames=3)"),
    "dead": ("dead",),
    "dontcare": ("dontcare", "dontcare(cut=5, window=40, gates=2)", "dontcare(gates=0)"),
    "invariants": ("invariants",),
    "refactor": ("refactor", "refactor(zero_cost=true)", "refactor(espresso=true, cut=6)"),
    "resubstitute": ("resubstitute", "resubstitute(cut=5, window=30)"),
    "rewrite": (
        "rewrite", "rewrite(zero_cost=true, seed=1)", "rewrite(loss=3, seed=2)",
        "rewrite(zero_cost=true, preserve_depth=true)",
    ),
    "speed": ("speed", "speed(percent=200)"),
    "strash": ("strash",),
    "sweep": ("sweep",),
    "tabulate": ("tabulate", "tabulate(rounds=2, divisors=20)"),
    "pipeline": ("2*(strash, <=2*(rewrite, balance), dead), <=3/2/1*(rewrite(cut=3, zero_cost=true), balance)",),
}  # fmt: skip
"""Pipelines of a few passes, by what they are for."""


DIFFERENT = "different"
"""What the prover says of two machines that it tells apart."""


@dataclass(frozen=True)
class Task:
    """What to do."""

    works: list[Work]
    wanted: list[str] = field(default_factory=list)
    """Fingerprints of the netlists of a faultless program; what differs is told in full."""
    proves: bool = False
    """Whether the packages' own prover, with its hints from the faulty lowering, is asked about what differs."""
    shows_reached: bool = False


@dataclass(frozen=True)
class Done:
    """What came of one piece of work."""

    fingerprint: str | None = None
    netlist: AIG | None = None
    """Where it is not what was wanted."""
    error: str | None = None
    own: str | None = None
    """What the packages' own prover says."""


def works(group: str) -> list[Work]:
    """All work of a group: ``lowering``, ``efforts``, or a key of :data:`PIPELINES`."""
    return list({"lowering": lowering, "efforts": whole}.get(group, lambda: optimising(group))())


def whole() -> Iterator[Work]:
    """Efforts and goals, on a small model."""
    model = random_model(np.random.default_rng(6), 5, 6, 0.6)
    for text in ("fast/gates", "fast/luts", "fast/depth", "default/gates"):
        for for_luts in (False, True):
            yield Work(f"{text}{', for LUTs' if for_luts else ''}", model, "argmax", for_luts, text)


def optimising(name: str) -> Iterator[Work]:
    """Pipelines on lowered models, on random graphs with unknown resets and constraints, and on a multiplier."""
    rng = np.random.default_rng(5)
    lowered = [
        ("pm1", random_model(rng, 6, 5, 0.6), "argmax"),
        ("01", random_model(rng, 5, 6, 0.6, signed=False), "scores"),
        ("layers", random_model(rng, 4, 3, 0.8, layers=2), "argmax"),
        ("alike", _alike(rng), "argmax"),
        ("weights", _heavy(rng), "state"),
    ]
    graphs = [(name, compile(model, output, "")) for name, model, output in lowered]
    graphs += [(f"random {seed}", random_graph(seed, gates=90 + 60 * seed, raw=seed % 2 == 0)) for seed in range(4)]
    graphs += [(f"idle {seed}", _idle(seed)) for seed in range(3)]
    graphs.append(("multiplier", multiplier(4)))
    for text in PIPELINES[name]:
        for graph, aig in graphs:
            yield Work(f"{text}: {graph}", aig, passes=text)


def _idle(seed: int) -> AIG:
    """A graph with registers that stand still, follow one another or their complement, or matter to nobody."""
    aig = random_graph(20 + seed, inputs=3, registers=8, gates=60, outputs=4)
    own, following, reset = aig.register_literals, aig.next_state.copy(), aig.reset.copy()
    following[0], reset[0] = 1, 1
    following[1], reset[1] = own[1], 0
    following[2], following[3], reset[2:4] = following[4], following[4] ^ 1, (reset[4] % 2, 1 - reset[4] % 2)
    reset[4] %= 2
    following[5] = own[6]
    return replace(aig, next_state=following, reset=reset, constraints=aig.constraints[:seed % 2])
