"""Embeddings that were computed elsewhere: `.npz` or Parquet."""

import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import numpy as np
import polars as pl

from facegap.data.finding import Finding, FindingCode
from facegap.datasets.part import InputPart
from facegap.datasets.room import check_room
from facegap.datasets.sheet import EMBEDDING, PARQUET, PATH, SUBJECT, Sheet, find_column, read_sheet
from facegap.datasets.table import labelled
from facegap.errors import InputError, Phrase
from facegap.run.ordinary import open_ordinary
from facegap.run.text import in_a_row, one_line


def read_saved(path: Path) -> InputPart:
    """Return saved embeddings: float32 vectors as they are, NaN where a row of a Parquet file has none.

    A `.npz` holds `embedding` (N, D), `subject` (N,) and any attributes (N,), no pickled objects; a Parquet file
    holds a list per row. Rows without a `path` are called after the file and their number.

    Raises:
        InputError: the file is damaged, or an array is missing or has the wrong shape.
    """
    read_file = _read_parquet if path.suffix.lower() in PARQUET else _read_npz
    vectors, sheet, passed_over = read_file(path)
    if sheet.column(PATH) is None:
        width = len(str(len(vectors) - 1))
        labels = pl.Series("path", [f"{path.name}#{row:0{width}d}" for row in range(len(vectors))])
        sheet = replace(sheet, frame=sheet.frame.with_columns(labels))
    frame, findings = labelled(sheet)
    how = f"saved embeddings of {vectors.shape[1]} dimensions"
    return InputPart(frame, "embeddings", how, findings=passed_over + findings, vectors=vectors)


def _read_parquet(path: Path) -> tuple[np.ndarray, Sheet, tuple[Finding, ...]]:
    sheet = read_sheet(path)
    name = sheet.column(EMBEDDING)
    if name is None or sheet.column(SUBJECT) is None:
        raise _missing(path, sheet.frame.columns)
    try:
        lists = sheet.frame[name].cast(pl.List(pl.Float32))
    except pl.exceptions.PolarsError:
        raise InputError(
            "{path}: the column {name!r} is {dtype}, expected a list of numbers per row",
            path=path,
            name=name,
            dtype=sheet.frame[name].dtype,
        ) from None
    lengths = lists.list.len()
    dimensions = lengths.drop_nulls().unique().sort().to_list()
    if len(dimensions) != 1 or not dimensions[0]:
        if not dimensions:
            raise InputError(
                "{path}: the lists of {name!r} have no numbers, expected one length in all rows", path=path, name=name
            )
        raise InputError(
            "{path}: the lists of {name!r} have {lengths} numbers, expected one length in all rows",
            path=path,
            name=name,
            lengths=", ".join(map(str, dimensions)),
        )
    vectors = np.full((len(lists), dimensions[0]), np.nan, dtype=np.float32)
    vectors[lists.is_not_null().to_numpy()] = lists.drop_nulls().explode().to_numpy().reshape(-1, dimensions[0])
    return vectors, replace(sheet, frame=sheet.frame.drop(name)), ()


def _read_npz(path: Path) -> tuple[np.ndarray, Sheet, tuple[Finding, ...]]:
    arrays, unreadable = _load(path)
    name, subject = find_column(list(arrays), EMBEDDING, path), find_column(list(arrays), SUBJECT, path)
    if name is None or subject is None:
        damaged = (Phrase("{name} (unreadable: {error})", name=name, error=error) for name, error in unreadable.items())
        raise _missing(path, [*arrays, *damaged])
    vectors = arrays.pop(name)
    if vectors.ndim != 2 or not vectors.size or vectors.dtype.kind not in "fiu":
        raise InputError(
            "{path}: {name!r} has shape {shape} of {dtype}, expected (N, D) numbers",
            path=path,
            name=name,
            shape=vectors.shape,
            dtype=vectors.dtype,
        )
    if arrays[subject].shape != (len(vectors),):
        shape = arrays[subject].shape
        raise InputError(
            "{path}: {subject!r} has shape {shape}, expected ({n_vectors},), one per row of {name!r}",
            path=path,
            subject=subject,
            shape=shape,
            n_vectors=len(vectors),
            name=name,
        )
    columns = {key: array for key, array in arrays.items() if array.shape == (len(vectors),)}
    check_room(path, path.stat().st_size, values=len(vectors) * len(columns))
    others = sorted(set(arrays) - set(columns))
    said = {"place": str(path), "arrays": others, "unreadable": list(unreadable), "errors": list(unreadable.values())}
    with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite, and is counted as a failure later
        vectors = vectors.astype(np.float32)
    sheet = Sheet(path, pl.DataFrame([_series(path, key, array) for key, array in columns.items()]))
    return vectors, sheet, (Finding.of(FindingCode.UNUSED_ARRAYS, **said),) if others or unreadable else ()


def _load(path: Path) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Return the arrays of a file, and of those that cannot be read the error."""
    arrays: dict[str, np.ndarray] = {}
    unreadable = {}
    try:
        with open_ordinary(path) as file:  # numpy leaves a damaged file open
            archive = np.load(file, allow_pickle=False)
            if not isinstance(archive, np.lib.npyio.NpzFile):
                raise InputError(
                    "{path} holds a single array: save it with numpy.savez, `embedding` beside `subject`", path=path
                )
            size = path.stat().st_size
            check_room(path, size, arrays=_declared(file))
            for name in archive.files:
                try:
                    arrays[name] = archive[name]
                except Exception as error:  # pickled objects, a damaged or an encrypted member
                    unreadable[name] = one_line(error)
    except InputError:
        raise
    except Exception as error:  # a damaged archive may fail anywhere in the decoder
        raise InputError(
            "{path} is no readable .npz file ({reason}): save it with numpy.savez", path=path, reason=one_line(error)
        ) from None
    return arrays, unreadable


def _declared(file: BinaryIO) -> int:
    """Return how many bytes the members of an archive have when they are unpacked."""
    with zipfile.ZipFile(file) as archive:
        return sum(member.file_size for member in archive.infolist())


def _series(path: Path, name: str, array: np.ndarray) -> pl.Series:
    try:
        return pl.Series(name, np.char.decode(array, "utf-8") if array.dtype.kind == "S" else array)
    except (UnicodeDecodeError, TypeError, ValueError, pl.exceptions.PolarsError) as error:
        raise InputError(
            "{path}: {name!r} is no text ({reason}): save it with .astype(str)",
            path=path,
            name=name,
            reason=one_line(error),
        ) from None


def _missing(path: Path, found: Sequence[str]) -> InputError:
    return InputError(
        "{path} holds {found}: expected `embedding` (or {embedding}) and `subject` (or {subject})",
        path=path,
        found=in_a_row(found) if found else Phrase("nothing"),
        embedding=", ".join(EMBEDDING[1:]),
        subject=", ".join(SUBJECT[1:]),
    )
