"""Processes that tests start: they run the facegap that is tested, wherever another one is installed."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import facegap
from facegap.run.cache import compiled_root

HOME = tempfile.gettempdir()


def python_path() -> str:
    """Return a PYTHONPATH that begins with the folder of the imported facegap; `conftest.py` sets it for all tests."""
    here = str(Path(facegap.__file__).parents[1])
    return os.pathsep.join([here, *filter(None, [os.environ.get("PYTHONPATH")])])


def bare_environment(home: str | Path = HOME, width: int = 200) -> dict[str, str]:
    """Return an environment that has nothing of the one of the tests, for a terminal of some columns.

    Only compiled loops are where the tests keep them: in another home they would be compiled once more.
    """
    given = {"COLUMNS": str(width), "HOME": str(home), "PYTHONPATH": python_path(), "PYTHONUTF8": "1"}
    if (kept := compiled_root()) is not None:
        given["NUMBA_CACHE_DIR"] = str(kept)
    return {"PATH": "/usr/bin:/bin", **given}


def interrupted(command: Sequence[str | Path], begun: Path, **options: Any) -> tuple[int, str]:
    """Press Ctrl-C once a command has made the file `begun`; return its exit code and what it complained of."""
    heard = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # where tests run in the background it is not
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, preexec_fn=heard, **options) as run:
        while not begun.exists():
            assert run.poll() is None
            time.sleep(0.05)
        run.send_signal(signal.SIGINT)
        try:
            said = run.communicate(timeout=60)[1]
        finally:
            run.kill()
    return run.returncode, said


def run_alone(*arguments: str | Path, width: int = 200, home: str | Path = HOME) -> "subprocess.CompletedProcess[str]":
    """Run a command of the command line in a bare environment."""
    return subprocess.run(
        [sys.executable, "-m", "facegap", *map(str, arguments)],
        capture_output=True, text=True, encoding="utf-8", check=False, env=bare_environment(home, width),
    )  # fmt: skip
