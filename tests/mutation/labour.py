"""Does work, and tells what came of it, item by item."""

from __future__ import annotations

import pickle
import signal
from hashlib import sha256
from typing import BinaryIO

from tests.mutation.work import DIFFERENT, Done, Task, Work
from trilc.aig import AIG
from trilc.prove.equivalence import Answer

PATIENCE = 30
"""Seconds of a processor for one piece of work, kernels being compiled within it."""
OWN_PROOFS = 8
"""Netlists for which the packages' own prover is asked, as long as it finds none of them wrong."""


def labour(task: Task, report: BinaryIO) -> None:
    """Do a task; a signal ends what takes too long."""
    asked = 0
    for number, work in enumerate(task.works):
        signal.setitimer(signal.ITIMER_PROF, 0 if task.shows_reached else PATIENCE)
        done = _do(work, task.wanted[number] if task.wanted else None)
        if task.proves and done.netlist is not None and asked < OWN_PROOFS:
            own = _proved(work, done.netlist)
            asked += OWN_PROOFS if own == DIFFERENT else 1
            done = Done(done.fingerprint, done.netlist, None, own)
        pickle.dump(done, report)
        report.flush()
        if (done.error or "").startswith("TypingError"):
            break  # no other work compiles it either
    signal.setitimer(signal.ITIMER_PROF, 0)
    if task.shows_reached:
        from trilc.reached import SEEN

        pickle.dump(SEEN.nonzero()[0].tolist(), report)


def fingerprint(aig: AIG) -> str:
    """Of all that a netlist is."""
    parts = (aig.input_names, aig.register_names, aig.output_names, dict(aig.metadata), aig.keep_registers)
    arrays = (aig.fanins, aig.next_state, aig.reset, aig.outputs, aig.constraints)
    return sha256(repr(parts).encode() + b"".join(array.tobytes() for array in arrays)).hexdigest()


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
    if found.verified is None or found.proved is None:
        return "refused"
    if found.verified is found.proved is Answer.EQUAL:
        return Answer.EQUAL.value
    return DIFFERENT if found.told_apart else f"{found.verified.value}, by the proof alone {found.proved.value}"
