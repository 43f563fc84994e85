"""Workers on Ray: on this machine, or on the machines of a cluster."""

import math
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from facegap.errors import InputError, WorkerLost
from facegap.run.executor import IN_FLIGHT, Item, Result, available_workers, weightless
from facegap.run.ray_cluster import check_versions, handed_over, seen_by_all
from facegap.run.ray_connection import connected
from facegap.run.summing import Sum

RETRIES = 20
"""So often an item is done again whose worker was lost: machines come and go, but an image that ends every process
which opens it must not keep a cluster busy for ever."""


def on_ray(address: str | None = None, workers: int | None = None, *, gpus: int = 0) -> "OnRay":
    """Return workers on a cluster, or on a Ray that is started on this machine; connected and looked at.

    Args:
        address: `ray://HOST:PORT`; None for the cluster that `RAY_ADDRESS` names, or for this machine.
        workers: how many, one to a processor; None for as many as there is room for.
        gpus: that each worker has for itself.

    Raises:
        InputError: Ray is not installed, no cluster answers, it runs another version of Python, Ray or facegap, or it
            has fewer processors.
    """
    ray = connected(address, workers or available_workers())
    check_versions(ray)
    held = ray.cluster_resources()
    room = int(min(held.get("CPU", 0), held.get("GPU", 0) // gpus if gpus else math.inf))
    if (workers or 1) > room:
        raise InputError(
            "the Ray cluster has {processors:g} processors and {gpus:g} GPUs, room for {room} workers, not {workers}: "
            "see --workers, --device",
            processors=held.get("CPU", 0),
            gpus=held.get("GPU", 0),
            room=room,
            workers=workers or 1,
        )
    return OnRay(workers or room, gpus)


@dataclass(frozen=True)
class OnRay:
    """Runs in processes that Ray holds, a processor and `gpus` each, on whatever machines it has."""

    workers: int
    gpus: int = 0
    shares_memory: bool = field(default=False, init=False)

    def map(
        self,
        make_worker: Callable[[], Callable[[Item], Result]],
        items: Iterable[Item],
        *,
        weigh: Callable[[Item], float] = weightless,
    ) -> Iterator[Result]:
        """See `Executor.map`."""
        ray = connected(None, self.workers)
        pool, made_by = _pool(ray, self.workers, self.gpus), handed_over(ray, make_worker)
        try:
            with _in_one_line(ray):
                yield from pool.in_order(made_by, items, weigh)
        finally:
            pool.stop(made_by)
            _idle.append(pool)

    def sums(
        self, make_worker: Callable[[], Callable[[Item], Sum]], items: Iterable[Item]
    ) -> Iterator[tuple[int, Sum]]:
        """See `summing.sums`: results are added up on Ray, so that one sum for several of them comes here."""
        from facegap.run.ray_sums import Sums

        ray = connected(None, self.workers)
        free_processors()
        with _in_one_line(ray):
            yield from Sums(ray, make_worker, self.workers, RETRIES).of(items)

    def sees(self, folder: Path) -> bool:
        """See `Seeing.sees`."""
        return seen_by_all(connected(None, self.workers), folder)


@contextmanager
def _in_one_line(ray: Any) -> Iterator[None]:
    try:
        yield
    except ray.exceptions.RayError as error:
        raise WorkerLost(
            "a worker on Ray was lost {retries} times at the same work, or the cluster is gone ({kind}): run the "
            "same command again, it goes on where it stopped",
            retries=RETRIES,
            kind=type(error).__name__,
        ) from None


class Pool:
    """Workers that wait for items."""

    def __init__(self, ray: Any, workers: int, gpus: int) -> None:
        from facegap.run.ray_worker import CONTROL, Worker

        actor = ray.remote(
            num_cpus=1, num_gpus=gpus, max_restarts=-1, max_task_retries=RETRIES, concurrency_groups={CONTROL: 1}
        )(Worker)
        self.gpus, self.session = gpus, _session(ray)
        self._ray = ray
        self._actors = [actor.remote(os.getcwd()) for _ in range(workers)]  # noqa: PTH109
        self.undone: dict[Any, tuple[int, float]] = {}

    def __len__(self) -> int:
        return len(self._actors)

    def in_order(self, made_by: Any, items: Iterable[Item], weigh: Callable[[Item], float]) -> Iterator[Any]:
        """Yield a result per item; see `Executor.map`."""
        waiting: deque[Any] = deque()
        for item in items:
            while len(waiting) >= IN_FLIGHT * len(self):
                yield self._result(waiting.popleft())
            weight = weigh(item)
            self._wait(0.0)
            while self.undone and sum(weight for _, weight in self.undone.values()) + weight > len(self):
                self._wait(None)
            waiting.append(self._hand_out(made_by, item, weight))
        while waiting:
            yield self._result(waiting.popleft())

    def _hand_out(self, made_by: Any, item: Any, weight: float) -> Any:
        """Give an item to the worker that has the fewest."""
        held = [0] * len(self)
        for worker, _ in self.undone.values():
            held[worker] += 1
        worker = held.index(min(held))
        ref = self._actors[worker].do.remote([made_by], item)
        self.undone[ref] = worker, weight
        return ref

    def _result(self, ref: Any) -> Any:
        result, error = self._ray.get(ref)
        self.undone.pop(ref, None)
        if error is not None:
            raise error
        return result

    def _wait(self, seconds: float | None) -> None:
        """Wait until one more item is done, and forget those that are."""
        if self.undone:
            some = len(self.undone) if seconds == 0.0 else 1
            done, _ = self._ray.wait(list(self.undone), num_returns=some, timeout=seconds, fetch_local=False)
            for ref in done:
                del self.undone[ref]

    def stop(self, made_by: Any) -> None:
        """Begin none of the items that wait, and return when those in work are done.

        Ray's own `cancel` leaves a gap in the numbers of an actor's tasks, for which the actor then waits 30 seconds.
        """
        if not self.undone:
            return
        with suppress(self._ray.exceptions.RayError):
            told = [actor.stop.remote([made_by]) for actor in self._actors]
            self._ray.get(told)
            while self.undone:
                self._wait(None)
        self.undone.clear()

    def end(self) -> None:
        """End the workers, none of which is in work. Those of a session that has ended have ended with it."""
        for actor in self._actors if self.session == _session(self._ray) else ():
            self._ray.kill(actor)


def _session(ray: Any) -> tuple[str, str]:
    """Return what this process is connected to: workers are known to the connection that started them, and no other."""
    context = ray.get_runtime_context()
    return context.get_node_id(), context.get_job_id()


_idle: list[Pool] = []
"""The workers of the last work, for the next: starting them takes seconds. Ray ends them with the program."""


def free_processors() -> None:
    """End the workers that are idle: they hold processors, and other work on Ray wants these."""
    while _idle:
        _idle.pop().end()


def _pool(ray: Any, workers: int, gpus: int) -> Pool:
    """Return so many workers; others that are idle end, for they hold processors."""
    while _idle:
        pool = _idle.pop()
        if (len(pool), pool.gpus, pool.session) == (workers, gpus, _session(ray)):
            return pool
        pool.end()
    return Pool(ray, workers, gpus)
