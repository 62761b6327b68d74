"""Many mutated files through one reader, whatever becomes of the processes that read them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from tests.fuzz.confined import ACCEPTED, FIELDS, INDEX, MEMORY, REFUSED
from tests.fuzz.readers import find, spoilt

MEMORY_LIMIT = 2 << 30
"""Bytes above what a process takes before it reads the first file."""
TIME_LIMIT = 30
"""Seconds that no file may take: so many that a busy machine does not matter."""


@dataclass
class Report:
    """What became of the files."""

    reader: str
    seed: int
    tried: int = 0
    accepted: int = 0
    refused: int = 0
    crashes: int = 0
    """Anything but an object that is good for something, or an error of one line."""
    hangs: int = 0
    peak_mib: int = 0
    failures: dict[int, str] = field(default_factory=dict)
    """Number of the file → what happened."""


def campaign(
    reader: str, count: int, seed: int = 0, keep: Path | None = None, seconds: int = TIME_LIMIT
) -> Report:
    """Try so many files; those that fail are kept in a folder."""
    report = Report(reader, seed, count)
    with tempfile.TemporaryDirectory() as name:
        progress = Path(name) / "progress"
        first = 0
        while first < count:
            progress.write_bytes(bytes(8 * FIELDS))
            command = [reader, seed, first, count - first, MEMORY_LIMIT, seconds, progress]
            done = subprocess.run(
                [sys.executable, "-m", "tests.fuzz.confined", *map(str, command)],
                stdin=subprocess.DEVNULL, capture_output=True, check=False,
            )  # fmt: skip
            state = np.frombuffer(progress.read_bytes(), np.int64)
            report.accepted += int(state[ACCEPTED])
            report.refused += int(state[REFUSED])
            report.peak_mib = max(report.peak_mib, int(state[MEMORY]) >> 10)
            for line in done.stdout.splitlines():
                failure = json.loads(line)
                report.failures[failure["index"]] = failure["failure"]
                report.crashes += 1
            if done.returncode == 0:
                break
            complaint = done.stderr.decode("utf-8", "replace")
            if not state[MEMORY]:
                raise RuntimeError(f"{reader}: no file was read\n{complaint}")
            hung = done.returncode == -signal.SIGALRM
            report.hangs += hung
            report.crashes += not hung
            end = "hang" if hung else f"the process ended with {done.returncode}\n{complaint[-2000:]}"
            report.failures[int(state[INDEX])] = end
            first = int(state[INDEX]) + 1
        if keep and report.failures:
            _keep(report, keep, Path(name))
    return report


def _keep(report: Report, folder: Path, scratch: Path) -> None:
    """Every failing file, and beside it what happened."""
    folder.mkdir(parents=True, exist_ok=True)
    files = find(report.reader).corpus(scratch)
    for index, failure in report.failures.items():
        stem = f"{report.reader}-{report.seed}-{index}"
        data = spoilt(report.reader, report.seed, index, files)
        (folder / f"{stem}{find(report.reader).ending}").write_bytes(data)
        (folder / f"{stem}.why").write_text(failure)
