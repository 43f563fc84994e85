"""Workers on Ray: on this machine, or on the machines of a cluster."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from facegap.errors import InputError, WorkerLost
from facegap.run.executor import Item, Result, available_workers, weightless
from facegap.run.ray_cluster import check_versions, handed_over, seen_by_all
from facegap.run.ray_connection import connected
from facegap.run.ray_pool import Pool, room_for_workers, session
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
    room = room_for_workers(ray, gpus)
    if (workers or 1) > room:
        held = ray.cluster_resources()
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


_idle: list[Pool] = []
"""The workers of the last work, for the next: starting them takes seconds. Ray ends them with the program."""


def free_processors() -> None:
    """End the workers that are idle: they hold processors, and other work on Ray wants these."""
    while _idle:
        _idle.pop().end()


def _pool(ray: Any, workers: int, gpus: int) -> Pool:
    """Return so many workers, or as many as there is room for since machines died; others that are idle end."""
    number = min(workers, max(room_for_workers(ray, gpus), 1))
    while _idle:
        pool = _idle.pop()
        if (len(pool), pool.gpus, pool.session) == (number, gpus, session(ray)):
            return pool
        pool.end()
    return Pool(ray, number, gpus, RETRIES)
