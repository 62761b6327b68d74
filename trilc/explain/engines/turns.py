"""Several tasks in one process, each for as long as the others."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from trilc.prove.worker import Task


@dataclass(frozen=True)
class Turns:
    """Goes on with the task that has had the least of its share of the time; yields what they yield, as a task does."""

    tasks: Mapping[str, Task]
    head_start: Mapping[str, float] = field(default_factory=dict)
    """Seconds that a task has before the others."""
    shares: Mapping[str, float] = field(default_factory=dict)
    """How many times as long as another a task goes on, where that is not once."""
    clock: Callable[[], float] = time.monotonic

    def __call__(self) -> Iterator[Any]:
        """Work, until all have ended."""
        running = {name: task() for name, task in self.tasks.items()}
        spent = {name: -self.head_start.get(name, 0.0) for name in running}
        while running:
            name = min(running, key=spent.__getitem__)
            begun = self.clock()
            try:
                message = next(running[name])
            except StopIteration:
                del running[name]
                continue
            spent[name] += (self.clock() - begun) / self.shares.get(name, 1.0)
            yield message
