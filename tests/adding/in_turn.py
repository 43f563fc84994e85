"""An executor that does one thing after another, and keeps what it was given."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from facegap.run.executor import weightless


class InTurn:
    """Runs everything in the calling thread; `done`: all items that it was given."""

    workers = 1
    shares_memory = True

    def __init__(self) -> None:
        self.done: list[Any] = []

    def map(
        self,
        make_worker: Callable[[], Callable[[Any], Any]],
        items: Iterable[Any],
        *,
        weigh: Callable[[Any], float] = weightless,
    ) -> Iterator[Any]:
        """See `Executor.map`."""
        work = make_worker()
        for item in items:
            self.done.append(item)
            yield work(item)
