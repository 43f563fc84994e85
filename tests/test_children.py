"""Tests of one checkout start processes of the same checkout."""

import subprocess
import sys
from pathlib import Path

import pytest

import facegap
from children import bare_environment


@pytest.mark.parametrize("environment", [None, bare_environment()], ids=["inherited", "bare"])
def test_a_child_imports_the_facegap_that_is_tested(environment: dict[str, str] | None, tmp_path: Path) -> None:
    """Without `site`, no installed package is found: nothing but PYTHONPATH leads to facegap."""
    command = [sys.executable, "-S", "-c", "import facegap; print(facegap.__file__)"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert Path(done.stdout.strip()).samefile(facegap.__file__)
