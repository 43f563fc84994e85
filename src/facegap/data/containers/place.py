"""Where a member lies in its container, and how it is written."""

import errno
from collections.abc import Callable
from io import BufferedReader
from pathlib import Path
from typing import Any, NamedTuple

from facegap.errors import Phrase
from facegap.run.ordinary import open_ordinary

BETWEEN = "::"
"""Stands between the path of a container and the name of a member."""

LARGEST_CONTAINER = 10**13
"""Bytes of the largest container: a member at a time is read."""

MOST_MEMBERS = 20_000_000
"""So many members a container has at most: each takes memory to remember."""


class ContainerError(OSError):
    """A container or a member that cannot be read; `strerror` is the `Phrase` that says why."""

    def __init__(self, reason: str, path: str | Path) -> None:
        super().__init__(errno.EINVAL, reason if isinstance(reason, Phrase) else Phrase(reason), str(path))

    def __reduce__(self) -> tuple[type, tuple[Any, ...]]:
        return type(self), (self.strerror, self.filename)


class Place(NamedTuple):
    """Where the bytes of a member begin in the file, and how many there are."""

    offset: int
    size: int


def member_path(container: str | Path, name: str) -> str:
    """Return the path of a member."""
    return f"{container}{BETWEEN}{name}"


def split_member(path: str, is_container: Callable[[str], bool]) -> tuple[str, str] | None:
    """Return the container and the name of a member, None where `path` is no path of one.

    `is_container`: whether a file can be one, by its name.
    """
    at = path.find(BETWEEN)
    while at >= 0:
        if is_container(path[:at]):
            return path[:at], path[at + len(BETWEEN) :]
        at = path.find(BETWEEN, at + 1)
    return None


def open_container(path: str | Path) -> BufferedReader:
    """Return the file of a container, open for reading.

    Raises:
        OSError: see `open_ordinary`.
    """
    return open_ordinary(path, most=LARGEST_CONTAINER)


def read_place(path: str | Path, place: Place) -> bytes:
    """Return the bytes of a member that lies in its container as it is.

    Raises:
        OSError: the container cannot be read, or has become shorter.
    """
    with open_container(path) as file:
        file.seek(place.offset)
        data = file.read(place.size)
    if len(data) != place.size:
        raise ContainerError("the file that it lies in became shorter", path)
    return data


def plain_name(name: str) -> str:
    """Return the name of a member with its parts between single slashes."""
    return "/".join(part for part in name.replace("\\", "/").split("/") if part not in ("", "."))
