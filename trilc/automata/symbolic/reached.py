"""How many states there are, when each is first met, and which: exactly, without listing them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from trilc.automata.explore import MEMORY
from trilc.automata.symbolic.diagram import Diagram
from trilc.automata.symbolic.relation import Source, bit_names, reset_bits
from trilc.automata.symbolic.search import Full, Level, Search
from trilc.errors import InputError
from trilc.prove.race import Race

MOST_BITS = 1 << 13
"""Of a state; which of them read each other is a square of them."""


@dataclass(frozen=True, eq=False)
class SymbolicallyReached:
    """What is known of the states that can be reached."""

    source: Source
    names: tuple[str, ...]
    """Of the bits of a state: registers, or the units that what is observed depends on."""
    levels: tuple[int, ...]
    """States that are first met after 0, 1, … tokens."""
    complete: bool
    """Whether there are no others; else there may be."""
    stopped: str | None
    """Why it ended before it was complete, and before so many tokens as were asked for."""
    constant: dict[str, int]
    """Bits that have the same value in all states found, and that value."""
    nodes: int
    """Of the decision diagram of all states."""
    seconds: float
    diagram: Diagram | None = field(default=None, repr=False)
    """The set of all states found, where it was asked for and nothing stopped it."""

    @property
    def states(self) -> int:
        """How many were found."""
        return sum(self.levels)

    @property
    def depth(self) -> int:
        """Every state that so many tokens lead to was found; all of them, if it is :attr:`complete`."""
        return len(self.levels) - 1


def reach_symbolic(
    source: Source,
    memory: int = MEMORY,
    seconds: float | None = None,
    depth: int | None = None,
    wanted: bool = True,
    say: Callable[[str], None] = lambda _: None,
) -> SymbolicallyReached:
    """All states that an observed model, or a netlist of any origin, reaches from reset, counted exactly.

    Every input that the constraints permit may come; a register whose reset is unknown begins as both. It ends, not
    :attr:`~SymbolicallyReached.complete`, where ``memory`` bytes or ``seconds`` do not suffice, at Ctrl-C, and after
    ``depth`` tokens: then what it says of fewer tokens is exact, and the number of all states is a lower bound.
    ``wanted`` asks for the set itself. ``say`` follows it. The work is done in a process of its own.

    Raises :class:`InputError` for a state of more than :data:`MOST_BITS` bits.
    """
    begun = time.monotonic()
    names, reset = bit_names(source), reset_bits(source).tolist()
    if len(names) > MOST_BITS:
        raise InputError(f"found a state of {len(names):,} bits; expected at most {MOST_BITS:,} for its set")
    levels: list[Level] = []
    reasons: list[str] = []
    diagram, ended = None, False
    end = None if seconds is None else begun + seconds
    try:
        with Race({"search": Search(source, memory, depth, wanted)}, end, reasons.append) as race:
            for _, message in race:
                match message:
                    case Level():
                        levels.append(message)
                    case Full():
                        reasons.append("the memory is used up")
                    case Diagram():
                        diagram = message
                    case str():
                        say(message)
                    case _:
                        ended = not reasons
    except KeyboardInterrupt:
        reasons.append("interrupted")
        ended = False
    changed = {bit for level in levels for bit in level.changed}
    return SymbolicallyReached(
        source, names, tuple(level.new for level in levels),
        complete=ended and (depth is None or len(levels) <= depth),
        stopped=reasons[0] if reasons else None,
        constant={name: reset[bit] for bit, name in enumerate(names) if reset[bit] < 2 and bit not in changed},
        nodes=levels[-1].nodes if levels else 0,
        seconds=time.monotonic() - begun,
        diagram=diagram,
    )  # fmt: skip
