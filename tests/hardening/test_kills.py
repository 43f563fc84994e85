"""A run that is killed leaves what it would replace as it was, or replaced: never a mixture, never a half."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hardening.kill_files import CASES

TESTS = Path(__file__).parents[1]


def counts(module: str, *arguments: str | Path) -> tuple[int, int]:
    """Return how many kills were survived, and how many tried."""
    paths = os.pathsep.join([str(TESTS.parent), str(TESTS), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        capture_output=True, text=True, env={**os.environ, "PYTHONPATH": paths},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    survived, tried = map(int, done.stdout.split()[-2:])
    assert survived == tried, done.stderr
    return survived, tried


@pytest.mark.parametrize("case", CASES)
def test_a_kill_before_any_step_leaves_the_old_or_the_new(tmp_path: Path, case: str) -> None:
    _, tried = counts("hardening.kill_files", tmp_path, case)
    assert tried > 20


@pytest.mark.slow
@pytest.mark.parametrize("command", ["evaluate", "adapt", "audit", "calibrate", "check"])
def test_a_hundred_kills_of_a_command(tmp_path: Path, command: str) -> None:
    _, tried = counts("hardening.kill_commands", tmp_path, command, "100")
    assert tried == 100
