"""dlib's frontal face detector, its landmarks and its aligned chip."""

# dlib's compiled module declares no names to a type checker.
# pyright: reportAttributeAccessIssue=false

import dlib
import numpy as np

from facegap.faces.face import Face
from facegap.weights import FIVE_POINTS, SIXTY_EIGHT_POINTS, dlib_weights

UPSAMPLE = 1
"""How often the image is doubled before the search; once finds faces from about 40 pixels."""

PADDING = 0.25
"""The margin of dlib's chip, as its face network was trained with."""

LEFT_EYE = slice(36, 42)
RIGHT_EYE = slice(42, 48)
NOSE_TIP = 30
MOUTH_CORNERS = (48, 54)


class HogDetector:
    """dlib's HOG detector of frontal faces (King, "Max-Margin Object Detection", 2015). It gives no landmarks."""

    def __init__(self) -> None:
        self._detector = dlib.get_frontal_face_detector()

    def detect(self, image: np.ndarray) -> list[Face]:
        """See `Detector.detect`."""
        boxes, scores, _ = self._detector.run(image, UPSAMPLE, 0.0)
        return [
            Face((float(box.left()), float(box.top()), float(box.right()), float(box.bottom())), score)
            for box, score in zip(boxes, scores, strict=True)
        ]


class DlibLandmarks:
    """The five landmarks of `Face.landmarks`, from dlib's predictor of 68 points."""

    def __init__(self) -> None:
        self._predictor = dlib.shape_predictor(str(dlib_weights(SIXTY_EIGHT_POINTS)))

    def predict(self, image: np.ndarray, face: Face) -> np.ndarray:
        """Return the landmarks (5, 2) float32 of a face in `image` (height, width, 3) uint8 RGB."""
        points = np.array([(point.x, point.y) for point in self._predictor(image, _rectangle(face)).parts()])
        eyes = [points[LEFT_EYE].mean(axis=0), points[RIGHT_EYE].mean(axis=0)]
        return np.array([*eyes, points[NOSE_TIP], *points[list(MOUTH_CORNERS)]], dtype=np.float32)


class DlibChip:
    """The upright, centred square that dlib's face network takes."""

    def __init__(self) -> None:
        self._predictor = dlib.shape_predictor(str(dlib_weights(FIVE_POINTS)))

    def cut(self, image: np.ndarray, face: Face, size: int) -> np.ndarray:
        """Return the chip (size, size, 3) uint8 of a face in `image` (height, width, 3) uint8 RGB."""
        shape = self._predictor(image, _rectangle(face))
        return dlib.get_face_chip(image, shape, size=size, padding=PADDING)


def _rectangle(face: Face) -> "dlib.rectangle":
    return dlib.rectangle(*(round(edge) for edge in face.box))
