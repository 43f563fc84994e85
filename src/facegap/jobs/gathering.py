"""What is known of the images of a manifest while they are embedded: the sha256 of each, and what models made of it."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

import numpy as np

from facegap.faces import GivenFace
from facegap.jobs.chunks import Task, Worked, kept_under
from facegap.store import EmbeddingStore, Record


class Gathered:
    """Records by model and image. What is measured of images comes as one more model.

    Vectors lie in the (N, D) float32 `vectors` of each model, in the row of an image. An image goes by what it is kept
    under, or by its path and the face given with it where it cannot be read.
    """

    def __init__(
        self,
        paths: Sequence[str],
        given: Sequence[GivenFace | None],
        vectors: Sequence[np.ndarray],
        hashes: Sequence[str] | None,
    ) -> None:
        self._paths = paths
        self._given = given
        self._images: dict[str, str] = dict(zip(paths, hashes, strict=True)) if hashes else {}
        self._made: list[dict[str, Record]] = [{} for _ in vectors]
        self._loaded: list[dict[str, Record]] = [{} for _ in vectors]
        self._stored: list[set[str]] = [set() for _ in vectors]
        self._vectors = vectors
        self._bytes: dict[int, int] = {}
        self.done = 0

    @property
    def hashes(self) -> list[str]:
        """(N,) sha256 in hex, "" where an image cannot be read; complete once all images were read."""
        return [self._images[path] for path in self._paths]

    def missing(self) -> list[Task]:
        """Return what is still to be done: every image that a model misses, once where it is known to be the same."""
        tasks: list[Task] = []
        begun: set[str] = set()
        for row, (path, name) in enumerate(zip(self._paths, self._names(), strict=True)):
            models = tuple(k for k in range(len(self._made)) if not self._record(k, name))
            if models and name not in begun:
                begun.add(name)
                image, given = self._images.get(path), self._given[row]
                tasks.append(Task(row, path, image, models, given, self._bytes.get(row, 0)))
        return tasks

    def take(self, worked: Worked) -> Iterator[tuple[int, Record]]:
        """Take what a worker did with a chunk, and yield each new record with the number of its model."""
        for row, image in worked.images.items():
            self._images[self._paths[row]] = image
        self._bytes |= worked.heavy
        self.done += len(worked.images) - len(worked.heavy)
        for k, name in worked.stored:
            self._stored[k].add(name)
        for row, k, record in worked.made:
            name = record.image or self._unread(row)
            if not self._record(k, name):  # else files far apart hold the same bytes
                self._made[k][name] = self._placed(record, k, row)
                yield k, record

    def look_up(self, store: EmbeddingStore, k: int, key: str, known: Collection[str], dimension: int) -> None:
        """Load what the store has of the images that are known to be in it, under the `key` of model k.

        These are those of `known`, and those that workers stored.
        """
        there = (name for name in self._names() if name in known or name in self._stored[k])
        if wanted := {name for name in there if not self._record(k, name)}:
            rows = {name: row for row, name in enumerate(self._names()) if name in wanted}
            for record in store.records(key, wanted, dimension=dimension):
                self._loaded[k][record.image] = self._placed(record, k, rows[record.image])

    def records(self, k: int) -> list[Record]:
        """Return N records of model k."""
        found = [self._record(k, name) for name in self._names()]
        return [record for record in found if record is not None]

    def found(self, k: int) -> int:
        """Return of how many images the store had what model k makes, before this run."""
        return sum(name in self._loaded[k] and name not in self._stored[k] for name in self._names())

    def _record(self, k: int, name: str) -> Record | None:
        return self._made[k].get(name) or self._loaded[k].get(name)

    def _placed(self, record: Record, k: int, row: int) -> Record:
        """Return the record with its vector in a row of the array for those of model k."""
        if record.vector is None:
            return record
        self._vectors[k][row] = record.vector
        return replace(record, vector=self._vectors[k][row])

    def _names(self) -> Iterator[str]:
        for row, (path, given) in enumerate(zip(self._paths, self._given, strict=True)):
            yield kept_under(self._images.get(path, ""), given) or self._unread(row)

    def _unread(self, row: int) -> str:
        path, given = self._paths[row], self._given[row]
        return f"\0{kept_under(path, given)}"  # no path of a file has a NUL first, nor has a sha256
