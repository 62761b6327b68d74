"""What shows that a machine is the minimal one of a model, for a checker that runs nothing but the reference.

It lists the net's states with the machine's state that each stands for, and a splitting tree. What to check:

1. The units that are listed read no others, and what is observed depends on no others.
2. The reset state stands for the start; from every listed state every token leads, by ``Model.step``, to a listed
   state, which stands for the machine's next state, and what is said is what the machine says. So the machine says
   what the model says, to every word.
3. Every state of the machine is reached from the start, and any two part in the tree: a node's word is a token, which
   leads its states into the set of an earlier node, and that node's word. So no machine with fewer states does.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from trilc.automata.cone import read_by_head
from trilc.automata.explore import Reached
from trilc.automata.formats import parse_object, parse_table_form, read_text, table_form
from trilc.automata.machine import Machine
from trilc.automata.observe import Observation
from trilc.automata.splitting import splitting_tree
from trilc.errors import InputError, file_name
from trilc.model import OUTPUTS, Model

FORMAT, VERSION = "trilc-fsm-certificate", 1

BATCH = 1 << 16
"""Steps of the reference that are made together."""

MOST_STATES = 1 << 20
"""States of a net that a certificate lists."""


def certificate(reached: Reached, machine: Machine, classes: NDArray[np.int32]) -> bytes:
    """The certificate of the minimal ``machine``, as JSON; ``classes`` says what each reached state is in it.

    Raises :class:`InputError` where the net has more states than it may list.
    """
    if not reached.complete or reached.states > MOST_STATES:
        raise InputError(f"a certificate lists every state of the net, at most {MOST_STATES:,}: too many here")
    tree = splitting_tree(machine)
    observed = reached.observed
    bits = np.packbits(reached.bits(), axis=1, bitorder="little")
    claim = {
        "format": FORMAT,
        "version": VERSION,
        "model": observed.model.digest,
        "outputs": observed.outputs,
        "observe": None if observed.chosen is None else list(observed.chosen),
        "symbols": None if machine.symbols is None else list(machine.symbols),
        "machine": table_form(machine),
        "units": reached.step.kept.tolist(),
        "net_states": [row.tobytes().hex() for row in bits],
        "stand_for": classes.tolist(),
        "splits": [[split.token, split.then, split.parent] for split in tree.splits],
        "leaves": tree.leaves.tolist(),
    }
    return json.dumps(claim, separators=(",", ":")).encode() + b"\n"


def check(
    model: Model, path: str | os.PathLike[str], say: Callable[[str], None] = lambda _: None
) -> Machine:
    """The machine of a certificate's file, checked against the reference; ``say`` follows it.

    Nothing of the search, of the minimising or of the tree's making is trusted, and none of it is used. Raises
    :class:`InputError` with what does not hold, or where the file is none that :func:`certificate` makes.
    """
    name = file_name(path)
    try:
        claim = parse_object(read_text(path))
        if (claim["format"], claim["version"]) != (FORMAT, VERSION):
            _refuse(f"found {claim['format']!r:.40}, {claim['version']!r:.40}; expected {FORMAT!r}, {VERSION}")
        observed = _observation(model, claim["outputs"], claim["observe"])
        machine = parse_table_form(claim["machine"])
        _check_units(observed, np.array(claim["units"], np.int64))
        _check_steps(observed, machine, claim, say)
        _check_minimal(machine, claim)
    except InputError as error:
        raise InputError(f"{name}: {error}") from None
    except (ArithmeticError, LookupError, TypeError, ValueError, AssertionError):
        raise InputError(f"{name}: not a certificate of the form that trilc fsm writes") from None
    return machine


def _observation(model: Model, outputs: Any, chosen: Any) -> Observation:
    number = model.units if outputs == "state" else model.num_outputs
    if outputs not in OUTPUTS or not number:
        _refuse(f"outputs: found {outputs!r:.40}; expected some that the model has")
    if outputs == "scores":
        model.require_integer_scores()
    if chosen is None:
        return Observation(model, outputs, None)
    if not chosen or not set(chosen) <= set(range(number)) or len(set(chosen)) < len(chosen):
        _refuse(f"observe: found {chosen!r:.40}; expected numbers below {number}")
    return Observation(model, outputs, tuple(map(int, chosen)))


def _check_units(observed: Observation, kept: NDArray[np.int64]) -> None:
    model = observed.model
    if (np.diff(kept, prepend=-1) < 1).any():
        _refuse("its units are not in ascending order")
    listed = np.zeros(model.units, np.bool_)
    listed[kept] = True
    chosen = np.arange(model.units if observed.outputs == "state" else model.num_outputs)
    chosen = chosen if observed.chosen is None else np.array(observed.chosen, np.int64)
    if observed.outputs == "state":
        read = np.zeros(model.units, np.bool_)
        read[chosen] = True
    else:
        read = read_by_head(model, chosen if observed.outputs == "scores" else None)
    if (read & ~listed).any():
        _refuse(f"unit {int(np.argmax(read & ~listed))} is observed, but not listed")
    ends = np.cumsum([layer.units for layer in model.layers])
    parts = np.split(listed, ends[:-1])
    for k, (layer, part) in enumerate(zip(model.layers, parts, strict=True)):
        if layer.recurrent[np.ix_(part, ~part)].any() or (k and layer.input[np.ix_(part, ~parts[k - 1])].any()):
            _refuse(f"a listed unit of layer {k} reads one that is not listed")


def _check_steps(
    observed: Observation, machine: Machine, claim: dict[str, Any], say: Callable[[str], None]
) -> None:
    model, kept = observed.model, np.array(claim["units"], np.int64)
    width = -(-len(kept) // 8)
    packed = np.frombuffer(bytes.fromhex("".join(claim["net_states"])), np.uint8).reshape(-1, width) if width else (
        np.zeros((1, 0), np.uint8)
    )  # fmt: skip
    stand_for = np.array(claim["stand_for"], np.int64)
    index = {row.tobytes(): k for k, row in enumerate(packed)}
    if len(stand_for) != len(packed):
        _refuse(f"{len(packed)} states of the net, of which {len(stand_for)} stand for one of the machine")

    def place(states: NDArray[np.uint8]) -> NDArray[np.int64]:
        """Which listed state each is."""
        rows = np.packbits(states[:, kept], axis=1, bitorder="little")
        where = [index.get(row.tobytes(), -1) for row in rows]
        if -1 in where:
            _refuse(f"a state is reached that is not listed: {rows[where.index(-1)].tobytes().hex()}")
        return np.array(where, np.int64)

    if stand_for[place(model.reset_state(1))][0] != machine.start:
        _refuse("the reset state does not stand for the start")
    symbols = list(claim["symbols"] or ())
    vocabulary = model.vocabulary
    block = max(1, BATCH // vocabulary)
    for low in range(0, len(packed), block):
        part = np.unpackbits(packed[low : low + block], axis=1, count=len(kept), bitorder="little")
        states = np.zeros((len(part), model.units), np.uint8)
        states[:, kept] = part
        now = np.repeat(stand_for[low : low + block], vocabulary)
        tokens = np.tile(np.arange(vocabulary), len(part))
        after = model.step(np.repeat(states, vocabulary, axis=0), tokens)
        if (stand_for[place(after)] != machine.delta[now, tokens]).any():
            _refuse("a state leads elsewhere than the machine's")
        values = observed.values(after)
        if values.shape[1] == 1:
            said = values[:, 0]
        else:
            said = np.array([symbols.index(f"({' '.join(map(str, row))})") for row in values.tolist()])
        if (said != machine.output[now, tokens]).any():
            _refuse("a state says something else than the machine's")
        say(f"{min(low + block, len(packed)):,} of {len(packed):,} states checked by the reference")


def _check_minimal(machine: Machine, claim: dict[str, Any]) -> None:
    count = len(claim["splits"])
    met, queue = {machine.start}, [machine.start]
    for state in queue:
        for following in machine.delta[state].tolist():
            if following not in met:
                met.add(following)
                queue.append(following)
    if len(met) < machine.states:
        _refuse(f"{len(met)} of the machine's {machine.states} states are reached")
    # below each node: its states, and by which child (a node, or −1 − a state) each lies there
    below: list[dict[int, int]] = [{} for _ in range(count)]
    for state, leaf in enumerate(claim["leaves"]):
        if leaf >= 0:
            below[leaf][state] = -1 - state
    for node in range(count - 1, 0, -1):
        parent = claim["splits"][node][2]
        if not 0 <= parent < node:
            _refuse(f"split {node} does not come after the one above it")
        for state in below[node]:
            if state in below[parent]:
                _refuse(f"state {state} lies twice below split {parent}")
            below[parent][state] = node
    if len(below[0]) != machine.states if count else machine.states != 1:
        _refuse("some state lies not in the tree")
    for node, (token, then, _) in enumerate(claim["splits"]):
        if then is not None and not 0 <= then < node:
            _refuse(f"the word of split {node} does not go on with an earlier one")
        child_of: dict[int, int] = {}
        for state, child in below[node].items():
            if then is None:
                parted = int(machine.output[state, token])
            else:
                following = int(machine.delta[state, token])
                if following not in below[then]:
                    _refuse(f"split {node} goes on with a word that is not for state {following}")
                parted = below[then][following]
            if child_of.setdefault(parted, child) != child:
                _refuse(f"split {node} parts states that its word does not")


def _refuse(why: str) -> NoReturn:
    raise InputError(f"the certificate does not hold: {why}")

