"""dlib's frontal face detector."""

# dlib's compiled module declares no names to a type checker.
# pyright: reportAttributeAccessIssue=false

import math
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from facegap.faces.face import Face
from facegap.faces.registration import Registration
from facegap.run.kept import kept

if TYPE_CHECKING:
    import dlib

UPSAMPLE = 1
"""How often the image is doubled before the search; once finds faces from about 40 pixels."""

WINDOW = 73
"""Side in pixels of the boxes that the detector finds on a level of its pyramid."""

LEVEL_RATIO = 6 / 5
"""Each level of the detector's pyramid has 5/6 of the pixels of the one before, per side."""


class HogDetector:
    """dlib's HOG detector of frontal faces (King, "Max-Margin Object Detection", 2015). It gives no landmarks.

    It looks for faces of one size, `WINDOW`, on the levels of a pyramid: the doubled image, and then each level 5/6 of
    the one before.
    """

    def __init__(self) -> None:
        self._detector = _unpacked()

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


def _unpacked() -> "dlib.fhog_object_detector":
    """Return dlib's frontal face detector. It takes dlib 0.3 s to unpack, so it is kept unpacked: for that 1 ms."""
    import dlib

    content = kept(f"dlib-hog-{dlib.__version__}", lambda: dlib.get_frontal_face_detector().__getstate__()[0])
    detector = dlib.fhog_object_detector.__new__(dlib.fhog_object_detector)
    detector.__setstate__((content,))
    return detector


def _levels_below(least: float) -> int:
    """Return how many of the finest levels show only faces of less than `least` pixels."""
    doubled = 2.0 * least
    return math.floor(math.log(doubled / WINDOW, LEVEL_RATIO)) if doubled > WINDOW else 0


def _level(image: np.ndarray, level: int) -> np.ndarray:
    """Return the image as the detector sees it on a level of its pyramid."""
    import dlib

    height, width = image.shape[:2]
    whole = _step(2).rect_up(dlib.rectangle(0, 0, width - 1, height - 1))
    pixels = dlib.resize_image(image, whole.bottom() + 1, whole.right() + 1)
    for _ in range(level):
        pixels = _step(6)(pixels)
    return pixels


def _in_image(box: "dlib.rectangle", skipped: int) -> "dlib.rectangle":
    """Return a box that was found with `skipped` levels left out as the whole search would give it.

    dlib rounds once, from the level where the face was found to the doubled image. So the box goes back to its own
    level first, on which it is `WINDOW` wide (a little more where it sticks out of the image), and then up in one go.
    """
    own = round(math.log(min(box.width(), box.height()) / WINDOW, LEVEL_RATIO))
    return _step(2).rect_down(_step(6).rect_up(_step(6).rect_down(box, own), own + skipped))


@cache
def _step(n: int) -> "dlib.pyramid_down":
    """Return what reduces an image to (n - 1) / n per side: 2 undoes the doubling, 6 goes to the next level."""
    import dlib

    return dlib.pyramid_down(n)


DETECTOR = Registration("dlib-hog", open=lambda _: HogDetector(), least=True)
