"""From images to embeddings, through the store: what was embedded before is only looked up."""

import hashlib
import threading
from collections.abc import Callable, Container, Iterable, Sequence
from contextlib import ExitStack, nullcontext

import numpy as np

from facegap.data.embeddings import Embeddings, Outcome
from facegap.data.image_file import read_image_file
from facegap.data.manifest import Manifest
from facegap.data.spec import FaceSpec, ModelSpec, digest
from facegap.errors import InputError
from facegap.faces import DEFAULT_FACES, FaceOptions, GivenFace
from facegap.jobs.chunks import Chunk, WorkerMaker, chunks, kept_under
from facegap.jobs.feeding import without_empty
from facegap.jobs.gathering import Gathered
from facegap.jobs.given_faces import given_faces
from facegap.jobs.measuring import Measuring
from facegap.measures import ImageMeasure
from facegap.models import Embedder, Model, ModelSource
from facegap.run.executor import Executor, Processes, Serial, Threads, available_workers
from facegap.run.progress import Progress, silent
from facegap.store import EmbeddingStore, MeasureStore, Record

SERIAL_IMAGES = 16
"""Up to this many images starting workers costs more than it saves."""

ONNX = "onnxruntime"
"""What `ModelSpec.runtime` begins with where ONNX Runtime computes, on whatever device."""

THREADS = 16
"""So many threads work side by side; see `_usual_executor`."""

LOOK, NEARLY_ALL = 16, 14
"""So many images are hashed in advance to see whether so many of them are known; what is no picture never is."""

Pace = Callable[[Iterable[Chunk]], Iterable[Chunk]]
"""Passes on what is to be done, at its own pace."""


def hash_images(
    paths: Sequence[str],
    *,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Progress = silent,
) -> list[str]:
    """Return N sha256 of the images' bytes in hex, or "" where a file cannot be read."""
    hashes, executor = [], executor or Threads(workers or available_workers())
    for done, value in enumerate(executor.map(_hasher, paths), 1):
        hashes.append(value)
        progress("reading", done, len(paths))
    return hashes


def _hasher() -> Callable[[str], str]:
    return _hash


def _hash(path: str) -> str:
    try:
        return hashlib.sha256(read_image_file(path)).hexdigest()
    except (OSError, ValueError):  # a NUL in a path is a ValueError
        return ""


def embed(
    manifest: Manifest,
    model: ModelSource | Model,
    *,
    faces: FaceOptions = DEFAULT_FACES,
    store: EmbeddingStore | None = None,
    hashes: Sequence[str] | None = None,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Progress = silent,
) -> Embeddings:
    """Embed every image of the manifest with one model; see `embed_all`. Zero has no cosine and is a failure."""
    (embeddings,) = embed_all(
        manifest, [model],
        faces=faces, store=store, hashes=hashes, workers=workers, executor=executor, progress=progress,
    )  # fmt: skip
    return without_empty(embeddings, model.spec)


def embed_all(
    manifest: Manifest,
    models: Sequence[ModelSource | Model],
    *,
    faces: FaceOptions = DEFAULT_FACES,
    store: EmbeddingStore | None = None,
    hashes: Sequence[str] | None = None,
    workers: int | None = None,
    executor: Executor | None = None,
    pace: Pace = iter,
    progress: Progress = silent,
) -> list[Embeddings]:
    """Embed every image of the manifest with each model, in one pass: an image is read, decoded and searched once.

    With a `store`, known images are looked up by the sha256 of their bytes and new ones are added; an image that one
    model knows is embedded by the others alone. `hashes`: N sha256 in hex, where they are known: a file that has
    another by now is a failure. A bad image becomes an outcome. The embeddings are those of one model after another,
    whatever the number of `workers`, or the `executor`; by default `workers` threads or processes of this machine,
    whichever suit the models. `pace` can hold back what is handed out to them. Where `faces` name no detector, the one
    that the models bring finds them.

    Raises:
        InputError: a model is a Python function, and the workers of the executor are in other processes.
        ModelError: a model cannot be loaded or run.
        StoreError: the store cannot be written.
    """
    made, _, _ = embed_and_measure(
        manifest, models, (),
        faces=faces, store=store, hashes=hashes, workers=workers, executor=executor, pace=pace, progress=progress,
    )  # fmt: skip
    return made


