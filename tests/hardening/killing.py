"""Runs that die by SIGKILL just before one of their steps: a rename, a write, an fsync, a file that is made or removed.

A run is forked, so that a hundred cost the imports of one. The process that forks must have started no threads.
"""

import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

STEPS = ("open", "write", "fsync", "rename", "replace", "mkdir", "rmdir", "unlink", "rmtree")
OURS = (f"{os.sep}facegap{os.sep}", f"{os.sep}pathlib", f"{os.sep}shutil.py", f"{os.sep}contextlib.py")


def killed_at(step: int, work: Callable[[], None]) -> bool:
    """Run `work` in a fork that dies before its step number `step`, from 0; return False if it ended before."""
    child = os.fork()
    if child == 0:
        try:
            _die_before(step, work)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def steps_of(work: Callable[[], None]) -> int:
    """Return how many steps `work` has, which is run in a fork."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writer, str(-1 - _die_before(-1, work)).encode())
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    os.close(writer)
    with os.fdopen(reader) as told:
        return int(told.read())


def contents(folder: Path) -> dict[str, bytes]:
    """Return all files below a folder, those of unfinished work apart."""
    return {
        name: path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not (name := str(path.relative_to(folder))).startswith(".unfinished-")
    }


def restore(folder: Path, files: dict[str, bytes]) -> None:
    """Make a folder that holds these files and nothing else."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def _die_before(step: int, work: Callable[[], None]) -> int:
    """Run `work` and return how many steps were left to the one that kills: below zero, it is never reached."""
    left = step

    def watch(frame: FrameType, event: str, argument: object) -> None:
        nonlocal left
        if event == "c_call":
            name = getattr(argument, "__name__", "")
            found = name in STEPS and any(part in frame.f_code.co_filename for part in OURS)
        else:  # the one rename that is no function of Python's
            found = event in ("call", "return") and frame.f_code.co_name == "exchange"
        if found:
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1

    sys.setprofile(watch)
    try:
        work()
    finally:
        sys.setprofile(None)
    return left
