"""What a worker measures of an image, from the same decoding and the same search that its embeddings come from."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from facegap.data.embeddings import Outcome
from facegap.data.image_file import quantisation
from facegap.faces import Face, FaceOptions, Finder, GivenFinder, Photo
from facegap.faces.cropper import NO_DETECTOR
from facegap.measures import SIDE, ImageMeasure, Seen, face_crop, key
from facegap.store import Record

CROP = "arcface-112"
"""Measures look for faces as models with this crop do."""


@dataclass(frozen=True)
class Measuring:
    """What is measured of every image, and how faces are found for it; nothing where `measures` are none."""

    measures: Sequence[ImageMeasure]
    faces: FaceOptions

    @cached_property
    def key(self) -> str:
        """The store key of the values."""
        return key(self.measures, repr(self.faces.spec(CROP)))

    @property
    def searches(self) -> bool:
        """Whether a face is looked for."""
        return self.faces.spec(CROP).detector != NO_DETECTOR

    def record(self, image: str, photo: Photo, data: bytes, finder: Finder | GivenFinder | None) -> Record:
        """Return the values of an image as a record whose vector holds them, NaN for those that it has not.

        `data`: the bytes of its file. `finder`: that of this worker, None where images are faces already.

        Raises:
            Unreadable: the file is damaged.
        """
        if finder is None:
            seen = Seen(photo.width, photo.height, face_crop(photo.pixels), quantisation=quantisation(data))
            return self._record(image, None, seen)
        found = finder.find(photo)
        if found.face is None:
            return Record(image, found.outcome, found.detail, None, None)
        pixels, nearer = photo.closer(found.face, SIDE)
        landmarks = _landmarks(pixels, nearer)
        whole = found.face.moved(photo.scale)
        crop = face_crop(pixels, nearer.box, landmarks)
        seen = Seen(
            photo.width, photo.height, crop, whole.box, _placed(landmarks, nearer, whole), whole.confidence,
            found.faces, quantisation(data),
        )  # fmt: skip
        return self._record(image, whole.box, seen)

    def _record(self, image: str, box: tuple[float, float, float, float] | None, seen: Seen) -> Record:
        values = np.array([one.of(seen) for one in self.measures], np.float32)
        return Record(image, Outcome.OK, None, box, values)


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
