"""The conformance suite of executors fails what is broken, and an executor of one's own is added by passing it."""

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import numpy as np
import pytest

import facegap
from facegap.run.executor import Processes, Serial, Threads
from facegap.testing import check_executor


class Courier:
    """An executor that a user might bring: one thread, which is handed one item after another."""

    workers = 1
    shares_memory = True

    def __init__(self) -> None:
        self.done = 0

    def map(self, make_worker: Callable, items: Iterable, *, weigh: Callable | None = None) -> Iterator:
        given, taken = queue.Queue(), queue.Queue()

        def run() -> None:
            work = None
            while (item := given.get()) is not None:
                try:
                    work = work or make_worker()
                    taken.put((work(item[0]), None))
                except Exception as error:
                    taken.put((None, error))

        thread = threading.Thread(target=run)
        thread.start()
        try:
            for item in items:
                given.put((item,))
                result, error = taken.get()
                if error is not None:
                    raise error
                self.done += 1
                yield result
        finally:
            given.put(None)
            thread.join()


def test_an_executor_is_added_by_passing_it(tmp_path):
    """All that "An executor" in CONTRIBUTING.md asks for."""
    check_executor(lambda _: Courier())
    study, courier = saved(tmp_path), Courier()
    assert numbers(facegap.evaluate(study, executor=courier)) == numbers(facegap.evaluate(study))
    assert courier.done > 0


def saved(folder) -> facegap.Study:
    """Return a study of saved embeddings in two cohorts."""
    rng = np.random.default_rng(5)
    inputs = []
    for name in ("a", "b"):
        subject = np.repeat(np.arange(30), 4)
        vectors = rng.normal(size=(30, 8))[subject] + rng.normal(size=(120, 8))
        np.savez(folder / f"{name}.npz", embedding=vectors.astype(np.float32), subject=subject.astype(str))
        inputs.append(f"{name}={folder / name}.npz")
    return facegap.Study(inputs=inputs)


def numbers(evaluation: facegap.Evaluation) -> list[str]:
    tables = (evaluation.metrics, evaluation.differences, evaluation.differentials, evaluation.subjects)
    return [table.write_json() for table in tables]


def test_an_evaluation_does_not_depend_on_the_executor(tmp_path):
    study = replace(saved(tmp_path), inputs=[tmp_path / "a.npz"])
    first = numbers(facegap.evaluate(study, executor=Serial()))
    for executor in (Threads(3), Processes(2)):
        assert numbers(facegap.evaluate(study, executor=executor)) == first, executor


class Broken(Serial):
    """An executor that keeps no promise, one at a time."""

    def __init__(self, how: Callable) -> None:
        super().__init__()
        object.__setattr__(self, "_how", how)

    def map(self, make_worker, items, *, weigh=None):
        return self._how(make_worker, items)


def backwards(make_worker, items):
    return iter([*map(make_worker(), items)][::-1])


def anew(make_worker, items):
    return (make_worker()(item) for item in items)


def swallowing(make_worker, items):
    work = make_worker()
    for item in items:
        try:
            yield work(item)
        except Exception:
            return


def wrapping(make_worker, items):
    try:
        yield from map(make_worker(), items)
    except Exception as error:
        raise RuntimeError("something failed") from error


def eager(make_worker, items):
    work, taken = make_worker(), []
    for item in items:
        taken.append(item)
        if len(taken) > 100:
            break
    yield from map(work, taken)


def unstoppable(make_worker, items):
    work = make_worker()
    for item in (items := iter(items)):
        try:
            yield work(item)
        except GeneratorExit:
            threading.Thread(target=work, args=(next(items),)).start()
            return


@pytest.mark.parametrize(
    ("how", "message"),
    [
        (backwards, "not in the order of the items"),
        (anew, "make_worker was called 30 times for 1 workers"),
        (swallowing, "an exception of an item was lost"),
        (wrapping, "an exception of an item came as RuntimeError: something failed"),
        (eager, "items were taken before 5 results"),
        (unstoppable, "the caller stopped, and 1 more items were done"),
    ],
)
def test_broken_executors_fail(how, message):
    with pytest.raises(AssertionError, match=message):
        check_executor(lambda _: Broken(how))


def test_a_heavy_item_must_wait_until_it_can_be_alone():
    class Greedy(Threads):
        def map(self, make_worker, items, *, weigh=None):
            return super().map(make_worker, items)

    with pytest.raises(AssertionError, match=r"2 items of weight 50 were in work at once, 1 are allowed"):
        check_executor(Greedy)


def test_more_workers_than_asked_for_are_refused():
    with pytest.raises(AssertionError, match="it has 2 workers, asked for 1"):
        check_executor(lambda _: Threads(2))


class Blind(Serial):
    """An executor that says its workers are in this process, which they are not."""

    def map(self, make_worker, items, *, weigh=None):
        yield from Processes(1).map(make_worker, items)


def test_memory_that_is_not_shared_is_noticed():
    with pytest.raises(AssertionError, match="what a worker writes is not seen here"):
        check_executor(lambda _: Blind())
