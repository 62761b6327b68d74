"""A set of states as a decision diagram: plain arrays, to ask, and to write as a netlist."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from trilc.aig import AIG, FALSE, TRUE, Builder

if TYPE_CHECKING:
    from oxidd.bdd import BDDFunction

    from trilc.automata.symbolic.relation import Space


@dataclass(frozen=True, eq=False)
class Diagram:
    """A reduced ordered binary decision diagram (Bryant 1986): nodes 0 and 1 are false and true, the last is the root.

    The nodes that decide by a bit stand together, those below before those above.
    """

    bit: NDArray[np.int32]
    """(nodes,) the bit that a node decides by; −1 for nodes 0 and 1."""
    low: NDArray[np.int32]
    """(nodes,) the node for 0."""
    high: NDArray[np.int32]
    """(nodes,) the node for 1."""

    @classmethod
    def of(cls, function: BDDFunction, space: Space) -> Diagram:
        """From one of the library, over present bits."""
        bit_of = {variable: bit for bit, variable in enumerate(space.present)}
        false, true = space.manager.false(), space.manager.true()
        by_variable: dict[int, list[BDDFunction]] = {}
        met, waiting = {false, true}, [function]
        below: dict[BDDFunction, tuple[BDDFunction, BDDFunction]] = {}
        while waiting:
            node = waiting.pop()
            if node in met:
                continue
            met.add(node)
            variable, cofactors = node.node_var(), node.cofactors()
            assert variable is not None and cofactors is not None
            by_variable.setdefault(variable, []).append(node)
            below[node] = cofactors
            waiting += cofactors
        number = {false: 0, true: 1}
        rows = [(-1, 0, 0), (-1, 1, 1)]
        for variable in sorted(by_variable, reverse=True):
            for node in by_variable[variable]:
                number[node] = len(number)
                high, low = below[node]
                rows.append((bit_of[variable], number[low], number[high]))
        if function == false:
            rows = rows[:1]
        bit, low_, high_ = np.array(rows, np.int32).T.copy()
        return cls(bit, low_, high_)

    def __len__(self) -> int:
        """Nodes, without false and true."""
        return max(0, len(self.bit) - 2)

    def contains(self, states: NDArray[Any]) -> NDArray[np.bool_]:
        """(n,) which of (n, bits) states are in the set."""
        at = np.full(len(states), len(self.bit) - 1)
        rows = np.arange(len(states))
        while (inner := at > 1).any():
            here = at[inner]
            at[inner] = np.where(states[rows[inner], self.bit[here]], self.high[here], self.low[here])
        found: NDArray[np.bool_] = at == 1
        return found

    def enter(self, builder: Builder, literals: NDArray[np.uint32]) -> int:
        """The set's characteristic function as gates over the (bits,) literals of a state; returns its literal."""
        out = np.array([FALSE, TRUE], np.uint32)[np.minimum(np.arange(len(self.bit)), 1)]
        begin = 2
        while begin < len(self.bit):
            end = begin + int(np.argmin(np.append(self.bit[begin:], -1) == self.bit[begin]))
            select = literals[self.bit[begin]]
            out[begin:end] = builder.mux(select, out[self.high[begin:end]], out[self.low[begin:end]])
            begin = end
        return int(out[-1])

    def netlist(self, names: Sequence[str]) -> AIG:
        """The characteristic function over bits of these names, as the output ``reached``: a multiplexer a node."""
        builder = Builder()
        literals = np.array([builder.input(name) for name in names], np.uint32)
        builder.output("reached", self.enter(builder, literals))
        return builder.build()
