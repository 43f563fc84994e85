"""Every executor keeps the promises of `Executor`."""

import sys
import time

import loky
import pytest

from children import interrupted
from facegap.errors import InputError, WorkerLost
from facegap.run.executor import NAMED, Processes, Serial, Threads, available_workers, executor_named
from facegap.testing import check_executor


@pytest.mark.parametrize("make", NAMED.values(), ids=NAMED)
def test_executors_conform(make):
    check_executor(make)


@pytest.mark.parametrize("executor", [Threads(3), Processes(2)], ids=lambda e: type(e).__name__)
@pytest.mark.parametrize("weight", [0.4, 1.5])
def test_the_weight_of_what_is_in_work_is_bounded(executor, weight):
    def work(_: int) -> tuple[float, float]:
        start = time.monotonic()
        time.sleep(0.02)
        return start, time.monotonic()

    spans = list(executor.map(lambda: work, range(12), weigh=lambda _: weight))
    at_once = max(sum(start <= moment < end for start, end in spans) for moment, _ in spans)
    assert at_once <= max(1, min(executor.workers, executor.workers / weight))


def test_weights_change_no_result():
    assert list(Threads(3).map(lambda: lambda x: x * x, range(50), weigh=lambda x: x % 7)) == [x * x for x in range(50)]


def test_a_dead_process_is_one_line_that_says_what_to_do():
    def work(_: int) -> None:
        import os

        os._exit(1)

    with pytest.raises(WorkerLost, match=r"^a worker process was ended from outside, or crashed; .*--workers 1"):
        list(Processes(1).map(lambda: work, range(2)))


def test_a_process_that_grows_is_set_up_once():
    held = []

    def work(_: int) -> int:
        import os

        held.append(os.urandom(1) * 160_000_000)
        return os.getpid()

    def make_worker():
        from loky import process_executor

        process_executor._MEMORY_LEAK_CHECK_DELAY = 0  # loky looks a second after it looked before
        return work

    assert len(set(Processes(1).map(make_worker, range(4)))) == 1


def test_processes_compute_with_one_thread_each():
    def work(_: int) -> list[int]:
        import numpy as np
        from threadpoolctl import threadpool_info

        assert np.eye(2) is not None
        return [each["num_threads"] for each in threadpool_info()]

    def make_worker():
        import numpy  # noqa: F401

        return work

    (threads,) = Processes(1).map(make_worker, [0])
    assert set(threads) == {1}


def test_processors_are_counted_as_the_container_allows(monkeypatch):
    monkeypatch.setattr(loky, "cpu_count", lambda: 7)
    assert available_workers() == 7


def test_names_of_executors():
    assert executor_named("threads", 3) == Threads(3)
    assert executor_named("processes", 2) == Processes(2)
    assert executor_named("serial") == executor_named("serial", 1) == Serial()
    assert executor_named("threads").workers == available_workers()
    with pytest.raises(InputError, match="--executor 'spark' is unknown: choose one of threads, processes, serial"):
        executor_named("spark")
    with pytest.raises(InputError, match="--executor serial does one thing at a time: leave --workers 4 out"):
        executor_named("serial", 4)


@pytest.mark.parametrize("name", ["ray", "ray://localhost:10001"])
def test_ray_that_is_not_installed_is_one_line(monkeypatch, name):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(InputError, match=r"^--executor ray needs Ray: pip install 'facegap\[ray\]'$"):
        executor_named(name)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows interrupts processes in another way")
def test_ctrl_c_is_heard_while_a_worker_hangs(tmp_path):
    (tmp_path / "hang.py").write_text(
        "import pathlib, sys, time\nimport polars\n"
        "from facegap.run.executor import Processes\n\n"
        "def make():\n    pathlib.Path('begun').touch()\n    return time.sleep\n\n"
        "polars.DataFrame({'a': [1]}).lazy().collect()\n"
        "next(Processes(1).map(make, [600]))\n"
    )
    _, said = interrupted([sys.executable, "hang.py"], tmp_path / "begun", cwd=tmp_path)
    assert "KeyboardInterrupt" in said
