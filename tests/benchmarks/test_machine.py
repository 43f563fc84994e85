"""What a reader is told of the machine behind the numbers."""

import pytest
from benchmarks.machine import machine


@pytest.mark.parametrize("asked", ["", "Haswell"])
def test_whether_the_kernel_of_products_was_asked_for_is_said(asked, monkeypatch):
    monkeypatch.setenv("OPENBLAS_CORETYPE", asked)
    told = dict(machine())["numpy's matrix products"]
    assert "kernel" in told
    assert told.endswith("as OPENBLAS_CORETYPE asks") == bool(asked)
