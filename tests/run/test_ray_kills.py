"""Twenty kills, of machines of a Ray cluster and of the process that asked: studies end with the bytes of threads."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("ray", reason="Ray is an extra: pip install 'facegap[ray]'")

TESTS = Path(__file__).parents[1]


@pytest.mark.slow
def test_twenty_kills_are_survived(tmp_path: Path) -> None:
    paths = os.pathsep.join([str(TESTS.parent), str(TESTS), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, "-m", "run.kill_ray", str(tmp_path)],
        stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": paths, "RAY_worker_niceness": "0"},
    )  # fmt: skip
    assert done.returncode == 0
    assert done.stdout.split()[-2:] == ["20", "20"]
