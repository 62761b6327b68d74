"""The command line: each command parses, calls the library and prints.

Here is the one place where an error becomes a line and an exit code.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from contextlib import suppress
from traceback import walk_tb
from types import FrameType
from typing import NoReturn

from trilc.errors import InputError

BAD_INPUT = 2
"""The exit code of everything that the user can mend."""

CALLBACK = "numba.core.serialize"
"""The module that compiled kernels call for what they return, and take for granted to succeed."""


def program() -> None:
    """The console script."""
    from trilc.cli.guard import guard

    guard(_complain)
    main()


def main() -> None:
    """Do what the command line asks, then exit.

    Whatever the user can mend is one line on standard error and exit code 2. Nobody reading our output any
    longer is no error: it ends the program quietly, with exit code 0.
    """
    interrupted = _watch_interrupts()
    try:
        code = _run()
    except (KeyboardInterrupt, Exception):
        if not interrupted.is_set():
            raise
        code = _complain("interrupted; no file is half-written")
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # all is done
    sys.exit(code)


def _run() -> int:
    # imported here, where an interrupt is answered from the first moment on
    import click

    from trilc.cli.group import trilc
    from trilc.cli.guard import memory_limit

    try:
        if sys.stdout:
            # token names are Unicode, whatever the terminal; names of files may be any bytes
            sys.stdout.reconfigure(encoding="utf-8", errors="surrogateescape")  # type: ignore[union-attr]
        with trilc.make_context("trilc", sys.argv[1:]) as context:
            trilc.invoke(context)
        if sys.stdout:
            sys.stdout.flush()
    except click.exceptions.Exit as exit_:
        return exit_.exit_code
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "trilc"
        return _complain(f"{error.format_message()} (see {command} --help)")
    except InputError as error:
        return _complain(str(error))
    except (MemoryError, SystemError, ImportError) as error:
        if not isinstance(error, MemoryError) and memory_limit() is None:
            raise
        return _complain("out of memory; 'trilc info' says how much a model needs at most")
    except BrokenPipeError:
        _forget_output()
        return 0
    except OSError as error:
        _forget_output()
        return _complain(f"{error.filename or _nameless(error)}: {error.strerror or error}")
    return 0


def _complain(message: str) -> int:
    line = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in " ".join(message.split()))
    if sys.stderr:
        with suppress(OSError):
            print(f"trilc: error: {line}", file=sys.stderr, flush=True)
    return BAD_INPUT


def _nameless(error: OSError) -> str:
    """What could not be written, where the error does not say."""
    frames = [frame.f_globals.get("__name__") for frame, _ in walk_tb(error.__traceback__)]
    if "numba.core.caching" in frames:
        return "the cache of compiled kernels, which NUMBA_CACHE_DIR can move elsewhere"
    return "standard output"


def _forget_output() -> None:
    """Nothing more may be flushed to an output that is full, or that nobody reads, when Python exits."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _watch_interrupts() -> threading.Event:
    """An event that says whether Ctrl-C was pressed.

    An interrupt may come where none can be raised: Python drops it in a finalizer and in what LLVM calls, and the
    code that calls :data:`CALLBACK` would crash. Then it is raised after that, and what goes wrong in the meantime
    is not worth a word.
    """
    interrupted = threading.Event()

    def interrupt(_: int, frame: FrameType | None) -> None:
        interrupted.set()
        outer = _outside_callback(frame)
        if outer is frame:
            raise KeyboardInterrupt
        _interrupt_next_line(outer)

    def cannot_raise(unraisable: sys.UnraisableHookArgs) -> None:
        if issubclass(unraisable.exc_type, KeyboardInterrupt):
            _interrupt_next_line(_outside_callback(sys._getframe(1)))
        elif not interrupted.is_set():
            sys.__unraisablehook__(unraisable)

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # not where it is ignored, as under nohup
        signal.signal(signal.SIGINT, interrupt)
        sys.unraisablehook = cannot_raise
    return interrupted


def _outside_callback(frame: FrameType | None) -> FrameType | None:
    """The innermost frame that is neither the callback's nor called by it."""
    outer = frame
    while frame:
        if frame.f_globals.get("__name__") == CALLBACK:
            outer = frame.f_back
        frame = frame.f_back
    return outer


def _interrupt_next_line(frame: FrameType | None) -> None:
    """Raise the interrupt in a frame of the stack when Python gets back to it."""

    def raise_there(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    if frame:
        frame.f_trace = raise_there
        sys.settrace(lambda *_: None)  # this turns tracing on, and traces no other frame
