"""Opening files that somebody else named: ordinary ones of a bounded size, and nothing that waits or never ends."""

import errno
import os
import stat
from io import BufferedReader
from pathlib import Path

from facegap.run.refused_file import Fault, RefusedFile
from facegap.run.text import N_


class FileFault(Fault):
    """Why a file is not opened."""

    NO_NAME = "no-file-name", N_("no file can have this name")
    PIPE = "pipe", N_("it is a pipe, not an ordinary file")
    SOCKET = "socket", N_("it is a socket, not an ordinary file")
    DEVICE = "device", N_("it is a device, not an ordinary file")
    TOO_MANY_BYTES = "too-many-bytes", N_("it has {bytes:,} bytes, more than {most:,}")


_KINDS = {
    stat.S_IFIFO: FileFault.PIPE,
    stat.S_IFSOCK: FileFault.SOCKET,
    stat.S_IFCHR: FileFault.DEVICE,
    stat.S_IFBLK: FileFault.DEVICE,
}

LARGEST = 8_000_000_000
"""Bytes of the largest file that is read at all: 16 million embeddings of 128 dimensions, or a large network."""


def open_ordinary(path: str | Path, *, most: int = LARGEST) -> BufferedReader:
    """Return an ordinary file, open for reading in binary.

    A pipe without a writer would wait for ever, and a device such as /dev/zero has no end.

    Raises:
        OSError: the file cannot be opened; a `RefusedFile` if it is not ordinary or has more than `most` bytes.
    """
    waits_not = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    try:
        _check(Path(path).stat(), path, most)  # a device may act on being opened
        descriptor = os.open(path, os.O_RDONLY | waits_not)
    except ValueError:  # a NUL, or what no file system can hold
        raise RefusedFile(FileFault.NO_NAME, path) from None
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
        raise RefusedFile(kind, path)
    if found.st_size > most:
        raise RefusedFile(FileFault.TOO_MANY_BYTES, path, number=errno.EFBIG, bytes=found.st_size, most=most)
