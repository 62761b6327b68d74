"""Graphs and comparisons for the passes' tests."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.truth import evaluate, truth_tables
from trilc.aig import AIG, UNKNOWN, Builder


def random_graph(
    seed: int, inputs: int = 6, registers: int = 3, gates: int = 150, outputs: int = 6, raw: bool = False
) -> AIG:
    """A graph whose gates read mostly recent ones; ``raw``: gates may be alike and may read constants."""
    rng = np.random.default_rng(seed)
    first = 1 + inputs + registers
    fanins = np.zeros((gates, 2), np.uint32)
    known = set()
    for k in range(gates):
        while True:
            recent = np.maximum(first + k - 1 - rng.geometric(0.1, 2), rng.integers(not raw, first, 2))
            a, b = sorted((2 * recent + rng.integers(0, 2, 2)).tolist())
            if (a < b) if raw else (a >> 1 != b >> 1 and (a, b) not in known):
                break
        known.add((a, b))
        fanins[k] = a, b
    nodes = first + gates
    roots = 2 * rng.integers(nodes // 2, nodes, outputs + registers + 1) + rng.integers(0, 2, outputs + registers + 1)
    aig = AIG(
        fanins=fanins,
        input_names=tuple(f"i{k}" for k in range(inputs)),
        register_names=tuple(f"r{k}" for k in range(registers)),
        output_names=tuple(f"o{k}" for k in range(outputs)),
        outputs=roots[:outputs].astype(np.uint32),
        next_state=roots[outputs:-1].astype(np.uint32),
        constraints=roots[-1:].astype(np.uint32),
        reset=rng.integers(0, 3, registers).astype(np.uint8),
    )
    aig.check()
    return aig


def multiplier(width: int, swap: bool = False) -> AIG:
    """Rows of partial products, added one after the other; ``swap`` makes rows of the other factor."""
    b = Builder()
    x, y = ([b.input(f"{name}{k}") for k in range(width)] for name in "xy")
    if swap:
        x, y = y, x
    total = [0] * (2 * width)
    for k in range(width):
        carry = 0
        for j in range(width):
            total[j + k], carry = b.full_adder(total[j + k], b.and_(x[j], y[k]), carry)
        total[k + width] = carry
    for k, literal in enumerate(total):
        b.output(f"o{k}", literal)
    return b.build()


graphs = st.builds(
    random_graph,
    seed=st.integers(0, 2**32 - 1),
    inputs=st.integers(1, 6),
    registers=st.integers(0, 4),
    gates=st.integers(1, 200),
    outputs=st.integers(1, 8),
    raw=st.just(True),
)


@st.composite
def machines(draw: st.DrawFn) -> AIG:
    """Small sequential graphs with many registers that stick, follow one another, or matter to nobody."""
    inputs, registers = draw(st.integers(0, 2)), draw(st.integers(1, 7))
    first = 1 + inputs + registers
    fanins: list[list[int]] = []
    for _ in range(draw(st.integers(0, 12))):
        top = 2 * (first + len(fanins)) - 1
        pair = st.lists(st.integers(0, top), min_size=2, max_size=2, unique=True)
        fanins.append(sorted(draw(pair)))
    literal = st.integers(0, 2 * (first + len(fanins)) - 1)
    outputs, constraints = draw(st.lists(literal, max_size=2)), draw(st.lists(literal, max_size=1))
    names = draw(st.sampled_from([tuple(f"r{k}" for k in range(registers)), tuple("0!1abcd"[:registers])]))
    return AIG(
        fanins=np.array(fanins, np.uint32).reshape(-1, 2),
        input_names=tuple(f"i{k}" for k in range(inputs)),
        register_names=names,
        output_names=tuple(f"o{k}" for k in range(len(outputs))),
        next_state=np.array([draw(literal) for _ in range(registers)], np.uint32),
        reset=np.array([draw(st.sampled_from([0, 1, 0, 1, UNKNOWN])) for _ in range(registers)], np.uint8),
        outputs=np.array(outputs, np.uint32),
        constraints=np.array(constraints, np.uint32),
        keep_registers=draw(st.sampled_from([False, False, False, True])),
    )


def same_functions(a: AIG, b: AIG) -> bool:
    """Whether outputs, next states and constraints are the same functions of inputs and present state."""
    return bool((truth_tables(a) == truth_tables(b)).all())


def same_where_constrained(a: AIG, b: AIG) -> bool:
    """Whether the constraints are the same functions, and wherever they hold the outputs and next states are."""
    left, right = truth_tables(a), truth_tables(b)
    free = len(a.roots) - len(a.constraints)
    care = left[free:].all(axis=0)
    return bool((left[free:] == right[free:]).all() and (left[:free] == right[:free])[:, care].all())


def assert_same_interface(a: AIG, b: AIG) -> None:
    """Inputs, outputs and constraints stand as they were, and the result is a graph."""
    b.check()
    assert (b.input_names, b.output_names, len(b.constraints)) == (a.input_names, a.output_names, len(a.constraints))
    assert b.keep_registers == a.keep_registers


def traces(aig: AIG, steps: int = 12, lanes: int = 64) -> dict[str, NDArray[np.bool_]]:
    """(steps, lanes) values of every register, output and constraint from reset, by name.

    Inputs are random but the same for every graph; an unknown register starts at random, by its name.
    """
    rng = np.random.default_rng(11)
    inputs = rng.integers(0, 2, (steps, aig.num_inputs, lanes)).astype(bool)
    state = np.zeros((aig.num_registers, lanes), bool)
    for k, (name, reset) in enumerate(zip(aig.register_names, aig.reset, strict=True)):
        unknown = np.random.default_rng(list(name.encode())).integers(0, 2, lanes).astype(bool)
        state[k] = unknown if reset == UNKNOWN else reset
    names = [f"output {name}" for name in aig.output_names]
    names += [f"constraint {k}" for k in range(len(aig.constraints))]
    seen: dict[str, list[NDArray[np.bool_]]] = {name: [] for name in [*aig.register_names, *names]}
    for step in range(steps):
        roots = evaluate(aig, inputs[step], state)
        following = roots[aig.num_outputs : aig.num_outputs + aig.num_registers]
        shown = [*state, *roots[: aig.num_outputs], *roots[aig.num_outputs + aig.num_registers :]]
        for name, value in zip(seen, shown, strict=True):
            seen[name].append(value)
        state = following
    return {name: np.array(values) for name, values in seen.items()}


def constraints_held(trace: dict[str, NDArray[np.bool_]]) -> NDArray[np.bool_]:
    """(steps, lanes) whether all constraints of a trace held so far."""
    steps = np.ones((1, 1), np.bool_)
    for name, values in trace.items():
        if name.startswith("constraint "):
            steps = steps & np.logical_and.accumulate(values)
    return steps


def assert_same_behaviour(before: AIG, after: AIG) -> None:
    """From reset, what both have agrees, and registers that are gone are as the metadata say.

    What follows a step at which a constraint did not hold is nobody's business.
    """
    expected, found = traces(before), traces(after)
    holds = constraints_held(expected)
    assert (constraints_held(found) == holds).all()
    expected, found = ({name: values & holds for name, values in trace.items()} for trace in (expected, found))
    for name, values in found.items():
        assert (values == expected[name]).all(), name
    gone = set(before.register_names) - set(after.register_names)
    assert gone == set(after.metadata.get("removed", {}))
    for name, source in after.metadata.get("removed", {}).items():
        if source is None:
            continue
        if source in ("0", "1"):
            value = np.full_like(expected[name], source == "1") & holds
        else:
            assert source.removeprefix("!") in after.register_names
            value = (found[source.removeprefix("!")] ^ source.startswith("!")) & holds
        assert (value == expected[name]).all(), (name, source)
