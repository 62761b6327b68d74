"""Hypothesis strategies for graphs."""

from __future__ import annotations

from hypothesis import strategies as st

from trilc.aig import AIG, UNKNOWN, Builder

LETTERS = "abcdefghijklmnopqrstuvwxyzABCXYZ0123456789_[]$. #\\=!~\"'äλ"


def plain_names(base: str, count: int) -> st.SearchStrategy[list[str]]:
    """``base[0] … base[count-1]``."""
    return st.just([f"{base}[{i}]" for i in range(count)])


def odd_names(base: str, count: int) -> st.SearchStrategy[list[str]]:
    """Different names with whatever a file format may stumble over; ``base`` is not used."""
    common = st.sampled_from(
        ["clk", "rst", "en", "clk_1", "n3", "n12", "n", "module", "begin", "constraint0", "$false", ".end",
         "x[0]", "x[1]", "x[2]", "x[01]", "x", "y[-1]", "a b", "a_b", "a#b", "n3_not", "1", "11", "int"]
    )  # fmt: skip
    names = common | st.text(LETTERS, min_size=1, max_size=6)
    return st.lists(names, min_size=count, max_size=count, unique=True)


@st.composite
def aigs(
    draw: st.DrawFn,
    max_inputs: int = 5,
    max_registers: int = 4,
    max_gates: int = 30,
    max_outputs: int = 4,
    constraints: bool = True,
    unknown_resets: bool = True,
    odd: bool = False,
) -> AIG:
    """Random graphs from the builder: any register may start as 0, 1 or (where allowed) unknown.

    ``constraints`` allows environment constraints, ``odd`` names that file formats stumble over.
    """
    names = odd_names if odd else plain_names
    builder = Builder()
    literals = [0]
    literals += [builder.input(name) for name in draw(names("tok", draw(st.integers(0, max_inputs))))]
    registers = []
    for name in draw(names("h_l0", draw(st.integers(0, max_registers)))):
        reset = draw(st.sampled_from([0, 1, UNKNOWN] if unknown_resets else [0, 1]))
        registers.append(builder.register(name, reset))
    literals += registers

    def literal() -> int:
        return draw(st.sampled_from(literals)) ^ draw(st.integers(0, 1))

    for _ in range(draw(st.integers(0, max_gates))):
        literals.append(builder.and_(literal(), literal()))
    for register in registers:
        builder.set_next(register, literal())
    for name in draw(names("out", draw(st.integers(0, max_outputs)))):
        builder.output(name, literal())
    if constraints:
        for _ in range(draw(st.integers(0, 2))):
            builder.constrain(literal())
    return builder.build()
