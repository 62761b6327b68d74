"""Neurons and scores as formulas, exact and in forms for readers and other tools.

>>> import trilc
>>> from trilc.explain.formula import Reading, formula, written
>>> model = trilc.load("model.npz")                                                      # doctest: +SKIP
>>> print(written(formula(model, "h[7]"), "threshold", Reading.of(model)))               # doctest: +SKIP
>>> print(written(formula(model, "h[7]"), "boolean", Reading.of(model, ["a"])))          # doctest: +SKIP
"""

from trilc.explain.formula.forms import facts, written
from trilc.explain.formula.reading import Reading
from trilc.explain.formula.targets import formula
from trilc.explain.formula.threshold import Bit, Literal, Statement, Sum, Threshold

__all__ = ["Bit", "Literal", "Reading", "Statement", "Sum", "Threshold", "facts", "formula", "written"]
