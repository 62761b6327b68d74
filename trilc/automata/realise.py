"""Any Mealy machine as an exact ternary net.

One unit for each state and token: it is on when its token was just read in its state. In which state the machine is
then says the one unit that is on, so that "in state q" is a sum of units, and a unit is an AND of two things, a
threshold (after Minsky 1967, chapter 3.5, who gives every state and input a neuron).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trilc.automata.machine import Machine
from trilc.errors import InputError

MOST_UNITS = 1 << 13
"""Of a net; its recurrent weights are a square of them."""

KINDS = ("copy", "complement", "cancelled", "unused")
"""Redundant units: the same as another one, which it relieves of some of its readers; its complement, likewise; two
units that are the same and are read with opposite signs; and a unit that nothing observable depends on."""


@dataclass(frozen=True, eq=False)
class Net:
    """An Elman layer with 0/1 state and a head, in integers; one-hot tokens."""

    recurrent: NDArray[np.int8]
    input: NDArray[np.int8]
    bias: NDArray[np.int32]
    reset: NDArray[np.uint8]
    head: NDArray[np.int8]
    head_bias: NDArray[np.int32]
    tokens: tuple[str, ...] | None

    @property
    def units(self) -> int:
        """How many there are."""
        return len(self.bias)

    def header(self) -> dict[str, Any]:
        """The checkpoint's header."""
        return {
            "format": "trilc-checkpoint", "version": 1, "cell": "elman", "state": "01", "output": "argmax",
            "tokens": None if self.tokens is None else list(self.tokens),
        }  # fmt: skip

    def tensors(self) -> dict[str, NDArray[Any]]:
        """The checkpoint's tensors."""
        return {
            "rnn.weight_ih_l0": self.input,
            "rnn.weight_hh_l0": self.recurrent,
            "rnn.bias_l0": self.bias,
            "rnn.h0_l0": self.reset,
            "head.weight": self.head,
            "head.bias": self.head_bias,
        }


def realise(machine: Machine, redundant: int = 0, permute: bool = False, seed: int = 0) -> Net:
    """A ternary net that says what ``machine`` says, ``argmax`` being its output.

    It has a unit for each token in each state that can be reached, and one more where no token leads back to the start.
    ``redundant`` units of all :data:`KINDS` are put in between, and ``permute`` shuffles all, both drawn with ``seed``.
    ``trilc.save(path, net.header(), net.tensors())`` writes its checkpoint.

    Raises :class:`InputError` for a bounded machine, for outputs below 0, and where there would be too many units.
    """
    if machine.bounded:
        raise InputError("the machine says nothing of long words; expected a next state for every state and token")
    machine = machine.canonical()
    if machine.output.min() < 0:
        raise InputError(f"output: found {machine.output.min()}; expected outputs from 0 on")
    units = machine.delta.size + 1 + redundant
    if units > MOST_UNITS or machine.output.max() >= MOST_UNITS:
        raise InputError(
            f"{machine.states} states, {machine.vocabulary} tokens, outputs up to {machine.output.max()} and "
            f"{redundant} redundant units; expected at most {MOST_UNITS} units, and as many outputs"
        )
    net = _plain(machine)
    rng = np.random.default_rng(seed)
    net = _with_redundant(net, redundant, rng)
    return _permuted(net, rng.permutation(net.units)) if permute else net


def _plain(machine: Machine) -> Net:
    states, vocabulary = machine.delta.shape
    leads_to, count = machine.delta.ravel(), machine.delta.size
    entering = np.flatnonzero(leads_to == machine.start)
    extra = int(not len(entering))
    leads_to = np.append(leads_to, [machine.start] * extra)
    recurrent = np.zeros((count + extra, count + extra), np.int8)
    recurrent[:count] = (np.arange(states)[:, None] == leads_to).astype(np.int8).repeat(vocabulary, axis=0)
    weights = np.zeros((count + extra, vocabulary), np.int8)
    weights[np.arange(count), np.tile(np.arange(vocabulary), states)] = 1
    bias = np.full(count + extra, -2, np.int32)
    reset = np.zeros(count + extra, np.uint8)
    reset[-1 if extra else entering[0]] = 1
    head = np.zeros((int(machine.output.max()) + 1, count + extra), np.int8)
    head[machine.output.ravel(), np.arange(count)] = 1
    return Net(recurrent, weights, bias, reset, head, np.zeros(len(head), np.int32), machine.tokens)


def _with_redundant(net: Net, number: int, rng: np.random.Generator) -> Net:
    """The net with so many more units."""
    plain, units = net.units, net.units + number
    recurrent = np.zeros((units, units), np.int8)
    recurrent[:plain, :plain] = net.recurrent
    weights, bias, reset = (
        np.concatenate([part, np.zeros((number, *part.shape[1:]), part.dtype)])
        for part in (net.input, net.bias, net.reset)
    )
    head = np.concatenate([net.head, np.zeros((len(net.head), number), np.int8)], axis=1)
    head_bias = net.head_bias.copy()
    unit = plain
    while unit < units:
        kind = KINDS[int(rng.integers(len(KINDS)))]
        if kind == "cancelled" and unit + 2 <= units:
            _draw(rng, recurrent, weights, bias, reset, unit, plain)
            for part in (recurrent, weights, bias, reset):
                part[unit + 1] = part[unit]
            readers = rng.random(plain) < 0.3
            signs = rng.choice(np.array([-1, 1], np.int8), int(readers.sum()))
            recurrent[:plain][readers, unit], recurrent[:plain][readers, unit + 1] = signs, -signs
            unit += 2
            continue
        if kind in ("copy", "complement"):
            sign = 1 if kind == "copy" else -1
            original = int(rng.integers(plain))
            # a complement is on where the sum is at most −1: minus the sum, minus 1, is at least 0
            recurrent[unit], weights[unit] = sign * recurrent[original], sign * weights[original]
            bias[unit] = sign * bias[original] - (sign < 0)
            reset[unit] = reset[original] if sign > 0 else 1 - reset[original]
            for table, offset in ((recurrent[:plain], bias[:plain]), (head, head_bias)):
                moved = (table[:, original] != 0) & (rng.random(len(table)) < 0.5)
                if sign < 0:
                    offset[moved] += table[moved, original]
                table[moved, unit] = sign * table[moved, original]
                table[moved, original] = 0
        else:
            _draw(rng, recurrent, weights, bias, reset, unit, units)
        unit += 1
    return replace(net, recurrent=recurrent, input=weights, bias=bias, reset=reset, head=head, head_bias=head_bias)


def _draw(
    rng: np.random.Generator,
    recurrent: NDArray[np.int8],
    weights: NDArray[np.int8],
    bias: NDArray[np.int32],
    reset: NDArray[np.uint8],
    unit: int,
    readable: int,
) -> None:
    """A unit that is some function of the first ``readable`` ones and of the token."""
    recurrent[unit, :readable] = rng.integers(-1, 2, readable)
    weights[unit] = rng.integers(-1, 2, weights.shape[1])
    bias[unit] = rng.integers(-1, 2)
    reset[unit] = rng.integers(2)


def _permuted(net: Net, order: NDArray[np.int64]) -> Net:
    return replace(
        net,
        recurrent=net.recurrent[np.ix_(order, order)],
        input=net.input[order],
        bias=net.bias[order],
        reset=net.reset[order],
        head=net.head[:, order],
    )
