"""Files of any length, in batches of rows."""

import csv
from collections.abc import Iterator, Sequence
from io import BufferedReader
from pathlib import Path

import polars as pl

from facegap.datasets.room import ROWS, scanned, try_parquet, unreadable_parquet
from facegap.datasets.sheet import PARQUET, SEPARATOR
from facegap.errors import InputError
from facegap.run.ordinary import open_ordinary
from facegap.run.text import clean, one_line

BYTES = 1 << 25
"""How much of a text file is read at once."""

LONGEST_LINE = 1 << 20
"""Bytes of a line; a longer one is no row of a table."""

LARGEST_LIST = 1 << 40
"""Bytes of the largest list of scores that is gone through; it is never in memory as a whole."""


def columns_of(path: Path) -> list[str]:
    """Return the names of the columns of a table.

    Raises:
        InputError: the file cannot be read.
    """
    if path.suffix.lower() in PARQUET:
        try_parquet(path)
        try:
            return list(map(clean, scanned(path).collect_schema().names()))
        except (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
            raise unreadable_parquet(path, error) from None
    return _header(path)[0]


def batches(path: Path) -> Iterator[pl.DataFrame]:
    """Yield the rows of a table, a Parquet file or a text file with a header, whose columns are then text.

    Raises:
        InputError: the file cannot be read.
    """
    if path.suffix.lower() not in PARQUET:
        names, separator, begin = _header(path)
        yield from _parsed(path, names, separator, begin)
        return
    frame = scanned(path)
    start = 0
    while (batch := _collected(path, frame.slice(start, ROWS))).height:
        yield batch.rename(dict(zip(batch.columns, columns_of(path), strict=True)))
        start += batch.height


def lines(path: Path) -> Iterator[pl.Series]:
    """Yield the lines of a text file that are not blank, without white space around them.

    Raises:
        InputError: the file cannot be read.
    """
    for batch in _parsed(path, ["line"], "\x1f", 0, quote=None):
        stripped = batch["line"].drop_nulls().str.strip_chars()
        yield stripped.filter(stripped != "")


def first_line(path: Path) -> str:
    """Return the first line of a text file that is not blank, or "" where it is no text."""
    if path.suffix.lower() in PARQUET:
        return ""
    try:
        with open_ordinary(path, most=LARGEST_LIST) as file:
            text = file.read(1 << 16).decode("utf-8-sig", errors="replace")
    except OSError:
        return ""
    return "" if "\0" in text else next((line.strip() for line in text.splitlines() if line.strip()), "")


def _header(path: Path) -> tuple[list[str], str, int]:
    """Return the names in the first line of a text file, what separates them, and where the next line begins."""
    try:
        with open_ordinary(path, most=LARGEST_LIST) as file:
            line = _line(path, file)
            said = SEPARATOR.match(line.decode("utf-8-sig"))
            begin = len(line)
            line = _line(path, file) if said else line
            begin += len(line) if said else 0
        text = line.decode("utf-8-sig")
    except OSError as error:
        raise InputError(
            "{path} cannot be read ({reason}): check the file and its permissions", path=path, reason=error.strerror
        ) from None
    except UnicodeDecodeError:
        raise InputError("{path} is no text in UTF-8: save it as CSV in UTF-8", path=path) from None
    separator = said["separator"] if said else max(",	;", key=text.count)
    first = next(iter(text.strip().splitlines()), "")  # a carriage return may end it too
    names = next(csv.reader([first], delimiter=separator), [])
    return list(map(clean, names)), separator, begin


def _line(path: Path, file: BufferedReader) -> bytes:
    """Return the rest of a line."""
    line = file.readline(LONGEST_LINE + 1)
    if len(line) > LONGEST_LINE:
        raise InputError(
            "{path} has a line of more than {longest_line:,} bytes: it is no table",
            path=path,
            longest_line=LONGEST_LINE,
        )
    return line


def _parsed(
    path: Path, names: Sequence[str], separator: str, begin: int, *, quote: str | None = '"'
) -> Iterator[pl.DataFrame]:
    schema = dict.fromkeys(names, pl.String)
    try:
        with open_ordinary(path, most=LARGEST_LIST) as file:
            file.seek(begin)
            while part := file.read(BYTES):
                part += _line(path, file)
                if part.strip():
                    yield pl.read_csv(part, has_header=False, schema=schema, separator=separator, quote_char=quote)
    except OSError as error:
        raise InputError(
            "{path} cannot be read ({reason}): check the file and its permissions", path=path, reason=error.strerror
        ) from None
    except pl.exceptions.PolarsError as error:
        raise InputError(
            "{path} is no table in UTF-8 ({reason}): every line needs the same fields",
            path=path,
            reason=one_line(error),
        ) from None


def _collected(path: Path, frame: pl.LazyFrame) -> pl.DataFrame:
    try:
        return frame.collect()
    except (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise unreadable_parquet(path, error) from None
