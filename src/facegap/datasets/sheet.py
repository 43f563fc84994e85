"""Reading CSV, TSV and Parquet files into columns, with messages that say where in the file a fault is."""

import codecs
import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from facegap.data.templates import MEDIA, TEMPLATE
from facegap.datasets.image_columns import has_images, image_table
from facegap.datasets.room import check_parquet, unreadable_parquet
from facegap.datasets.sides import PATHS
from facegap.errors import InputError, Phrase
from facegap.run.ordinary import open_ordinary
from facegap.run.text import clean, one_line

PARQUET = frozenset({".parquet", ".pq"})
TEXT = frozenset({".csv", ".tsv", ".tab", ".txt"})

SEPARATOR = re.compile(r"\ufeff?\"?sep=(?P<separator>[,;\t|])\"?[ \t]*(?:\r?\n|$)", re.IGNORECASE)
"""What spreadsheets write before the header to say what separates the columns."""

PATH = ("path", "file", "filename", "image")
SUBJECT = ("subject", "identity", "person", "label", "name")
TEMPLATES = {TEMPLATE: ("template", "template_id", "tid"), MEDIA: ("media", "media_id", "mid")}
EMBEDDING = ("embedding", "embeddings", "vectors")


SIDES = (*PATHS[0], *PATHS[1])


@dataclass(frozen=True)
class Sheet:
    """The rows of one file. `lines` are their line numbers where it is a text file; `note` is for the summary."""

    path: Path
    frame: pl.DataFrame
    lines: tuple[int, ...] | None = None
    note: str = ""

    def where(self, row: int) -> Phrase:
        """Return in words where row number `row`, from 0, is."""
        if self.lines:
            return Phrase("{path}, row {row} (line {line})", path=self.path, row=row + 1, line=self.lines[row])
        return Phrase("{path}, row {row}", path=self.path, row=row + 1)

    def column(self, aliases: Sequence[str]) -> str | None:
        """Return the column of the first alias that there is, whatever its case, or None."""
        return find_column(self.frame.columns, aliases, self.path)


def find_column(columns: Sequence[str], aliases: Sequence[str], path: Path) -> str | None:
    """Return the name among `columns` of the first alias that there is, whatever its case, or None.

    Raises:
        InputError: two columns differ by case alone.
    """
    for alias in aliases:
        matches = [column for column in columns if column.lower() == alias]
        if len(matches) > 1:
            raise InputError(
                "{path} has two columns called {alias!r} ({matches}): remove one",
                path=path,
                alias=alias,
                matches=", ".join(matches),
            )
        if matches:
            return matches[0]
    return None


def read_sheet(path: Path, *, rows: int | None = None) -> Sheet:
    """Read a Parquet file, or a text file with a header line, separated by commas, tabs or semicolons.

    Columns of a text file are text, empty fields included. `rows` bounds how many rows are read.

    Raises:
        InputError: the file is damaged, malformed or has no rows.
    """
    if path.suffix.lower() in PARQUET:
        sheet = Sheet(path, _named(path, _read_parquet(path, rows)), note="images inside the file" * is_inside(path))
    else:
        text, note = read_text(path)
        sheet = _read_delimited(path, text, note, rows)
    if not sheet.frame.height:
        raise InputError("{path} has no rows: a table needs a header and a row per image", path=path)
    return sheet


def is_inside(path: Path) -> bool:
    """Return whether a table holds the images that it lists.

    Raises:
        InputError: it cannot be read.
    """
    return path.suffix.lower() in PARQUET and has_images(path, PATH, SIDES)


BEGIN = 1 << 16
"""Bytes that show whether a file is text at all, before the rest is read."""

WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

LARGEST_TEXT = 1_000_000_000
"""Bytes of the longest table of text: it is in memory as a whole."""


def read_text(path: Path) -> tuple[str, str]:
    """Return the text of a file, and a note where it is no UTF-8 but Shift-JIS, or UTF-16 with its mark.

    Raises:
        InputError: the file cannot be opened or is no text.
    """
    try:
        with open_ordinary(path, most=LARGEST_TEXT) as file:
            begin = file.read(BEGIN)
            wide = begin.startswith(WIDE)
            # Else it is no text, and the rest is not needed.
            data = begin + file.read() if wide or b"\0" not in begin else begin
    except OSError as error:
        raise InputError(
            "{path} cannot be read ({reason}): check the file and its permissions; save a very long table as Parquet",
            path=path,
            reason=error.strerror,
        ) from None
    usual = [("utf-8-sig", ""), ("cp932", "read as Shift-JIS (cp932), as it is not UTF-8")]
    for encoding, note in [("utf-16", "read as UTF-16")] if wide else usual:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text, note
    raise InputError("{path} is neither UTF-8, UTF-16 nor Shift-JIS text: save it as CSV in UTF-8", path=path)


def _read_delimited(path: Path, text: str, note: str, limit: int | None) -> Sheet:
    said = SEPARATOR.match(text)
    header = text[said.end() if said else 0 :].lstrip().partition("\n")[0]
    delimiter = said["separator"] if said else max(",\t;", key=header.count)
    rows: list[list[str]] = []
    lines: list[int] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            if any(field.strip() for field in row) and not (said and reader.line_num == 1):
                rows.append(row)
                lines.append(reader.line_num)
            if limit is not None and len(rows) > limit:
                break
    except csv.Error as error:
        raise InputError(
            "{path}, line {line_num}: {reason}; expected a line of a CSV table",
            path=path,
            line_num=reader.line_num,
            reason=one_line(error),
        ) from None
    for row, line in zip(rows, lines, strict=True):
        if len(row) != len(rows[0]):
            raise InputError(
                "{path}, line {line}: found {found} fields, expected {expected} as in the header",
                path=path,
                line=line,
                found=len(row),
                expected=len(rows[0]),
            )
    columns = zip(*rows, strict=True)
    # A column without a header is what spreadsheets leave beside the table.
    data = [pl.Series(clean(name), values, dtype=pl.String) for name, *values in columns if name.strip()]
    return Sheet(path, _named(path, data), tuple(lines[1:]), note)


def _read_parquet(path: Path, limit: int | None) -> list[pl.Series]:
    if is_inside(path):
        return image_table(path, PATH, SIDES, limit)
    check_parquet(path)
    try:
        # An open file, because polars would take `[` and `*` in a path for a pattern and `a=b/` for a column.
        with open_ordinary(path) as file:
            return pl.read_parquet(file, n_rows=limit).get_columns()
    except (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise unreadable_parquet(path, error) from None


def _named(path: Path, columns: list[pl.Series]) -> pl.DataFrame:
    names = [clean(column.name) for column in columns]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise InputError("{path} has two columns called {repeated!r}: rename one", path=path, repeated=repeated[0])
    return pl.DataFrame([column.alias(name) for column, name in zip(columns, names, strict=True)])
