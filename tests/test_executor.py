"""Every executor does the same: the conformance suite of `Executor`."""

import os

import pytest

from facegap.executor import Processes, Serial, Threads

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
