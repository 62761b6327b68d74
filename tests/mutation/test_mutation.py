"""A few single faults, seeded into the source at random: the proofs find those that change what is computed."""

from __future__ import annotations

import ast
from collections import Counter
from itertools import islice
from pathlib import Path

import pytest

from tests.mutation import reached, tree
from tests.mutation.campaign import groups_of, processes, run
from tests.mutation.faults import KINDS, PARTS, ROOT, all_faults, draw, modules
from tests.mutation.flips import flips, looked_for
from tests.mutation.outcome import (
    CAUGHT,
    COSTS,
    FALSE_ALARM,
    MISSED,
    OPEN,
    REFUSED,
    SAME,
    Outcome,
    weighed,
)
from tests.mutation.provers import Opinion
from tests.mutation.workshop import Workshop
from tests.oracles import abc
from trilc.prove.equivalence import Answer

QUICK = ("passes/dead.py", "trilc/lower/argmax.py", "trilc/lower/counters.py")
"""Files without kernels, whose faults need nothing compiled."""


def test_faults_are_single_and_leave_a_program() -> None:
    kinds: Counter[tuple[str, str]] = Counter()
    for part in PARTS:
        for path in modules(part):
            source = (ROOT / path).read_text()
            sound = ast.dump(ast.parse(source))
            for fault in all_faults(path)[::31]:
                seeded = fault.seeded(source)
                assert ast.dump(ast.parse(seeded)) != sound, fault
                first, begin, last, end = fault.place
                lines, found = source.encode().splitlines(), seeded.encode().splitlines()
                assert len(lines) == len(found)
                assert (lines[: first - 1], lines[last:]) == (found[: first - 1], found[last:])
                assert found[first - 1].startswith(lines[first - 1][:begin])
                assert found[last - 1].endswith(lines[last - 1][end:])
                kinds[part, fault.kind] += 1
    assert all(kinds[part, kind] > 2 for part in PARTS for kind in KINDS)
    assert [*islice(draw(0), 50)] == [*islice(draw(0), 50)] != [*islice(draw(1), 50)]


@pytest.mark.parametrize("path", ["trilc/lower/sharing.py", "passes/forms.py", "trilc/lower/gates.py"])
def test_marks_leave_a_program(path: str) -> None:
    source = (ROOT / path).read_text()
    numbers = {fault.statement for fault in all_faults(path)}
    text = reached.marked(source)
    ast.parse(text)
    assert all(f"_mark_reached({number})\n" in text for number in numbers)


def test_kernels_of_all_that_imports_a_file_are_made_anew() -> None:
    assert {"passes/dontcare.py", "passes/invariants.py", "passes/tabulate.py"} <= tree.importers("passes/forms.py")
    assert "passes/rewrite.py" not in tree.importers("passes/forms.py")
    assert groups_of("passes/removal.py") == ["constants", "correspond", "dead"]


def test_what_a_fault_counts_as() -> None:
    fault = all_faults("passes/dead.py")[0]
    fresh = Outcome(fault, COSTS)
    found = Opinion(Answer.DIFFERENT, Answer.DIFFERENT, 2, True)
    fooled = Opinion(Answer.EQUAL, Answer.EQUAL)
    searched = Opinion(Answer.DIFFERENT, Answer.EQUAL, 2, True)
    longer = Opinion(Answer.DIFFERENT, Answer.UNKNOWN, 2, False)
    assert weighed(fresh, found, False, None).outcome == CAUGHT
    assert weighed(fresh, found, False, "equal, equal").outcome == MISSED
    for opinion in (fooled, searched, longer):
        assert weighed(fresh, opinion, False, None).outcome == MISSED
    assert weighed(fresh, fooled, True, None).outcome == COSTS
    assert weighed(fresh, Opinion(None, None), False, "refused").outcome == REFUSED
    assert weighed(fresh, found, True, None).outcome == FALSE_ALARM
    assert weighed(weighed(fresh, fooled, False, None), found, False, None).outcome == MISSED
    assert weighed(weighed(fresh, fooled, None, None), fooled, True, None).outcome == OPEN
    assert weighed(weighed(fresh, fooled, None, None), found, False, None).outcome == CAUGHT


def test_seeded_faults_are_caught_by_proof(tmp_path: Path) -> None:
    """The whole of it is ``python -m tests.mutation``."""
    abc.path()
    workshop = Workshop(tmp_path)
    workshop.prepare(["dead", "lowering"])
    drawn = [fault for fault in draw(0) if fault.path in QUICK]
    faults = [next(f for f in drawn if f.path.startswith("passes")), *islice(drawn, 2)]
    with processes(1) as pool:
        outcomes = [*run(workshop, pool, iter(faults), len(faults))]
    counts = Counter(outcome.outcome for outcome in outcomes)
    assert counts[CAUGHT] >= 2, outcomes
    assert not counts[MISSED] + counts[FALSE_ALARM] + counts[OPEN], outcomes
    assert all(outcome.steps for outcome in outcomes if outcome.outcome == CAUGHT)
    assert not any(outcome.wrong for outcome in outcomes if outcome.outcome in (SAME, COSTS))


def test_flips_are_found_with_the_shortest_stream() -> None:
    found = [looked_for(*flip) for flip in islice(flips(2, 1), 40)]
    assert all(flip.right for flip in found), [flip for flip in found if not flip.right]
    assert sum(flip.found is not None for flip in found) > 20
