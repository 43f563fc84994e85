"""Images a few at a time: how a chunk is made up, and what a worker makes of one."""

import hashlib
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from facegap.data.embeddings import Outcome, flaws
from facegap.data.failure import FailureCode, unread
from facegap.data.image_file import image_file_size, read_image_file
from facegap.data.spec import FaceSpec
from facegap.data.statement import Statement
from facegap.faces import (
    Box,
    Crop,
    Cropper,
    FaceOptions,
    GivenFace,
    Photo,
    Unreadable,
    header,
    make_croppers,
    make_finder,
    read_photo,
)
from facegap.jobs.measuring import HELD, Measurer, Measuring, Unmeasured
from facegap.models import Embedder
from facegap.store import Record

CHUNK = 8
"""Images a worker takes at a time: one batch of the network, and little lost when a run is interrupted."""

CHUNK_BYTES = 2_000_000
"""A chunk of large files holds fewer: so many bytes of photos are seconds of work."""

BYTES_PER_WORKER = 500_000_000
"""Bytes that decoding and searching images may take at once, for each worker."""

SEARCH = 50
"""Bytes of a searched pixel that dlib's detector takes, as measured."""


@dataclass(frozen=True)
class Task:
    """An image to be embedded: its row, its path, and the numbers of the models that miss it.

    The number after those of the models stands for what is measured of it. `image`: the sha256 that its bytes must
    have, "" if it could not be read; None where the worker finds it, and leaves out the models that know it. `given`:
    the face that the table gives, where faces are not looked for. `bytes`: how many decoding and searching it takes; 0
    where the worker finds that too.
    """

    row: int
    path: str
    image: str | None
    models: tuple[int, ...]
    given: GivenFace | None = None
    bytes: int = 0


def kept_under(image: str, given: GivenFace | None) -> str:
    """Return under what embeddings of an image with a sha256, or of the face that is given with it, are kept.

    It is "" where the sha256 is unknown.
    """
    return image if given is None or not image else given.key(image)


@dataclass(frozen=True)
class Chunk:
    """What a worker takes at a time, image by image."""

    tasks: tuple[Task, ...]

    @property
    def weight(self) -> float:
        """Its share of what a worker may hold in memory, 0 where it is within it; see `Executor.map`."""
        return max(task.bytes for task in self.tasks) / BYTES_PER_WORKER


Made = tuple[int, int, Record]
"""A row, the number of a model, and what that model made of that image."""


@dataclass(frozen=True)
class Worked:
    """What a worker did with a chunk.

    `images`: by row the sha256 of each image, "" where it cannot be read. `heavy`: by row the bytes that images take
    for which `BYTES_PER_WORKER` are too few: they are left to be handed out again with that number. `stored`: what the
    worker wrote to the store itself: number of the model, and row.
    """

    made: list[Made] = field(default_factory=list)
    images: dict[int, str] = field(default_factory=dict)
    heavy: dict[int, int] = field(default_factory=dict)
    stored: list[tuple[int, int]] = field(default_factory=list)


def chunks(tasks: Iterable[Task]) -> Iterator[Chunk]:
    """Yield the tasks in chunks of at most `CHUNK`, and of at most `CHUNK_BYTES` unless one file alone has more."""
    held: list[Task] = []
    held_bytes = 0
    for task in tasks:
        size = image_file_size(task.path)
        if held and (len(held) == CHUNK or held_bytes + size > CHUNK_BYTES):
            yield Chunk(tuple(held))
            held, held_bytes = [], 0
        held.append(task)
        held_bytes += size
    if held:
        yield Chunk(tuple(held))


@dataclass(frozen=True)
class WorkerMaker:
    """Sets a worker up: opens the models, and lets them share one search for faces.

    `specs`: how faces are found for each model, as their embeddings are kept. `known`: for each model, and for what is
    measured, the images that need not be done; see `kept_under`. `measuring`: what is measured besides.
    """

    openers: Sequence[Callable[[], Embedder]]
    faces: FaceOptions
    specs: Sequence[FaceSpec]
    known: Sequence[Container[str]]
    measuring: Measuring | None = None

    def __call__(self) -> Callable[[Chunk], Worked]:
        """Return what embeds a chunk: every image by the models that miss it."""
        embedders = [open_model() for open_model in self.openers]
        faces = self.faces
        for embedder, spec in zip(embedders, self.specs, strict=True):
            faces.check(embedder.spec.crop, spec)
        found = {"detector": faces.detector, "rule": faces.rule, "min_face": faces.min_face}
        finder = make_finder(**found) if self.measuring is not None and self.measuring.searches else None
        croppers = make_croppers(
            [(embedder.spec.crop, embedder.spec.size) for embedder in embedders], **found, finder=finder
        )
        measurer = None if self.measuring is None else self.measuring.worker(finder)
        return partial(_embed_chunk, embedders, croppers, faces, self.known, measurer)


