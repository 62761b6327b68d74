"""A process that works with the packages it finds, which may be faulty.

``python -m tests.mutation.laborer TASK REPORT [ORIGINAL]``: both files hold pickles. The kernels that are found in the
current folder, a copy of ``ORIGINAL``, are those of the original's files; what a change touches is gone.
"""

from __future__ import annotations

import copy
import pickle
import resource
import sys
from pathlib import Path
from typing import Any

from numba.core import caching

MEMORY = 8 << 30


def main() -> None:
    """Do a task."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    if len(sys.argv) > 3:
        _believe_kernels(Path.cwd(), Path(sys.argv[3]))
    # kernels look for what is compiled of them when they are imported
    from tests.mutation.labour import labour

    with Path(sys.argv[2]).open("wb") as report:
        labour(pickle.loads(Path(sys.argv[1]).read_bytes()), report)


def _believe_kernels(folder: Path, original: Path) -> None:
    """Let numba look at the original's time stamps, for the kernels of a file that has changed in one function."""
    mixin = caching._SourceFileBackedLocatorMixin
    stamp = mixin.get_source_stamp

    def of_original(self: Any) -> Any:
        path = Path(self._py_file)
        unchanged = original / path.relative_to(folder) if path.is_relative_to(folder) else path
        looked_at = copy.copy(self)
        looked_at._py_file = str(unchanged if unchanged.exists() else path)
        return stamp(looked_at)

    mixin.get_source_stamp = of_original


if __name__ == "__main__":
    main()
