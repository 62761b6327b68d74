"""What certificates say in formulas: relations between registers that may hold, and clauses of miters."""

from __future__ import annotations

import numpy as np

from trilc.aig import AIG, Literals
from trilc.aig.traverse import reachable
from trilc.prove.miter import Miter
from trilc.prove.step import Relation
from trilc.sat.derivation import Clauses, signed
from trilc.sat.elaboration import plain


def corresponding(a: AIG, b: AIG, equal: Literals) -> Relation | None:
    """What registers of either machine are, given pairs of nodes of their product that are equal.

    None where a relation can't say it, the same names being those of other registers in the other machine.
    """
    count = 1 + a.num_inputs + a.num_registers + b.num_registers
    value = 2 * np.arange(count)
    among = equal[equal[:, 0] >> 1 < count]
    value[among[:, 0] >> 1] = among[:, 1] ^ (among[:, 0] & 1)
    own = value[1 + a.num_inputs :].tolist()
    mine, theirs = own[: a.num_registers], own[a.num_registers :]
    standing = {0: ("0", 0)}
    for name, literal in zip(b.register_names, theirs, strict=True):
        standing.setdefault(literal >> 1, (name, literal & 1))
    found = {}
    for names, literals in ((b.register_names, theirs), (a.register_names, mine)):
        for name, literal in zip(names, literals, strict=True):
            source, phase = standing.get(literal >> 1, (name, 0))
            differ = literal & 1 ^ phase
            if source != name:
                found[name] = str(differ) if source == "0" else "!" * differ + source
    sources = {source.removeprefix("!") for source in found.values()} - {"0", "1"}
    return None if sources & found.keys() else found


def clauses(miter: Miter) -> Clauses:
    """That some output of a miter is true where its constraints hold: node ``n`` is the variable ``n + 1``."""
    aig = miter.aig
    differ = aig.outputs[: len(miter.outputs)]
    needed = reachable(aig, np.concatenate([differ, aig.constraints]))[aig.first_and :]
    variable = np.arange(1, aig.num_nodes + 1, dtype=np.int32)
    gate, (x, y) = variable[aig.first_and :][needed], signed(variable, aig.fanins[needed]).T
    none = np.zeros_like(gate)
    gates = np.column_stack([-gate, x, none, -gate, y, none, gate, -x, -y, none])
    held = signed(variable, aig.constraints)
    units = np.column_stack([held, np.zeros_like(held)])
    parts = [np.array([-1, 0], np.int32), gates.ravel(), units.ravel(), signed(variable, differ), np.zeros(1, np.int32)]
    found: Clauses = plain(np.concatenate(parts))
    return found
