"""What a store holds, and how what is not wanted leaves it: embeddings and crops are personal data."""

import shutil
import time
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from facegap.data.embeddings import Outcome
from facegap.errors import StoreError
from facegap.store.crops import PIXELS, CropStore
from facegap.store.folders import SUMS, files_in, key_folders, older_folders
from facegap.store.measured import MeasureStore
from facegap.store.mirror import mirror_at
from facegap.store.part_files import DAMAGED, DEAD_AFTER, DRAFT, TABLE, idle_files
from facegap.store.parts import EmbeddingStore
from facegap.store.scores import ScoreStore

CONTENTS_SCHEMA = pl.Schema(
    {
        "kind": pl.String,
        "key": pl.String,
        "parts": pl.Int64,
        "images": pl.Int64,
        "failed": pl.Int64,
        "bytes": pl.Int64,
        "written": pl.Datetime("ms", "UTC"),
    }
)
"""A row for each key: `images` counts those that have what is kept, `failed` those that have none. `bytes`:
of all its files. `written`: when the latest part was."""

KINDS = {"embeddings": EmbeddingStore, "crops": CropStore, "measures": MeasureStore, "scores": ScoreStore}

_COUNTED = {"image": pl.String, "outcome": pl.UInt8}


@dataclass(frozen=True)
class Removed:
    """What left a store, failures included: `embeddings`, `crops` and `measures` of images, `scores` of two.

    `files`: those that are never read.
    """

    embeddings: int
    crops: int
    measures: int
    scores: int
    files: int


def contents(root: Path) -> pl.DataFrame:
    """Return what a store holds in the columns of `CONTENTS_SCHEMA`; damaged parts are named and set aside.

    Raises:
        StoreError: the store cannot be read, or a newer facegap wrote to it.
    """
    older_folders(root)
    rows = []
    for kind, made in KINDS.items():
        store = made(root)
        for folder in store.folders():
            found = [(path, table.select("image", "outcome")) for path, table in store.tables(folder)]
            images = pl.concat([pl.DataFrame(schema=_COUNTED), *(table for _, table in found)])
            usable = images.filter(pl.col("outcome") == Outcome.OK)["image"].n_unique()
            every = images["image"].n_unique()
            written = max((path.stat().st_mtime for path, _ in found), default=None)
            taken = sum(path.stat().st_size for path in folder.iterdir())
            rows.append((kind, folder.name, len(found), usable, every - usable, taken, written))
    frame = pl.DataFrame(rows, schema={**CONTENTS_SCHEMA, "written": pl.Float64}, orient="row")
    return frame.with_columns((pl.col("written") * 1000).cast(CONTENTS_SCHEMA["written"]))


def forget(root: Path, images: Collection[str]) -> Removed:
    """Remove all that a store holds of `images` (sha256), and all files of which it cannot say what they hold.

    Raises:
        StoreError: the store cannot be read or written, or a newer facegap wrote to it.
    """
    older_folders(root)
    removed = {kind: made(root).forget(images) for kind, made in KINDS.items()}
    return Removed(**removed, files=_remove_unread(root))


def prune(root: Path, images: Collection[str] | None = None) -> Removed:
    """Remove what is never read: damaged and unfinished files, and parts of older versions.

    `images` (sha256): where given, remove all that the store holds of others too.

    Raises:
        StoreError: the store cannot be read or written, or a newer facegap wrote to it.
    """
    older_folders(root)
    removed = {kind: 0 if images is None else made(root).keep_only(images) for kind, made in KINDS.items()}
    return Removed(**removed, files=_remove_unread(root, idle=DEAD_AFTER))


def _remove_unread(root: Path, *, idle: float = 0.0) -> int:
    """Remove the files that are never read, and return how many; unfinished ones only if idle for so many seconds."""
    mirror = mirror_at(root)
    elsewhere = 0 if mirror is None else mirror.remove_damaged()
    unread = [*older_folders(root), *_unread(root, idle)]
    try:
        for path in unread:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(
            "{filename} cannot be removed ({reason}): its owner can do it",
            filename=error.filename,
            reason=error.strerror,
        ) from None
    return len(unread) + elsewhere


def _unread(root: Path, idle: float) -> Iterator[Path]:
    for folder in key_folders(root, SUMS):
        with suppress(FileNotFoundError):  # its study has its numbers by now
            if time.time() - folder.stat().st_mtime >= idle:
                yield folder
    for store in (made(root) for made in KINDS.values()):
        for folder in store.folders():
            for _ in store.tables(folder):  # sets aside what is damaged
                pass
            yield from files_in(folder, DAMAGED)
            yield from idle_files(folder, DRAFT, idle)
            named = {path.stem for path in files_in(folder, TABLE)}
            yield from (path for path in idle_files(folder, PIXELS, idle) if path.stem not in named)
