"""What is known of the images of a manifest while they are embedded: the sha256 of each, and what models made of it."""

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl

from facegap.data.digests import Digests, Lookup
from facegap.faces import GivenFace
from facegap.jobs.chunks import Task, Worked, kept_under
from facegap.jobs.made_rows import MadeRows
from facegap.store import EmbeddingStore, Record, records_of


class Gathered:
    """A row for each image, and for each model. What is measured of images comes as one more model.

    Images are the same that are kept under the same name, or have the same path and bring no face with it.
    """

    def __init__(
        self,
        paths: pl.Series,
        given: Sequence[GivenFace | None],
        vectors: Sequence[np.ndarray],
        hashes: Sequence[str] | None,
    ) -> None:
        n = len(paths)
        self._paths, self._given = paths, given
        self._read = np.full(n, hashes is not None)
        self.hashes = Digests.none(n) if hashes is None else Digests(Digests.of(hashes).raw.copy())
        """(N,) sha256 in hex, "" where an image cannot be read; complete once all images were read."""
        self._with_faces = any(face is not None for face in given)
        self._file = np.arange(n, dtype=np.int32) if self._with_faces else _first_rows(paths)
        self._again = np.flatnonzero(self._file != np.arange(n))
        self.made = [MadeRows(each) for each in vectors]
        self._bytes: dict[int, int] = {}
        self.done = 0

    def missing(self) -> tuple[int, Iterator[Task]]:
        """Return how many images a model misses, and each, once where it is known to be the same."""
        first = self.first()
        lacks = [made.lack(first) for made in self.made]
        rows = np.flatnonzero(np.any(lacks, axis=0) & (first == np.arange(len(first)))).astype(np.int32)
        return len(rows), (self._task(int(row), lacks) for row in rows)

    def _task(self, row: int, lacks: Sequence[np.ndarray]) -> Task:
        models = tuple(k for k, lack in enumerate(lacks) if lack[row])
        image = self.hashes[row] if self._read[row] else None
        return Task(row, self._paths[row], image, models, self._given[row], self._bytes.get(row, 0))

    def take(self, worked: Worked) -> Iterator[tuple[int, Record]]:
        """Take what a worker did with a chunk, and yield each record with the number of its model."""
        for row, image in worked.images.items():
            self.hashes[row] = image
            self._read[row] = True
        self._bytes |= worked.heavy
        self.done += len(worked.images) - len(worked.heavy)
        for k, row in worked.stored:
            self.made[k].stored[row] = True
        for row, k, record in worked.made:
            self.made[k].put(row, record)
            yield k, record

    def look_up(self, store: EmbeddingStore, k: int, key: str, dimension: int) -> None:
        """Load what the store has under the `key` of model k of the images whose sha256 is known."""
        lack = self.made[k].lack(self.first()) & self.hashes.known
        if not lack.any():
            return
        lookup = Lookup(self._names())
        for table in store.parts(key, dimension=dimension):
            rows = lookup.rows(table["image"])
            wanted = (rows >= 0) & lack[rows]
            for row, record in zip(rows[wanted].tolist(), records_of(table.filter(wanted)), strict=True):
                self.made[k].put(row, record)
                self.made[k].loaded[row] = True

    def first(self) -> np.ndarray:
        """Return for each image the row, int32, of the first one that is the same."""
        for column in (self.hashes.raw, self._read):
            column[self._again] = column[self._file[self._again]]
        names = self._names()
        return np.where(names.known, names.first_rows(), self._file)

    def _names(self) -> Digests:
        """Return what embeddings of each image are kept under."""
        if not self._with_faces:
            return self.hashes
        return Digests.of(kept_under(image, face) for image, face in zip(self.hashes, self._given, strict=True))


def _first_rows(paths: pl.Series) -> np.ndarray:
    """Return for each row the first one, int32, that has the same path."""
    rows = pl.DataFrame({"path": paths, "row": np.arange(len(paths), dtype=np.int32)})
    return rows.select(pl.col("row").min().over("path"))["row"].to_numpy()
