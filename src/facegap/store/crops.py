"""A content-addressed store of face crops, in immutable parts: what a network is trained on is cut out once.

The key of a crop is the sha256 of the image's bytes within a folder named by what decides how it is cut. A part is a
table of what came of each image, and an array of pixels beside it under the same name. The table is named by its
checksum and holds that of the pixels. It is written last, so that a killed process loses at most the part it was
writing and several processes may write at once.
"""

import hashlib
import io
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from facegap.data.embeddings import Outcome
from facegap.data.statement import Statement
from facegap.store.folders import CROPS, folder_of
from facegap.store.part_files import (
    TABLE,
    Damaged,
    check_sha256,
    delete_file,
    open_regular,
    read_table,
    sound,
    write_file,
)
from facegap.store.part_store import PartStore
from facegap.store.records import DETAIL_VALUES, check_rows, detail_columns, detail_of

SCHEMA = pl.Schema(
    {"image": pl.String, "outcome": pl.UInt8, "detail": pl.String, "place": pl.Int64, "pixels": pl.String}
)
PIXELS = ".npy"
NOWHERE = -1


@dataclass(frozen=True, eq=False)
class FreshCrop:
    """What was cut of an image: `image` is the sha256 of its bytes, `pixels` (size, size, 3) uint8 or None."""

    image: str
    outcome: int
    detail: Statement | None
    pixels: np.ndarray | None


@dataclass(frozen=True)
class StoredCrop:
    """Where the crop of an image lies: at `place` of the array in the file `part`; `NOWHERE` if there is none."""

    outcome: int
    detail: Statement | None
    part: Path
    place: int


class CropStore(PartStore):
    """The store of crops below one folder."""

    kind = CROPS

    def load(self, key: str, images: Collection[str]) -> dict[str, StoredCrop]:
        """Return what is known of `images` (sha256) that were cut as `key` says, by image.

        Raises:
            StoreError: the store cannot be read, or a newer facegap wrote to it.
        """
        wanted = pl.Series(sorted(set(images)), dtype=pl.String).implode()
        found: dict[str, StoredCrop] = {}

        def read(path: Path) -> pl.DataFrame:
            table = _read(path).filter(pl.col("image").is_in(wanted))
            _check_pixels(path.with_suffix(PIXELS), table)
            return table

        for path, table in sound(self._folder(key), read, []):
            part = path.with_suffix(PIXELS)
            for row in table.iter_rows(named=True):
                found[row["image"]] = StoredCrop(row["outcome"], detail_of(row), part, row["place"])
        return found

    def fetched(self, part: Path) -> Path:
        """Return where a part lies here that another machine knows; a store at a URL is copied first, if it has to be.

        Raises:
            StoreError: the store cannot be read.
        """
        folder = folder_of(self.root, self.kind) / part.parent.name
        return (folder if (folder / part.name).is_file() else self._folder(part.parent.name)) / part.name

    def add(self, key: str, crops: Sequence[FreshCrop]) -> None:
        """Write crops as one part.

        Raises:
            StoreError: the store cannot be written.
        """
        made = [crop.pixels for crop in crops if crop.pixels is not None]
        table = pl.DataFrame(
            {
                "image": [crop.image for crop in crops],
                "outcome": [crop.outcome for crop in crops],
                **detail_columns([crop.detail for crop in crops]),
            },
            schema_overrides={DETAIL_VALUES: pl.String},
        )
        folder = self.open(key)
        try:
            _write(folder, table, np.stack(made) if made else None)
        except OSError as error:
            raise self._cannot_write(error) from None

    def _read(self, path: Path) -> pl.DataFrame:
        table = _read(path)
        _check_pixels(path.with_suffix(PIXELS), table)
        return table

    def _rewrite(self, path: Path, table: pl.DataFrame) -> None:
        places = table.filter(pl.col("outcome") == Outcome.OK)["place"].to_numpy()
        pixels = mapped(path.with_suffix(PIXELS))[places] if len(places) else None
        _write(path.parent, table.drop("place", "pixels"), pixels)

    def _delete(self, path: Path) -> None:
        super()._delete(path)
        delete_file(path.with_suffix(PIXELS))


def mapped(part: Path) -> np.ndarray:
    """Return the crops (n, size, size, 3) uint8 of a part, read from disk when they are looked at."""
    return np.load(part, mmap_mode="r")


def _read(path: Path) -> pl.DataFrame:
    table = read_table(path, SCHEMA)
    check_rows(table)
    return table


def _check_pixels(path: Path, table: pl.DataFrame) -> None:
    """Check the pixels of a part, unless no row of the table has some.

    Raises:
        Damaged: they are not those that were written.
    """
    table = table.filter(pl.col("outcome") == Outcome.OK)
    if not len(table):
        return
    try:
        with open_regular(path) as file:
            check_sha256(file, table["pixels"][0] or "")
        pixels = mapped(path)
    except (OSError, ValueError, EOFError, Damaged) as error:
        reason = error if isinstance(error, Damaged) else "they cannot be read"
        raise Damaged(f"its pixels in {path.name}: {reason}") from None
    sides = set(pixels.shape[1:3])
    if pixels.dtype != np.uint8 or pixels.ndim != 4 or pixels.shape[3] != 3 or len(sides) != 1:
        raise Damaged(f"its pixels in {path.name} are no square crops")
    if not table["place"].is_between(0, len(pixels) - 1).fill_null(False).all():
        raise Damaged(f"its pixels in {path.name} are too few")


def _write(folder: Path, table: pl.DataFrame, pixels: np.ndarray | None) -> None:
    """Write a part: a table without its last two columns, and the pixels of its rows that are cut, in their order."""
    cut = (table["outcome"] == Outcome.OK).to_numpy()
    data = b"" if pixels is None else _saved(pixels)
    table = table.with_columns(
        place=pl.Series(np.where(cut, np.cumsum(cut) - 1, NOWHERE)),
        pixels=pl.lit(hashlib.sha256(data).hexdigest() if data else None),
    ).select(*(pl.col(name).cast(kind) for name, kind in SCHEMA.items()), pl.col(rf"^{DETAIL_VALUES}$"))
    made = io.BytesIO()
    table.write_parquet(made)
    path = folder / f"{hashlib.sha256(made.getvalue()).hexdigest()}{TABLE}"
    if data:
        write_file(path.with_suffix(PIXELS), data)
    write_file(path, made.getvalue())


def _saved(pixels: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, pixels)
    return file.getvalue()
