"""How the values of shared options are read."""

import pytest

from facegap.cli.options import devices, executor_of
from facegap.errors import InputError
from facegap.run.executor import Processes


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("cpu", ("cpu", "cpu")),
        ("cuda", ("cuda", "cuda")),
        ("cuda:1", ("cuda", "cuda:1")),
        ("torch:cpu", ("cpu", "torch:cpu")),
        ("coreml", ("coreml", "cpu")),
    ],
)
def test_a_device_embeds_and_compares(name, wanted):
    assert devices(name) == wanted


def test_an_executor_is_asked_for_by_name_and_workers():
    assert executor_of(None, 3) is None
    assert executor_of("processes", 3) == Processes(3)
    with pytest.raises(InputError, match="--executor 'spark' is unknown: choose one of threads, processes, serial"):
        executor_of("spark", None)
