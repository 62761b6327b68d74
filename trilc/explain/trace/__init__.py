"""What every token did to the state: waterfalls, the inputs that decided, and where else the same bits switch on.

>>> import trilc
>>> from trilc.explain.subject import Subject
>>> from trilc.explain.trace import Matches, Pattern, flips, reason
>>> trace = Subject(trilc.load("model.npz")).replay([3, 1, 4])      # doctest: +SKIP
>>> flips(trace.states)                                             # doctest: +SKIP
>>> Pattern.of(trace.states, first=2, last=3)                       # doctest: +SKIP
"""

from trilc.explain.trace.matches import Match, Matches, Pattern
from trilc.explain.trace.reason import Reason, reason
from trilc.explain.trace.waterfall import flips, waterfall

__all__ = ["Match", "Matches", "Pattern", "Reason", "flips", "reason", "waterfall"]
