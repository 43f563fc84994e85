"""What a path leads to, and whether a file can be written there: asked before any work, and never a traceback.

`Path.exists` and its like raise where a name is too long, a folder is closed or a NUL is in the name.
"""

import os
from pathlib import Path

from facegap.errors import InputError
from facegap.run.remote import RemotePath


def exists(path: str | Path | RemotePath) -> bool:
    """Return whether a path leads to something.

    Raises:
        OSError: it is a URL where nobody answers.
    """
    if isinstance(path, RemotePath):
        return path.exists()
    return os.path.exists(path)  # noqa: PTH110 (it never raises)


def is_file(path: str | Path | RemotePath) -> bool:
    """Return whether a path leads to an ordinary file; see `exists`."""
    if isinstance(path, RemotePath):
        return path.is_file()
    return os.path.isfile(path)  # noqa: PTH113 (it never raises)


def is_folder(path: str | Path | RemotePath) -> bool:
    """Return whether a path leads to a folder; see `exists`."""
    if isinstance(path, RemotePath):
        return path.is_dir()
    return os.path.isdir(path)  # noqa: PTH112 (it never raises)


def check_output_file(path: Path) -> None:
    """Refuse a file that could not be written, so that no work is lost.

    Raises:
        InputError: `path` is a folder, its name is none, or its folder can neither be written nor made.
    """
    if is_folder(path):
        raise InputError("{path} is a folder, a file to write was expected: add a file name", path=path)
    _check_place(path, path.parent)
    if exists(path) and not os.access(path, os.W_OK):
        raise InputError("{path} cannot be written (permission denied): name another file", path=path)


def check_output_folder(path: Path) -> None:
    """Refuse a folder that could not be made or written, so that no work is lost.

    Raises:
        InputError: `path` is a file, its name is none, or it can neither be written nor made.
    """
    if exists(path) and not is_folder(path):
        raise InputError("{path} is a file, a folder was expected: choose another with --out", path=path)
    _check_place(path, path)


def _check_place(path: Path, folder: Path) -> None:
    """Refuse a place where nothing can be written: the nearest folder that exists decides."""
    try:
        path.lstat()
    except FileNotFoundError:
        pass
    except (OSError, ValueError) as error:  # a name that is too long, or below a file, or with a NUL in it
        reason = getattr(error, "strerror", error)
        raise InputError("{path} cannot be written ({reason}): name another", path=path, reason=reason) from None
    while not exists(folder) and folder != folder.parent:
        folder = folder.parent
    if not os.access(folder, os.W_OK | os.X_OK):
        raise InputError(
            "{path} cannot be written (no permission to write in {folder}): choose another place",
            path=path,
            folder=folder,
        )
