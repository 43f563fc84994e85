"""An image as measures see it, with the face that models are shown."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from PIL import Image

from facegap.measures.pose import pose

SIDE = 112
"""Side in pixels of the square that the face fills; all faces are measured at this one scale."""

AROUND = 2.2
"""The side of that square, in distances between the eyes of a face that looks straight ahead: brows to chin."""

UPRIGHT = 0.9
"""The distance between the eyes in distances from the eyes to the mouth, on the standard face of `pose.py`."""

Box = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class Seen:
    """An upright image and the face that was chosen in it.

    `width`, `height`: of the original in pixels. `face`: (SIDE, SIDE, 3) uint8 RGB, see `face_crop`. `box`: left, top,
    right, bottom of the face and `landmarks`: (5, 2) in the order of `Face.landmarks`, both in pixels of the original,
    None where no face was looked for. `confidence`: the detector's score, NaN if there is none. `faces`: how many were
    found. `quantisation`: the tables of a JPEG file by their number, 64 values each in rows, empty for other files.
    """

    width: int
    height: int
    face: np.ndarray
    box: Box | None = None
    landmarks: np.ndarray | None = None
    confidence: float = np.nan
    faces: int = 0
    quantisation: dict[int, list[int]] = field(default_factory=dict)

    @cached_property
    def luma(self) -> np.ndarray:
        """(SIDE, SIDE) float64 brightness of the face from 0 to 255, ITU-R BT.601."""
        return self.face.astype(np.float64) @ np.array([0.299, 0.587, 0.114])

    @cached_property
    def pose(self) -> tuple[float, float, float] | None:
        """Yaw, pitch and roll of the head in degrees, None where its landmarks are not known."""
        return None if self.landmarks is None else pose(self.landmarks)


def face_crop(pixels: np.ndarray, box: Box | None = None, landmarks: np.ndarray | None = None) -> np.ndarray:
    """Return the face in an image (height, width, 3) uint8 as (SIDE, SIDE, 3) uint8, stretched or reduced.

    It is a square around the middle between eyes and mouth, as large as the face whichever way it is turned; without
    `landmarks` the box, without a box the whole image. What lies beyond the image is left out.
    """
    height, width = pixels.shape[:2]
    if landmarks is not None:
        eyes, mouth = landmarks[:2].mean(axis=0), landmarks[3:].mean(axis=0)
        across, down = np.linalg.norm(landmarks[1] - landmarks[0]), np.linalg.norm(mouth - eyes)
        x, y = (eyes + mouth) / 2
        half = AROUND / 2 * max(float(across), UPRIGHT * float(down), 1.0)
        box = (x - half, y - half, x + half, y + half)
    left, top, right, bottom = box or (0.0, 0.0, float(width), float(height))
    left, top = float(np.clip(left, 0, width - 1)), float(np.clip(top, 0, height - 1))
    inside = (left, top, float(np.clip(right, left + 1, width)), float(np.clip(bottom, top + 1, height)))
    return np.array(Image.fromarray(pixels).resize((SIDE, SIDE), Image.Resampling.BILINEAR, box=inside))
