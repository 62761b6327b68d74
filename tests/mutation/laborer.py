"""Does work with the packages that it finds, and tells what came of it, item by item; run as a process of its own.

``python -m tests.mutation.laborer TASK REPORT [ORIGINAL]``: both files hold pickles. The kernels that are found in the
current folder, a copy of ``ORIGINAL``, are those of the original's files; what a change touches is gone.
"""

from __future__ import annotations

import copy
import pickle
import resource
import signal
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

from numba.core import caching

from tests.mutation.work import DIFFERENT, Done, Task, Work
from trilc.aig import AIG

PATIENCE = 30
"""Seconds of a processor for one piece of work, kernels being compiled within it."""
MEMORY = 8 << 30
OWN_PROOFS = 1
"""Wrong netlists for which the packages' own prover is asked."""


def fingerprint(aig: AIG) -> str:
    """Of all that a netlist is."""
    parts = (aig.input_names, aig.register_names, aig.output_names, dict(aig.metadata), aig.keep_registers)
    arrays = (aig.fanins, aig.next_state, aig.reset, aig.outputs, aig.constraints)
    return sha256(repr(parts).encode() + b"".join(array.tobytes() for array in arrays)).hexdigest()


def main() -> None:
    """Do a task; a signal ends what takes too long."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    if len(sys.argv) > 3:
        _believe_kernels(Path.cwd(), Path(sys.argv[3]))
    task: Task = pickle.loads(Path(sys.argv[1]).read_bytes())
    asked = 0
    with Path(sys.argv[2]).open("wb") as report:
        for number, work in enumerate(task.works):
            signal.setitimer(signal.ITIMER_PROF, 0 if task.shows_reached else PATIENCE)
            done = _do(work, task.wanted[number] if task.wanted else None)
            if task.proves and done.netlist is not None and asked < OWN_PROOFS:
                own = _proved(work, done.netlist)
                asked += own == DIFFERENT
                done = Done(done.fingerprint, done.netlist, None, own)
            pickle.dump(done, report)
            report.flush()
            if (done.error or "").startswith("TypingError"):
                break  # no other work compiles it either
        signal.setitimer(signal.ITIMER_PROF, 0)
        if task.shows_reached:
            from trilc.reached import SEEN  # type: ignore[import-not-found]

            pickle.dump(SEEN.nonzero()[0].tolist(), report)


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


def _do(work: Work, wanted: str | None) -> Done:
    try:
        netlist = work.done()
        netlist.check()
        found = fingerprint(netlist)
    except Exception as error:
        return Done(error=f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else ''}")
    return Done(found, None if found == wanted else netlist)


def _proved(work: Work, netlist: AIG) -> str:
    from tests.mutation.provers import ours

    signal.setitimer(signal.ITIMER_PROF, 5 * PATIENCE)
    try:
        found = ours(work, netlist, work.output)
    except Exception as error:
        return f"{type(error).__name__}: {str(error)[:80]}"
    if found.verified is None:
        return "refused"
    return DIFFERENT if found.told_apart else f"{found.verified.value}, {found.proved.value if found.proved else ''}"


if __name__ == "__main__":
    main()
