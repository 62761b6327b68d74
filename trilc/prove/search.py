"""The search for a difference: breadth first, at random, and by SAT, one after the other and in turns."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from trilc.aig import AIG
from trilc.prove.bounded import Bounded
from trilc.prove.guided import Guided
from trilc.prove.miter import Miter
from trilc.prove.product import sequential
from trilc.prove.reach import Reach
from trilc.prove.runs import WORDS, Runs, shortened
from trilc.prove.transition import Transition

GLANCE = 1 << 31
"""Gates, each in one lane, of a search that takes a moment."""

WORK = 1 << 38
"""Gates, each in one lane, of a search that takes about twenty seconds."""

FIRST_STEPS, MORE_STEPS, MOST_STEPS = 256, 64, 10_000
"""Steps of random runs: at the beginning, at a time after that, and in all."""

WAYS = ("random", "states", "sat")
"""What a search tries: random streams, all states in turn, and SAT step by step; ``guided`` for one output only."""

SLICE = 2000
"""Conflicts between two looks at what else there is to do."""


@dataclass(frozen=True)
class Found:
    """A run that ends in a difference: bits of the inputs of the miter for each step, and of its registers before."""

    steps: list[list[int]]
    begun: list[int] = field(repr=False)


@dataclass(frozen=True)
class Progress:
    """How far a search has come."""

    doing: str
    depth: int = 0
    """No stream of so many steps or fewer shows a difference."""
    states: int = 0
    """States of both machines that were reached."""
    closed: bool = False
    """Whether these are all that can be."""
    streams: int = 0
    """Random streams …"""
    steps: int = 0
    """… none of which shows a difference in so many steps."""
    found: Found | None = None
    """A difference, where one was found since the last message."""


@dataclass(frozen=True)
class Search:
    """Looks for the shortest run from reset on after which a miter has an output; yields :class:`Progress`.

    It ends with a run that is the shortest, with all states seen, or where its budgets end: ``conflicts`` for a depth
    of the unrolling, and ``deepest`` steps; a ``glance`` goes breadth first alone, as far as that takes a moment.
    """

    miter: Miter
    lasting: int
    """Inputs that count in every step; those after them are read in the first step only."""
    conflicts: int
    glance: bool = False
    deepest: int | None = None
    ways: tuple[str, ...] = WAYS
    """What is to be tried."""
    words: int = WORDS
    """Words of random streams."""

    @classmethod
    def between(cls, a: AIG, b: AIG, conflicts: int, glance: bool = False) -> Search:
        """The search for a difference between two machines."""
        return cls(sequential(a, b), a.num_inputs, conflicts, glance)

    def __call__(self) -> Iterator[Progress]:
        """Search; a worker's task."""
        transition = Transition(self.miter, self.lasting)
        reach, runs = Reach(transition), Runs(transition, self.words)
        guided = Guided(self.miter, self.deepest) if "guided" in self.ways and not self.glance else None
        depth, states, closed = 0, reach.states, False
        shortest: int | None = None

        def progress(doing: str, found: Found | None = None) -> Progress:
            streams = runs.streams if runs.steps else 0
            return Progress(doing, depth, states, closed, streams, runs.steps, found)

        def enough() -> bool:
            found = shortest is not None and depth >= shortest - 1
            return closed or found or (self.deepest is not None and depth >= self.deepest)

        def roam(seconds: float) -> Iterator[Progress]:
            """A guided search for so long, or for one generation."""
            nonlocal shortest
            begun = time.monotonic()
            while guided is not None and guided.possible and guided.found is None:
                guided.advance()
                if guided.found is not None:
                    short = shortened(transition, guided.found, guided.begun)
                    if shortest is None or len(short) < shortest:
                        shortest = len(short)
                    yield progress("guided search", Found(short, guided.begun))
                elif time.monotonic() - begun >= seconds:
                    return

        if not self.glance and "random" in self.ways:
            yield progress("random streams")
            runs.advance(FIRST_STEPS)
            if runs.found is not None:
                short = shortened(transition, runs.found, runs.begun)
                shortest = len(short)
                yield progress("random streams", Found(short, runs.begun))
        if reach.possible and "states" in self.ways:
            left = GLANCE if self.glance else WORK
            while not enough() and not reach.full and reach.work() <= left:
                left -= reach.work()
                yield progress(f"all streams up to length {depth + 1}")
                began = time.monotonic()
                reach.advance()
                depth, states, closed = reach.depth, reach.states, reach.closed
                if reach.found is not None:
                    yield progress(f"all streams up to length {depth + 1}", Found(reach.found, reach.begun))
                    return
                yield progress(f"all streams up to length {depth}")
                yield from roam(time.monotonic() - began)
        del reach
        if self.glance or enough():
            return
        with Bounded(self.miter) as bounded:
            bounded.skip(depth)
            while True:
                # without registers, one step says it all
                deeper = "sat" in self.ways and (depth == 0 or transition.num_registers > 0)
                solving = deeper and bounded.conflicts < self.conflicts and not bounded.full
                running = "random" in self.ways and runs.found is None and runs.steps < MOST_STEPS
                roaming = guided is not None and guided.possible and guided.found is None
                if not (solving or running or roaming):
                    yield progress("random streams")
                    return
                doing = "random streams" if running else "guided search"
                yield progress(f"streams of length {depth + 1} by SAT" if solving else doing)
                begun = time.monotonic()
                if solving and bounded.advance(min(SLICE, self.conflicts)):
                    depth = bounded.depth
                    if bounded.found is not None:
                        yield progress("SAT", Found(bounded.found, bounded.begun))
                        return
                    if enough():
                        yield progress("SAT")
                        return
                spent = time.monotonic() - begun
                yield from roam(spent)
                if roaming and enough():
                    return
                begun = time.monotonic()
                while running:
                    runs.advance(min(MORE_STEPS, MOST_STEPS - runs.steps))
                    # random runs take as long as SAT does
                    late = not solving or time.monotonic() - begun >= spent
                    running = runs.found is None and runs.steps < MOST_STEPS and not late
                    if runs.found is not None:
                        short = shortened(transition, runs.found, runs.begun)
                        shortest = len(short) if shortest is None else min(shortest, len(short))
                        yield progress("random streams", Found(short, runs.begun))
