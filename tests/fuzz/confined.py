"""A reader at work on mutated files in a process of its own, which may neither take much memory nor time.

As a program: ``python -m tests.fuzz.confined READER SEED FIRST COUNT MEMORY SECONDS PROGRESS``. A line of JSON on
standard output is a failure; how far it is stands in the file PROGRESS, for whoever finds it dead.
"""

from __future__ import annotations

import json
import mmap
import os
import resource
import signal
import sys
import tempfile
import traceback
from contextlib import suppress
from pathlib import Path

import numpy as np

from tests.fuzz.readers import READERS, find, spoilt
from trilc.errors import InputError

INDEX, ACCEPTED, REFUSED, MEMORY = range(4)
"""What the progress says: the file at work, files taken and refused, the largest resident set in KiB."""
FIELDS = 4

IN_MEMORY = Path("/dev/shm")
"""Where files take no time."""


def main(reader: str, seed: int, first: int, count: int, memory: int, seconds: int, progress: str) -> None:
    """Read the files ``first`` … ``first + count - 1``."""
    place = IN_MEMORY if IN_MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(dir=place) as name, Path(progress).open("r+b") as file:
        folder = Path(name)
        state = np.frombuffer(mmap.mmap(file.fileno(), 8 * FIELDS), np.int64)
        files = find(reader).corpus(folder)
        read = find(reader).read(folder)
        if reader in READERS:
            for sound in 12 * list(files):  # what is compiled or imported on first use is no file's fault
                with suppress(InputError):
                    read(sound)
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        limit = pages * os.sysconf("SC_PAGE_SIZE") + memory
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        state[MEMORY] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for index in range(first, first + count):
            state[INDEX] = index
            data = spoilt(reader, seed, index, files)
            signal.alarm(seconds)  # it kills, also inside of compiled code
            failure = _failure(read, data, state)
            signal.alarm(0)
            if failure:
                print(json.dumps({"index": index, "failure": failure}), flush=True)
            state[MEMORY] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        state[INDEX] = first + count


def _failure(read, data, state):
    """What went wrong, or nothing."""
    try:
        read(data)
    except InputError as error:
        message = str(error)
        state[REFUSED] += 1
        if not message or "\n" in message or not message.isprintable():
            return f"message: {message!r}"
        if "more memory" in message:
            return f"memory: {message}"
        return None
    except BaseException:
        return traceback.format_exc()
    state[ACCEPTED] += 1
    return None


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[2:7]]
    main(sys.argv[1], *numbers, sys.argv[7])
