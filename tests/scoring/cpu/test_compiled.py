"""A person who waits for the compiler is told so, once."""

import os
import subprocess
import sys

import pytest

SCRIPT = """
import numpy as np
from facegap.data.comparator import Comparator
from facegap.scoring import compare_all, must_compile

before = must_compile()
subject = np.arange(4, dtype=np.int32) // 2
everybody = np.zeros(4, np.int32), np.ones(4, bool)
vectors = np.eye(4, dtype=np.float32)
compare_all(vectors, subject, *everybody, comparator=Comparator.COSINE, cohorts=("all",))
print(before, must_compile())
"""


@pytest.mark.slow
def test_only_a_cold_cache_must_be_filled(tmp_path):
    def run() -> str:
        environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
        done = subprocess.run([sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True)
        return done.stdout.strip() or done.stderr

    assert run() == "True False"
    assert run() == "False False"
