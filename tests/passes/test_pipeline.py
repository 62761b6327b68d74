"""The text of a pipeline, and the manager that runs it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passes import (
    Balance,
    Constants,
    Dead,
    Pipeline,
    Refactor,
    Repeat,
    Resubstitute,
    Rewrite,
    Size,
    Strash,
    Sweep,
    WrongPassError,
)
from passes.pipeline import DEFAULT, PASSES
from tests.passes.graphs import random_graph, same_functions, same_where_constrained
from trilc.errors import InputError

STEPS = st.one_of(
    st.sampled_from([Strash(), Dead(), Constants(), Balance()]),
    st.builds(Rewrite, cut=st.integers(2, 4), cuts=st.integers(1, 250), zero_cost=st.booleans()),
    st.builds(Refactor, cut=st.integers(2, 12), zero_cost=st.booleans(), espresso=st.booleans()),
    st.builds(Sweep, conflicts=st.integers(0, 10**6), cone=st.integers(2, 10**5)),
    st.builds(Resubstitute, cut=st.integers(2, 12), window=st.integers(0, 1000)),
)


REPEATS = st.builds(
    Repeat, st.lists(STEPS, min_size=1, max_size=3).map(tuple), st.integers(1, 99), st.integers(1, 9),
    st.sampled_from([1, 400, 6000]),
)  # fmt: skip


@given(st.lists(STEPS | REPEATS, max_size=8))
def test_text_and_back(steps):
    pipeline = Pipeline(tuple(steps))
    assert Pipeline.parse(str(pipeline)) == pipeline


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("", ""),
        ("  ", ""),
        (" dead ,strash", "dead, strash"),
        ("rewrite()", "rewrite"),
        ("rewrite(cut=4, zero_cost=false)", "rewrite"),
        ("rewrite(zero_cost=true,cut=3)", "rewrite(cut=3, zero_cost=true)"),
        ("2*dead", "dead, dead"),
        ("2*(rewrite, dead), strash", "rewrite, dead, rewrite, dead, strash"),
        ("2*(dead, 2*(strash))", "dead, strash, strash, dead, strash, strash"),
        ("(dead)", "dead"),
        ("<=5*dead", "<=5*(dead)"),
        ("<=5/1/400*dead", "<=5/1/400*(dead)"),
        ("<=5/2/6000*dead", "<=5/2*(dead)"),
        ("<= 20/1 *(rewrite,2*dead ),strash", "<=20*(rewrite, dead, dead), strash"),
        ("2*(<=20/3*(rewrite, dead))", "<=20/3*(rewrite, dead), <=20/3*(rewrite, dead)"),
    ],
)
def test_reading(text, canonical):
    assert str(Pipeline.parse(text)) == canonical


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("dead, rewrit", "at character 7: expected one of the passes balance, constants, correspond, dead, dontcare"),
        ("dead, rewrit", "tabulate, found 'rewrit'"),
        ("rewrite(cat=4)", "at character 9: expected one of the options of rewrite, each once (cut,"),
        ("rewrite(cat=4)", "(cut, cuts, zero_cost, seed, loss, preserve_depth), found 'cat'"),
        ("dead(x=1)", "options of dead, each once (it has none), found 'x'"),
        ("rewrite(cut=4, cut=3)", "at character 16: expected one of the options"),
        ("rewrite(cut=many)", "at character 13: expected a whole number, found 'many'"),
        ("rewrite(zero_cost=1)", "at character 19: expected true or false, found '1'"),
        ("rewrite(cut 4)", "at character 13: expected '=', found '4'"),
        ("rewrite(cut=9)", "at character 1: rewrite: cut is 9, not 2 to 4"),
        ("dead, refactor(cut=99)", "at character 7: refactor: cut is 99, not 2 to 12"),
        ("resubstitute(cut=13)", "at character 1: resubstitute: cut is 13, not 2 to 12"),
        ("resubstitute(window=1001)", "resubstitute: window is 1001, not 0 to 1000"),
        ("sweep(cone=1)", "at character 1: sweep: cone is 1, not 2 to"),
        ("rewrite(cut=4", "at character 14: expected ',' or ')', found the end"),
        ("dead dead", "at character 6: expected ',', found 'dead'"),
        ("dead,", "at character 6: expected one of the passes"),
        ("2*(dead", "at character 8: expected ',' or ')', found the end"),
        ("dead)", "at character 5: expected ',', found ')'"),
        ("<=0*dead", "at character 3: expected a repetition of 1 to 10000 times, found '0'"),
        ("<=3/*dead", "at character 5: expected a repetition of 1 to 10000 times, found '*'"),
        ("<=3 dead", "at character 5: expected '*', found 'dead'"),
        ("dead, <=9*(strash, <=2*dead)", "at character 20: '<=' stands within another"),
        ("rewrite(loss=16)", "rewrite: loss is 16, not 0 to 15"),
        ("0*dead", "at character 1: expected a repetition of 1 to 10000 times, found '0'"),
        ("99999999999999*dead", "at character 1: expected a repetition"),
        ("10000*(10000*dead)", "expected at most 10000 passes in all"),
        ("2 dead", "at character 3: expected '*', found 'dead'"),
        ("dead; strash", "at character 5: expected ',', found ';'"),
        ("²*dead", "at character 1: expected one of the passes"),
    ],
)
def test_refusals(text, message):
    with pytest.raises(InputError) as refusal:
        Pipeline.parse(text)
    assert str(refusal.value).startswith("passes, ")
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)


@given(st.text("(),*=</2 dearwit\n", max_size=30))
def test_any_text_is_read_or_refused(text):
    try:
        Pipeline.parse(text)
    except InputError as refusal:
        assert "\n" not in str(refusal)


def test_deep_nesting_is_no_trouble():
    assert str(Pipeline.parse("(" * 5000 + "dead" + ")" * 5000)) == "dead"


@pytest.mark.parametrize(
    "text",
    [", ".join(["9999*dead"] * 1000), "dead, " * 10_001 + "dead", "dead,(" * 20_000 + "dead" + ")" * 20_000],
    ids=["repeated", "one by one", "nested"],
)
def test_passes_are_counted_in_all(text):
    with pytest.raises(InputError, match="at most 10000 passes in all"):
        Pipeline.parse(text)


def test_statistics_and_callback():
    aig = random_graph(3)
    calls = []
    pipeline = Pipeline.parse("strash, rewrite, balance")
    result, statistics = pipeline.run(aig, lambda *call: calls.append(call))
    assert [s.text for s in statistics] == ["strash", "rewrite", "balance"]
    assert statistics[0].before == Size.of(aig)
    assert statistics[-1].after == Size.of(result)
    assert [s.after for s in statistics[:-1]] == [s.before for s in statistics[1:]]
    assert all(s.seconds > 0 for s in statistics)
    expected = [(k, step, s) for k, step in enumerate(pipeline.passes) for s in (None, statistics[k])]
    assert calls == expected


@dataclass(frozen=True)
class Sizes:
    """A pass that makes graphs of given sizes, one after the other."""

    name: ClassVar[str] = "sizes"
    sizes: tuple[int, ...]
    calls: list[int]

    def apply(self, aig):
        self.calls.append(aig.num_ands)
        return random_graph(0, gates=self.sizes[len(self.calls) - 1])


@pytest.mark.parametrize(
    ("sizes", "rounds", "patience", "result", "runs"),
    [
        ((90, 80, 80, 70), 9, 1, 80, 3),
        ((90, 80, 80, 70, 95, 95), 9, 2, 70, 6),
        ((120, 130, 90), 3, 3, 90, 3),
        ((120, 130, 110), 3, 3, 100, 3),
        ((90, 80), 2, 5, 80, 2),
    ],
)
def test_repetition_goes_on_while_it_pays(sizes, rounds, patience, result, runs):
    calls: list[int] = []
    pipeline = Pipeline((Repeat((Sizes(sizes, calls),), rounds, patience), Strash()))
    best, statistics = pipeline.run(random_graph(0, gates=100))
    assert best.num_ands <= result
    assert calls == [100, *sizes[: runs - 1]]
    assert [s.after.ands for s in statistics[:-1]] == list(sizes[:runs])
    assert statistics[-1].before.ands == result


def test_repetition_has_an_end():
    calls: list[int] = []
    Pipeline((Repeat((Sizes((500,) * 9, calls),), 9, 9, work=1),)).run(random_graph(0, gates=100))
    assert calls == [100, 500, 500]


def test_the_check_names_the_pass_that_lies():
    aig = random_graph(3)
    pipeline = Pipeline.parse("strash, rewrite(cuts=5), balance")
    assert pipeline.run(aig, check=same_functions)[0].num_ands < aig.num_ands
    with pytest.raises(WrongPassError, match=r"pass 2, rewrite\(cuts=5\), changed"):
        pipeline.run(aig, check=lambda before, after: after.num_ands == before.num_ands)


def test_the_default_pipeline_runs():
    aig = random_graph(5, registers=0, gates=400)
    assert same_where_constrained(aig, Pipeline.parse(DEFAULT).apply(aig))


def test_every_known_pass_is_parsed_by_its_name():
    assert [step.name for step in Pipeline.parse(", ".join(PASSES)).passes] == list(PASSES)


def test_import_is_light():
    code = "import sys, passes; sys.exit('numba' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
