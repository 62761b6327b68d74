"""Floors of surds against many decimals, and against squares."""

from decimal import ROUND_FLOOR, Decimal, localcontext
from fractions import Fraction

from hypothesis import example, given
from hypothesis import strategies as st

from trilc.exact.surd import floor_surd

rationals = st.fractions(-1000, 1000, max_denominator=1000) | st.floats(-1e6, 1e6).map(Fraction)


@given(rationals, rationals, rationals.map(abs))
@example(Fraction(1, 2), Fraction(-1, 2), Fraction(9))
@example(Fraction(0), Fraction(-1), Fraction(2))
@example(Fraction(-7, 3), Fraction(0), Fraction(2))
@example(Fraction(3), Fraction(5), Fraction(0))
def test_floor_is_the_largest_integer_not_above(rational, factor, radicand):
    """What is below a + c√v, told by signs and squares."""

    def at_most(n):
        rest, root = n - rational, factor * factor * radicand  # n − a ≤ ±√(c²v)
        if factor >= 0:
            return rest <= 0 or rest * rest <= root
        return rest <= 0 and rest * rest >= root

    floor = floor_surd(rational, factor, radicand)
    assert at_most(floor) and not at_most(floor + 1)


@given(rationals, rationals, st.integers(2, 10**6))
def test_floor_by_decimals(rational, factor, radicand):
    with localcontext(prec=300):
        number = lambda f: Decimal(f.numerator) / Decimal(f.denominator)  # noqa: E731
        value = number(rational) + number(factor) * Decimal(radicand).sqrt()
        near = value.to_integral_value()
        if abs(value - near) > Decimal("1e-200"):
            assert floor_surd(rational, factor, Fraction(radicand)) == value.to_integral_value(ROUND_FLOOR)
