"""The machine that a netlist is: every token in every state that can be reached, breadth first, gate by gate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trilc.aig import AIG, UNKNOWN
from trilc.automata.explore import LIMIT, MEMORY, bytes_per_state
from trilc.automata.machine import Machine
from trilc.automata.rows import enter_all, fill
from trilc.errors import InputError
from trilc.metadata import require
from trilc.prove.miter import Miter
from trilc.prove.transition import Transition, packed, transposed

LANES = 1 << 14
"""Steps that are simulated together."""


@dataclass(frozen=True, eq=False)
class Walked:
    """The states that were found, and the machine of them, which is not minimal; None where there are more."""

    machine: Machine | None
    states: int
    followed: int
    """How many states' successors were looked for."""
    depth: int
    """Every state that so many tokens lead to was found."""


def walk(
    aig: AIG, limit: int = LIMIT, memory: int = MEMORY, say: Callable[[str], None] = lambda _: None
) -> Walked:
    """The states of a netlist of a model from reset on, of all its registers, and what it says.

    The search ends without a machine where it finds more than ``limit`` states, or more than ``memory`` bytes hold.
    Raises :class:`InputError` for a netlist that trilc did not write, and for one that starts in an unknown state.
    """
    about = aig.metadata
    require(about)
    vocabulary: int = about["vocabulary"]
    if aig.input_names != tuple(f"tok[{bit}]" for bit in range(max(1, (vocabulary - 1).bit_length()))):
        raise InputError("the netlist does not read a token's bits, tok[0] and so on; expected one that trilc wrote")
    if (aig.reset == UNKNOWN).any():
        raise InputError("the netlist has a register whose reset is unknown; expected 0 or 1 for each")
    transition = Transition(Miter(aig, aig.output_names), aig.num_inputs)
    states, spoken = _Set(max(1, -(-aig.num_registers // 64))), _Set(max(1, -(-aig.num_outputs // 64)))
    states.enter(transposed(packed(aig.reset[:, None]))[:1])
    most = max(1, min(limit, memory // bytes_per_state(states.rows.shape[1], vocabulary), (1 << 31) - 2))
    delta: list[NDArray[np.int32]] = []
    said: list[NDArray[np.int32]] = []
    at, level, depth = 0, 1, 0
    while at < states.count <= most:
        end = min(at + max(1, LANES // vocabulary), level)
        bits = np.unpackbits(states.rows[at:end].view(np.uint8), axis=1, bitorder="little")[:, : aig.num_registers]
        tokens = np.tile(np.arange(vocabulary), end - at)
        read = packed(tokens >> np.arange(aig.num_inputs)[:, None] & 1)
        outputs, _, following = transition.outputs(read, packed(np.repeat(bits, vocabulary, axis=0).T))
        delta.append(states.enter(transposed(following)[: len(tokens)]))
        said.append(spoken.enter(transposed(outputs)[: len(tokens)]))
        at = end
        if at == level:
            level, depth = states.count, depth + 1
        say(f"{states.count:,} states, {at:,} of them followed, {depth:,} tokens deep")
    if at < states.count:
        return Walked(None, states.count, at, depth)
    values, symbols = _meaning(aig, spoken)
    machine = Machine(
        np.concatenate(delta).reshape(-1, vocabulary), values[np.concatenate(said)].reshape(-1, vocabulary), 0,
        None if about["tokens"] is None else tuple(about["tokens"]), symbols,
    )  # fmt: skip
    return Walked(machine, states.count, at, depth)


class _Set:
    """Rows of words, numbered as they are met."""

    def __init__(self, words: int) -> None:
        self.rows = np.zeros((1024, words), np.uint64)
        self.count = 0
        self._table = np.zeros(4096, np.uint64)

    def enter(self, found: NDArray[np.uint64]) -> NDArray[np.int32]:
        """(n,) the number of each of (n, words) rows."""
        need = self.count + len(found)
        if need > len(self.rows):
            more = np.zeros((max(need, 2 * len(self.rows)), self.rows.shape[1]), np.uint64)
            more[: self.count] = self.rows[: self.count]
            self.rows = more
        if 3 * need > 2 * len(self._table):
            self._table = np.zeros(1 << (3 * need // 2).bit_length(), np.uint64)
            fill(self.rows, self._table, self.count)
        numbers: NDArray[np.int32]
        numbers, self.count = enter_all(self.rows, self._table, self.count, found)
        return numbers


def _meaning(aig: AIG, spoken: _Set) -> tuple[NDArray[np.int32], tuple[str, ...] | None]:
    """What each row of output bits says, as :class:`trilc.automata.observe.Observation` has it; and names."""
    about = aig.metadata
    bits = np.unpackbits(spoken.rows[: spoken.count].view(np.uint8), axis=1, bitorder="little")[:, : aig.num_outputs]
    if about["output"] == "argmax":
        names = about["tokens"] if about["num_outputs"] == about["vocabulary"] else None
        codes = bits.astype(np.int64) @ (1 << np.arange(aig.num_outputs))
        return codes.astype(np.int32), None if names is None else tuple(names)
    values = bits.astype(np.int64)
    if about["output"] == "scores":
        weights = 1 << np.arange(aig.num_outputs // about["num_outputs"])
        weights[-1] *= -1
        values = values.reshape(len(bits), -1, len(weights)) @ weights
    if values.shape[1] == 1:
        return values[:, 0].astype(np.int32), None
    occurring, rank = np.unique(values, axis=0, return_inverse=True)
    return rank.reshape(-1).astype(np.int32), tuple(f"({' '.join(map(str, row))})" for row in occurring.tolist())
