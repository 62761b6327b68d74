"""All data of a page."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trilc.aig import AIG
from trilc.explain.language import parse
from trilc.explain.subject import Subject
from trilc.model import Model
from trilc.report.automaton import automaton
from trilc.report.cards import cards
from trilc.report.gates import gates
from trilc.report.overview import overview
from trilc.report.questions import questions
from trilc.report.specimen import Specimen
from trilc.report.text import own, read, text_facts
from trilc.report.wiring import wiring, wiring_facts
from trilc.version import VERSION

SECONDS = 120.0
"""For what may take any time: the proof, and questions."""
LIMIT = 20_000
"""Tokens of a text that are read."""
PROOF = 0.5
"""The part of the seconds that the proof may take at most."""


@dataclass(frozen=True)
class Wishes:
    """What a report is to be like."""

    title: str
    asked: tuple[str, ...] = ()
    """Questions."""
    seconds: float = SECONDS
    """For the proof and the questions. With 0 neither is tried, and the report is the same every time."""
    effort: str = "fast"
    """How hard the gates are optimised."""
    limit: int = LIMIT
    """Tokens that are read at most."""
    seed: int = 0
    """For the text that a model writes itself."""


@dataclass(frozen=True, eq=False)
class Given:
    """A text that somebody gives: tokens in (T,) pieces, and where they come from."""

    pieces: Iterable[NDArray[np.integer]]
    origin: str


def gather(
    source: Model | AIG,
    text: Given | None,
    wishes: Wishes,
    say: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """The data of a report, as JSON holds them; arrays as :mod:`~trilc.report.packing` packs them.

    ``say`` is told what is under way. Raises :class:`InputError` for a netlist whose state is not
    all there, a text without tokens, and questions that can't be asked.
    """
    for question in wishes.asked:  # what can't be asked is said before any work
        parse(question, Subject(source).terms)
    say("gates")
    specimen = Specimen.of(source, wishes.effort)
    say("text")
    if text is None:
        tokens, origin = own(specimen, wishes.seed)
        reading = read(specimen, [tokens], origin, wishes.limit, True)
    else:
        reading = read(specimen, text.pieces, text.origin, wishes.limit, False)
    say("dependences")
    wires = wiring(specimen, reading)
    terms = specimen.terms
    spoken = terms.names("out") if terms.num_outputs else None
    say("modules")
    network = wiring_facts(specimen, reading, wires)
    say("cards")
    bits = cards(specimen, reading)
    say("places of gates")
    graph = gates(specimen, wires.modules)
    say("automaton")
    machine = automaton(specimen)
    say("proof")
    end = time.monotonic() + wishes.seconds if wishes.seconds else None
    about = overview(specimen, wishes.seconds * PROOF)
    return {
        "format": "trilc-report",
        "version": 1,
        "trilc": VERSION,
        "title": wishes.title,
        "seconds": None if math.isinf(wishes.seconds) else wishes.seconds,
        "effort": wishes.effort if specimen.model is not None else None,
        "vocabulary": terms.vocabulary,
        "tokens": None if terms.tokens is None else list(terms.tokens),
        "num_outputs": terms.num_outputs,
        "outputs": None if spoken is None else list(spoken),
        "layers": list(terms.layers),
        "overview": about,
        "text": text_facts(reading, specimen),
        "bits": bits,
        "wiring": network,
        "gates": graph,
        "automaton": machine,
        "questions": questions(specimen, reading, wishes.asked, end, say),
    }
