"""From images to embeddings, through the store: what was embedded before is only looked up."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from operator import attrgetter

import numpy as np

from facegap.data.embeddings import Embeddings
from facegap.data.manifest import Manifest
from facegap.data.spec import digest
from facegap.faces import DEFAULT_FACES, FaceOptions
from facegap.jobs.chunks import Chunk, chunks
from facegap.jobs.embedding_workers import usual_executor, worker_maker
from facegap.jobs.feeding import without_empty
from facegap.jobs.gathering import Gathered
from facegap.jobs.given_faces import given_faces
from facegap.jobs.measuring import Measuring
from facegap.jobs.written_apart import WritingMaker, batches, is_kept, write_there
from facegap.measures import ImageMeasure
from facegap.models import Model, ModelSource
from facegap.report.text.on_the_way import embedding_name
from facegap.run.executor import Executor, Serial
from facegap.run.progress import Progress, silent
from facegap.run.room import Room
from facegap.store import EmbeddingStore, MeasureStore

SERIAL_IMAGES = 16
"""Up to this many images starting workers costs more than it saves."""

weight = attrgetter("weight")

Pace = Callable[[Iterable[Chunk]], Iterable[Chunk]]
"""Passes on what is to be done, at its own pace."""


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
    room: Room | None = None,
) -> tuple[list[Embeddings], np.ndarray, Sequence[str]]:
    """Embed as `embed_all` does, and take measures of the same images in the same pass.

    `room`: for the embeddings; without it they are in memory.

    Returns:
        The embeddings by each model, (N, len(measures)) float64 values, NaN where an image has none, and the N sha256
        of the images, "" where one cannot be read.

    Raises:
        InputError, ModelError, StoreError: as `embed_all`.
    """
    paths = manifest.places
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
    room = room or Room()
    gathered = Gathered(paths, given, [room.zeros((len(paths), size)) for size in sizes], hashes)

    def look_up() -> None:
        for k, one in enumerate(stores):
            if one is not None:
                gathered.look_up(one, k, keys[k], sizes[k])

    look_up()
    if executor is None:
        few = workers == 1 or len(paths) <= SERIAL_IMAGES
        executor = Serial() if few else usual_executor(models, faces, paths, given, known, workers)
    maker = worker_maker(models, faces, specs, known, executor, measuring)
    task = embedding_name([model.spec.name for model in models])
    with ExitStack() as stack:
        kept = [one for one in stores if one]
        writers = [stack.enter_context(one.writer(key)) for one, key in zip(stores, keys, strict=True) if one]
        missing, tasks = gathered.missing()
        apart = missing > 0 and write_there(executor, store)
        while missing:
            total = gathered.done + missing
            some = pace(chunks(tasks))
            done = (
                executor.map(WritingMaker(maker, kept, keys), batches(some, missing, executor.workers), weigh=weight)
                if apart
                else executor.map(maker, some, weigh=weight)
            )
            for worked in done:
                for k, record in gathered.take(worked):
                    if writers and is_kept(record):
                        writers[k].add(record)
                progress(task, gathered.done, total)
            look_up()
            apart = False  # what they wrote and nobody can read is made once more, and comes here
            missing, tasks = gathered.missing()
    first = gathered.first()
    made = [one.embeddings(first) for one in gathered.made]
    measured = made[len(models) :]
    values = measured[0].vectors.astype(np.float64) if measured else np.empty((len(paths), 0))
    return made[: len(models)], values, gathered.hashes
