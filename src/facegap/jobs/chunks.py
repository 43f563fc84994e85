"""Images a few at a time: how a chunk is made up, and what a worker makes of one."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from facegap.data.embeddings import Outcome
from facegap.faces import (
    Box,
    Crop,
    Cropper,
    FaceOptions,
    Photo,
    Unreadable,
    make_croppers,
    pixel_count,
    read_photo,
)
from facegap.models import Embedder
from facegap.store import Record

CHUNK = 8
"""Images a worker takes at a time: one batch of the network, and little lost when a run is interrupted."""

CHUNK_PIXELS = 4_000_000
"""A chunk of large photos holds fewer: so many pixels are seconds of work."""

PIXELS_PER_WORKER = 50_000_000
"""Pixels of image files in work at once, for each worker. Decoding takes up to about 10 bytes a pixel, so half a GB."""


@dataclass(frozen=True)
class Task:
    """An image to be embedded: its row, path, sha256 ("" if unknown) and the numbers of the models that miss it."""

    row: int
    path: str
    image: str
    models: tuple[int, ...]


@dataclass(frozen=True)
class Chunk:
    """What a worker takes at a time. `pixels`: how many its image files have."""

    tasks: tuple[Task, ...]
    pixels: int

    @property
    def weight(self) -> float:
        """Its share of what a worker may hold in memory; see `Executor.map`."""
        return self.pixels / PIXELS_PER_WORKER


Made = tuple[int, int, Record]
"""A row, the number of a model, and what that model made of that image."""


def chunks(tasks: Iterable[Task]) -> Iterator[Chunk]:
    """Yield the tasks in chunks of at most `CHUNK`, and of at most `CHUNK_PIXELS` unless one alone has more."""
    held: list[Task] = []
    held_pixels = 0
    for task in tasks:
        pixels = pixel_count(task.path)
        if held and (len(held) == CHUNK or held_pixels + pixels > CHUNK_PIXELS):
            yield Chunk(tuple(held), held_pixels)
            held, held_pixels = [], 0
        held.append(task)
        held_pixels += pixels
    if held:
        yield Chunk(tuple(held), held_pixels)


@dataclass(frozen=True)
class WorkerMaker:
    """Sets a worker up: opens the models, and lets them share one search for faces."""

    openers: Sequence[Callable[[], Embedder]]
    faces: FaceOptions

    def __call__(self) -> Callable[[Chunk], list[Made]]:
        """Return what embeds a chunk: every image by the models that miss it."""
        embedders = [open_model() for open_model in self.openers]
        faces = self.faces
        croppers = make_croppers(
            [(embedder.spec.crop, embedder.spec.size) for embedder in embedders],
            detector=faces.detector, rule=faces.rule, min_face=faces.min_face,
        )  # fmt: skip
        return partial(_embed_chunk, embedders, croppers, faces.max_side)


def _embed_chunk(embedders: Sequence[Embedder], croppers: Sequence[Cropper], max_side: int, chunk: Chunk) -> list[Made]:
    """Embed a few images; one bad image leaves the others alone, and one model's failure the other models."""
    made: list[Made] = []
    waiting: list[list[tuple[Task, Box | None, np.ndarray]]] = [[] for _ in embedders]
    for task in chunk.tasks:
        photo = _photo(task.path, max_side)
        for k in task.models:
            crop = photo if isinstance(photo, Crop) else _crop(croppers[k], photo)
            if crop.pixels is None:
                made.append((task.row, k, Record(task.image, crop.outcome, crop.detail, crop.box, None)))
            else:
                waiting[k].append((task, crop.box, crop.pixels))
    for k, ready in enumerate(waiting):
        vectors = embedders[k].embed(np.stack([pixels for _, _, pixels in ready])) if ready else []
        for (task, box, _), vector in zip(ready, vectors, strict=True):
            made.append((task.row, k, _record(task.image, box, vector)))
    return made


def _photo(path: str, max_side: int) -> Photo | Crop:
    """Return the photo in a file, or in its place the outcome for all models."""
    try:
        return read_photo(Path(path).read_bytes(), max_side=max_side)
    except OSError as error:
        return _unreadable(error.strerror or "cannot be opened")
    except Unreadable as error:
        return _unreadable(str(error))


def _crop(cropper: Cropper, photo: Photo) -> Crop:
    try:
        return cropper.crop(photo)
    except Unreadable as error:
        return _unreadable(str(error))


def _unreadable(reason: str) -> Crop:
    return Crop(Outcome.UNREADABLE, reason, None, None)


def _record(image: str, box: Box | None, vector: np.ndarray) -> Record:
    if np.isfinite(vector).all():
        return Record(image, Outcome.OK, "", box, vector)
    return Record(image, Outcome.MODEL_FAILED, "the embedding holds values that are not finite", box, None)
