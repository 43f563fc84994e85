"""Memory is that of the moment, not of all that was before."""

import sys

import numpy as np
import pytest
from benchmarks.memory import FORGET, peak_of

MEGABYTE = 2**20


@pytest.mark.skipif(
    not (sys.platform == "linux" and FORGET.exists()), reason="only Linux forgets what was held at most"
)
def test_the_peak_of_a_function_is_its_own():
    del (large := [np.ones(64 * MEGABYTE, np.uint8)])[:]
    result, peak = peak_of(lambda: np.ones(32 * MEGABYTE, np.uint8).sum())
    assert not large
    assert result == 32 * MEGABYTE
    assert 30 * MEGABYTE < peak < 60 * MEGABYTE
