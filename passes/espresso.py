"""Two-level minimisation by pyeda's espresso (Brayton et al. 1984; Rudell's implementation)."""

from __future__ import annotations

from pyeda.boolalg import espresso
from pyeda.boolalg.minimization import CONFIG

from trilc.aig.truth import Cover

_POSITIONAL = (3, 2, 1)  # of an input: in neither literal, in x, in ¬x
_LITERALS = (0, 2, 1, 0)


def minimise(cover: Cover, inputs: int) -> Cover:
    """A cover of the same function with (nearly) the fewest cubes and literals, ascending.

    The extension itself is called: ``espresso_tts`` would enumerate all minterms, ``espresso_exprs`` refuses
    constants. A constant is returned as it came.
    """
    if not cover or 0 in cover:
        return cover
    rows = [(tuple(_POSITIONAL[cube >> 2 * i & 3] for i in range(inputs)), (1,)) for cube in cover]
    espresso.set_config(**CONFIG)
    minimal = espresso.espresso(inputs, 1, rows, intype=espresso.FTYPE)
    return sorted(sum(_LITERALS[part] << 2 * i for i, part in enumerate(row)) for row, _ in minimal)
