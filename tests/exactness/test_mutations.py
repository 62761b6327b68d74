"""A lowering that is broken in a single place is found out, by streams of tokens and by outside proofs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.exactness.agreement import dissenters, streams
from tests.exactness.cases import Case
from tests.exactness.proof import prove
from tests.models import Checkpoint, ternary
from trilc.aig import AIG, Builder
from trilc.ir import Graph
from trilc.lower import counters, gates

Fault = Callable[[pytest.MonkeyPatch], None]


def nothing(patch: pytest.MonkeyPatch) -> None:
    """The lowering as it is."""


def threshold_too_low(patch: pytest.MonkeyPatch) -> None:
    """Every comparison that is lowered holds one earlier."""
    right = gates._Lowering._comparison

    def wrong(self: Any, number: int) -> counters.Count:
        count = right(self, number)
        return replace(count, constant=count.constant + 1)

    patch.setattr(gates._Lowering, "_comparison", wrong)


def flipped_sum(patch: pytest.MonkeyPatch) -> None:
    """The first adder of every column says the complement of its sum."""
    right = counters.emit_adders

    def wrong(*arguments: Any) -> int:
        (_, variables, literal, _), adders = arguments[-4:], len(arguments[4])
        count: int = right(*arguments)
        literal[variables : variables + min(adders, 1)] ^= 1
        return count

    patch.setattr(counters, "emit_adders", wrong)


def flipped_carry(patch: pytest.MonkeyPatch) -> None:
    """The first adder of every column says the complement of its carries."""
    right = counters.emit_adders

    def wrong(*arguments: Any) -> int:
        count: int = right(*arguments)
        arguments[-1][:1] ^= 1
        return count

    patch.setattr(counters, "emit_adders", wrong)


def swapped_entries(patch: pytest.MonkeyPatch) -> None:
    """Every table has its first two entries exchanged."""
    right = gates.lower_tables

    def wrong(builder: Builder, index: Any, columns: Any) -> Any:
        return right(builder, index, columns[:, [1, 0, *range(2, columns.shape[1])]])

    patch.setattr(gates, "lower_tables", wrong)


def last_of_equals(patch: pytest.MonkeyPatch) -> None:
    """Among equal scores the last is chosen."""
    right = gates.lower_argmax
    patch.setattr(gates, "lower_argmax", lambda builder, words, indices: right(builder, words, indices[::-1]))


def forgotten_signs(patch: pytest.MonkeyPatch) -> None:
    """Words forget that a negative weight counts the complement."""
    right = Graph.popcount
    patch.setattr(Graph, "popcount", lambda self, bits, weights: right(self, bits, np.abs(weights)))


def wrong_reset(patch: pytest.MonkeyPatch) -> None:
    """Registers start in the complement of the reset state."""
    right = Builder.register
    patch.setattr(Builder, "register", lambda self, name, reset=0: right(self, name, 1 - reset))


def crossed_registers(patch: pytest.MonkeyPatch) -> None:
    """The first register takes over what is meant for the last."""
    right = Graph.set_next

    def wrong(self: Graph, state: int, value: int) -> None:
        right(self, state, value)
        first = min(self.next_state)
        self.next_state[first] = value

    patch.setattr(Graph, "set_next", wrong)


FAULTS = (
    nothing, threshold_too_low, flipped_sum, flipped_carry, swapped_entries, last_of_equals, forgotten_signs,
    wrong_reset, crossed_registers,
)  # fmt: skip


def machines() -> list[Case]:
    """Dense ones in which every part of the lowering matters, with equal scores now and then."""
    rng = np.random.default_rng(8)
    made = []
    for signed, layers, output in ((True, 1, "argmax"), (False, 1, "scores"), (True, 2, "state")):
        tensors = {"head.weight": ternary(rng, 6, 4, 0.6), "head.bias": rng.integers(-1, 2, 6)}
        for k in range(layers):
            tensors[f"rnn.weight_hh_l{k}"] = ternary(rng, 4, 4, 0.8)
            tensors[f"rnn.weight_ih_l{k}"] = ternary(rng, 4, 3 if k == 0 else 4, 0.8)
            tensors[f"rnn.bias_l{k}"] = rng.integers(-1, 2, 4)
            tensors[f"rnn.h0_l{k}"] = rng.integers(0, 2, 4).astype(np.uint8)
        header = {"format": "trilc-checkpoint", "version": 1, "cell": "elman", "output": output, "tokens": None}
        checkpoint = Checkpoint(header | {"state": "pm1" if signed else "01"}, tensors)
        made.append(Case(checkpoint, output, passes="", keep_state=False))
    return made


@pytest.fixture(scope="module")
def compiled() -> dict[str, list[tuple[Case, AIG]]]:
    """Under every fault, the machines with their netlists."""
    found = {}
    for fault in FAULTS:
        with pytest.MonkeyPatch.context() as patch:
            fault(patch)
            found[fault.__name__] = [(case, case.compile()) for case in machines()]
    return found


@pytest.fixture(scope="module")
def refuted(
    compiled: dict[str, list[tuple[Case, AIG]]], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[set[bool]]]:
    """Under every fault, what the proofs of each machine say, all ways of reading it together."""
    pairs = [pair for fault in FAULTS for pair in compiled[fault.__name__]]
    verdicts = prove(*zip(*pairs, strict=True), tmp_path_factory.mktemp("mutants"))
    said = [{equal for (number, _), equal in verdicts.items() if number == wanted} for wanted in range(len(pairs))]
    each = len(pairs) // len(FAULTS)
    return {fault.__name__: said[each * place : each * (place + 1)] for place, fault in enumerate(FAULTS)}


@pytest.mark.parametrize("fault", [fault.__name__ for fault in FAULTS])
def test_a_single_fault_is_found_by_streams_and_by_proofs(
    fault: str,
    compiled: dict[str, list[tuple[Case, AIG]]],
    refuted: dict[str, list[set[bool]]],
) -> None:
    dissent = [
        "gates" in dissenters(case.model, case.output, netlist, streams(case.model, 0, 40, 30))
        for case, netlist in compiled[fault]
    ]
    assert any(dissent) == (fault != "nothing")
    # every way of reading a netlist gives one verdict, which is what the streams say, too
    assert refuted[fault] == [{not wrong} for wrong in dissent]
