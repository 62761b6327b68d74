"""The simulator of an AIG."""

from __future__ import annotations

from collections.abc import Callable

from trilc.aig.aig import AIG
from trilc.aig.simulation.gates import Tape
from trilc.aig.simulation.machine import Engine, Machine, fastest
from trilc.aig.simulation.tape import compile_tape


class Simulator(Machine):
    """Bit-parallel simulation of a sequential AIG in many streams at once.

    All inputs together are one code (the token), all outputs another; vectors ``v[i]`` say their bits
    themselves. Codes from ``aig.metadata["vocabulary"]`` on, where that is given, are refused.

    >>> from trilc.aig import Builder
    >>> b = Builder()
    >>> x, s = b.input("x"), b.register("s")
    >>> b.set_next(s, b.xor(x, s))
    >>> b.output("parity", b.xor(x, s))
    >>> Simulator(b.build(), streams=2).run([[1, 0], [1, 1], [0, 1]])
    array([[1, 0],
           [0, 1],
           [0, 0]], dtype=uint8)
    """

    def __init__(
        self, aig: AIG, streams: int, threads: int = 1, engine: Callable[[Tape], Engine] = fastest
    ) -> None:
        super().__init__(compile_tape(aig), streams, threads, engine)
