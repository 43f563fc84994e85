"""What a worker measures of an image, from the same decoding and the same search that its embeddings come from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np

from facegap.data.embeddings import Outcome
from facegap.data.failure import FailureCode
from facegap.data.image_file import quantisation
from facegap.data.statement import Statement
from facegap.faces import Crop, Face, FaceOptions, Finder, GivenFinder, Photo, Unreadable
from facegap.faces.cropper import NO_DETECTOR
from facegap.measures import SIDE, ImageMeasure, Seen, face_crop, key
from facegap.store import Record

Made = TypeVar("Made")

CROP = "arcface-112"
"""Measures look for faces as models with this crop do."""

HELD = 30_000_000
"""Bytes of pixels that wait to be measured at most, but for the last photo: searching more takes so long that nothing
is gained."""


@dataclass(frozen=True)
class Measuring:
    """What is measured of every image, and how faces are found for it; nothing where `measures` are none."""

    measures: Sequence[ImageMeasure]
    faces: FaceOptions

    @cached_property
    def key(self) -> str:
        """The store key of the values."""
        return key(self.measures, repr(self.faces.spec(CROP)))

    @cached_property
    def searches(self) -> bool:
        """Whether a face is looked for."""
        return self.faces.spec(CROP).detector != NO_DETECTOR

    def worker(self, finder: Finder | GivenFinder | None) -> "Measurer":
        """Return what measures in a worker with this `finder`, None where images are faces already."""
        return Measurer(self.measures, finder)


@dataclass(frozen=True, eq=False)
class Unmeasured:
    """An image that is to be measured: its row, under what its values are kept, its photo, and the bytes of its file.

    In place of a photo that cannot be read stands the outcome.
    """

    row: int
    kept: str
    photo: Photo | Crop
    data: bytes

    @property
    def bytes(self) -> int:
        """How many its pixels take."""
        return 0 if self.photo.pixels is None else self.photo.pixels.nbytes


@dataclass(frozen=True, eq=False)
class Looked:
    """The face of an image, one of `faces`: `whole` in the original, `nearer` in pixels that show it well enough."""

    whole: Face
    faces: int
    pixels: np.ndarray
    nearer: Face
    landmarks: np.ndarray


@dataclass(frozen=True, eq=False)
class Measurer:
    """Measures images in a worker."""

    measures: Sequence[ImageMeasure]
    finder: Finder | GivenFinder | None

    def records(self, images: Sequence[Unmeasured]) -> list[Record]:
        """Return the values of images as records whose vectors hold them, NaN for those that an image has not.

        First the landmarks of all are found, then all is measured: either finds what it needs in the processor's cache
        then. One image after the other, between their searches and the network, takes twice as long.
        """
        looked = [_tried(one, self._look) for one in images]
        return [
            of if isinstance(of, Record) else _tried(one, self._measure, of)
            for one, of in zip(images, looked, strict=True)
        ]

    def _look(self, one: Unmeasured, photo: Photo) -> Looked | Record | None:
        if self.finder is None:
            return None
        found = self.finder.find(photo)
        if found.face is None:
            return Record(one.kept, found.outcome, found.detail, None, None)
        pixels, nearer = photo.closer(found.face, SIDE)
        return Looked(found.face.moved(photo.scale), found.faces, pixels, nearer, _landmarks(pixels, nearer))

    def _measure(self, one: Unmeasured, photo: Photo, looked: Looked | None) -> Record:
        tables = quantisation(one.data)
        if looked is None:
            box, seen = None, Seen(photo.width, photo.height, face_crop(photo.pixels), quantisation=tables)
        else:
            whole, crop = looked.whole, face_crop(looked.pixels, looked.nearer.box, looked.landmarks)
            box, landmarks = whole.box, _placed(looked.landmarks, looked.nearer, whole)
            seen = Seen(photo.width, photo.height, crop, box, landmarks, whole.confidence, looked.faces, tables)
        values = np.array([measure.of(seen) for measure in self.measures], np.float32)
        return Record(one.kept, Outcome.OK, None, box, values)


def _tried(one: Unmeasured, step: Callable[..., Made], *more: object) -> Made | Record:
    """Return what a step makes of an image, or the outcome that stands in its place."""
    photo = one.photo
    if isinstance(photo, Crop):
        return Record(one.kept, photo.outcome, photo.detail, None, None)
    try:
        return step(one, photo, *more)
    except Unreadable as error:
        return Record(one.kept, Outcome.UNREADABLE, error.said, None, None)
    except MemoryError:
        return Record(one.kept, Outcome.UNREADABLE, Statement.of(FailureCode.NO_MEMORY), None, None)


def _landmarks(pixels: np.ndarray, face: Face) -> np.ndarray:
    if face.landmarks is not None:
        return face.landmarks
    from facegap.faces.dlib_points import five_points

    return five_points(pixels, face)


def _placed(landmarks: np.ndarray, nearer: Face, whole: Face) -> np.ndarray:
    """Return landmarks in the pixels in which the face has its box `whole`, not `nearer`."""
    (left, top, right, bottom), (x, y, far, below) = nearer.box, whole.box
    scale = np.array([(far - x) / (right - left), (below - y) / (bottom - top)])
    return (landmarks - [left, top]) * scale + [x, y]
