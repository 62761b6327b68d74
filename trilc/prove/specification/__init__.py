"""The net as a netlist that is right by its construction: what netlists are proved against.

Written from the format page alone. Of the lowering nothing is used but its hints, and every step is one that keeps
the meaning, whatever a hint says: see :mod:`trilc.prove.specification.sums`.
"""

from trilc.prove.specification.net import never_best, specification

__all__ = ["never_best", "specification"]
