"""dlib's frontal face detector, its landmarks and its aligned chip."""

# dlib's compiled module declares no names to a type checker.
# pyright: reportAttributeAccessIssue=false

import math
import threading
from functools import cache

import dlib
import numpy as np

from facegap.data.weights import FIVE_POINTS, SIXTY_EIGHT_POINTS, dlib_weights
from facegap.faces.face import Face

UPSAMPLE = 1
"""How often the image is doubled before the search; once finds faces from about 40 pixels."""

WINDOW = 73
"""Side in pixels of the boxes that the detector finds on a level of its pyramid."""

LEVEL_RATIO = 6 / 5
PYRAMID = dlib.pyramid_down(6)
"""Each level of the detector's pyramid has 5/6 of the pixels of the one before, per side."""

DOUBLE = dlib.pyramid_down(2)
"""The step by which an image is doubled."""

PADDING = 0.25
"""The margin of dlib's chip, as its face network was trained with."""

LEFT_EYE = slice(36, 42)
RIGHT_EYE = slice(42, 48)
NOSE_TIP = 30
MOUTH_CORNERS = (48, 54)

_loading = threading.Lock()


class HogDetector:
    """dlib's HOG detector of frontal faces (King, "Max-Margin Object Detection", 2015). It gives no landmarks.

    It looks for faces of one size, `WINDOW`, on the levels of a pyramid: the doubled image, and then each level 5/6 of
    the one before.
    """

    def __init__(self) -> None:
        self._detector = dlib.get_frontal_face_detector()

    def detect(self, image: np.ndarray, *, least: float = 0.0) -> list[Face]:
        """See `Detector.detect`. Levels on which all faces are smaller than `least` pixels of the image are left out.

        Boxes are to the pixel those of the whole search; where a small one there hid a larger one of the same face,
        that is found instead.
        """
        skipped = _levels_below(least)
        if skipped:
            boxes, scores, _ = self._detector.run(_level(image, skipped), 0, 0.0)
            boxes = [_in_image(box, skipped) for box in boxes]
        else:
            boxes, scores, _ = self._detector.run(image, UPSAMPLE, 0.0)
        return [
            Face((float(box.left()), float(box.top()), float(box.right()), float(box.bottom())), score)
            for box, score in zip(boxes, scores, strict=True)
        ]


def _levels_below(least: float) -> int:
    """Return how many of the finest levels show only faces of less than `least` pixels."""
    doubled = 2.0 * least
    return math.floor(math.log(doubled / WINDOW, LEVEL_RATIO)) if doubled > WINDOW else 0


def _level(image: np.ndarray, level: int) -> np.ndarray:
    """Return the image as the detector sees it on a level of its pyramid."""
    height, width = image.shape[:2]
    whole = DOUBLE.rect_up(dlib.rectangle(0, 0, width - 1, height - 1))
    pixels = dlib.resize_image(image, whole.bottom() + 1, whole.right() + 1)
    for _ in range(level):
        pixels = PYRAMID(pixels)
    return pixels


def _in_image(box: "dlib.rectangle", skipped: int) -> "dlib.rectangle":
    """Return a box that was found with `skipped` levels left out as the whole search would give it.

    dlib rounds once, from the level where the face was found to the doubled image. So the box goes back to its own
    level first, on which it is `WINDOW` wide (a little more where it sticks out of the image), and then up in one go.
    """
    own = round(math.log(min(box.width(), box.height()) / WINDOW, LEVEL_RATIO))
    return DOUBLE.rect_down(PYRAMID.rect_up(PYRAMID.rect_down(box, own), own + skipped))


class DlibLandmarks:
    """The five landmarks of `Face.landmarks`, from dlib's predictor of 68 points."""

    def __init__(self) -> None:
        self._predictor = _predictor(SIXTY_EIGHT_POINTS)

    def predict(self, image: np.ndarray, face: Face) -> np.ndarray:
        """Return the landmarks (5, 2) float32 of a face in `image` (height, width, 3) uint8 RGB."""
        points = np.array([(point.x, point.y) for point in self._predictor(image, _rectangle(face)).parts()])
        eyes = [points[LEFT_EYE].mean(axis=0), points[RIGHT_EYE].mean(axis=0)]
        return np.array([*eyes, points[NOSE_TIP], *points[list(MOUTH_CORNERS)]], dtype=np.float32)


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
