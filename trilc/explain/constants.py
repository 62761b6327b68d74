"""Which state bits never change: simulation rules most out, and the rest are proved together, then one by one."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from functools import partial
from typing import Any

import numpy as np

from trilc.explain.engines.climb import climbing
from trilc.explain.hunt import OVER, Effort, Hunt
from trilc.explain.language.syntax import ANYTHING, Bits, Fixed, Formula, Match, Not
from trilc.explain.subject import Subject
from trilc.explain.system import sought
from trilc.explain.witness import Witness, of_formula
from trilc.runner import Runner

STREAMS, STEPS = 4096, 32
"""Of random tokens."""


class Constants:
    """Decides for each of some bits whether it is the same after every token of every stream."""

    def __init__(self, subject: Subject, asked: Fixed, effort: Effort) -> None:
        self._subject = subject
        self._asked = asked
        self._effort = effort
        self._value: dict[int, int] = {}
        """What each bit is after the base."""
        self._base: tuple[int, ...] = (0,)
        """A stream that is as assumed."""
        self._varies: dict[int, Witness] = {}
        self._constant: dict[int, str] = {}
        self._open: list[int] = sorted(set(asked.bits.indices))
        self._notes: list[str] = []

    def run(self) -> Generator[str, None, None]:
        """Decide; yields what is under way."""
        if self._asked.assuming != ANYTHING:
            hunt = self._hunt(ANYTHING, self._effort)
            yield from hunt.run()
            if hunt.witness is None:
                self._notes.append(f"no stream that is as assumed is known: {hunt.tried()}")
                return
            self._base = hunt.witness.tokens
        first = self._subject.replay(self._base)
        self._value = {bit: int(first.states[-1, bit]) for bit in self._open}
        if self._asked.assuming == ANYTHING:
            yield "random streams"
            self._simulate()
        while self._open and not self._effort.is_over:
            before = len(self._open)
            yield from self._try(self._open, self._effort.share(1 if before == 1 else 0.5))
            if len(self._open) == before:
                break
        alone = list(self._open) if len(self._open) > 1 else []
        for number, bit in enumerate(alone):
            if self._effort.is_over:
                self._notes.append(OVER)
                return
            yield from self._try([bit], self._effort.share(1 / (len(alone) - number)))

    def answer(self) -> tuple[bool | None, str, Witness | None, dict[str, Any]]:
        """What is known so far: whether all are constant, how, what shows that one is not, and which are which."""
        number = len(set(self._asked.bits.indices))
        facts = {
            "constant": {f"h[{bit}]": self._value[bit] for bit in sorted(self._constant)},
            "varies": [f"h[{bit}]" for bit in sorted(self._varies)],
            "unknown": [f"h[{bit}]" for bit in self._open],
        }
        how = f"{len(self._constant)} of {number} bits are constant, {len(self._varies)} are not"
        if self._open:
            how += f", {len(self._open)} are not decided"
        if self._constant and not self._varies and not self._open:
            how = f"{'; '.join(dict.fromkeys(self._constant.values()))}"
        if self._varies:
            bit = min(self._varies, key=lambda b: (self._varies[b].length, b))
            return False, how, self._varies[bit], facts
        if self._open:
            return None, "; ".join([how, *dict.fromkeys(self._notes)]), None, facts
        return True, how, None, facts

    def _simulate(self) -> None:
        rng = np.random.default_rng(0)
        tokens = rng.integers(0, self._subject.terms.vocabulary, (STEPS, STREAMS))
        runner = Runner(self._subject.source, STREAMS, "state")
        for step in range(min(STEPS, self._asked.within or STEPS)):
            states = runner.run(tokens[step : step + 1])[0]
            for bit in list(self._open):
                other = np.flatnonzero(states[:, bit] != self._value[bit])
                if other.size:
                    self._differs(bit, tokens[: step + 1, other[0]].tolist())

    def _differs(self, bit: int, tokens: Sequence[int]) -> None:
        """Note a stream after which a bit is not what it is after the base."""
        trace = self._subject.replay(tokens)
        if trace.states[-1, bit] != self._value[bit]:
            self._varies[bit] = Witness(trace, self._subject.replay(self._base))
            self._open.remove(bit)

    def _hunt(self, formula: Formula, effort: Effort) -> Hunt[Witness]:
        system = sought(self._subject, formula, self._asked.assuming)
        believe = partial(of_formula, self._subject, system, formula, self._asked.assuming)
        climb = climbing(self._subject.source, system, formula, self._asked.assuming, self._asked.within)
        return Hunt(system, believe, effort, self._asked.within, climb=climb)

    def _try(self, bits: list[int], effort: Effort) -> Generator[str, None, None]:
        """Prove that bits keep their values, or find a stream after which some do not."""
        together = tuple(bits)
        hunt = self._hunt(Not(Match(Bits(together), tuple(self._value[bit] for bit in together))), effort)
        yield from hunt.run()
        if hunt.witness is not None:
            for bit in together:
                self._differs(bit, hunt.witness.tokens)
        elif hunt.proved is not None or hunt.is_settled:
            how = hunt.proved.how if hunt.proved else f"no stream of up to {hunt.depth} tokens changes one"
            self._constant |= dict.fromkeys(together, how)
            self._open = [bit for bit in self._open if bit not in together]
        else:
            self._notes.append(hunt.tried())
