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
    met = np.zeros(machine.states, np.bool_)
    front = np.array([machine.start])
    while front.size:
        met[front] = True
        front = np.unique(machine.delta[front])
        front = front[~met[front]]
    if not met.all():
        _refuse(f"{np.count_nonzero(met)} of the machine's {machine.states} states are reached")
    if not claim["splits"]:
        if machine.states != 1:
            _refuse("some state lies not in the tree")
        return
    token, parent = (np.array([split[k] for split in claim["splits"]], np.int64) for k in (0, 2))
    then = np.array([-1 if split[1] is None else split[1] for split in claim["splits"]], np.int64)
    goes_on = np.array([split[1] is not None for split in claim["splits"]])
    leaves = np.array(claim["leaves"], np.int64)
    nodes = np.arange(len(token))
    if leaves.shape != (machine.states,) or (leaves < 0).any() or (leaves >= len(nodes)).any():
        _refuse("some state lies not in the tree")
    if ((token < 0) | (token >= machine.vocabulary)).any():
        _refuse(f"split {int(np.argmax((token < 0) | (token >= machine.vocabulary)))} has no token of the machine's")
    wrong = (parent < 0) | (parent >= nodes)
    if wrong[1:].any():
        _refuse(f"split {1 + int(np.argmax(wrong[1:]))} does not come after the one above it")
    wrong = goes_on & ((then < 0) | (then >= nodes))
    if wrong.any():
        _refuse(f"the word of split {int(np.argmax(wrong))} does not go on with an earlier one")
    below = _Below(parent, leaves)
    node, states = np.zeros(machine.states, np.int64), np.arange(machine.states)
    # from the root down: in each round a state goes from a node to the child below which it lies
    while states.size:
        child = below.child(node, states)
        parted = machine.output[states, token[node]].astype(np.int64)
        on = goes_on[node]
        following = machine.delta[states[on], token[node[on]]].astype(np.int64)
        outside = ~below.holds(then[node[on]], following)
        if outside.any():
            at = int(np.argmax(outside))
            _refuse(f"split {node[on][at]} goes on with a word that is not for state {following[at]}")
        parted[on] = below.child(then[node[on]], following)
        order = np.lexsort((parted, node))
        same = (np.diff(node[order]) == 0) & (np.diff(parted[order]) == 0) & (np.diff(child[order]) != 0)
        if same.any():
            _refuse(f"split {node[order][int(np.argmax(same))]} parts states that its word does not")
        inner = child < len(nodes)
        node, states = child[inner], states[inner]


class _Below:
    """What lies below which node of a tree: every node is a span of places, every state one place."""

    def __init__(self, parent: NDArray[np.int64], leaves: NDArray[np.int64]) -> None:
        count = len(parent)
        size = np.bincount(leaves, minlength=count).tolist()
        above = parent.tolist()
        for node in range(count - 1, 0, -1):
            size[above[node]] += size[node]
        # children, inner nodes first by their numbers, then states, which are numbered on
        over = np.concatenate([parent[1:], leaves])
        items = np.concatenate([np.arange(1, count), count + np.arange(len(leaves))])
        sizes = np.concatenate([np.array(size[1:], np.int64), np.ones(len(leaves), np.int64)])
        order = np.argsort(over, kind="stable")
        before = np.cumsum(sizes[order]) - sizes[order]
        _, first, which = np.unique(over[order], return_index=True, return_inverse=True)
        offset = np.zeros(count + len(leaves), np.int64)
        offset[items[order]] = before - before[first][which]
        start = offset.tolist()
        for node in range(1, count):
            start[node] += start[above[node]]
        self._start = np.array(start, np.int64)
        self._start[count:] += self._start[leaves]
        self._size = np.array(size, np.int64)
        self._count, self._places = count, len(leaves) + 1
        keys = over * self._places + self._start[items]
        # a node without states has no place: it comes before the child that has
        order = np.lexsort((sizes, keys))
        self._keys, self._items = keys[order], items[order]

    def holds(self, node: NDArray[np.int64], state: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether states lie below nodes, pair by pair."""
        into = self._start[self._count + state] - self._start[node]
        inside: NDArray[np.bool_] = (into >= 0) & (into < self._size[node])
        return inside

    def child(self, node: NDArray[np.int64], state: NDArray[np.int64]) -> NDArray[np.int64]:
        """The child of each node below which a state lies; a state's number comes after those of all nodes."""
        at = np.searchsorted(self._keys, node * self._places + self._start[self._count + state], side="right") - 1
        found: NDArray[np.int64] = self._items[at]
        return found


def _refuse(why: str) -> NoReturn:
    raise InputError(f"the certificate does not hold: {why}")