def embed_and_measure(
    manifest: Manifest,
    models: Sequence[ModelSource | Model],
    measures: Sequence[ImageMeasure],
    *,
    faces: FaceOptions = DEFAULT_FACES,
    store: EmbeddingStore | None = None,
    hashes: Sequence[str] | None = None,
    workers: int | None = None,
    executor: Executor | None = None,
    pace: Pace = iter,
    progress: Progress = silent,
) -> tuple[list[Embeddings], np.ndarray, Sequence[str]]:
    """Embed as `embed_all` does, and take measures of the same images in the same pass.

    Returns:
        The embeddings by each model, (N, len(measures)) float64 values, NaN where an image has none, and the N sha256
        of the images, "" where one cannot be read.

    Raises:
        InputError, ModelError, StoreError: as `embed_all`.
    """
    paths = manifest.paths
    faces = faces.with_brought(model.detector for model in models)
    given = given_faces(manifest, faces)
    specs = [faces.spec(model.spec.crop) for model in models]
    keys = [digest(model.spec, spec) for model, spec in zip(models, specs, strict=True)]
    sizes, stores = [model.spec.dimension for model in models], [store for _ in models]
    measuring = Measuring(measures, faces) if measures else None
    if measuring is not None:
        keys, sizes = [*keys, measuring.key], [*sizes, len(measures)]
        stores = [*stores, store and MeasureStore(store.root)]
    known = [
        one.images(key, dimension=size) if one else frozenset()
        for one, key, size in zip(stores, keys, sizes, strict=True)
    ]
    gathered = Gathered(paths, given, len(keys), hashes)

    def look_up() -> None:
        for k, one in enumerate(stores):
            if one is not None:
                gathered.look_up(one, k, keys[k], known[k], sizes[k])

    look_up()
    executor = executor or _usual_executor(models, faces, paths, given, known, workers or available_workers())
    maker = _worker_maker(models, faces, specs, known, executor, measuring)
    task = f"embedding with {', '.join(model.spec.name for model in models)}"
    with ExitStack() as stack:
        writers = [stack.enter_context(one.writer(key)) for one, key in zip(stores, keys, strict=True) if one]
        while tasks := gathered.missing():
            total = gathered.done + len(tasks)
            for worked in executor.map(maker, pace(chunks(tasks)), weigh=lambda chunk: chunk.weight):
                for k, record in gathered.take(worked):
                    if writers and record.image and record.outcome != Outcome.UNREADABLE:
                        writers[k].add(record)
                progress(task, gathered.done, total)
            look_up()
    made = [_embeddings(gathered.records(k), model.spec, gathered.found(k)) for k, model in enumerate(models)]
    values = np.full((len(paths), len(measures)), np.nan)
    for row, record in enumerate(gathered.records(len(models)) if measures else ()):
        if record.vector is not None:
            values[row] = record.vector
    return made, values, gathered.hashes


def _usual_executor(
    models: Sequence[ModelSource | Model],
    faces: FaceOptions,
    paths: Sequence[str],
    given: Sequence[GivenFace | None],
    known: Sequence[Container[str]],
    workers: int,
) -> Executor:
    """Return where the work runs best on this machine.

    Every worker takes an image from its file to its embeddings: with as many workers as cores all of them are busy,
    whatever stage each is at, and nothing has to be passed on between stages.

    Threads start at once and share one copy of each network. Decoding, the HOG detector and ONNX Runtime, 95 % of the
    time of an image, release the interpreter's lock; that suffices for `THREADS` of them. Processes take a second or
    two to start. They are for more workers, and for what holds the lock: dlib's own network, whatever a plug-in does,
    and the resizing that `min_face` needs; not for images that are only looked up. A Python function cannot leave this
    process; one thread at a time calls it.
    """
    if workers == 1 or len(paths) <= SERIAL_IMAGES:
        return Serial()
    functions = any(isinstance(model, Model) for model in models)
    locked = faces.min_face is not None or not all(model.spec.runtime.startswith(ONNX) for model in models)
    if not functions and (locked or workers > THREADS) and not _looked_up(paths, given, known):
        return Processes(workers)
    return Threads(workers)


def _looked_up(paths: Sequence[str], given: Sequence[GivenFace | None], known: Sequence[Container[str]]) -> bool:
    """Return whether nearly all images are known to every model already, by some from the first to the last."""
    rows = (k * (len(paths) - 1) // (LOOK - 1) for k in range(LOOK))
    some = (kept_under(_hash(paths[row]), given[row]) for row in rows)
    return sum(all(image in images for images in known) for image in some) >= NEARLY_ALL


def _worker_maker(
    models: Sequence[ModelSource | Model],
    faces: FaceOptions,
    specs: Sequence[FaceSpec],
    known: Sequence[Container[str]],
    executor: Executor,
    measuring: Measuring | None,
) -> WorkerMaker:
    """Return what sets a worker up; workers in this process share the models."""
    if executor.shares_memory:
        return WorkerMaker([_Shared(model.open()).open for model in models], faces, specs, known, measuring)
    for model in models:
        if isinstance(model, Model):
            raise InputError(
                "{model} is a Python function, which cannot leave this process: use threads, or make a plug-in of it",
                model=model.spec.name,
            )
    return WorkerMaker([model.open for model in models], faces, specs, known, measuring)


class _Shared:
    """A model that all threads use. What Python does in it is done by one of them at a time."""

    def __init__(self, embedder: Embedder) -> None:
        self.spec = embedder.spec
        self._embed = embedder.embed
        self._turn = nullcontext() if self.spec.runtime.startswith(ONNX) else threading.Lock()

    def open(self) -> Embedder:
        """Return the model itself."""
        return self

    def embed(self, crops: np.ndarray) -> np.ndarray:
        """See `Embedder.embed`."""
        with self._turn:
            return self._embed(crops)


def _embeddings(rows: Sequence[Record], spec: ModelSpec, found: int) -> Embeddings:
    vectors = np.full((len(rows), spec.dimension), np.nan, np.float32)
    box = np.full((len(rows), 4), np.nan, np.float32)
    for i, row in enumerate(rows):
        if row.vector is not None:
            vectors[i] = row.vector
        if row.box is not None:
            box[i] = row.box
    outcome = np.array([row.outcome for row in rows], np.uint8)
    return Embeddings(vectors, outcome, tuple(row.detail for row in rows), box, found)
