"""Where a pipeline goes wrong: the first pass whose result behaves otherwise, and the gates in it that are at fault.

``diff`` compares two sources and looks for the gates; ``bisect_passes`` runs a pipeline and looks for the pass.
"""

from trilc.bisection.bisect import bisect_passes, diff

__all__ = ["bisect_passes", "diff"]
