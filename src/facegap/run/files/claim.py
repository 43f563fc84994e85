"""Who is writing: a folder beside what is to be written, locked by the run that makes it there.

The system drops the lock when its process ends, however it ends. So a folder that can be locked belongs to a dead run.
"""

import hashlib
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from facegap.errors import InputError, Phrase

PREFIX = ".unfinished-"
LOCK, WRITER, DRAFTS, READY = "facegap.lock", "writer", "drafts", "ready"
"""What a work folder holds: the lock, who has it, what is being made, and what is complete but not yet in its place."""

PATIENCE = 2.0
"""Seconds that a run waits for another one, which may be about to end."""

LONGEST_NAME = 200
"""Bytes; file systems take 255."""

ATTEMPTS = 20
"""So often is a work folder made anew that the run before removes at the same moment."""


@contextmanager
def claimed(target: Path) -> Iterator[Path]:
    """Claim a file or folder for this run and yield the work folder for it; a run may claim a target again and again.

    What a dead run left unfinished for the target, or for its neighbours, is removed first. What it left complete, in
    `READY`, stays for the caller. At the end the work folder is removed, unless something complete is in it.

    Raises:
        InputError: another run is writing it, or the place cannot be written.
    """
    work = work_folder(target.absolute())
    lock = FileLock(work / LOCK, timeout=PATIENCE, is_singleton=True)
    again = lock.is_locked
    absent = [folder for folder in work.parents if not folder.exists()]
    try:
        _acquire(lock, work)
    except Timeout:
        raise InputError(
            "{target} is being written by {writer}: wait until that run ends, or name another place",
            target=target,
            writer=_writer(work),
        ) from None
    except OSError as error:
        _remove_empty(absent)
        raise InputError(
            "{target} cannot be written ({reason}): choose another place", target=target, reason=error.strerror or error
        ) from None
    try:
        if not again:
            _begin(work, target)
        yield work
    finally:
        if not again and not (work / READY).exists():
            shutil.rmtree(work, ignore_errors=True)  # before the lock is released: nobody else is in it
        lock.release()
        _remove_empty(absent)


def work_folder(target: Path) -> Path:
    """Return where something is made: beside the target; inside where only the target itself can be written."""
    if target.is_dir() and (os.path.ismount(target) or not os.access(target.parent, os.W_OK)):
        return target / f"{PREFIX}content"
    name = os.fsencode(target.name)
    if len(name) > LONGEST_NAME:
        return target.parent / f"{PREFIX}{hashlib.sha256(name).hexdigest()}"
    return target.parent / f"{PREFIX}{target.name}"


def remove_dead(folder: Path) -> None:
    """Remove the work folders in `folder` whose runs are dead, unless something complete waits in them."""
    for work in folder.glob(f"{PREFIX}*"):
        if work.is_symlink() or (work / READY).exists():
            continue
        if not (work / LOCK).is_file():  # not ours, unless a run died before it wrote anything
            with suppress(OSError):
                work.rmdir()
            continue
        with suppress(OSError, Timeout), FileLock(work / LOCK, blocking=False):
            shutil.rmtree(work, ignore_errors=True)


def _acquire(lock: FileLock, work: Path) -> None:
    for attempt in range(ATTEMPTS):
        work.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire()
            return
        except FileNotFoundError:
            if attempt == ATTEMPTS - 1:
                raise


def _begin(work: Path, target: Path) -> None:
    """Clear the work folder and say who has it.

    Raises:
        InputError: the disk is full.
    """
    try:
        for left in work.iterdir():
            if left.name not in (LOCK, READY):
                shutil.rmtree(left) if left.is_dir() and not left.is_symlink() else left.unlink()
        remove_dead(work.parent)
        since = datetime.now().astimezone().isoformat(" ", "minutes")
        (work / WRITER).write_text(f"process {os.getpid()} on {socket.gethostname()} since {since}", encoding="utf-8")
    except OSError as error:
        raise InputError(
            "{target} cannot be written ({reason}): free space or choose another place",
            target=target,
            reason=error.strerror,
        ) from None


def _writer(work: Path) -> str:
    another = Phrase("another run")
    try:
        return (work / WRITER).read_text(encoding="utf-8") or another
    except OSError:
        return another


def _remove_empty(folders: list[Path]) -> None:
    with suppress(OSError):
        for folder in folders:
            folder.rmdir()
