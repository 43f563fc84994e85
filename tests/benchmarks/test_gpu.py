"""A row of the page about GPUs; measuring takes one."""

import pytest
from benchmarks.sizes import COSINE, Case


def test_a_row_holds_rates_against_the_bare_products_and_the_processors():
    gpu = pytest.importorskip("benchmarks.gpu", reason="torch is not installed: pip install 'facegap[gpu]'")
    seconds = {"counts": [2.0, 4.0], "intervals": [3.0, 6.0], "processors": [20.0, 40.0]}
    one = gpu.Measured(Case(1_000, 512, COSINE, 2), seconds, halves=1e6, float32=5e5, memory=3_000_000)
    assert one.cells == (
        "1,000", "512", "cosine", "500,000", "3 s", "166,000", "0.17", "0.33", "4.5 s", "50%", "3 MB", "10",
    )  # fmt: skip
