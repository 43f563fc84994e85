"""What the benchmark of small commands runs does what it says."""

import subprocess
import sys

import pytest

from benchmarks import small_commands


@pytest.mark.slow
def test_every_command_and_every_bare_import_works(tmp_path):
    for one in small_commands._commands(tmp_path).values():
        for way in (small_commands._facegap(one), small_commands._bare(one)):
            done = subprocess.run([sys.executable, *way], capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr


def test_the_work_of_a_child_is_counted_and_not_its_sleep():
    busy = small_commands._processor_seconds(("-c", "sum(range(30_000_000))"))
    idle = small_commands._processor_seconds(("-c", "import time; time.sleep(0.5)"))
    assert idle < busy
