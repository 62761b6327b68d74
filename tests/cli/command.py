"""Calling the command line: within this process where that will do, else as a program of its own."""

from __future__ import annotations

import io
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from trilc.cli import main

PROGRAM = [sys.executable, "-m", "trilc"]
WITH_PEAK = [
    sys.executable, "-c",
    "import sys; from trilc.cli import main\n"
    "try: main()\n"
    "except SystemExit as end: code = end.code\n"
    "peak = next(line for line in open('/proc/self/status') if line.startswith('VmHWM'))\n"
    "print(peak.split()[1], file=sys.stderr)\n"
    "sys.exit(code)",
]  # fmt: skip
"""The same on Linux, with the peak of its memory in KiB as the last line on standard error.

(``ru_maxrss`` is not less than what the process that started it had taken.)
"""


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str


def trilc(*arguments: str | Path, stdin: bytes | str = b"") -> Result:
    """What the console script does with these arguments."""
    given = stdin.encode() if isinstance(stdin, str) else stdin
    streams = {
        name: io.TextIOWrapper(io.BytesIO(data), encoding="utf-8")
        for name, data in {"stdin": given, "stdout": b"", "stderr": b""}.items()
    }
    try:
        with handlers_restored(), patch.multiple(sys, argv=["trilc", *map(str, arguments)], **streams):
            main()
    except SystemExit as end:
        code = end.code
    out, err = (_written(streams[name]) for name in ("stdout", "stderr"))
    assert isinstance(code, int)
    return Result(code, out, err)


@contextmanager
def handlers_restored() -> Iterator[None]:
    """What the console script does to its process is undone."""
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    hook, trace = sys.unraisablehook, sys.gettrace()
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
        sys.unraisablehook = hook
        sys.settrace(trace)


def said(*arguments: str | Path, stdin: bytes | str = b"") -> str:
    """What is printed when all goes well."""
    result = trilc(*arguments, stdin=stdin)
    assert result.code == 0, result.err
    return result.out


def refused(*arguments: str | Path, stdin: bytes | str = b"") -> str:
    """The one line of a refusal, without its beginning."""
    return line_of(trilc(*arguments, stdin=stdin))


def line_of(result: Result) -> str:
    """The same, for a result: exit code 2, one line on standard error, whole lines on standard output."""
    assert result.code == 2, result
    assert result.out == "" or result.out.endswith("\n")
    complaint = without_progress(result.err)
    assert complaint.startswith("trilc: error: "), result.err
    assert complaint.endswith("\n")
    assert complaint.count("\n") == 1, result.err
    return complaint.removeprefix("trilc: error: ").rstrip("\n")


def start(*arguments: str | Path, **options: Any) -> subprocess.Popen[bytes]:
    """A program of its own, its streams being pipes."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([*PROGRAM, *map(str, arguments)], **(pipes | options))


def end_of(process: subprocess.Popen[bytes], stdin: bytes | None = None) -> Result:
    """What it says until it ends."""
    out, err = process.communicate(stdin, timeout=300)
    return Result(process.returncode, out.decode(), err.decode())


def without_progress(printed: str) -> str:
    """Standard error without the lines that say, on a busy machine, which stage is under way."""
    return re.sub(r"^trilc: .* (…|\\u2026)\n", "", printed, flags=re.MULTILINE)


def _written(stream: io.TextIOWrapper) -> str:
    stream.flush()
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode()
