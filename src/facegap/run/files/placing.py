"""Bringing what is complete to the disk and to its place."""

import ctypes
import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from facegap.errors import InputError

AT_FDCWD, RENAME_EXCHANGE = -100, 2
"""From linux/fcntl.h and linux/fs.h."""


def sync(path: Path) -> None:
    """Wait until a file, or a folder with all that is in it, is on the disk.

    Raises:
        OSError: the disk is full or broken.
    """
    if path.is_dir():
        for inside in path.iterdir():
            sync(inside)
        sync_names(path)
    else:
        with path.open("rb+") as file:
            os.fsync(file.fileno())


def sync_names(folder: Path) -> None:
    """Wait until the names in a folder are on the disk, where the system can say so."""
    with suppress(OSError):
        place = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(place)
        finally:
            os.close(place)


def put(ready: Path, folder: Path, names: Iterable[str]) -> None:
    """Move what is complete from `ready` to `folder`, over what is there under these names, and remove `ready`.

    A run that dies on the way leaves `ready`; whoever calls this again finishes the work.

    Raises:
        OSError: something cannot be moved.
    """
    for name in names:
        new, old = ready / name, folder / name
        if new.is_dir() and old.is_dir() and not old.is_symlink():
            shutil.rmtree(old)
        if new.exists():
            new.replace(old)
    sync_names(folder)
    shutil.rmtree(ready)


def finish(ready: Path, folder: Path, names: Iterable[str]) -> None:
    """Do what is left of a `put` that a dead run began, if there is one.

    Raises:
        InputError: something cannot be moved.
    """
    if ready.is_dir():
        try:
            put(ready, folder, names)
        except OSError as error:
            raise InputError(
                "an earlier run left {ready} to be moved to {folder}, which cannot be written ({reason}): make room "
                "or allow it, and run again",
                ready=ready,
                folder=folder,
                reason=error.strerror or error,
            ) from None


def exchange(a: Path, b: Path) -> bool:
    """Swap two folders by one rename and return True; return False where the system cannot, and nothing changed."""
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError, TypeError):  # no Linux, or a C library before 2018
        return False
    return renameat2(AT_FDCWD, os.fsencode(a), AT_FDCWD, os.fsencode(b), RENAME_EXCHANGE) == 0
