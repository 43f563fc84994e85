"""How the values of shared options are read."""

import pytest

from facegap.cli.options import devices


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
