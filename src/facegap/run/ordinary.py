"""Opening files that somebody else named: ordinary ones of a bounded size, and nothing that waits or never ends."""

import errno
import os
import stat
from io import BufferedReader
from pathlib import Path

from facegap.errors import Phrase

_KINDS = {
    stat.S_IFIFO: Phrase("a pipe"),
    stat.S_IFSOCK: Phrase("a socket"),
    stat.S_IFCHR: Phrase("a device"),
    stat.S_IFBLK: Phrase("a device"),
}

LARGEST = 8_000_000_000
"""Bytes of the largest file that is read at all: 16 million embeddings of 128 dimensions, or a large network."""


def open_ordinary(path: str | Path, *, most: int = LARGEST) -> BufferedReader:
    """Return an ordinary file, open for reading in binary.

    A pipe without a writer would wait for ever, and a device such as /dev/zero has no end.

    Raises:
        OSError: the file cannot be opened, is not ordinary or has more than `most` bytes; `strerror` says which.
    """
    waits_not = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    try:
        _check(Path(path).stat(), path, most)  # a device may act on being opened
        descriptor = os.open(path, os.O_RDONLY | waits_not)
    except ValueError:  # a NUL, or what no file system can hold
        raise OSError(errno.EINVAL, Phrase("no file can have this name"), str(path)) from None
    file = os.fdopen(descriptor, "rb")
    try:
        _check(os.fstat(descriptor), path, most)  # another file may have taken its place
    except OSError:
        file.close()
        raise
    return file


def read_ordinary(path: str | Path, *, most: int = LARGEST) -> bytes:
    """Return the bytes of an ordinary file; see `open_ordinary`.

    Raises:
        OSError: see `open_ordinary`.
    """
    with open_ordinary(path, most=most) as file:
        return file.read(os.fstat(file.fileno()).st_size)


def _check(found: os.stat_result, path: str | Path, most: int) -> None:
    if kind := _KINDS.get(stat.S_IFMT(found.st_mode)):
        raise OSError(errno.EINVAL, Phrase("it is {kind}, not an ordinary file", kind=kind), str(path))
    if found.st_size > most:
        reason = Phrase("it has {size:,} bytes, more than {most:,}", size=found.st_size, most=most)
        raise OSError(errno.EFBIG, reason, str(path))
