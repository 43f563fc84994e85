"""From images to embeddings, through the store: what was embedded before is only looked up."""

import hashlib
import logging
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from facegap.embeddings import Embeddings, Outcome
from facegap.executor import Executor, Processes, Serial, Threads, available_workers
from facegap.faces import Cropper, Unreadable, decode, face_spec, make_cropper
from facegap.faces.cropper import HOG
from facegap.manifest import Manifest
from facegap.models import Embedder, Model, ModelSource
from facegap.progress import Progress, silent
from facegap.spec import digest
from facegap.store import EmbeddingStore, Record

logger = logging.getLogger(__name__)

CHUNK = 8
"""Images a worker takes at a time: one batch of the network, and little lost when a run is interrupted."""

FEW = 16
"""Below this many images starting processes costs more than it saves."""


@dataclass(frozen=True)
class FaceOptions:
    """How faces are found: `detector`, `dlib-hog` or `yunet:FILE.onnx`, and `rule`, which of several faces counts."""

    detector: str = HOG
    rule: str = "main"


DEFAULT_FACES = FaceOptions()


def hash_images(paths: Sequence[str], *, workers: int | None = None, progress: Progress = silent) -> list[str]:
    """Return N sha256 of the images' bytes in hex, or "" where a file cannot be read."""
    hashes = []
    for done, value in enumerate(Threads(workers or available_workers()).map(lambda: _hash, paths), 1):
        hashes.append(value)
        progress("reading", done, len(paths))
    return hashes


def _hash(path: str) -> str:
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def embed(
    manifest: Manifest,
    model: ModelSource | Model,
    *,
    faces: FaceOptions = DEFAULT_FACES,
    store: EmbeddingStore | None = None,
    hashes: Sequence[str] | None = None,
    workers: int | None = None,
    progress: Progress = silent,
) -> Embeddings:
    """Embed every image of the manifest with one model.

    With a `store`, known images are looked up by `hashes` (N sha256 in hex, computed where not given) and new ones
    are added. A bad image becomes an outcome. A model given as a Python function runs in this process, others in
    `workers` processes.

    Raises:
        ModelError: the model cannot be loaded or run.
        StoreError: the store cannot be written.
    """
    paths = manifest.paths
    hashes = hashes or hash_images(paths, workers=workers)
    key = digest(model.spec, face_spec(model.spec.crop, detector=faces.detector, rule=faces.rule))
    known = store.load(key, hashes).records if store else {}
    missing = [i for i, image in enumerate(hashes) if image not in known]
    firsts = list({hashes[i] or f"row {i}": i for i in reversed(missing)}.values())[::-1]
    fresh: dict[int, Record] = {}
    task = f"embedding with {model.spec.name}"
    executor = _executor(model, len(firsts), workers or available_workers())
    chunks = [[(i, paths[i], hashes[i]) for i in firsts[s : s + CHUNK]] for s in range(0, len(firsts), CHUNK)]
    with store.writer(key) if store else nullcontext() as writer:
        for records in executor.map(_WorkerMaker(model, faces), chunks):
            for i, record in records:
                fresh[i] = record
                if writer and record.image and record.outcome != Outcome.UNREADABLE:
                    writer.add(record)
            progress(task, len(fresh), len(firsts))
    known = known | {record.image: record for record in fresh.values() if record.image}
    rows = [fresh[i] if i in fresh else known[hashes[i]] for i in range(len(paths))]
    return _embeddings(rows, model.spec.dimension, len(paths) - len(missing))


def _executor(model: ModelSource | Model, images: int, workers: int) -> Executor:
    return Serial() if isinstance(model, Model) or workers == 1 or images <= FEW else Processes(workers)


def _embeddings(rows: Sequence[Record], dimension: int, found: int) -> Embeddings:
    vectors = np.full((len(rows), dimension), np.nan, np.float32)
    box = np.full((len(rows), 4), np.nan, np.float32)
    for i, row in enumerate(rows):
        if row.vector is not None:
            vectors[i] = row.vector
        if row.box is not None:
            box[i] = row.box
    outcome = np.array([row.outcome for row in rows], np.uint8)
    return Embeddings(vectors, outcome, tuple(row.detail for row in rows), box, found)


@dataclass(frozen=True)
class _WorkerMaker:
    """Sets a worker up: loads the network and the detector once."""

    model: ModelSource | Model
    faces: FaceOptions

    def __call__(self) -> Callable[[list[tuple[int, str, str]]], list[tuple[int, Record]]]:
        embedder = self.model.open()
        spec, faces = embedder.spec, self.faces
        cropper = make_cropper(spec.crop, spec.size, detector=faces.detector, rule=faces.rule)
        return partial(_embed_chunk, cropper, embedder)


def _embed_chunk(cropper: Cropper, embedder: Embedder, chunk: list[tuple[int, str, str]]) -> list[tuple[int, Record]]:
    """Embed a few images, given as (row, path, sha256); one bad image leaves the others alone."""
    records: list[tuple[int, Record]] = []
    waiting: list[tuple[int, Record]] = []
    pixels: list[np.ndarray] = []
    for i, path, image in chunk:
        try:
            crop = cropper.crop(decode(Path(path).read_bytes()))
        except (OSError, Unreadable) as error:
            reason = error.strerror or "cannot be opened" if isinstance(error, OSError) else str(error)
            records.append((i, Record(image, Outcome.UNREADABLE, reason, None, None)))
            continue
        record = Record(image, crop.outcome, crop.detail, crop.box, None)
        if crop.pixels is None:
            records.append((i, record))
        else:
            waiting.append((i, record))
            pixels.append(crop.pixels)
    vectors = embedder.embed(np.stack(pixels)) if pixels else []
    for (i, record), vector in zip(waiting, vectors, strict=True):
        if np.isfinite(vector).all():
            records.append((i, Record(record.image, Outcome.OK, "", record.box, vector)))
        else:
            reason = "the embedding holds values that are not finite"
            records.append((i, Record(record.image, Outcome.MODEL_FAILED, reason, record.box, None)))
    return records
