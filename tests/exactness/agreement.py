"""Everything that can read tokens beside the numpy reference: gates one by one, simulators, word-level graphs."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.truth import evaluate as evaluate_gates
from trilc.aig import AIG
from trilc.compiler import words
from trilc.errors import InputError
from trilc.ir import Graph
from trilc.ir import evaluate as evaluate_words
from trilc.lower.words import to_words
from trilc.model import Model
from trilc.runner import simulate

Said = NDArray[Any]
"""What is said to (streams, T) tokens: the same shape for ``argmax``, a last axis of scores or bits else."""


def streams(model: Model, seed: int, count: int = 5, steps: int = 12) -> NDArray[np.int64]:
    """(count, steps) tokens."""
    return np.random.default_rng(seed).integers(0, model.vocabulary, (count, steps))


def dissenters(model: Model, output: str, netlist: AIG, tokens: NDArray[np.int64]) -> list[str]:
    """Who says anything else than the reference."""
    said = {
        "gates": by_gates(netlist, output, model, tokens),
        "simulator": simulate(netlist, tokens),
        "word-level graph": by_words(to_words(model, output), output, model, tokens),
        "simplified graph": by_words(words(model, output), output, model, tokens),
    }
    wrong = [name for name, words_ in said.items() if not same(words_, model.run(tokens, output))]
    for asked in ("argmax", "state"):
        again = say_from(netlist, tokens, asked)
        if again is not None and not same(again, model.run(tokens, asked)):
            wrong.append(f"simulator, asked for {asked}")
    return wrong


def same(a: Said, b: Said) -> bool:
    """Whether two have said the same."""
    return a.shape == b.shape and bool((a == b).all())


def say_from(netlist: AIG, tokens: NDArray[np.int64], output: str) -> Said | None:
    """What a netlist says where something else than its own output is asked for, None where it refuses."""
    try:
        return simulate(netlist, tokens, output)
    except InputError:
        return None


def by_gates(netlist: AIG, output: str, model: Model, tokens: NDArray[np.int64]) -> Said:
    """Gate after gate; the environment's constraints are held."""
    state = np.repeat(netlist.reset[:, None] == 1, len(tokens), axis=1)
    bits = np.empty((tokens.shape[1], netlist.num_outputs, len(tokens)), np.int64)
    for step, read in enumerate(tokens.T):
        inputs = (read >> np.arange(netlist.num_inputs)[:, None]) & 1 == 1
        roots = evaluate_gates(netlist, inputs, state)
        parts = np.split(roots, np.cumsum([netlist.num_outputs, netlist.num_registers]))
        bits[step], state = parts[0], parts[1]
        assert parts[2].all()
    return _read(dict(zip(netlist.output_names, bits.transpose(1, 2, 0), strict=True)), output, model)


def by_words(graph: Graph, output: str, model: Model, tokens: NDArray[np.int64]) -> Said:
    """The word-level evaluator, step after step."""
    state = dict(zip(model.state_names, model.reset_state(len(tokens)).T.astype(np.int64), strict=True))
    said: dict[str, list[NDArray[np.int64]]] = {}
    for read in tokens.T:
        outputs, state = evaluate_words(graph, {"tok": read}, state)
        for name, values in outputs.items():
            said.setdefault(name, []).append(values)
    values = {name: np.stack(steps, axis=1) for name, steps in said.items()}
    if output == "argmax":
        return values["out"]
    names = model.state_names if output == "state" else [f"score{o}" for o in range(model.num_outputs)]
    return np.stack([values[name.replace("h_l", "state_l")] for name in names], axis=-1)


def _read(bits: dict[str, NDArray[np.int64]], output: str, model: Model) -> Said:
    """Named output bits (streams, T) as what they say, after the format page."""
    if output == "state":
        return np.stack([bits[name.replace("h_l", "state_l")] for name in model.state_names], axis=-1)
    if output == "argmax":
        return sum(values << i for i, values in enumerate(_vector(bits, "out")))
    scores = [_vector(bits, f"score{o}") for o in range(model.num_outputs)]
    return np.stack(
        [sum(v << i for i, v in enumerate(low)) - (high << len(low)) for *low, high in scores], axis=-1
    )


def _vector(bits: dict[str, NDArray[np.int64]], name: str) -> list[NDArray[np.int64]]:
    """The bits ``name[0]``, ``name[1]``, …"""
    return [bits[f"{name}[{i}]"] for i in range(len(bits)) if f"{name}[{i}]" in bits]
