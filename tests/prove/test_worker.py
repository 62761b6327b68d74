"""A process with a task ends when whoever gave it is gone."""

from __future__ import annotations

import ctypes
import os
import select
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

ASKS = """
import sys, time
from tests.prove.test_worker import Deaf
from trilc.prove.worker import Worker
worker = Worker("deaf")
worker.give(Deaf())
print(worker.receive(), flush=True)
time.sleep(3600)
"""


@dataclass(frozen=True)
class Deaf:
    """Work in C that lets no other thread run, as solvers do."""

    def __call__(self) -> Iterator[int]:
        yield os.getpid()
        ctypes.PyDLL(None).sleep(3600)


@pytest.mark.skipif(sys.platform != "linux", reason="the system is asked to end it")
def test_no_work_outlives_who_asked_for_it() -> None:
    with subprocess.Popen([sys.executable, "-c", ASKS], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        worker = int(process.stdout.readline())
        handle = os.pidfd_open(worker)
        process.kill()
    assert select.select([handle], [], [], 60)[0], "it still runs"
    os.close(handle)
