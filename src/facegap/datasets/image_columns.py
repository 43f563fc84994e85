"""Parquet files with images in them, as Hugging Face writes them: a table whose paths lead into the file itself."""

import json
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from facegap.data.containers import ContainerError, container_of, member_path
from facegap.data.containers.parquet_images import ParquetImages, image_columns
from facegap.datasets.room import try_parquet
from facegap.errors import InputError
from facegap.run.text import one_line

NAMES = ("image", "img", "photo", "picture", "face", "jpg", "jpeg", "png", "webp", "image_bytes", "bytes")
"""What a column of images is called where other columns of bytes stand beside it; or a name of `sides.PATHS`."""

FEATURES = "huggingface"
"""Where Hugging Face writes the names of classes, in the metadata of the file."""


def has_images(path: Path, named: Sequence[str], sides: Sequence[str]) -> bool:
    """Return whether a Parquet file holds images: bytes beside a column of paths are none, unless they are called so.

    `named`, `sides`: see `image_table`.

    Raises:
        InputError: it cannot be read.
    """
    try_parquet(path)
    try:
        found = image_columns(str(path))
        schema = pl.read_parquet_schema(path) if found else {}
    except (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise InputError(
            "{path} is no readable Parquet file ({reason}): it may be damaged", path=path, reason=one_line(error)
        ) from None
    paths = [name for name, dtype in schema.items() if name.lower() in named and dtype == pl.String]
    sure = [name for name in found if schema[name] != pl.Binary or name.lower() in (*NAMES, *sides)]
    return bool(sure if paths else found)


def image_table(path: Path, named: Sequence[str], sides: Sequence[str], limit: int | None) -> list[pl.Series]:
    """Return the columns of a Parquet file, with the path of each image in place of it; other bytes are left out.

    Paths start at the folder of the file.
    A column of images is called `path` then, unless it is one side of a pair.

    Args:
        path: the file.
        named: what a column of paths is called, which gives way to the images.
        sides: what the columns of the two images of a pair are called.
        limit: how many rows are read.

    Raises:
        InputError: it cannot be read.
    """
    try:
        inside = container_of(path)
        assert isinstance(inside, ParquetImages)
        frame = pl.scan_parquet(path, glob=False, hive_partitioning=False)
        schema = frame.collect_schema()
        others = [at for at, name in enumerate(schema.names()) if name not in inside.columns]
        table = frame.select(pl.nth(others)).head(limit or inside.rows).collect() if others else pl.DataFrame()
        labels = _classes(path)
    except ContainerError as error:
        raise InputError("{path}: {reason}", path=path, reason=error.strerror) from None
    except (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise InputError(
            "{path} is no readable Parquet file ({reason}): it may be damaged", path=path, reason=one_line(error)
        ) from None
    rows = min(inside.rows, limit or inside.rows)
    used = _used(inside.columns, sides)
    columns = [
        pl.Series(
            name if name.lower() in sides else "path",
            [member_path(path.name, inside.name(row, name)) for row in range(rows)],
            dtype=pl.String,
        )
        for name in used
    ]
    taken = {*named, "path"} if any(column.name == "path" for column in columns) else set()
    for column in table.get_columns():
        if column.name.lower() not in taken:
            columns.append(_in_words(column, labels.get(column.name)))
    return columns


def _used(columns: Sequence[str], sides: Sequence[str]) -> list[str]:
    """Return the columns that are the images: those of a pair, else the one that is called so, else the first."""
    pair = [name for name in columns if name.lower() in sides]
    if len(pair) > 1:
        return pair
    return sorted(columns, key=lambda name: NAMES.index(name.lower()) if name.lower() in NAMES else len(NAMES))[:1]


def _in_words(column: pl.Series, names: Sequence[str] | None) -> pl.Series:
    """Return a column of numbers of classes as their names."""
    if names is None or not column.dtype.is_integer():
        return column
    words = [names[value] if value is not None and 0 <= value < len(names) else value for value in column]
    return pl.Series(column.name, [None if word is None else str(word) for word in words], dtype=pl.String)


def _classes(path: Path) -> dict[str, list[str]]:
    """Return the names of the classes that numbers stand for, by column."""
    try:
        features = json.loads(pl.read_parquet_metadata(path)[FEATURES])["info"]["features"]
        return {
            column: [str(name) for name in feature["names"]]
            for column, feature in features.items()
            if feature.get("_type") == "ClassLabel"
        }
    except (AttributeError, KeyError, TypeError, ValueError):  # not from there, or in a form of its own
        return {}
