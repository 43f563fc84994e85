"""Every executor does the same: the conformance suite of `Executor`."""

import os
import time

import pytest

from facegap.run.executor import Processes, Serial, Threads

EXECUTORS = pytest.mark.parametrize("executor", [Serial(), Threads(3), Processes(2)], ids=lambda e: type(e).__name__)


@EXECUTORS
def test_results_come_in_the_order_of_the_items(executor):
    assert list(executor.map(lambda: lambda x: x * x, range(50))) == [x * x for x in range(50)]
    assert list(executor.map(lambda: lambda x: x, [])) == []


@EXECUTORS
def test_a_worker_is_made_at_most_once_per_worker(executor):
    def make():
        mark = object()
        return lambda _: (os.getpid(), id(mark))

    assert len(set(executor.map(make, range(40)))) <= executor.workers


@EXECUTORS
def test_an_error_reaches_the_caller(executor):
    def work(x: int) -> int:
        if x == 3:
            raise ValueError("item 3")
        return x

    with pytest.raises(ValueError, match="item 3"):
        list(executor.map(lambda: work, range(10)))


def test_items_are_taken_only_as_they_are_needed():
    taken = []

    def items():
        for k in range(1000):
            taken.append(k)
            yield k

    results = Threads(2).map(lambda: lambda x: x, items())
    next(results)
    assert len(taken) < 50
    results.close()


@pytest.mark.parametrize("executor", [Threads(3), Processes(2)], ids=lambda e: type(e).__name__)
@pytest.mark.parametrize("weight", [0.0, 0.4, 1.0, 1.5, 50.0])
def test_the_weight_of_what_is_in_work_is_bounded(executor, weight):
    def work(_: int) -> tuple[float, float]:
        start = time.monotonic()
        time.sleep(0.02)
        return start, time.monotonic()

    spans = list(executor.map(lambda: work, range(12), weigh=lambda _: weight))
    at_once = max(sum(start <= moment < end for start, end in spans) for moment, _ in spans)
    assert at_once <= max(1, min(executor.workers, executor.workers / weight if weight else executor.workers))


@EXECUTORS
def test_weights_change_no_result(executor):
    assert list(executor.map(lambda: lambda x: x * x, range(50), weigh=lambda x: x % 7)) == [x * x for x in range(50)]