def _embed_chunk(
    embedders: Sequence[Embedder],
    croppers: Sequence[Cropper],
    faces: FaceOptions,
    known: Sequence[Container[str]],
    measurer: Measurer | None,
    chunk: Chunk,
) -> Worked:
    """Embed a few images; one bad image leaves the others alone, and one model's failure the other models."""
    worked = Worked()
    begun: set[str] = set()
    waiting: list[list[tuple[str, int, Box | None, np.ndarray]]] = [[] for _ in embedders]
    unmeasured: list[Unmeasured] = []
    for task in chunk.tasks:
        image, read = _read(task)
        kept = kept_under(image, task.given)
        models = task.models
        if task.image is None and kept:
            models = [k for k in models if kept not in begun and kept not in known[k]]
        worked.images[task.row] = image
        begun.add(kept)
        if not models:
            continue
        photo, data = (read, b"") if isinstance(read, Crop) else (_photo(read, task, faces), read)
        if isinstance(photo, int):
            worked.heavy[task.row] = photo
            continue
        for k in models:
            if k == len(embedders):
                unmeasured.append(Unmeasured(task.row, kept, photo, data))
                continue
            crop = photo if isinstance(photo, Crop) else _crop(croppers[k], photo)
            if crop.pixels is None:
                worked.made.append((task.row, k, Record(kept, crop.outcome, crop.detail, crop.box, None)))
            else:
                waiting[k].append((kept, task.row, crop.box, crop.pixels))
        if sum(one.bytes for one in unmeasured) > HELD:
            worked.made.extend(_measured(measurer, len(embedders), unmeasured))
    worked.made.extend(_measured(measurer, len(embedders), unmeasured))
    for k, ready in enumerate(waiting):
        vectors = embedders[k].embed(np.stack([pixels for *_, pixels in ready])) if ready else []
        for (kept, row, box, _), vector in zip(ready, vectors, strict=True):
            worked.made.append((row, k, _record(kept, box, vector)))
    return worked


def read_task(task: Task) -> tuple[str, bytes]:
    """Return the sha256 of an image file and its bytes, read once: what is kept under the one is made of the other.

    Raises:
        OSError: the file cannot be read.
        ValueError: its name cannot be that of a file.
        Unreadable: its bytes are no longer those that the run began with.
    """
    data = read_image_file(task.path)
    image = hashlib.sha256(data).hexdigest()
    if task.image is not None and image != task.image:
        raise Unreadable.of(FailureCode.CHANGED)
    return image, data


def photo_of(data: bytes, task: Task, faces: FaceOptions) -> Photo | int:
    """Return the photo of a task, or how many bytes it would take where these are more than a worker's and unforeseen.

    Raises:
        Unreadable: the bytes are no image.
    """
    if not task.bytes:
        found = header(data, max_side=faces.max_side)
        needed = found.bytes + SEARCH * min(found.pixels, faces.max_side**2) if found else 0
        if needed > BYTES_PER_WORKER:
            return needed
    photo = read_photo(data, max_side=faces.max_side, max_pixels=faces.max_pixels)
    return replace(photo, given=task.given)


def _read(task: Task) -> tuple[str, bytes | Crop]:
    """Return the sha256 and the bytes of a file, or in their place the outcome for all models."""
    try:
        return read_task(task)
    except Unreadable as error:
        return task.image or "", _unreadable(error.said)
    except (OSError, ValueError) as error:  # a NUL in a path is a ValueError
        return task.image or "", _unreadable(unread(error))


def _photo(data: bytes, task: Task, faces: FaceOptions) -> Photo | int | Crop:
    """Return what `photo_of` does, or in its place the outcome for all models."""
    try:
        return photo_of(data, task, faces)
    except Unreadable as error:
        return _unreadable(error.said)


def _measured(measurer: Measurer | None, k: int, unmeasured: list[Unmeasured]) -> list[Made]:
    """Return what is measured of the images that waited for it, as of model `k`, and let them go."""
    records = measurer.records(unmeasured) if measurer is not None else []
    made = [(one.row, k, record) for one, record in zip(unmeasured, records, strict=True)]
    unmeasured.clear()
    return made


def _crop(cropper: Cropper, photo: Photo) -> Crop:
    try:
        return cropper.crop(photo)
    except Unreadable as error:
        return _unreadable(error.said)
    except MemoryError:
        return _unreadable(Statement.of(FailureCode.NO_MEMORY_FOR, width=photo.width, height=photo.height))


def _unreadable(reason: Statement) -> Crop:
    return Crop(Outcome.UNREADABLE, reason, None, None)


def _record(image: str, box: Box | None, vector: np.ndarray) -> Record:
    (flaw,) = flaws(vector[None])
    return Record(image, Outcome.MODEL_FAILED if flaw else Outcome.OK, flaw, box, None if flaw else vector)
