"""What runs in a process of its own, so that it can be stopped at any moment: a proof, or a search.

The process gets its task on standard input and sends messages through a pipe; when standard input ends, whoever
asked is gone, and it ends too. Solvers let no other thread see that: on Linux the system ends it then.
"""

from __future__ import annotations

import ctypes
import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, Pipe
from typing import Any

Task = Callable[[], Iterator[Any]]
"""A picklable object; what it yields are the messages."""

PR_SET_PDEATHSIG = 1
"""Of prctl(2): the signal to get when the parent ends."""

ONE_THREAD = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS")
"""A task is for one core: numpy's products would take all of them."""

PROGRAM = "from trilc.prove.worker import main; main()"


@dataclass(frozen=True)
class Ended:
    """The last message of a worker."""

    error: str | None = None
    """Why it did not come to its end."""
    refused: str | None = None
    """The line of an :class:`trilc.errors.InputError`."""


class Worker:
    """A process with a task; :attr:`messages` is ready when there is something to :meth:`receive`."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.messages, theirs = Pipe(duplex=False)
        assert isinstance(theirs, Connection)
        paths = os.pathsep.join(path for path in sys.path if path)
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", PROGRAM, str(theirs.fileno())],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env={**dict.fromkeys(ONE_THREAD, "1"), **os.environ, "PYTHONPATH": paths},
            )
        finally:
            theirs.close()

    def give(self, task: Task) -> None:
        """What it is to do."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # it has ended, as its messages will
            self._process.stdin.write(pickle.dumps(task))
            self._process.stdin.flush()

    def receive(self) -> Any:
        """The next message; after the last one :class:`Ended`, also where the process is gone."""
        try:
            return self.messages.recv()
        except (EOFError, OSError):
            return Ended(error="its process was ended from outside")

    def stop(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.wait()
        self.messages.close()
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()


def main() -> None:
    """The worker's side."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever asked says when to stop
    messages = Connection(int(sys.argv[1]), readable=False)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    try:
        task: Task = pickle.load(sys.stdin.buffer)
        threading.Thread(target=_end_when_alone, daemon=True).start()
        for message in task():
            messages.send(message)
        messages.send(Ended())
    except BrokenPipeError:
        pass
    except MemoryError:
        messages.send(Ended(error="out of memory"))
    except Exception as error:
        from trilc.errors import InputError

        if isinstance(error, InputError):
            messages.send(Ended(refused=str(error)))
        else:
            messages.send(Ended(error=f"{type(error).__name__}: {error}"))


def _end_when_alone() -> None:
    with suppress(Exception):
        sys.stdin.buffer.read()
    os._exit(1)
