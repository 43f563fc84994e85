"""The conformance suite for detectors."""

from collections.abc import Sequence

import numpy as np

from facegap.faces import Detector, Face

SHIFT = 40
"""By how many pixels the suite moves an image to see whether the boxes move along."""


def check_detector(detector: Detector, images: Sequence[np.ndarray]) -> None:
    """Check that a detector keeps the promises of `Detector`.

    Args:
        detector: the detector.
        images: (height, width, 3) uint8 RGB, with at least one upright face among them.

    Raises:
        AssertionError: a promise is broken.
    """
    found = [_detect(detector, image) for image in images]
    assert any(found), "no face was found in any image: give images with faces"
    for image, faces in zip(images, found, strict=True):
        for face in faces:
            _check_face(face, image.shape)
    for image, faces in zip(reversed(images), reversed(found), strict=True):
        assert _same(_detect(detector, image), faces), "an image gave other faces the second time"
    image, face = next((image, faces[0]) for image, faces in zip(images, found, strict=True) if faces)
    _check_moves_along(detector, image, face)
    for side in (1, 8, 200):
        _detect(detector, np.zeros((side, side, 3), np.uint8))


def _detect(detector: Detector, image: np.ndarray) -> list[Face]:
    given = image.copy()
    faces = detector.detect(given)
    assert np.array_equal(given, image), "the image was changed in place"
    assert isinstance(faces, list), f"detect returned a {type(faces).__name__}, expected a list"
    return faces


def _check_face(face: Face, shape: tuple[int, ...]) -> None:
    assert isinstance(face, Face), f"detect gave a {type(face).__name__}, expected a Face"
    left, top, right, bottom = face.box
    inside = max(0.0, left) < min(right, shape[1]) and max(0.0, top) < min(bottom, shape[0])
    assert inside, f"box {face.box} is not left, top, right, bottom of something in the image"
    assert np.isfinite([*face.box, face.confidence]).all(), "a box or confidence is NaN or infinity"
    if face.landmarks is None:
        return
    points = face.landmarks
    assert (points.shape, points.dtype) == ((5, 2), np.float32), "landmarks are not (5, 2) float32"
    left_eye, right_eye, _, left_mouth, right_mouth = points
    assert left_eye[0] < right_eye[0], "the left and the right eye are swapped"
    assert left_mouth[0] < right_mouth[0], "the left and the right corner of the mouth are swapped"
    assert max(left_eye[1], right_eye[1]) < min(left_mouth[1], right_mouth[1]), "the eyes are not above the mouth"


def _same(faces: Sequence[Face], others: Sequence[Face]) -> bool:
    return len(faces) == len(others) and all(
        a.box == b.box and np.array_equal(_points(a), _points(b)) for a, b in zip(faces, others, strict=True)
    )


def _points(face: Face) -> np.ndarray:
    return np.empty((0, 2)) if face.landmarks is None else face.landmarks


def _check_moves_along(detector: Detector, image: np.ndarray, face: Face) -> None:
    """Widen the image on its left: whoever swaps x and y or forgets a scale gives himself away."""
    moved = _detect(detector, np.pad(image, ((0, 0), (SHIFT, 0), (0, 0)), mode="edge"))
    left, top, right, bottom = face.box
    expected = (left + SHIFT, top, right + SHIFT, bottom)
    assert any(_overlap(other.box, expected) > 0.5 for other in moved), (
        f"the image moved right by {SHIFT} pixels, but no box moved from {face.box} to about {expected}"
    )


def _overlap(a: Sequence[float], b: Sequence[float]) -> float:
    """Return the intersection of two boxes over their union."""
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    shared = max(0.0, width) * max(0.0, height)
    return shared / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared)
