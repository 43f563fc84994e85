"""Where work runs: one interface for this thread, local threads and local processes."""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from concurrent.futures import Executor as Pool
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from facegap.errors import InputError, WorkerLost

Item = TypeVar("Item")
Result = TypeVar("Result")

IN_FLIGHT = 3
"""Items handed out per worker before the first result is awaited: it bounds memory and keeps workers busy."""

PIECE = 0.2
"""Seconds between two looks at whether Ctrl-C was pressed."""

KEEP_LARGE_WORKERS = {"LOKY_MAX_MEMORY_LEAK_SIZE": "1e18"}
"""loky would end a process that grew by 300 MB, and set another up: large photos are no leak, and set-up is dear."""


def weightless(_: object) -> float:
    """Weigh nothing: the default, for items that need little memory."""
    return 0.0


def available_workers() -> int:
    """Return how many processors this process may use, as its affinity and its container allow."""
    import loky

    return loky.cpu_count()


class Executor(Protocol):
    """Runs the same work on many items, on `workers` workers at once."""

    @property
    def workers(self) -> int:
        """How many items are worked on at once."""
        ...

    @property
    def shares_memory(self) -> bool:
        """Whether the workers are in this process: then they can share what cannot be pickled, such as a function."""
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
        costly to set up (a detector, a network) is set up once. Unless `shares_memory`, it, items and results must be
        picklable. An exception raised by an item, or by `make_worker`, is raised here.

        Items are taken as they are needed, a bounded number ahead of the results. When the caller stops, by closing
        the iterator or by an exception, no further item is begun.

        `weigh` bounds memory: the weights of the items that are handed out and not yet done sum up to at most 1 for
        each worker. An item that is heavier than that waits until it can be done alone.

        Raises:
            WorkerLost: a worker died and its item could not be done again.
        """
        ...


@dataclass(frozen=True)
class Serial:
    """Runs everything in the calling thread."""

    workers: int = 1
    shares_memory: bool = field(default=True, init=False)

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
    shares_memory: bool = field(default=True, init=False)

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
    """Runs in processes of this machine, with one thread each: for work that holds the interpreter's lock."""

    workers: int
    shares_memory: bool = field(default=False, init=False)

    def map(
        self,
        make_worker: Callable[[], Callable[[Item], Result]],
        items: Iterable[Item],
        *,
        weigh: Callable[[Item], float] = weightless,
    ) -> Iterator[Result]:
        """See `Executor.map`."""
        import loky
        from loky.process_executor import BrokenProcessPool

        pool = loky.ProcessPoolExecutor(
            self.workers, initializer=_keep_in_process, initargs=(make_worker,), env=KEEP_LARGE_WORKERS
        )
        try:
            yield from _in_order(pool, _work_in_process, items, self.workers, weigh)
        except BrokenProcessPool:
            raise WorkerLost(
                "a worker process was ended from outside, or crashed; often the system was short of memory: run the "
                "same command again, it goes on where it stopped; --workers 1 takes the least memory"
            ) from None
        finally:
            pool.shutdown(kill_workers=True)


NAMED: dict[str, Callable[[int], Executor]] = {"threads": Threads, "processes": Processes, "serial": lambda _: Serial()}
"""What a user may call an executor, and what makes it of a number of workers."""


RAY = "ray"
"""What users call workers on Ray; with `://HOST:PORT` it is also the address of a cluster."""


def executor_named(name: str, workers: int | None = None, *, gpus: int = 0) -> Executor:
    """Return the executor that users call by a name of `NAMED`, with as many workers as there are processors if None.

    `name` may also be `ray`, or `ray://HOST:PORT`. `gpus`: that each worker on Ray has for itself.

    Raises:
        InputError: there is none, or it does not take so many workers; see also `on_ray`.
    """
    if name == RAY or name.startswith(f"{RAY}://"):
        from facegap.run.ray_executor import on_ray

        return on_ray(None if name == RAY else name, workers, gpus=gpus)
    if name not in NAMED:
        raise InputError(
            "--executor {name!r} is unknown: choose one of {named}, {ray} or {ray}://HOST:PORT",
            name=name,
            named=", ".join(NAMED),
            ray=RAY,
        )
    executor = NAMED[name](workers or available_workers())
    if workers not in (None, executor.workers):
        raise InputError(
            "--executor {name} does one thing at a time: leave --workers {workers:d} out", name=name, workers=workers
        )
    return executor


_make_worker: Callable[[], Callable[[Any], Any]] | None = None
_worker: Callable[[Any], Any] | None = None


def _keep_in_process(make_worker: Callable[[], Callable[[Any], Any]]) -> None:
    """Keep what sets the worker up for its first item: an exception now would only break the pool."""
    global _make_worker, _worker
    _make_worker, _worker = make_worker, None


def _work_in_process(item: Any) -> Any:
    global _worker
    if _worker is None:
        from threadpoolctl import threadpool_limits

        assert _make_worker is not None
        _worker = _make_worker()
        threadpool_limits(1)  # as many workers as processors keep all of them busy
    return _worker(item)


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
                yield _result(waiting.popleft())
            weight = weigh(item)
            while (weights := _undone(weights)) and sum(weights.values()) + weight > workers:
                _wait(weights)
            future = pool.submit(work, item)
            waiting.append(future)
            weights[future] = weight
        while waiting:
            yield _result(waiting.popleft())
    finally:
        for future in waiting:
            future.cancel()


def _result(future: Future[Result]) -> Result:
    _wait([future])
    return future.result()


def _wait(futures: Iterable[Future[Any]]) -> None:
    """Wait until one of the futures is done, in short pieces.

    polars has the system go on with a wait that Ctrl-C interrupts, so one without an end would hear of it too late.
    """
    futures = list(futures)
    while not wait(futures, timeout=PIECE, return_when=FIRST_COMPLETED).done:
        pass


def _undone(weights: dict[Future[Result], float]) -> dict[Future[Result], float]:
    return {future: weight for future, weight in weights.items() if not future.done()}
