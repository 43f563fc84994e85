"""The files of a store: each is named by the sha256 of its bytes, written whole, and checked whenever it is read.

The name is the checksum. So a file that lost or changed a single bit is noticed before anything looks into it, it
never reaches a parser, and what is handed on are the very bytes that were checked.
"""

import hashlib
import io
import logging
import os
import stat
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import polars as pl

from facegap.run.files import whole_file
from facegap.store.folders import file_mode, files_in
from facegap.store.mirror import mirror_at

logger = logging.getLogger(__name__)

TABLE = ".parquet"
DAMAGED = ".damaged"
DRAFT = ".part"
"""What `whole_file` gives a file that is not complete yet."""

LARGEST = 1 << 30
"""No table of a store has as many bytes."""

DEAD_AFTER = 3600.0
"""Seconds after which nobody writes to a draft any more: a part takes less than a second."""

Read = TypeVar("Read")


class Damaged(Exception):
    """A file of a store does not hold what was written; the message is the reason, in a few words."""


def write_named(folder: Path, data: bytes) -> Path:
    """Write a table under the name that its bytes give it, and return where it lies.

    Raises:
        OSError: it cannot be written.
    """
    return write_file(folder / f"{hashlib.sha256(data).hexdigest()}{TABLE}", data)


def write_file(path: Path, data: bytes) -> Path:
    """Write a file whole, readable for whom the store is, and return where it lies.

    Raises:
        OSError: it cannot be written.
    """
    if mirror := mirror_at(path.parents[2]):
        mirror.send(path, data)
    mode = file_mode(path.parent)
    with whole_file(path) as file:
        Path(file.name).chmod(mode)
        file.write(data)
    return path


def delete_file(path: Path) -> None:
    """Remove a file, if it is there.

    Raises:
        OSError: it cannot be removed.
    """
    if mirror := mirror_at(path.parents[2]):
        mirror.remove(path)
    path.unlink(missing_ok=True)


def read_table(path: Path, schema: pl.Schema) -> pl.DataFrame:
    """Return the table in a file, with the columns of `schema` and whatever else it has.

    Raises:
        Damaged: the file does not hold what was written.
        OSError: it cannot be read.
    """
    with open_regular(path) as file:
        if os.fstat(file.fileno()).st_size > LARGEST:
            raise Damaged("it is larger than any part")
        data = file.read()
    check_sha256(data, path.stem)
    try:
        frame = pl.read_parquet(io.BytesIO(data))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError):
        raise Damaged("it is no Parquet table") from None
    for name, kind in schema.items():
        if frame.schema.get(name) != kind:
            raise Damaged(f"its column {name!r} is absent or of another type")
    return frame


@contextmanager
def open_regular(path: Path) -> Iterator[io.BufferedReader]:
    """Open a file to be read, without waiting for a pipe or a device.

    Raises:
        Damaged: it is no regular file.
        OSError: it cannot be opened.
    """
    with open(path, "rb", opener=_at_once) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise Damaged("it is no regular file")
        yield file


def _at_once(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def check_sha256(data: bytes | io.BufferedReader, wanted: str) -> None:
    """Check that bytes, or those of an open file, are the ones that were written.

    Raises:
        Damaged: they are not.
    """
    found = hashlib.sha256(data) if isinstance(data, bytes) else hashlib.file_digest(data, "sha256")
    if found.hexdigest() != wanted:
        raise Damaged("its bytes are not those that were written")


def sound(folder: Path, read: Callable[[Path], Read], damaged: list[Path]) -> Iterator[tuple[Path, Read]]:
    """Yield every table of a folder and what `read` makes of it.

    A damaged one is named in the log, set aside under another name and added to `damaged`.

    Raises:
        StoreError: the folder cannot be read.
    """
    for path in files_in(folder, TABLE):
        try:
            found = read(path)
        except FileNotFoundError:  # another process set it aside or removed it
            continue
        except PermissionError as error:
            logger.warning("the store part %s cannot be read (%s): its images are made again", path, error.strerror)
            damaged.append(path)
        except (OSError, Damaged) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            logger.warning("the store part %s is damaged (%s): its images are made again", path, reason)
            damaged.append(path)
            set_aside(path)
        else:
            yield path, found


def set_aside(path: Path) -> None:
    """Give a damaged file a name under which nothing reads it."""
    try:
        path.rename(path.with_name(f"{path.name}-{uuid.uuid4().hex[:8]}{DAMAGED}"))
    except FileNotFoundError:  # another process was faster
        return
    except OSError as error:
        logger.warning("%s cannot be renamed (%s), and is left where it is", path, error.strerror)


def idle_files(folder: Path, suffix: str, seconds: float) -> list[Path]:
    """Return the files of a folder whose names end with `suffix`, if nobody wrote to them for so many seconds.

    Raises:
        StoreError: the folder cannot be read.
    """
    found = []
    for path in files_in(folder, suffix):
        try:
            idle = time.time() - path.stat().st_mtime
        except OSError:  # it has another name by now
            continue
        if idle >= seconds:
            found.append(path)
    return found
