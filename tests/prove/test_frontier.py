"""Cut points lie as many levels below the differences as was said, in what both graphs have."""

from __future__ import annotations

import numpy as np

from trilc.aig import AIG, Builder
from trilc.prove.frontier import frontier
from trilc.prove.miter import Miter


def chains() -> AIG:
    """Two conjunctions over one chain of five gates: one takes p and q in turn, the other at once."""
    builder = Builder()
    chain, *inputs = (builder.input(f"i{k}") for k in range(6))
    p, q = builder.input("p"), builder.input("q")
    for literal in inputs:
        chain = builder.and_(chain, literal)
    one = builder.and_(builder.and_(chain, p), q)
    other = builder.and_(chain, builder.and_(p, q))
    builder.output("differ", builder.xor(one, other))
    return builder.build()


def test_cut_points_are_that_far_below_the_differences() -> None:
    aig = chains()
    known = 7
    first = aig.first_and
    for depth in range(5):
        assert frontier(aig, aig.outputs, known, depth).tolist() == [first + 4 - depth]
    assert not frontier(aig, aig.outputs, known, 5).size


def test_what_differs_only_beyond_the_cut_is_equal() -> None:
    cut = Miter(chains(), ("differ",), 7).beyond_common(0)
    assert cut.aig.num_ands == chains().num_ands - 5
    assert not cut.merged(20, 100).outputs


def test_gates_that_nothing_differs_above_are_no_cut_points() -> None:
    """A gate that only the common part reads, beside one that the difference reads."""
    builder = Builder()
    a, b, c, d = (builder.input(name) for name in "abcd")
    both = builder.and_(a, b)
    one = builder.and_(both, c)
    builder.and_(one, d)
    other = builder.and_(both, builder.and_(c, d))
    builder.output("differ", builder.xor(builder.and_(one, d), other))
    aig = builder.build()
    found = frontier(aig, aig.outputs, 3, 0)
    assert found.dtype == np.uint32
    assert found.tolist() == [both >> 1]
