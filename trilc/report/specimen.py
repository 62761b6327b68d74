"""What a report is about: a model or a netlist, as the machine that its state bits are the registers of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from passes import efforts
from trilc.aig import AIG
from trilc.compiler import compile
from trilc.errors import InputError
from trilc.explain.language import Terms
from trilc.explain.subject import Subject
from trilc.model import Model

MOST_BITS = 4096
"""State bits that a page has room for."""


@dataclass(frozen=True, eq=False)
class Specimen:
    """A model or a netlist, and the gates that are shown of it."""

    source: Model | AIG
    netlist: AIG

    @classmethod
    def of(cls, source: Model | AIG, effort: str) -> Specimen:
        """Compile a model with all its registers; take a netlist as it is.

        Raises :class:`InputError` for a netlist that trilc did not write or that has lost bits of its state, and for
        more than :data:`MOST_BITS` bits.
        """
        subject = Subject(source)
        subject.registers()
        if subject.terms.units > MOST_BITS:
            raise InputError(f"found {subject.terms.units:,} state bits; expected at most {MOST_BITS:,} in a report")
        if isinstance(source, AIG):
            return cls(source, source)
        return cls(source, compile(source, None, efforts.pipeline(effort), keep_state=True))

    @cached_property
    def subject(self) -> Subject:
        """To ask about."""
        return Subject(self.source)

    @property
    def model(self) -> Model | None:
        """Where it is one."""
        return self.source if isinstance(self.source, Model) else None

    @property
    def terms(self) -> Terms:
        """What there is to name."""
        return self.subject.terms

    @property
    def names(self) -> tuple[str, ...]:
        """(units,) the state bits' names."""
        return self.source.state_names if isinstance(self.source, Model) else tuple(self.netlist.metadata["state"])

    @cached_property
    def literals(self) -> NDArray[np.int64]:
        """(units,) the netlist's literal that each state bit is: a register, its complement, or a constant."""
        place = dict(zip(self.netlist.register_names, self.netlist.register_literals.tolist(), strict=True))
        literals = []
        for said in self.subject.registers():
            if said in ("0", "1"):
                literals.append(int(said))
            else:
                literals.append(place[said.removeprefix("!")] ^ said.startswith("!"))
        return np.array(literals, np.int64)
