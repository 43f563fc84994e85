"""Where a member lies in its container, and how it is written."""

from collections.abc import Callable
from io import BufferedReader
from pathlib import Path
from typing import NamedTuple

from facegap.run.ordinary import open_ordinary
from facegap.run.refused_file import Fault, RefusedFile
from facegap.run.text import N_

BETWEEN = "::"
"""Stands between the path of a container and the name of a member."""

LARGEST_CONTAINER = 10**13
"""Bytes of the largest container: a member at a time is read."""

MOST_MEMBERS = 20_000_000
"""So many members a container has at most: each takes memory to remember."""


class ContainerFault(Fault):
    """Why a container or a member cannot be read."""

    QUOTED = "container-quoted", "{error}"
    DAMAGED = "container-damaged", N_("it is damaged ({error})")
    CUT_OFF = "container-cut-off", N_("it is cut off or damaged")
    COMPRESSED = "compressed", N_("it is compressed, so no image is read from its middle: {program} it")
    TOO_MANY_FILES = "too-many-files", N_("it has more than {most:,} files")
    TOO_MANY_RECORDS = "too-many-records", N_("it has more than {most:,} records")
    NO_SUCH_FILE = "no-such-file", N_("there is no such file in it")
    NO_SUCH_ROW = "no-such-row", N_("there is no such row in it")
    NO_IMAGE_IN_ROW = "no-image-in-row", N_("the row has no image")
    ROW_UNREADABLE = "row-unreadable", N_("it cannot be read ({error})")
    TOO_MANY_BYTES = "member-too-many-bytes", N_("it has {bytes:,} bytes, more than {most:,}")
    SHORTER = "shorter", N_("the file that it lies in became shorter")
    SPARSE = "sparse", N_("it is stored without its holes: make the archive without --sparse")
    LINK = "link", N_("it is a link: make the archive with --dereference")
    ENCRYPTED = "encrypted", N_("it is encrypted")
    MEMBER_DAMAGED = "member-damaged", N_("it is damaged in its archive")
    METHOD = "packed-otherwise", N_("it is packed by method {method}: zip it by deflate, the usual one")
    NO_RECORDS = "no-records", N_("it is no RecordIO file, or damaged at byte {byte:,}")
    RECORD_WITHOUT_IMAGE = "record-without-image", N_("the record at byte {byte:,} holds no image of InsightFace")
    RECORD_WITHOUT_SUBJECT = "record-without-subject", N_("the record at byte {byte:,} has no subject")
    TOO_MANY_STEPS = "too-many-steps", N_("it has too many steps")
    UNKNOWN_STEP = "unknown-step", N_("it is no set of images and pairs (step {step} of its pickle)")
    NO_PAIRS = "no-pairs", N_("it is no set of images and pairs")
    OTHER_PICKLE = "other-pickle", N_("it is a pickle of something else than images and pairs")
    UNPAIRED = "unpaired", N_("it holds {images} images and {pairs} pairs, expected two images a pair")
    NO_IMAGE_FILES = "no-image-files", N_("it holds something else than image files in bytes")
    NO_FLAGS = "no-flags", N_("it does not say with true or false which pairs are genuine")


class ContainerError(RefusedFile):
    """A container or a member that cannot be read; its `fault` is a `ContainerFault`."""


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
        raise ContainerError(ContainerFault.SHORTER, path)
    return data


def plain_name(name: str) -> str:
    """Return the name of a member with its parts between single slashes."""
    return "/".join(part for part in name.replace("\\", "/").split("/") if part not in ("", "."))
