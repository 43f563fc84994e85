"""What a detector finds, and what a detector is."""

import hashlib
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from facegap.data.statement import Statement


@dataclass(frozen=True, eq=False)
class Face:
    """One face in an image.

    `box`: left, top, right, bottom in pixels, which may lie outside the image. `confidence`: in the detector's own
    unit, larger is surer. `landmarks`: (5, 2) float32 x and y in pixels, or None where the detector gives none: left
    eye, right eye, nose, left and right corner of the mouth, left and right as seen in the picture.
    """

    box: tuple[float, float, float, float]
    confidence: float
    landmarks: np.ndarray | None = None

    def moved(self, scale: tuple[float, float], shift: tuple[float, float] = (0.0, 0.0)) -> "Face":
        """Return the same face in an image that was stretched by `scale` and then moved by `shift`, each x and y."""
        (x, y), (right, down) = scale, shift
        left, top, far, bottom = self.box
        box = (left * x + right, top * y + down, far * x + right, bottom * y + down)
        points = self.landmarks
        return Face(box, self.confidence, None if points is None else (points * scale + shift).astype(np.float32))


@dataclass(frozen=True, eq=False)
class GivenFace:
    """What a table says of the face in an image: the `face`, or None and the `reason`."""

    face: Face | None
    reason: Statement | None = None

    def key(self, image: str) -> str:
        """Return under what an embedding of this face is kept: a hex sha256 over that of the image and the face."""
        said = f"{self.face.box} {_points(self.face)}" if self.face else f"{self.reason and self.reason.key}"
        return hashlib.sha256(f"{image} {said}".encode()).hexdigest()


def _points(face: Face) -> list[list[float]] | None:
    return None if face.landmarks is None else face.landmarks.tolist()


class Detector(Protocol):
    """Finds faces. It holds mutable state, so each worker needs its own."""

    def detect(self, image: np.ndarray) -> list[Face]:
        """Return the faces in an image (height, width, 3) uint8 RGB, in the detector's own order."""
        ...


class SizedDetector(Detector, Protocol):
    """A detector that can leave out the search for small faces."""

    def detect(self, image: np.ndarray, *, least: float = 0.0) -> list[Face]:
        """See `Detector.detect`. Faces that are smaller than `least` pixels need not be found."""
        ...
