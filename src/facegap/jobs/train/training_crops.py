"""The faces a network is trained on, cut out in parallel and kept between runs."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache, partial
from pathlib import Path

import msgspec
import numpy as np

from facegap.data.embeddings import Outcome
from facegap.data.failure import FailureCode, unread
from facegap.data.manifest import Manifest
from facegap.data.spec import FaceSpec
from facegap.data.statement import Statement
from facegap.faces import DEFAULT_FACES, Cropper, FaceOptions, Unreadable, make_cropper
from facegap.jobs.chunks import Chunk, Task, chunks, kept_under, photo_of, read_task
from facegap.jobs.embedding import SERIAL_IMAGES, Pace
from facegap.jobs.given_faces import given_faces
from facegap.run.executor import Executor, Processes, Serial, available_workers
from facegap.run.progress import Progress, silent
from facegap.store.crops import NOWHERE, CropStore, FreshCrop, StoredCrop, mapped

PART = 512
"""Crops that are written to disk together."""

OPEN_PARTS = 4096


@dataclass(frozen=True)
class Crops:
    """One crop per image of the manifest, failed ones included; the pixels stay on disk.

    `outcome`: (N,) uint8, see `Outcome`. `detail`: N reasons, None where there is no failure. `part`,
    `place`: N files and (N,) where in them the pixels lie.
    """

    size: int
    outcome: np.ndarray
    detail: tuple[Statement | None, ...]
    part: tuple[Path, ...]
    place: np.ndarray

    def __len__(self) -> int:
        return len(self.outcome)

    @property
    def ok(self) -> np.ndarray:
        """(N,) bool: rows that have a crop."""
        return self.outcome == Outcome.OK

    def __getitem__(self, row: int) -> np.ndarray:
        """Return the crop (size, size, 3) uint8 RGB of a row that has one."""
        return _open(self.part[row])[self.place[row]]

    def stack(self, rows: np.ndarray) -> np.ndarray:
        """Return the crops (n, size, size, 3) uint8 RGB of rows that have one."""
        return np.stack([self[int(row)] for row in rows]) if len(rows) else np.empty((0, self.size, self.size, 3))

    def batches(self, rows: np.ndarray, size: int) -> Iterator[np.ndarray]:
        """Yield the crops of rows that have one, `size` at a time."""
        for start in range(0, len(rows), size):
            yield self.stack(rows[start : start + size])

    def fetched(self, store: CropStore) -> "Crops":
        """Return the same crops as they lie in a store of this machine, the copy of one at a URL.

        Raises:
            StoreError: the store cannot be read.
        """
        here = {part: store.fetched(part) for part in set(self.part) if part.name}
        return replace(self, part=tuple(here.get(part, part) for part in self.part))


_open = lru_cache(maxsize=OPEN_PARTS)(mapped)


def cut_faces(
    manifest: Manifest,
    hashes: Sequence[str],
    store: CropStore,
    *,
    crop: str,
    size: int,
    faces: FaceOptions = DEFAULT_FACES,
    workers: int | None = None,
    executor: Executor | None = None,
    pace: Pace = iter,
    progress: Progress = silent,
) -> Crops:
    """Cut the face out of every image as `evaluate` does; what was cut before is only looked up.

    `hashes`: (N,) sha256 of the files in hex, "" where one cannot be read. A bad image becomes an outcome.

    Raises:
        InputError: the options are unknown.
        ModelError: the detector cannot be loaded.
        StoreError: the store cannot be read or written.
    """
    spec = faces.spec(crop)
    key = hashlib.sha256(msgspec.json.encode([crop, size, asdict(spec)])).hexdigest()
    given = given_faces(manifest, faces)
    kept = [kept_under(image, face) for image, face in zip(hashes, given, strict=True)]
    known = store.load(key, kept)
    missing = {image: row for row, image in enumerate(kept) if image and image not in known}
    tasks = [Task(row, manifest.paths[row], hashes[row], (), given[row]) for row in missing.values()]
    workers = workers or available_workers()
    executor = executor or (Serial() if workers == 1 or len(tasks) <= SERIAL_IMAGES else Processes(workers))
    waiting: list[FreshCrop] = []
    unreadable: dict[str, StoredCrop] = {}
    done = 0
    maker, total = partial(_make_worker, crop, size, faces, spec), len(tasks)
    while tasks:
        heavy: list[Task] = []
        for made in executor.map(maker, pace(chunks(tasks)), weigh=lambda c: c.weight):
            for fresh in made:
                if isinstance(fresh, Task):
                    heavy.append(fresh)
                    continue
                done += 1
                if fresh.outcome == Outcome.UNREADABLE:
                    unreadable[fresh.image] = StoredCrop(fresh.outcome, fresh.detail, Path(), NOWHERE)
                else:
                    waiting.append(fresh)
            progress("cutting faces out", done, total)
            if len(waiting) >= PART:
                store.add(key, waiting)
                waiting = []
        tasks = heavy
    if waiting:
        store.add(key, waiting)
    return _crops(size, kept, store.load(key, kept) | unreadable)


def _make_worker(crop: str, size: int, faces: FaceOptions, spec: FaceSpec) -> Callable[[Chunk], list[FreshCrop | Task]]:
    faces.check(crop, spec)
    cropper = make_cropper(crop, size, detector=faces.detector, rule=faces.rule, min_face=faces.min_face)
    return lambda chunk: [_cut(cropper, task, faces) for task in chunk.tasks]


def _cut(cropper: Cropper, task: Task, faces: FaceOptions) -> FreshCrop | Task:
    """Return the crop of an image, or the task with the bytes that it takes; see `photo_of`."""
    kept = kept_under(task.image or "", task.given)
    try:
        _, data = read_task(task)
        photo = photo_of(data, task, faces)
        if isinstance(photo, int):
            return replace(task, bytes=photo)
        found = cropper.crop(photo)
    except OSError as error:
        return FreshCrop(kept, Outcome.UNREADABLE, unread(error), None)
    except Unreadable as error:
        return FreshCrop(kept, Outcome.UNREADABLE, error.said, None)
    return FreshCrop(kept, found.outcome, found.detail, found.pixels)


def _crops(size: int, hashes: Sequence[str], known: dict[str, StoredCrop]) -> Crops:
    unreadable = StoredCrop(Outcome.UNREADABLE, Statement.of(FailureCode.NOT_OPENED), Path(), NOWHERE)
    rows = [known.get(image, unreadable) for image in hashes]
    return Crops(
        size,
        np.array([row.outcome for row in rows], np.uint8),
        tuple(row.detail for row in rows),
        tuple(row.part for row in rows),
        np.array([row.place for row in rows], np.int64),
    )
