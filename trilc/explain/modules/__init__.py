"""Modules: which state bits depend on which, how they hang together, and what each group is worth.

>>> import trilc
>>> from trilc.explain.modules import dependence, structure
>>> found = dependence(trilc.load("model.npz"))                # doctest: +SKIP
>>> structure(found.depends).components                        # doctest: +SKIP
"""

from trilc.explain.modules.ablation import Effect, ablation
from trilc.explain.modules.dependence import Case, Dependence, case, dependence
from trilc.explain.modules.netlists import join, split
from trilc.explain.modules.significance import Significance, significance
from trilc.explain.modules.structure import Structure, structure

__all__ = [
    "Case", "Dependence", "Effect", "Significance", "Structure", "ablation", "case", "dependence", "join",
    "significance", "split", "structure",
]  # fmt: skip
