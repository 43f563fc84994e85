"""A content-addressed store of embeddings in immutable Parquet parts.

The key of a vector is the sha256 of the image's bytes within a folder named by the digest of the model's contract, so a
renamed photo costs nothing and a changed weight file never serves a stale vector. A part is written to a temporary
name, synced and renamed into place: a killed process loses at most the part it was writing, and several processes may
write at once. Its name is its checksum; a damaged part is named, set aside, and its images are embedded again.
"""

import io
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl

from facegap.data.digests import Digests, Lookup
from facegap.store.folders import EMBEDDINGS
from facegap.store.part_files import read_table, sound, write_named
from facegap.store.part_store import PartStore
from facegap.store.records import SCHEMA, Record, check_records, records_of, table_of

FLUSH_RECORDS = 1024
FLUSH_SECONDS = 5.0


@dataclass(frozen=True)
class Loaded:
    """What the store knew: records by image, and the parts that could not be used."""

    records: dict[str, Record]
    damaged: tuple[Path, ...]


class EmbeddingStore(PartStore):
    """The store of embeddings below one folder."""

    kind = EMBEDDINGS

    def load(self, key: str, images: Collection[str], *, dimension: int | None = None) -> Loaded:
        """Return what is known of `images` (sha256) under the model digest `key`.

        `dimension`: of the model's embeddings, where it is known; a part with others is damaged.

        Raises:
            StoreError: the store cannot be read, or a newer facegap wrote to it.
        """
        damaged: list[Path] = []
        wanted = pl.Series(sorted(set(images)), dtype=pl.String).implode()
        parts = self.parts(key, dimension=dimension, damaged=damaged)
        found = [records_of(table.filter(pl.col("image").is_in(wanted))) for table in parts]
        return Loaded({record.image: record for records in found for record in records}, tuple(damaged))

    def parts(
        self, key: str, *, dimension: int | None = None, damaged: list[Path] | None = None
    ) -> Iterator[pl.DataFrame]:
        """Yield the table of every sound part, one at a time; an image may come again. Others come to `damaged`.

        Raises:
            StoreError: as `load`.
        """
        read = partial(self._read, dimension=dimension)
        for _, table in sound(self._folder(key), read, [] if damaged is None else damaged):
            yield table

    def images(self, key: str, *, dimension: int | None = None) -> Lookup:
        """Return the sha256 of every image that is known under the model digest `key`; see `load`.

        Raises:
            StoreError: the store cannot be read, or a newer facegap wrote to it.
        """
        found = [Digests.of(table["image"]).raw for table in self.parts(key, dimension=dimension)]
        return Lookup(Digests(np.concatenate(found)) if found else Digests.none(0))

    def writer(self, key: str) -> "PartWriter":
        """Return a writer for the model digest `key`; use it as a context."""
        return PartWriter(self, key)

    def add(self, key: str, records: Collection[Record]) -> None:
        """Write records as one part.

        Raises:
            StoreError: the store cannot be written.
        """
        folder = self.open(key)
        try:
            _write(folder, table_of(records))
        except OSError as error:
            raise self._cannot_write(error) from None

    def _read(self, path: Path, *, dimension: int | None = None) -> pl.DataFrame:
        table = read_table(path, SCHEMA)
        check_records(table, dimension=dimension)
        return table

    def _rewrite(self, path: Path, table: pl.DataFrame) -> None:
        _write(path.parent, table)


class PartWriter:
    """Collects records and writes them out in parts, every few seconds and at the end, also after an error.

    As a context it begins with the folder, so that a store that cannot be made is known before any work.
    """

    def __init__(self, store: EmbeddingStore, key: str) -> None:
        self._store = store
        self._key = key
        self._pending: dict[str, Record] = {}
        self._last = time.monotonic()

    def __enter__(self) -> "PartWriter":
        self._store.open(self._key)
        return self

    def __exit__(self, *_: object) -> None:
        self.flush()

    def add(self, record: Record) -> None:
        """Take a record, unless one of the same image waits; it is on disk after the next `flush`."""
        self._pending.setdefault(record.image, record)
        if len(self._pending) >= FLUSH_RECORDS or time.monotonic() - self._last >= FLUSH_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Write what is pending as one part.

        Raises:
            StoreError: the folder cannot be written.
        """
        self._last = time.monotonic()
        if self._pending:
            self._store.add(self._key, self._pending.values())
            self._pending = {}


def _write(folder: Path, table: pl.DataFrame) -> None:
    made = io.BytesIO()  # polars makes errors of its own out of a full disk
    table.write_parquet(made)
    write_named(folder, made.getvalue())
