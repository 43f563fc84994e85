"""Which files are containers, and the one way to a member: each container is looked through once in a process."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path, PurePath
from typing import Any, Protocol

from facegap.data.containers.parquet_images import ParquetImages
from facegap.data.containers.pickled_pairs import PickledPairs
from facegap.data.containers.place import ContainerError, split_member
from facegap.data.containers.record_io import RecordFile
from facegap.data.containers.tar_archive import TarArchive
from facegap.data.containers.zip_archive import ZipArchive
from facegap.errors import Phrase
from facegap.run.places import exists


class Container(Protocol):
    """A file with images inside."""

    @property
    def members(self) -> Mapping[str, Any]:
        """The members by name, in the order of the file."""
        ...

    def read(self, name: str, *, most: int) -> bytes:
        """Return the bytes of a member.

        Raises:
            OSError: there is no such member, it cannot be read, or it has more than `most` bytes.
        """
        ...


KINDS: dict[str, Callable[[str], Container]] = {
    ".zip": ZipArchive,
    ".tar": TarArchive,
    ".parquet": ParquetImages,
    ".pq": ParquetImages,
    ".bin": PickledPairs,
    ".rec": RecordFile,
}
"""What reads each kind, by the suffix of the file."""


def is_container(path: str | Path) -> bool:
    """Return whether a file can hold images, by its suffix."""
    return PurePath(path).suffix.lower() in KINDS


def container_of(path: str | Path) -> Container:
    """Return a container with all of its members.

    Raises:
        OSError: the file cannot be read, or is damaged; `strerror` says what is wrong.
    """
    found = Path(path).stat()
    return _container(str(path), found.st_size, found.st_mtime_ns)


def read_member(path: str | Path, *, most: int) -> bytes | None:
    """Return the bytes of a member, None where `path` is that of an ordinary file.

    Raises:
        OSError: see `Container`.
    """
    split = split_member(str(path), is_container)
    if split is None or exists(path):
        return None
    container, name = split
    return container_of(container).read(name, most=most)


def member_exists(path: str | Path) -> bool:
    """Return whether a path is that of a member that there is."""
    split = split_member(str(path), is_container)
    if split is None:
        return False
    try:
        return split[1] in container_of(split[0]).members
    except (OSError, ValueError):
        return False


@lru_cache(maxsize=4096)
def _container(path: str, size: int, changed: int) -> Container:
    try:
        return KINDS[PurePath(path).suffix.lower()](path)
    except OSError:
        raise
    except Exception as error:  # damaged bytes may fail anywhere in a reader
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ContainerError(Phrase("it is damaged ({reason})", reason=reason), path) from None
