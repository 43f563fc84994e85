"""Results added up on Ray: they stay where they were made, and pairs of neighbours are added until few are left."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import Any

from facegap.run.executor import IN_FLIGHT
from facegap.run.ray_worker import add, work_on

LEAST = 8
"""So many results at least are added up before the process that asked takes their sum."""


class Sums:
    """Hands items out to tasks on Ray, `workers` at once; each is done again up to `retries` times where it is lost."""

    def __init__(self, ray: Any, make_worker: Callable[[], Callable[[Any], Any]], workers: int, retries: int) -> None:
        self._ray = ray
        self._made_by = ray.put(make_worker)
        self._work = ray.remote(num_cpus=1, num_returns=2, max_retries=retries)(work_on)
        self._add = ray.remote(num_cpus=0, max_retries=retries)(add)
        self._workers = workers
        self._size = max(workers, LEAST)
        self._in_work: list[Any] = []

    def of(self, items: Iterable[Any]) -> Iterator[tuple[int, Any]]:
        """Yield sums of consecutive results, in order, each with the number of its items; see `summing.sums`."""
        rounds: deque[tuple[Any, list[Any]]] = deque()
        results: list[Any] = []
        errors: list[Any] = []
        try:
            for item in items:
                self._wait()
                result, error = self._work.remote([self._made_by], item)
                self._in_work.append(error)
                results.append(result)
                errors.append(error)
                if len(results) == self._size:
                    rounds.append((self._added(results), errors))
                    results, errors = [], []
                while len(rounds) >= IN_FLIGHT:
                    yield self._sum(*rounds.popleft())
            if results:
                rounds.append((self._added(results), errors))
            while rounds:
                yield self._sum(*rounds.popleft())
        finally:
            self._stop()

    def _wait(self) -> None:
        """Wait until fewer items are in work than there are workers."""
        while len(self._in_work) >= self._workers:
            _, self._in_work = self._ray.wait(self._in_work, num_returns=1, fetch_local=False)

    def _added(self, results: list[Any]) -> Any:
        """Return a reference to the sum of some results: a tree of tasks, that wait for what they add."""
        while len(results) > 1:
            added = [self._add.remote(one, other) for one, other in list(pairwise(results))[::2]]
            results = [*added, *results[2 * len(added) :]]
        return results[0]

    def _sum(self, total: Any, errors: list[Any]) -> tuple[int, Any]:
        """Return what a round gives, or raise what one of its items raised."""
        for error in self._ray.get(errors):
            if error is not None:
                raise error
        return len(errors), self._ray.get(total)

    def _stop(self) -> None:
        """Return when the items in work have ended; none waits.

        Ray's own `cancel` can end this process, where a task is done at the same moment.
        """
        while self._in_work:
            _, self._in_work = self._ray.wait(self._in_work, num_returns=1, fetch_local=False)
