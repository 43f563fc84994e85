"""Workers on Ray that wait for items, and what is done where one of them has no machine any more."""

import math
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from facegap.run.executor import IN_FLIGHT

LOOK = 5.0
"""Seconds without a result after which workers are looked for that have no machine, and that one has to answer; and
seconds from one look for new machines to the next."""


@dataclass
class Handed:
    """An item that the worker of a number was given, and the reference to what it makes of it."""

    item: Any
    weight: float
    worker: int
    ref: Any


class Pool:
    """Workers that wait for items. Where machines die and others have no room, they are fewer until new ones come."""

    def __init__(self, ray: Any, workers: int, gpus: int, retries: int) -> None:
        from facegap.run.ray_worker import CONTROL, Worker

        actor = ray.remote(
            num_cpus=1, num_gpus=gpus, max_restarts=-1, max_task_retries=retries, concurrency_groups={CONTROL: 1}
        )(Worker)
        self.gpus, self.session = gpus, session(ray)
        self._ray = ray
        self._begun = lambda: actor.remote(str(Path.cwd()))
        self._numbers, self._wanted, self._looked = count(), workers, time.monotonic()
        self._actors = {next(self._numbers): self._begun() for _ in range(workers)}
        self._waiting: deque[Handed] = deque()
        self.undone: dict[Any, tuple[int, float]] = {}

    def __len__(self) -> int:
        return len(self._actors)

    def in_order(self, made_by: Any, items: Iterable[Any], weigh: Callable[[Any], float]) -> Iterator[Any]:
        """Yield a result per item; see `Executor.map`."""
        self._waiting = waiting = deque()
        for item in items:
            self._take_in()
            while len(waiting) >= IN_FLIGHT * len(self):
                yield self._result(made_by)
            weight = weigh(item)
            self._wait(0.0)
            while self.undone and sum(weight for _, weight in self.undone.values()) + weight > len(self):
                if not self._wait(LOOK):
                    self._let_go(made_by)
            waiting.append(Handed(item, weight, *self._given(made_by, item, weight)))
        while waiting:
            yield self._result(made_by)

    def _take_in(self) -> None:
        """Begin workers for those that were let go, where machines have come that have room for them."""
        if len(self) == self._wanted or time.monotonic() - self._looked < LOOK:
            return
        self._looked = time.monotonic()
        for _ in range(min(self._wanted, room_for_workers(self._ray, self.gpus)) - len(self)):
            self._actors[next(self._numbers)] = self._begun()

    def _given(self, made_by: Any, item: Any, weight: float) -> tuple[int, Any]:
        """Give an item to the worker that has the fewest; return its number, and the reference to the result."""
        held = dict.fromkeys(self._actors, 0)
        for worker, _ in self.undone.values():
            if worker in held:
                held[worker] += 1
        worker = min(held, key=held.__getitem__)
        ref = self._actors[worker].do.remote([made_by], item)
        self.undone[ref] = worker, weight
        return worker, ref

    def _result(self, made_by: Any) -> Any:
        """Return the result that was waited for the longest."""
        first = self._waiting[0]
        while not self._ray.wait([first.ref], timeout=LOOK)[0]:
            self._let_go(made_by)
        try:
            result, error = self._ray.get(first.ref)
        except self._ray.exceptions.RayError:
            if first.worker in self._actors:
                raise
            self._give_again(made_by, first)  # it was lost with the machine
            return self._result(made_by)
        self.undone.pop(first.ref, None)
        self._waiting.popleft()
        if error is not None:
            raise error
        return result

    def _wait(self, seconds: float) -> bool:
        """Wait until one more item is done, and forget those that are; return whether there are some."""
        if not self.undone:
            return False
        some = len(self.undone) if seconds == 0.0 else 1
        done, _ = self._ray.wait(list(self.undone), num_returns=some, timeout=seconds, fetch_local=False)
        for ref in done:
            del self.undone[ref]
        return bool(done)

    def _let_go(self, made_by: Any) -> None:
        """End workers for which the cluster has no room any more, and give what they had to others.

        Ray would wait for ever for a machine to begin them on.
        """
        for worker in self._without_room():
            self._ray.kill(self._actors.pop(worker))
            for handed in self._waiting:
                if handed.ref in self.undone and handed.worker == worker:
                    self._give_again(made_by, handed)

    def _give_again(self, made_by: Any, handed: Handed) -> None:
        self.undone.pop(handed.ref, None)
        handed.worker, handed.ref = self._given(made_by, handed.item, handed.weight)

    def _without_room(self) -> list[int]:
        """Return the numbers of workers that do not answer, as many as there is no room for; one always stays."""
        beyond = min(len(self) - room_for_workers(self._ray, self.gpus), len(self) - 1)
        if beyond <= 0:
            return []
        asked = {actor.answer.remote(): worker for worker, actor in self._actors.items()}
        _, silent = self._ray.wait(list(asked), num_returns=len(asked), timeout=LOOK)
        return [asked[ref] for ref in silent][:beyond]

    def stop(self, made_by: Any) -> None:
        """Begin none of the items that wait, and return when those in work are done.

        Ray's own `cancel` leaves a gap in the numbers of an actor's tasks, for which the actor then waits 30 seconds.
        """
        if not self.undone:
            return
        self._waiting.clear()
        with suppress(self._ray.exceptions.RayError):
            self.undone.update({actor.stop.remote([made_by]): (k, 0.0) for k, actor in self._actors.items()})
            while self.undone:
                if not self._wait(LOOK):
                    self._let_go(made_by)
        self.undone.clear()

    def end(self) -> None:
        """End the workers, none of which is in work. Those of a session that has ended have ended with it."""
        for actor in self._actors.values() if self.session == session(self._ray) else ():
            self._ray.kill(actor)


def room_for_workers(ray: Any, gpus: int) -> int:
    """Return how many workers, each with a processor and so many GPUs, the machines have room for."""
    held = ray.cluster_resources()
    return int(min(held.get("CPU", 0), held.get("GPU", 0) // gpus if gpus else math.inf))


def session(ray: Any) -> tuple[str, str]:
    """Return what this process is connected to: workers are known to the connection that started them, and no other."""
    context = ray.get_runtime_context()
    return context.get_node_id(), context.get_job_id()
