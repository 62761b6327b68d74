"""From a question to a machine with one output, ``bad``, and whether that can ever be true.

The machine is the one that is asked about, with registers for what the question remembers of the past. Where a question
speaks of nothing that goes with the last token but the state, it is judged one step later (``lag``): then ``bad`` is
about registers alone, which is what proofs by induction like best.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from passes import Pipeline
from trilc.aig import AIG, TRUE, Builder, Literals
from trilc.aig.copying import at, copy
from trilc.explain.gates import any_of, literal_of
from trilc.explain.language.syntax import (
    ANYTHING,
    Bits,
    Depends,
    Formula,
    Index,
    Once,
    Score,
    age,
    atoms,
    onces,
)
from trilc.explain.ranges import settled
from trilc.explain.subject import Subject
from trilc.model import Model
from trilc.prove.miter import Miter

SIMPLIFY = Pipeline.parse("strash, dead")

BAD = "bad"


@dataclass(frozen=True, eq=False)
class System:
    """A machine whose output ``bad`` is true exactly at the end of what a question looks for."""

    aig: AIG
    """Inputs ``tok[0]``, …; for :class:`Depends` also ``other[0]``, …, ``flip[0]``, … and ``mark``."""
    lag: int
    """Steps after the last token that the question is about."""

    @property
    def miter(self) -> Miter:
        """The same as what finds differences takes it."""
        return Miter(self.aig, (BAD,))


def sought(
    subject: Subject, formula: Formula, assuming: Formula = ANYTHING, lag: int | None = None
) -> System:
    """The machine that is bad where a formula holds, all before it having gone as assumed.

    The ``lag`` is chosen where none is given.
    """
    parts = atoms(formula)
    if lag is None:
        late = assuming == ANYTHING and all(isinstance(part, Bits) or part.back for part in parts)
        lag = int(late and bool(parts))
    built = _Past(subject, [formula, assuming], lag)
    builder = built.builder
    known = settled(formula, subject.source) if isinstance(subject.source, Model) else formula
    bad = builder.and_(built.valid(age(formula)), literal_of(known, builder, built))
    if assuming != ANYTHING:
        builder.constrain(builder.or_(built.valid(age(assuming)) ^ 1, literal_of(assuming, builder, built)))
    built.finish()
    builder.output(BAD, bad)
    return System(SIMPLIFY.apply(builder.build()), built.lag)


def dependence(subject: Subject, asked: Depends) -> System:
    """Two machines that read the same, but for one token or for flipped bits; bad where they then say another thing.

    ``mark`` says when that is, once in a run; before it both have the same state.
    """
    seen, cause = replace(asked.seen, back=0), asked.cause
    later = cause.back - asked.seen.back - isinstance(cause, Bits)
    aig = subject.machine("argmax" if isinstance(seen, Index) else "state")
    builder = Builder(2 * aig.num_ands)
    tokens = [builder.input(f"tok[{bit}]") for bit in range(subject.token_bits)]
    other = [builder.input(f"other[{bit}]") for bit in range(subject.token_bits)] if isinstance(cause, Index) else []
    flips = {bit: builder.input(f"flip[{bit}]") for bit in cause.indices} if isinstance(cause, Bits) else {}
    mark = builder.input("mark")
    resets = aig.reset.tolist()
    one, two = (
        [builder.register(f"{side} {name}", reset) for name, reset in zip(aig.register_names, resets, strict=True)]
        for side in ("one", "two")
    )
    marked = [builder.register(f"mark@-{k + 1}") for k in range(later)]
    over = builder.register("marked")
    now = builder.and_(mark, over ^ 1)
    changed = builder.mux(over, np.array(two, np.uint32), np.array(one, np.uint32))
    names = list(aig.register_names)
    sources = subject.registers()
    for bit, flip in flips.items():
        where = names.index(sources[bit].removeprefix("!"))
        changed[where] = builder.xor(changed[where], builder.and_(now, flip))
    read = builder.mux(now, np.array(other, np.uint32), np.array(tokens, np.uint32)) if other else tokens
    nodes = []
    for inputs, state in ((tokens, one), (read, changed)):
        nodes.append(copy(builder, aig, np.array([0, *inputs, *state], np.uint32)))
    for registers, side in zip((one, two), nodes, strict=True):
        for register, literal in zip(registers, at(side, aig.next_state).tolist(), strict=True):
            builder.set_next(register, literal)
    for register, before in zip(marked, [now, *marked], strict=False):
        builder.set_next(register, before)
    builder.set_next(over, builder.or_(mark, over))
    left, right = (_seen(subject, aig, seen, side) for side in nodes)
    different = any_of(builder, [builder.xor(a, b) for a, b in zip(left, right, strict=True)])
    _permit(builder, subject, tokens)
    if other:
        _permit(builder, subject, other)
    builder.output(BAD, builder.and_([now, *marked][later], different))
    return System(SIMPLIFY.apply(builder.build()), 0)


class _Past:
    """The machine and what it did some steps ago, as far as formulas speak of it."""

    def __init__(self, subject: Subject, formulas: Sequence[Formula], lag: int) -> None:
        self.lag = lag
        self._subject = subject
        parts = [part for formula in formulas for part in atoms(formula)]
        depth: dict[str, int] = {}
        for part in parts:
            kind = part.kind if isinstance(part, Index) else "score" if isinstance(part, Score) else "h"
            depth[kind] = max(depth.get(kind, 0), part.back + lag)
        kinds = [name for kind, name in (("out", "argmax"), ("score", "scores")) if kind in depth]
        self._machines = {kind: subject.machine(kind) for kind in kinds or ["state"]}
        first = next(iter(self._machines.values()))
        self.builder = Builder(2 * first.num_ands)
        builder = self.builder
        self._tokens = [builder.input(f"tok[{bit}]") for bit in range(subject.token_bits)]
        resets = zip(first.register_names, first.reset.tolist(), strict=True)
        self._registers = {name: builder.register(name, reset) for name, reset in resets}
        widths = {"tok": subject.token_bits, "out": max(1, (subject.terms.num_outputs - 1).bit_length())}
        self._delays: dict[str, list[list[int]]] = {}
        for kind in ("tok", "out"):
            rows = depth.get(kind, 0)
            self._delay(kind, rows, range(widths[kind]))
        self._units = sorted({bit for part in parts if isinstance(part, Bits) for bit in part.indices})
        self._delay("h", max(0, depth.get("h", 0) - 1), self._units)
        self._scored = sorted({part.index for part in parts if isinstance(part, Score)})
        scorer = self._machines.get("scores")
        self._width = scorer.num_outputs // subject.terms.num_outputs if scorer is not None else 0
        self._delay("score", depth.get("score", 0), range(self._width * len(self._scored)))
        oldest = max(map(age, [*formulas, *(once.of for f in formulas for once in onces(f))]))
        self._valid = [builder.register(f"{k + 1} before") for k in range(oldest - 1 + lag)]
        self._once = {once: builder.register(f"once {k}") for k, once in enumerate(_all_onces(formulas))}
        self._following: dict[Once, int] = {}
        self._nodes = {kind: self._copy(aig) for kind, aig in self._machines.items()}

    def finish(self) -> None:
        """Give every register its next state, and tokens their bounds."""
        builder = self.builder
        kind, aig = next(iter(self._machines.items()))
        for name, literal in zip(aig.register_names, at(self._nodes[kind], aig.next_state).tolist(), strict=True):
            builder.set_next(self._registers[name], literal)
        present = {
            "tok": self._tokens,
            "out": self._outputs("argmax") if "argmax" in self._machines else [],
            "h": self._state(self._units, self._registers) if self._delays["h"] else [],
            "score": [bit for index in self._scored for bit in self._word(index)],
        }
        for what, rows in self._delays.items():
            for row, before in zip(rows, [present[what], *rows], strict=False):
                for register, literal in zip(row, before, strict=True):
                    builder.set_next(register, literal)
        for register, before_that in zip(self._valid, [TRUE, *self._valid], strict=False):
            builder.set_next(register, before_that)
        for once, register in self._once.items():
            builder.set_next(register, self.once(once.of))
        _permit(builder, self._subject, self._tokens)

    def valid(self, tokens: int) -> int:
        """Whether so many tokens were read, at the moment that is judged."""
        return [TRUE, *self._valid][tokens - 1 + self.lag]

    def index(self, kind: str, back: int) -> list[int]:
        """See :class:`trilc.explain.gates.Signals`."""
        if back + self.lag:
            return self._delays[kind][back + self.lag - 1]
        return self._tokens if kind == "tok" else self._outputs("argmax")

    def score(self, index: int, back: int) -> list[int]:
        """See :class:`trilc.explain.gates.Signals`."""
        if back + self.lag:
            first = self._width * self._scored.index(index)
            return self._delays["score"][back + self.lag - 1][first : first + self._width]
        return self._word(index)

    def bits(self, indices: Sequence[int], back: int) -> list[int]:
        """See :class:`trilc.explain.gates.Signals`."""
        delay = back + self.lag
        if delay > 1:
            row = dict(zip(self._units, self._delays["h"][delay - 2], strict=True))
            return [row[index] for index in indices]
        if delay == 1:
            return self._state(indices, self._registers)
        kind, aig = next(iter(self._machines.items()))
        new = dict(zip(aig.register_names, at(self._nodes[kind], aig.next_state).tolist(), strict=True))
        return self._state(indices, new)

    def once(self, of: Formula) -> int:
        """See :class:`trilc.explain.gates.Signals`."""
        once = Once(of)
        if once not in self._following:
            now = self.builder.and_(self.valid(age(of)), literal_of(of, self.builder, self))
            self._following[once] = int(self.builder.or_(now, self._once[once]))
        return self._following[once]

    def _delay(self, kind: str, rows: int, what: Sequence[int]) -> None:
        self._delays[kind] = [
            [self.builder.register(f"{kind}[{bit}]@-{row + 1}") for bit in what] for row in range(rows)
        ]

    def _copy(self, aig: AIG) -> Literals:
        registers = [self._registers[name] for name in aig.register_names]
        return copy(self.builder, aig, np.array([0, *self._tokens, *registers], np.uint32))

    def _outputs(self, kind: str) -> list[int]:
        found: list[int] = at(self._nodes[kind], self._machines[kind].outputs).tolist()
        return found

    def _word(self, index: int) -> list[int]:
        """The present score of an output."""
        return self._outputs("scores")[self._width * index : self._width * (index + 1)]

    def _state(self, indices: Sequence[int], literals: dict[str, int]) -> list[int]:
        return _bits_of(self._subject, indices, literals)


def _seen(subject: Subject, aig: AIG, seen: Index | Bits, nodes: Literals) -> list[int]:
    if isinstance(seen, Index):
        found: list[int] = at(nodes, aig.outputs).tolist()
        return found
    new = dict(zip(aig.register_names, at(nodes, aig.next_state).tolist(), strict=True))
    return _bits_of(subject, seen.indices, new)


def _bits_of(subject: Subject, indices: Sequence[int], literals: dict[str, int]) -> list[int]:
    """State bits, given the literals of registers."""
    sources = subject.registers()
    return [
        int(sources[index]) if sources[index] in ("0", "1")
        else literals[sources[index].removeprefix("!")] ^ sources[index].startswith("!")
        for index in indices
    ]  # fmt: skip


def _permit(builder: Builder, subject: Subject, bits: Sequence[int]) -> None:
    """Constrain a token to the vocabulary."""
    below = TRUE
    for place, bit in enumerate(bits):
        join = builder.or_ if (subject.terms.vocabulary - 1) >> place & 1 else builder.and_
        below = int(join(bit ^ 1, below))
    if below != TRUE:
        builder.constrain(below)


def _all_onces(formulas: Sequence[Formula]) -> list[Once]:
    return list(dict.fromkeys(once for formula in formulas for once in onces(formula)))


