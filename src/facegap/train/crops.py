"""The faces a network is trained on, cut out in parallel and kept between runs."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

import msgspec
import numpy as np

from facegap.embedding import CHUNK, FEW, FaceOptions
from facegap.embeddings import Outcome
from facegap.executor import Processes, Serial, available_workers
from facegap.faces import Cropper, Unreadable, decode, face_spec, make_cropper
from facegap.manifest import Manifest
from facegap.progress import Progress, silent
from facegap.store.crops import CropStore, FreshCrop, StoredCrop, mapped

PART = 512
"""Crops that are written to disk together."""

OPEN_PARTS = 4096


@dataclass(frozen=True)
class Crops:
    """One crop per image of the manifest, failed ones included; the pixels stay on disk.

    `outcome`: (N,) uint8, see `Outcome`. `detail`: N strings, the reason in words for a failure, else "". `part`,
    `place`: N files and (N,) where in them the pixels lie.
    """

    size: int
    outcome: np.ndarray
    detail: tuple[str, ...]
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


_open = lru_cache(maxsize=OPEN_PARTS)(mapped)


def cut_faces(
    manifest: Manifest,
    hashes: Sequence[str],
    store: CropStore,
    *,
    crop: str,
    size: int,
    faces: FaceOptions,
    workers: int | None = None,
    progress: Progress = silent,
) -> Crops:
    """Cut the face out of every image as `evaluate` does; what was cut before is only looked up.

    `hashes`: (N,) sha256 of the files in hex, "" where one cannot be read. A bad image becomes an outcome.

    Raises:
        InputError: the options are unknown, or the store cannot be written.
        ModelError: the detector cannot be loaded.
    """
    key = _key(crop, size, faces)
    known = store.load(key, hashes)
    missing = {image: path for image, path in zip(hashes, manifest.paths, strict=True) if image and image not in known}
    items = list(missing.items())
    chunks = [items[start : start + CHUNK] for start in range(0, len(items), CHUNK)]
    workers = workers or available_workers()
    executor = Serial() if workers == 1 or len(items) <= FEW else Processes(workers)
    waiting: list[FreshCrop] = []
    done = 0
    for made in executor.map(partial(_make_worker, crop, size, faces), chunks):
        waiting += made
        done += len(made)
        progress("cutting faces out", done, len(items))
        if len(waiting) >= PART:
            store.add(key, waiting)
            waiting = []
    if waiting:
        store.add(key, waiting)
    return _crops(size, hashes, store.load(key, hashes))


def _key(crop: str, size: int, faces: FaceOptions) -> str:
    """Return what decides how a face is cut, as a hex sha256."""
    found = face_spec(crop, detector=faces.detector, rule=faces.rule)
    decides = [crop, size, found.detector, found.rule]
    return hashlib.sha256(msgspec.json.encode(decides)).hexdigest()


def _make_worker(crop: str, size: int, faces: FaceOptions) -> Callable[[list[tuple[str, str]]], list[FreshCrop]]:
    cropper = make_cropper(crop, size, detector=faces.detector, rule=faces.rule)
    return lambda chunk: [_cut(cropper, image, path) for image, path in chunk]


def _cut(cropper: Cropper, image: str, path: str) -> FreshCrop:
    try:
        found = cropper.crop(decode(Path(path).read_bytes()))
    except (OSError, Unreadable) as error:
        reason = error.strerror or "cannot be opened" if isinstance(error, OSError) else str(error)
        return FreshCrop(image, Outcome.UNREADABLE, reason, None)
    return FreshCrop(image, found.outcome, found.detail, found.pixels)


def _crops(size: int, hashes: Sequence[str], known: dict[str, StoredCrop]) -> Crops:
    unreadable = StoredCrop(Outcome.UNREADABLE, "cannot be opened", Path(), -1)
    rows = [known.get(image, unreadable) for image in hashes]
    return Crops(
        size,
        np.array([row.outcome for row in rows], np.uint8),
        tuple(row.detail for row in rows),
        tuple(row.part for row in rows),
        np.array([row.place for row in rows], np.int64),
    )
