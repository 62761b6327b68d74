"""Mapping gates to K-input lookup tables, as FPGAs have them.

>>> from trilc import luts
>>> luts.map(aig, k=6).size   # doctest: +SKIP
"""

from trilc.luts.mapping import map
from trilc.luts.network import LutNetwork

__all__ = ["LutNetwork", "map"]
