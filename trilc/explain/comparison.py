"""Whether another model or netlist says the same: :mod:`trilc.prove`, with a limit to the length of streams."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import Any

from backends import FORMATS, read_aig
from trilc.aig import AIG
from trilc.checkpoint import load
from trilc.explain.hunt import Effort
from trilc.explain.subject import Subject
from trilc.explain.witness import Witness
from trilc.model import Model
from trilc.prove.equivalence import Answer
from trilc.prove.pair import pair
from trilc.prove.verification import Investigation


class Comparison:
    """Compares the subject with what is in a file, for streams of up to so many tokens or of any length."""

    def __init__(self, source: Model | AIG, path: Path, within: int | None, effort: Effort) -> None:
        other = read_aig(path) if path.suffix in FORMATS else load(path)
        self._sources = Subject(source), Subject(other)
        self._within = within
        left = None if effort.end is None else max(0.0, effort.end - time.monotonic())
        self._investigation = Investigation(pair(source, other), seconds=left)

    def run(self) -> Generator[str, None, None]:
        """Compare; yields what is under way."""
        with closing(self._investigation.run()) as running:
            for doing in running:
                if self._within is not None and self._investigation.verdict().depth >= self._within:
                    return
                yield doing

    def answer(self) -> tuple[bool | None, str, Witness | None, dict[str, Any]]:
        """What is known so far: whether they are equal, how, and a stream after which they are not."""
        found = self._investigation.verdict()
        facts = {"none_up_to": found.depth, "states": found.states}
        example = found.counterexample
        if self._within is not None and found.depth >= self._within:
            return True, f"no stream of up to {self._within} tokens tells them apart", None, facts
        if example is not None and example.tokens is not None:
            if self._within is None or len(example.tokens) <= self._within:
                one, other = (subject.replay(example.tokens) for subject in self._sources)
                count = len(example.tokens)
                return False, f"after {count} token{'s' * (count != 1)}; {found.how}", Witness(one, other), facts
            return None, f"they differ after {len(example.tokens)} tokens; {found.how}", None, facts
        return {Answer.EQUAL: True, Answer.UNKNOWN: None}.get(found.answer), found.how, None, facts
