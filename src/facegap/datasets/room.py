"""How much memory a table or saved embeddings may take: a small file can declare a lot."""

import hashlib
import os
from functools import lru_cache
from pathlib import Path

import polars as pl

from facegap.errors import InputError
from facegap.run.apart import tried
from facegap.run.ordinary import open_ordinary
from facegap.run.text import one_line

ROOM = 300_000_000
"""Bytes that the contents of any file may take."""

ARRAY_RATIO, TABLE_RATIO = 8, 100
"""Times its own size that a file's contents may take where that is more. Embeddings are hardly compressed; a table of
paths is, and takes more in memory than on disk."""

VALUE = 100
"""Bytes of a value of a table in memory, a text in Python."""

ROWS = 1 << 20
"""How many rows of a Parquet file are read at once."""

WHOLE = 200_000_000
"""Bytes of the largest Parquet file that is tried as a whole."""

_TRY = 1_000_000_000
"""Bytes that reading a Parquet file may take, besides eight times its size, while it is tried."""


def check_room(path: Path, size: int, *, values: int = 0, arrays: int = 0) -> None:
    """Refuse a file of `size` bytes that holds far more than it can need.

    Args:
        path: the file.
        size: its bytes.
        values: of the table in it, rows times columns.
        arrays: bytes of the arrays in it.

    Raises:
        InputError: it does.
    """
    needed, room = VALUE * values + arrays, max(ROOM, (TABLE_RATIO if values else ARRAY_RATIO) * size)
    if needed > room:
        raise InputError(
            "{path} has {size:,} bytes, but its contents take {needed:,}, more than the {room:,} that are allowed: "
            "it is damaged or hostile; split it if it is neither",
            path=path,
            size=size,
            needed=needed,
            room=room,
        )


def check_parquet(path: Path) -> None:
    """Refuse a Parquet file that is damaged or holds more than a table may.

    Raises:
        InputError: it is one of these.
    """
    values, arrays = try_parquet(path)
    check_room(path, path.stat().st_size, values=values, arrays=arrays)


def try_parquet(path: Path) -> tuple[int, int]:
    """Return what `parquet_contents` says of a file, found out once in a process of its own.

    Raises:
        InputError: it is damaged.
    """
    try:
        found = path.stat()
        sha256 = _sha256(path, found.st_size, found.st_mtime_ns)
    except OSError as error:
        raise InputError(
            "{path} cannot be read ({reason}): check the file and its permissions", path=path, reason=error.strerror
        ) from None
    values, arrays = tried(
        parquet_contents, path,
        content=sha256, package="polars", room=_TRY + 8 * min(found.st_size, WHOLE), error=InputError, name=str(path),
    )  # fmt: skip
    return values, arrays


def parquet_contents(path: Path) -> tuple[int, int]:
    """Return how many values a Parquet file holds, rows times columns, and the bytes of those that were read.

    All rows are read, in batches; of a file of more than `WHOLE` bytes the first batch is.

    Raises:
        InputError: it cannot be read.
    """
    try:
        with open_ordinary(path) as file:
            large = os.fstat(file.fileno()).st_size > WHOLE
        frame = scanned(path)
        height, width = frame.select(pl.len()).collect().item(), len(frame.collect_schema())
        starts = range(0, 1 if large else height, ROWS)
        return height * width, sum(int(frame.slice(start, ROWS).collect().estimated_size()) for start in starts)
    except (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise unreadable_parquet(path, error) from None


def scanned(path: Path) -> pl.LazyFrame:
    """Return a Parquet file that is read when it is asked for. `[`, `*` and `a=b/` in its path mean nothing."""
    return pl.scan_parquet(path, glob=False, hive_partitioning=False)


def unreadable_parquet(path: Path, error: BaseException) -> InputError:
    """Return the error of a Parquet file that cannot be read."""
    return InputError(
        "{path} is no readable Parquet file ({reason}): it may be damaged or encrypted",
        path=path,
        reason=one_line(error),
    )


@lru_cache(maxsize=16)
def _sha256(path: Path, size: int, changed: int) -> str:
    with open_ordinary(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
