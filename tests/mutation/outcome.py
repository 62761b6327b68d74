"""What becomes of a fault: what the provers say of everything that the faulty program made."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.mutation import provers
from tests.mutation.faults import Fault
from tests.mutation.work import DIFFERENT, Done, Work
from trilc.prove.equivalence import Answer

ENOUGH = 4
"""Wrong netlists of one fault that the provers are asked about; of those that are right, about all."""

CAUGHT, MISSED, FALSE_ALARM = "caught by proof", "MISSED BY PROOF", "FALSE ALARM"
REFUSED, CRASHED = "refused", "crashed"
COSTS, SAME = "other gates, same behaviour", "the same netlists"
OPEN, UNREACHED = "NOT DECIDED BY ABC", "NEVER EXECUTED"


@dataclass(frozen=True)
class Outcome:
    """What became of a fault."""

    fault: Fault
    outcome: str
    tried: int = 0
    """Pieces of work that gave a netlist."""
    other: int = 0
    """Netlists that are not, byte for byte, what the faultless program makes …"""
    wrong: int = 0
    """… those of them that ABC was asked about and calls wrong …"""
    equal: int = 0
    """… and those that it calls equal."""
    undecided: int = 0
    """Netlists that ABC says nothing of …"""
    unproved: int = 0
    """… and, of those that it calls equal, what our prover left open."""
    steps: int = 0
    """Of the longest counterexample."""
    own: str | None = None
    """What the prover with the same fault in it says: different for every netlist that is wrong."""
    error: str | None = None
    seconds: float = 0.0

    @property
    def changes_behaviour(self) -> bool:
        """Whether there is a wrong netlist."""
        return self.outcome in (CAUGHT, MISSED)


def judged(fault: Fault, all_works: list[Work], right: list[Done], report: list[Done]) -> Outcome:
    """What the provers say of all netlists that are not as they should be."""
    netlists = [
        (work, good.netlist, done.netlist, done.own)
        for work, good, done in zip(all_works, right, report, strict=False)
        if good.netlist is not None and done.netlist is not None
    ]
    tried = sum(done.error is None for done in report)
    found = Outcome(fault, COSTS if netlists else SAME, tried, len(netlists))
    for begin in range(0, len(netlists), 2 * ENOUGH):
        asked = [
            (work, *view, own)
            for work, good, bad, own in netlists[begin : begin + 2 * ENOUGH]
            for view in provers.views(work, good, bad)
        ]
        with TemporaryDirectory() as place:
            answers = provers.abcs([(work, good, bad) for work, _, good, bad, _ in asked], Path(place))
        for (work, outputs, _, netlist, own), equal in zip(asked, answers, strict=True):
            found = weighed(found, provers.ours(work, netlist, outputs or work.output), equal, own)
        if found.wrong >= ENOUGH:
            break
    return found


def weighed(so_far: Outcome, ours: provers.Opinion, equal: bool | None, own: str | None) -> Outcome:
    """One more netlist, and what was said about it."""
    says_equal = Answer.EQUAL in (ours.verified, ours.proved)
    if equal is None:  # ABC leaves it open
        outcome = OPEN if so_far.outcome == COSTS else so_far.outcome
        return replace(so_far, outcome=outcome, undecided=so_far.undecided + 1)
    if equal:
        alarm = ours.verified in (None, Answer.DIFFERENT) or ours.proved is Answer.DIFFERENT
        open_ = not alarm and not says_equal
        outcome = FALSE_ALARM if alarm else so_far.outcome
        return replace(so_far, outcome=outcome, equal=so_far.equal + 1, unproved=so_far.unproved + open_)
    refused = ours.verified is None  # an interface of its own, such as scores where an index was asked for
    outcome = so_far.outcome
    if not (ours.told_apart or refused) or (own not in (None, DIFFERENT) and not refused):
        outcome = MISSED
    elif outcome not in (MISSED, FALSE_ALARM, CAUGHT):
        outcome = REFUSED if refused else CAUGHT
    return replace(
        so_far, outcome=outcome, wrong=so_far.wrong + 1, steps=max(so_far.steps, ours.steps), own=own or so_far.own
    )


