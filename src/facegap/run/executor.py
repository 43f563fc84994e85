"""Where work runs: one interface for this thread, local threads and local processes."""

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from concurrent.futures import Executor as Pool
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from facegap.errors import WorkerLost

Item = TypeVar("Item")
Result = TypeVar("Result")

IN_FLIGHT = 3
"""Items handed out per worker before the first result is awaited: it bounds memory and keeps workers busy."""


def weightless(_: object) -> float:
    """Weigh nothing: the default, for items that need little memory."""
    return 0.0


def available_workers() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Executor(Protocol):
    """Runs the same work on many items, on `workers` workers at once."""

    @property
    def workers(self) -> int:
        """How many items are worked on at once."""
        ...

    def map(
        self,
        make_worker: Callable[[], Callable[[Item], Result]],
        items: Iterable[Item],
        *,
        weigh: Callable[[Item], float] = weightless,
    ) -> Iterator[Result]:
        """Yield a result per item, in the order of the items.

        `make_worker` is called once in each worker and returns the function that does the work, so that what is
        costly to set up (a detector, a network) is set up once. An exception raised by an item is raised here.

        `weigh` bounds memory: the weights of the items that are handed out and not yet done sum up to at most 1 for
        each worker. An item that is heavier than that waits until it can be done alone.
        """
        ...


@dataclass(frozen=True)
class Serial:
    """Runs everything in the calling thread."""

    workers: int = 1

    def map(
        self,
        make_worker: Callable[[], Callable[[Item], Result]],
        items: Iterable[Item],
        *,
        weigh: Callable[[Item], float] = weightless,
    ) -> Iterator[Result]:
        """See `Executor.map`."""
        yield from map(make_worker(), items)


@dataclass(frozen=True)
class Threads:
    """Runs in threads of this process: for work that releases the interpreter's lock."""

    workers: int

    def map(
        self,
        make_worker: Callable[[], Callable[[Item], Result]],
        items: Iterable[Item],
        *,
        weigh: Callable[[Item], float] = weightless,
    ) -> Iterator[Result]:
        """See `Executor.map`."""
        local = threading.local()

        def work(item: Item) -> Result:
            if not hasattr(local, "worker"):
                local.worker = make_worker()
            return local.worker(item)

        with ThreadPoolExecutor(self.workers) as pool:
            yield from _in_order(pool, work, items, self.workers, weigh)


@dataclass(frozen=True)
class Processes:
    """Runs in processes of this machine: for work that holds the interpreter's lock."""

    workers: int

    def map(
        self,
        make_worker: Callable[[], Callable[[Item], Result]],
        items: Iterable[Item],
        *,
        weigh: Callable[[Item], float] = weightless,
    ) -> Iterator[Result]:
        """See `Executor.map`. What `make_worker` closes over must be picklable."""
        import loky

        pool = loky.ProcessPoolExecutor(self.workers, initializer=_set_up_process, initargs=(make_worker,))
        try:
            yield from _in_order(pool, _work_in_process, items, self.workers, weigh)
        except loky.process_executor.TerminatedWorkerError:
            raise WorkerLost(
                "a worker process was ended from outside, or crashed; often the system was short of memory: run the "
                "same command again, it goes on where it stopped; --workers 1 takes the least memory"
            ) from None
        finally:
            pool.shutdown(kill_workers=True)


_process_worker: Callable[[Any], Any] | None = None


def _set_up_process(make_worker: Callable[[], Callable[[Any], Any]]) -> None:
    global _process_worker
    _process_worker = make_worker()


def _work_in_process(item: Any) -> Any:
    assert _process_worker is not None
    return _process_worker(item)


def _in_order(
    pool: Pool,
    work: Callable[[Item], Result],
    items: Iterable[Item],
    workers: int,
    weigh: Callable[[Item], float],
) -> Iterator[Result]:
    waiting: deque[Future[Result]] = deque()
    weights: dict[Future[Result], float] = {}
    try:
        for item in items:
            while len(waiting) >= IN_FLIGHT * workers:
                yield waiting.popleft().result()
            weight = weigh(item)
            while (weights := _undone(weights)) and sum(weights.values()) + weight > workers:
                wait(weights, return_when=FIRST_COMPLETED)
            future = pool.submit(work, item)
            waiting.append(future)
            weights[future] = weight
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()


def _undone(weights: dict[Future[Result], float]) -> dict[Future[Result], float]:
    return {future: weight for future, weight in weights.items() if not future.done()}
