"""dlib's landmarks of a face, and its aligned chip."""

# dlib's compiled module declares no names to a type checker.
# pyright: reportAttributeAccessIssue=false

import threading
from functools import cache
from weakref import WeakKeyDictionary, ref

import dlib
import numpy as np

from facegap.data.weights import FIVE_POINTS, SIXTY_EIGHT_POINTS, dlib_weights
from facegap.faces.face import Face

PADDING = 0.25
"""The margin of dlib's chip, as its face network was trained with."""

LEFT_EYE = range(36, 42)
RIGHT_EYE = range(42, 48)
NOSE_TIP = 30
MOUTH_CORNERS = (48, 54)

_loading = threading.Lock()
_kept = threading.local()


class DlibLandmarks:
    """The five landmarks of `Face.landmarks`, from dlib's predictor of 68 points."""

    def __init__(self) -> None:
        self._predictor = _predictor(SIXTY_EIGHT_POINTS)

    def predict(self, image: np.ndarray, face: Face) -> np.ndarray:
        """Return the landmarks (5, 2) float32 of a face in `image` (height, width, 3) uint8 RGB."""
        part = self._predictor(image, _rectangle(face)).part
        points = np.array([[(point.x, point.y) for point in map(part, these)] for these in (LEFT_EYE, RIGHT_EYE)])
        rest = [(point.x, point.y) for point in map(part, (NOSE_TIP, *MOUTH_CORNERS))]
        return np.array([*points.mean(axis=1), *rest], dtype=np.float32)


def five_points(image: np.ndarray, face: Face) -> np.ndarray:
    """Return the landmarks (5, 2) float32 of a face in `image` (height, width, 3) uint8 RGB, from dlib's 68 points.

    They cost a tenth of an embedding, so each thread keeps those of a face for as long as somebody holds it: a model's
    crop and what is measured of the image ask for the same.
    """
    kept = _kept.__dict__.setdefault("points", WeakKeyDictionary())
    of_image, points = kept.get(face, (None, None))
    if of_image is None or of_image() is not image:
        points = DlibLandmarks().predict(image, face)
        kept[face] = ref(image), points
    return points


class DlibChip:
    """The upright, centred square that dlib's face network takes."""

    def __init__(self) -> None:
        self._predictor = _predictor(FIVE_POINTS)

    def cut(self, image: np.ndarray, face: Face, size: int) -> np.ndarray:
        """Return the chip (size, size, 3) uint8 of a face in `image` (height, width, 3) uint8 RGB."""
        shape = self._predictor(image, _rectangle(face))
        return dlib.get_face_chip(image, shape, size=size, padding=PADDING)


def _predictor(weights: str) -> "dlib.shape_predictor":
    """Return a predictor. It has no state, so threads share it: loading 68 points takes half a second and 100 MB."""
    with _loading:
        return _load_predictor(weights)


@cache
def _load_predictor(weights: str) -> "dlib.shape_predictor":
    return dlib.shape_predictor(str(dlib_weights(weights)))


def _rectangle(face: Face) -> "dlib.rectangle":
    return dlib.rectangle(*(round(edge) for edge in face.box))
