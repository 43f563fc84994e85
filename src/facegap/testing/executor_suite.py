"""The conformance suite for executors."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

from facegap.errors import InputError, WorkerLost
from facegap.run.executor import Executor
from facegap.run.summing import sums

AHEAD = 8
"""Items for each worker, and as many again, that may be taken ahead of the results."""


def check_executor(make: Callable[[int], Executor]) -> None:
    """Check that an executor keeps the promises of `Executor`.

    The workers write into a temporary folder, so they must be on this machine. It takes some seconds.

    Args:
        make: gives the executor, with so many workers or fewer.

    Raises:
        AssertionError: a promise is broken.
    """
    for workers in (1, 3):
        executor = make(workers)
        assert 1 <= executor.workers <= workers, f"it has {executor.workers} workers, asked for {workers}"
        _check_results(executor)
    executor = make(2)
    _check_memory(executor)
    _check_exceptions(executor)
    _check_ahead(executor)
    _check_weights(executor)
    _check_sums(executor)
    with tempfile.TemporaryDirectory() as folder:
        _check_stops(executor, Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        _check_death(executor, Path(folder) / "died")


def _check_results(executor: Executor) -> None:
    def make_worker() -> Callable[[int], tuple[int, str]]:
        mark = uuid4().hex

        def work(item: int) -> tuple[int, str]:
            time.sleep(0.002 * (4 - item % 5))  # later items are ready first
            return item * item, mark

        return work

    found = list(executor.map(make_worker, range(30)))
    assert [value for value, _ in found] == [x * x for x in range(30)], "results are not in the order of the items"
    made = len({mark for _, mark in found})
    assert made <= executor.workers, f"make_worker was called {made} times for {executor.workers} workers"
    assert list(executor.map(make_worker, [])) == [], "no items gave results"


def _check_sums(executor: Executor) -> None:
    def make_worker() -> Callable[[int], list[int]]:
        def work(item: int) -> list[int]:
            time.sleep(0.002 * (4 - item % 5))
            return [item]

        return work

    found = list(sums(executor, make_worker, range(30)))
    assert [item for _, part in found for item in part] == list(range(30)), (
        "sums are not those of the results, in order"
    )
    assert all(number == len(part) for number, part in found), "a sum is said to be of another number of results"
    assert list(sums(executor, make_worker, [])) == [], "no items gave sums"

    def broken(item: int) -> list[int]:
        if item == 3:
            raise ValueError("item 3")
        return [item]

    _raises(ValueError, "item 3", sums(executor, lambda: broken, range(20)), "an item of a sum")


def _check_memory(executor: Executor) -> None:
    if executor.shares_memory:
        seen: list[int] = []
        list(executor.map(lambda: seen.append, range(3)))
        assert sorted(seen) == [0, 1, 2], "shares_memory is true, but what a worker writes is not seen here"


def _check_exceptions(executor: Executor) -> None:
    def work(item: int) -> int:
        if item == 3:
            raise ValueError("item 3")
        return item

    def no_worker() -> Callable[[int], int]:
        raise InputError("no worker")

    def broken() -> Iterator[int]:
        yield 0
        raise KeyError("the items")

    results = executor.map(lambda: work, range(20))
    assert [next(results) for _ in range(3)] == [0, 1, 2], "results before an exception are lost"
    _raises(ValueError, "item 3", results, "an item")
    _raises(InputError, "no worker", executor.map(no_worker, range(20)), "make_worker")
    _raises(KeyError, "the items", executor.map(lambda: work, broken()), "the iterable of items")


def _raises(kind: type[Exception], message: str, results: Iterator[object], where: str) -> None:
    raised = None
    try:
        list(results)
    except Exception as error:
        raised = error
    assert raised is not None, f"an exception of {where} was lost"
    as_it_was = isinstance(raised, kind) and message in str(raised)
    assert as_it_was, f"an exception of {where} came as {type(raised).__name__}: {raised}"


def _check_ahead(executor: Executor) -> None:
    taken = 0

    def endless() -> Iterator[int]:
        nonlocal taken
        while True:
            yield taken
            taken += 1
            assert taken <= bound, f"{taken} items were taken before {shown} results were asked for"

    shown, bound = 5, 5 + AHEAD * (executor.workers + 1)
    results = executor.map(lambda: lambda item: item, endless())
    assert [next(results) for _ in range(shown)] == list(range(shown))
    results.close()  # pyright: ignore[reportAttributeAccessIssue]


def _check_weights(executor: Executor) -> None:
    def work(_: int) -> tuple[float, float]:
        begun = time.time()
        time.sleep(0.02)
        return begun, time.time()

    for weight, allowed in ((1.0, executor.workers), (50.0, 1)):
        spans = list(executor.map(lambda: work, range(8), weigh=lambda _, weight=weight: weight))
        at_once = max(sum(begun <= moment < ended for begun, ended in spans) for moment, _ in spans)
        assert at_once <= allowed, f"{at_once} items of weight {weight:g} were in work at once, {allowed} are allowed"


def _check_stops(executor: Executor, folder: Path) -> None:
    def work(item: int) -> int:
        time.sleep(0.01)
        (folder / str(item)).touch()
        return item

    results = executor.map(lambda: work, range(1000))
    next(results)
    results.close()  # pyright: ignore[reportAttributeAccessIssue]
    done = len(list(folder.iterdir()))
    time.sleep(0.2)
    later = len(list(folder.iterdir()))
    assert later == done, f"the caller stopped, and {later - done} more items were done"


def _check_death(executor: Executor, died: Path) -> None:
    """Let a worker die once: its item is done again, or one line says so. A thread cannot die alone."""
    if executor.shares_memory:
        return

    def work(item: int) -> int:
        if item == 2 and not died.exists():
            died.touch()
            os._exit(1)
        return item

    found, said = list(range(10)), ""
    try:
        found = list(executor.map(lambda: work, range(10)))
    except WorkerLost as error:
        said = str(error)
    assert "\n" not in said, "the death of a worker is not said in one line"
    assert found == list(range(10)), "items were lost with the worker that died"
    assert list(executor.map(lambda: work, range(3))) == [0, 1, 2], "it does not work any more since a worker died"
