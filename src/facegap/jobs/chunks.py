"""Images a few at a time: how a chunk is made up, and what a worker makes of one."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from facegap.data.embeddings import Outcome, flaws
from facegap.data.image_file import read_image_file
from facegap.data.spec import FaceSpec
from facegap.faces import (
    Box,
    Crop,
    Cropper,
    FaceOptions,
    GivenFace,
    Header,
    Photo,
    Unreadable,
    header,
    make_croppers,
    make_finder,
    read_photo,
)
from facegap.jobs.measuring import Measuring
from facegap.models import Embedder
from facegap.store import Record

CHUNK = 8
"""Images a worker takes at a time: one batch of the network, and little lost when a run is interrupted."""

CHUNK_PIXELS = 4_000_000
"""A chunk of large photos holds fewer: so many pixels are seconds of work."""

BYTES_PER_WORKER = 500_000_000
"""Bytes that decoding and searching images may take at once, for each worker."""

SEARCH = 50
"""Bytes of a searched pixel that dlib's detector takes, as measured."""


@dataclass(frozen=True)
class Task:
    """An image to be embedded: its row, path, sha256 ("" if unknown) and the numbers of the models that miss it.

    The number after those of the models stands for what is measured of it. `given`: the face that the table gives,
    where faces are not looked for.
    """

    row: int
    path: str
    image: str
    models: tuple[int, ...]
    given: GivenFace | None = None

    @property
    def kept(self) -> str:
        """Under what its embeddings are kept, "" if its sha256 is unknown."""
        return kept_under(self.image, self.given)


def kept_under(image: str, given: GivenFace | None) -> str:
    """Return under what embeddings of an image with a sha256, or of the face that is given with it, are kept."""
    return image if given is None or not image else given.key(image)


@dataclass(frozen=True)
class Chunk:
    """What a worker takes at a time. `bytes`: how many its largest image takes, for they are taken one by one."""

    tasks: tuple[Task, ...]
    bytes: int

    @property
    def weight(self) -> float:
        """Its share of what a worker may hold in memory; see `Executor.map`."""
        return self.bytes / BYTES_PER_WORKER


Made = tuple[int, int, Record]
"""A row, the number of a model, and what that model made of that image."""


def chunks(tasks: Iterable[Task], max_side: int) -> Iterator[Chunk]:
    """Yield the tasks in chunks of at most `CHUNK`, and of at most `CHUNK_PIXELS` unless one alone has more.

    `max_side`: images are reduced to it before they are searched.
    """
    held: list[Task] = []
    held_pixels = held_bytes = 0
    for task in tasks:
        found = header(task.path, max_side=max_side)
        pixels = found.pixels if found else 0
        if held and (len(held) == CHUNK or held_pixels + pixels > CHUNK_PIXELS):
            yield Chunk(tuple(held), held_bytes)
            held, held_pixels, held_bytes = [], 0, 0
        held.append(task)
        held_pixels += pixels
        held_bytes = max(held_bytes, _bytes(found, max_side) if found else 0)
    if held:
        yield Chunk(tuple(held), held_bytes)


def _bytes(found: Header, max_side: int) -> int:
    return found.bytes + SEARCH * min(found.pixels, max_side**2)


@dataclass(frozen=True)
class WorkerMaker:
    """Sets a worker up: opens the models, and lets them share one search for faces.

    `specs`: how faces are found for each model, as their embeddings are kept. `measuring`: what is measured besides.
    """

    openers: Sequence[Callable[[], Embedder]]
    faces: FaceOptions
    specs: Sequence[FaceSpec]
    measuring: Measuring | None = None

    def __call__(self) -> Callable[[Chunk], list[Made]]:
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
        measure = None if self.measuring is None else partial(self.measuring.record, finder=finder)
        return partial(_embed_chunk, embedders, croppers, faces, measure)


def _embed_chunk(
    embedders: Sequence[Embedder],
    croppers: Sequence[Cropper],
    faces: FaceOptions,
    measure: Callable[[str, Photo, bytes], Record] | None,
    chunk: Chunk,
) -> list[Made]:
    """Embed a few images; one bad image leaves the others alone, and one model's failure the other models."""
    made: list[Made] = []
    waiting: list[list[tuple[Task, Box | None, np.ndarray]]] = [[] for _ in embedders]
    for task in chunk.tasks:
        photo, data = _photo(task, faces)
        for k in task.models:
            if k == len(embedders):
                assert measure is not None
                made.append((task.row, k, _measured(measure, task.kept, photo, data)))
                continue
            crop = photo if isinstance(photo, Crop) else _crop(croppers[k], photo)
            if crop.pixels is None:
                made.append((task.row, k, Record(task.kept, crop.outcome, crop.detail, crop.box, None)))
            else:
                waiting[k].append((task, crop.box, crop.pixels))
    for k, ready in enumerate(waiting):
        vectors = embedders[k].embed(np.stack([pixels for _, _, pixels in ready])) if ready else []
        for (task, box, _), vector in zip(ready, vectors, strict=True):
            made.append((task.row, k, _record(task.kept, box, vector)))
    return made


def read_task(task: Task, faces: FaceOptions) -> Photo:
    """Return the photo of a task: what is kept under the sha256 of its bytes is made of these very bytes.

    Raises:
        OSError: the file cannot be read.
        Unreadable: its bytes are no image, or no longer those that the run began with.
    """
    return _read(task, faces)[0]


def _read(task: Task, faces: FaceOptions) -> tuple[Photo, bytes]:
    data = read_image_file(task.path)
    if hashlib.sha256(data).hexdigest() != task.image:
        raise Unreadable("the file changed during the run")
    photo = read_photo(data, max_side=faces.max_side, max_pixels=faces.max_pixels)
    return replace(photo, given=task.given), data


def _photo(task: Task, faces: FaceOptions) -> tuple[Photo | Crop, bytes]:
    """Return the photo in a file and the file's bytes, or in its place the outcome for all models."""
    try:
        return _read(task, faces)
    except OSError as error:
        return _unreadable(error.strerror or "cannot be opened"), b""
    except (Unreadable, ValueError) as error:  # a NUL in a path is a ValueError
        return _unreadable(str(error)), b""


def _measured(measure: Callable[[str, Photo, bytes], Record], image: str, photo: Photo | Crop, data: bytes) -> Record:
    if isinstance(photo, Crop):
        return Record(image, photo.outcome, photo.detail, None, None)
    try:
        return measure(image, photo, data)
    except Unreadable as error:
        return Record(image, Outcome.UNREADABLE, str(error), None, None)
    except MemoryError:
        return Record(image, Outcome.UNREADABLE, "not enough memory to look for a face", None, None)


def _crop(cropper: Cropper, photo: Photo) -> Crop:
    try:
        return cropper.crop(photo)
    except Unreadable as error:
        return _unreadable(str(error))
    except MemoryError:
        return _unreadable(f"not enough memory to look for a face in {photo.width} x {photo.height} pixels")


def _unreadable(reason: str) -> Crop:
    return Crop(Outcome.UNREADABLE, reason, None, None)


def _record(image: str, box: Box | None, vector: np.ndarray) -> Record:
    (flaw,) = flaws(vector[None])
    return Record(image, Outcome.MODEL_FAILED if flaw else Outcome.OK, flaw, box, None if flaw else vector)
