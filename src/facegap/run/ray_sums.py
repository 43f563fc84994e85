"""Results added up on Ray: by the tasks that make them, and where there are many workers by further ones as a tree."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice, pairwise
from typing import Any, NamedTuple

from facegap.run.executor import IN_FLIGHT
from facegap.run.ray_cluster import handed_over
from facegap.run.ray_worker import add, sum_of

BUSY = 0.5
"""Seconds of work that a task is given: handing it out takes little beside them."""

MOST = 64
"""Items that a task is given at most, however short they are."""

SUMS = 8
"""So many sums at most come to the process that asked while each worker does one task."""


class Round(NamedTuple):
    """References to a sum and to how each of its tasks ended, and the `number` of its items."""

    total: Any
    ends: list[Any]
    number: int


class Sums:
    """Hands items out to tasks on Ray, `workers` at once; each is done again up to `retries` times where it is lost.

    Each takes a processor, what adds sums up too. Beside tasks that take none, Ray starts further processes, ends them
    a second later and starts others, and each loads all that it needs, which takes seconds.
    """

    def __init__(self, ray: Any, make_worker: Callable[[], Callable[[Any], Any]], workers: int, retries: int) -> None:
        self._ray = ray
        self._made_by = handed_over(ray, make_worker)
        self._sum_of = ray.remote(num_cpus=1, num_returns=2, max_retries=retries)(sum_of)
        self._add = ray.remote(num_cpus=1, max_retries=retries)(add)
        self._workers = workers
        self._size = -(-workers // SUMS)
        self._most = IN_FLIGHT * -(-workers // self._size)
        self._items = 1
        self._in_work: dict[Any, int] = {}

    def of(self, items: Iterable[Any]) -> Iterator[tuple[int, Any]]:
        """Yield sums of consecutive results, in order, each with the number of its items; see `summing.sums`."""
        rounds: deque[Round] = deque()
        coming, held = iter(items), list[tuple[Any, Any, int]]()
        try:
            while some := self._next(coming):
                total, end = self._sum_of.remote([self._made_by], some)
                self._in_work[end] = len(some)
                held.append((total, end, len(some)))
                if len(held) == self._size:
                    rounds.append(self._round(held))
                    held = []
                yield from self._made(rounds, self._most)
            if held:
                rounds.append(self._round(held))
            yield from self._made(rounds, 0)
        finally:
            self._stop()

    def _next(self, coming: Iterator[Any]) -> list[Any]:
        """Return the items of the next task, as many as the last one shows, once fewer are in work than workers."""
        while len(self._in_work) >= self._workers:
            for end, number in self._wait():
                _, seconds = self._ray.get(end)
                self._items = int(min(max(BUSY * number / seconds, 1), MOST)) if seconds else self._items
        return list(islice(coming, self._items))

    def _wait(self) -> list[tuple[Any, int]]:
        """Return tasks that have ended, once one has, with the numbers of their items."""
        ended, _ = self._ray.wait(list(self._in_work), num_returns=1, fetch_local=False)
        return [(end, self._in_work.pop(end)) for end in ended]

    def _round(self, held: list[tuple[Any, Any, int]]) -> Round:
        """Return the round of some tasks: a tree of further ones adds up, each waits for what it adds."""
        totals = [total for total, _, _ in held]
        while len(totals) > 1:
            added = [self._add.remote(one, other) for one, other in list(pairwise(totals))[::2]]
            totals = [*added, *totals[2 * len(added) :]]
        return Round(totals[0], [end for _, end, _ in held], sum(number for *_, number in held))

    def _made(self, rounds: deque[Round], most: int) -> Iterator[tuple[int, Any]]:
        """Yield what the first rounds give, or raise what one of their items raised, until `most` are not done."""
        while len(rounds) > most or (rounds and self._ray.wait([rounds[0].total], timeout=0, fetch_local=False)[0]):
            total, ends, number = rounds.popleft()
            for error, _ in self._ray.get(ends):
                if error is not None:
                    raise error
            yield number, self._ray.get(total)

    def _stop(self) -> None:
        """Return when the tasks in work have ended; none waits.

        Ray's own `cancel` can end this process, where a task is done at the same moment.
        """
        while self._in_work:
            self._wait()
