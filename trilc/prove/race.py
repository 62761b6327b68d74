"""Tasks side by side, each in a process of its own, as long as there is time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from multiprocessing.connection import wait
from types import TracebackType
from typing import Any, Self

from trilc.errors import InputError
from trilc.prove.worker import Ended, Task, Worker

LONGEST_WAIT = 3600.0
"""Seconds that the system is asked to wait at a time: it has a limit of its own."""


class Race:
    """Runs tasks, and yields their messages as they come, each with its task's name; a context manager.

    It ends when all tasks have ended (:class:`Ended` is the last message of each) or at ``end``, in seconds of
    :func:`time.monotonic`; ``note`` is told what goes wrong. Leaving the context ends all processes at once.
    """

    def __init__(self, tasks: Mapping[str, Task], end: float | None, note: Callable[[str], None]) -> None:
        self._tasks = tasks
        self._end = end
        self._note = note
        self._workers: dict[str, Worker] = {}

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        """The messages. Raises :class:`InputError` where a task is refused."""
        while self._workers:
            left = LONGEST_WAIT if self._end is None else self._end - time.monotonic()
            if left <= 0:
                self._note("the time is over")
                return
            names: dict[Any, str] = {worker.messages: name for name, worker in self._workers.items()}
            for ready in wait(list(names), min(left, LONGEST_WAIT)):
                name = names[ready]
                if name not in self._workers:  # stopped in the meantime
                    continue
                message = self._workers[name].receive()
                if isinstance(message, Ended):
                    self.stop(name)
                    if message.refused is not None:
                        raise InputError(message.refused)
                    if message.error is not None:
                        self._note(f"the {name} stopped: {message.error}")
                yield name, message

    def stop(self, name: str) -> None:
        """End a task, if it has not ended."""
        if name in self._workers:
            self._workers.pop(name).stop()

    def __enter__(self) -> Self:
        try:
            for name in self._tasks:
                self._workers[name] = Worker(name)
            for name, task in self._tasks.items():
                self._workers[name].give(task)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name in list(self._workers):
            self.stop(name)
