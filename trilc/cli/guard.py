"""Under ``ulimit -v`` a compiler of kernels that finds no memory aborts the whole process: then another one says so."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import NoReturn

LEAST = 256 << 20
"""Bytes without which not even numpy and numba can be loaded."""

DEATHS = {signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS, signal.SIGILL, signal.SIGKILL}
"""How a process ends that finds no memory."""


def guard(complain: Callable[[str], int]) -> None:
    """Return at once, where memory is limited in a child process; its parent waits, and ends as the child does.

    ``complain`` says one line and returns the exit code for it.
    """
    limit = memory_limit()
    if limit is None:
        return
    if limit < LEAST:
        sys.exit(complain(f"out of memory: found {limit >> 20} MiB (ulimit -v); expected at least {LEAST >> 20}"))
    watched = {signal.SIGCHLD, signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, watched)
    child = os.fork()
    if child:
        _end_as(child, watched, lambda: complain(f"out of memory: {limit >> 20} MiB (ulimit -v) did not suffice"))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, watched)


def memory_limit() -> int | None:
    """Bytes of address space that the process may take, where that is limited.

    Libraries that find no memory while they load raise all sorts of errors.
    """
    if not hasattr(signal, "sigwaitinfo"):  # where a parent could not wait as it must
        return None
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    return None if soft == resource.RLIM_INFINITY else soft


def _end_as(child: int, watched: set[signal.Signals], complain: Callable[[], int]) -> NoReturn:
    """Wait for the child; signals that were sent to us alone are handed on, those of the terminal it has itself."""
    status = None
    while status is None:
        received = signal.sigwaitinfo(watched)
        if received.si_signo == signal.SIGCHLD:
            ended, code = os.waitpid(child, os.WNOHANG)
            status = code if ended else None
        elif received.si_code <= 0:
            os.kill(child, received.si_signo)
    code = os.waitstatus_to_exitcode(status)
    if -code in DEATHS:
        code = complain()
    elif code < 0:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, watched)
        signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    sys.stdout = sys.stderr = None  # nothing of ours is in them
    sys.exit(code)
