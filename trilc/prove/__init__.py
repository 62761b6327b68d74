"""Proofs about netlists: that two behave alike, or an input sequence after which they do not."""

from trilc.prove.equivalence import Verdict, equivalent

__all__ = ["Verdict", "equivalent"]
