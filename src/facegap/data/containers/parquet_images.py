"""Images in a column of a Parquet file, as Hugging Face stores them: a member is a row, read with its neighbours."""

import hashlib
from pathlib import Path

import polars as pl

from facegap.data.containers.place import MOST_MEMBERS, ContainerError, open_container
from facegap.errors import InputError, Phrase
from facegap.run.apart import tried

STRETCH = 64_000_000
"""About so many bytes are read at a time while a file is tried."""

TRY = 1_000_000_000
"""Bytes that trying a file may take, besides eight times its size."""

FEW, LEAST_BYTES = 1_000_000, 20
"""A file of more images than `FEW` has at least so many bytes of each; rows without any take none."""

BYTES = "bytes"
"""The field with the image file, in a column of records."""


class ParquetImages:
    """The images of a Parquet file by their rows, and by their column where there are several."""

    def __init__(self, path: str) -> None:
        """Look into a file, which was read once as a whole in a process of its own, for it may be hostile.

        Raises:
            OSError: it cannot be read, or is damaged.
        """
        self._path = path
        with open_container(path) as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            size = file.seek(0, 2)
        try:
            self.columns, self.rows = tried(
                contents, path,
                content=sha256, package="polars", room=TRY + 8 * size, error=InputError, name=path,
            )  # fmt: skip
        except InputError as error:
            raise ContainerError(str(error).removeprefix(f"{path} "), path) from None
        self.width = len(str(max(0, self.rows - 1)))
        self.members = {self.name(row, column): (row, column) for row in range(self.rows) for column in self.columns}

    def name(self, row: int, column: str) -> str:
        """Return the name of the image in a row and a column."""
        number = f"{row:0{self.width}d}"
        return number if len(self.columns) == 1 else f"{number}/{column}"

    def read(self, name: str, *, most: int) -> bytes:
        """See `Container`."""
        if name not in self.members:
            raise ContainerError("there is no such row in it", self._path)
        row, column = self.members[name]
        try:
            table = _scan(self._path).slice(row, 1).select(_images(self._path, column))
            (data,) = table.collect().to_series()
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException, ValueError) as error:
            raise ContainerError(
                Phrase("it cannot be read ({reason})", reason=" ".join(str(error).split())), self._path
            ) from None
        if data is None:
            raise ContainerError("the row has no image", self._path)
        if len(data) > most:
            raise ContainerError(
                Phrase("it has {size:,} bytes, more than {most:,}", size=len(data), most=most), self._path
            )
        return data


def image_columns(path: str) -> list[str]:
    """Return the columns of a Parquet file that hold files: bytes, or records with bytes."""
    return [name for name, dtype in _scan(path).collect_schema().items() if _holds_files(dtype)]


def contents(path: str) -> tuple[list[str], int]:
    """Return the columns of images in a Parquet file, and how many rows it has, after a look at all of them.

    Raises:
        InputError: it cannot be read.
    """
    try:
        columns = image_columns(path)
        rows = _scan(path).select(pl.len()).collect().item()
        size = Path(path).stat().st_size
        most = min(MOST_MEMBERS, max(FEW, size // LEAST_BYTES))
        if rows * len(columns) > most:
            raise InputError(
                "{path} declares more than {most:,} images in {size:,} bytes: split it if it is not hostile",
                path=path,
                most=most,
                size=size,
            )
        stretch = max(1, rows * STRETCH // max(STRETCH, size))
        for start in range(0, rows if columns else 0, stretch):
            _scan(path).slice(start, stretch).select(_images(path, name).bin.size() for name in columns).collect()
    except (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise InputError(
            "{path} is no readable Parquet file ({reason})", path=path, reason=" ".join(str(error).split())
        ) from None
    return columns, rows


def _scan(path: str) -> pl.LazyFrame:
    """Return a file to be read in parts; its name is no pattern, and its folders are no columns."""
    return pl.scan_parquet(Path(path), glob=False, hive_partitioning=False)


def _images(path: str, name: str) -> pl.Expr:
    dtype = _scan(path).collect_schema()[name]
    column = pl.nth(_scan(path).collect_schema().names().index(name))  # a name could be a pattern
    return column.struct.field(BYTES).alias(name) if isinstance(dtype, pl.Struct) else column


def _holds_files(dtype: pl.DataType) -> bool:
    if isinstance(dtype, pl.Struct):
        return any(field.name == BYTES and field.dtype == pl.Binary for field in dtype.fields)
    return dtype == pl.Binary
