"""The CUDA kernels count right, shown without a GPU: numba runs them, one thread after the other, on the processor."""

import os
import subprocess
import sys
from pathlib import Path


def test_the_kernels_count_right_in_the_simulator():
    pytest = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    run = subprocess.run(
        [*pytest, "tests/scoring/gpu/simulated_cuda.py"],
        cwd=Path(__file__).parents[3], env={**os.environ, "NUMBA_ENABLE_CUDASIM": "1"},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout
    assert "passed" in run.stdout
