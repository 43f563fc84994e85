"""SCRFD on networks whose outputs are known."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from facegap.errors import InputError, ModelError
from facegap.faces.detectors.scrfd import ScrfdDetector, letterbox
from facegap.testing import check_detector
from faces.detectors.scrfd_networks import STRIDES, constant, guesses, seeing


def plain_reading(outputs: list[np.ndarray], size: int, scale: float) -> list[tuple[float, np.ndarray, np.ndarray]]:
    """Return score, box and points of each face, read guess by guess; the surest first."""
    found = []
    for level, stride in enumerate(STRIDES):
        scores, sides, ways = (output.reshape(-1, output.shape[-1]) for output in outputs[level::3])
        guess = 0
        for y in range(size // stride):
            for x in range(size // stride):
                for _ in range(2):
                    if scores[guess, 0] >= 0.5:
                        left, top, right, bottom = sides[guess] * stride
                        box = np.array([x * stride - left, y * stride - top, x * stride + right, y * stride + bottom])
                        points = np.array([x, y]) * stride + ways[guess].reshape(5, 2) * stride
                        found.append((float(scores[guess, 0]), box / scale, points / scale))
                    guess += 1
    found.sort(key=lambda face: -face[0])
    kept = []
    for face in found:
        if all(overlap(face[1], other[1]) <= 0.4 for other in kept):
            kept.append(face)
    return kept


def overlap(a: np.ndarray, b: np.ndarray) -> float:
    """Return intersection over union of two boxes that hold the pixels of their edges."""
    sides = np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]) + 1
    shared = np.prod(sides) if (sides > 0).all() else 0.0
    return shared / (np.prod(a[2:] - a[:2] + 1) + np.prod(b[2:] - b[:2] + 1) - shared)


@pytest.mark.parametrize("batched", [False, True])
@pytest.mark.parametrize(("shape", "scale"), [((300, 200), 640 / 300), ((90, 160), 4.0), ((1280, 640), 0.5)])
def test_boxes_and_points_are_those_of_a_plain_reading(
    tmp_path: Path, shape: tuple[int, int], scale: float, batched: bool
) -> None:
    outputs = guesses(640, seed=shape[0])
    given = [output[None] if batched else output for output in outputs]
    faces = ScrfdDetector(constant(tmp_path / "net.onnx", given)).detect(np.zeros((*shape, 3), np.uint8))
    expected = plain_reading(outputs, 640, scale)
    assert len(faces) == len(expected) > 3
    for face, (score, box, points) in zip(faces, expected, strict=True):
        assert face.confidence == pytest.approx(score)
        np.testing.assert_allclose(face.box, box, rtol=1e-5, atol=1e-3)
        np.testing.assert_allclose(face.landmarks, points, rtol=1e-5, atol=1e-3)


@pytest.mark.parametrize("shape", [(250, 250), (37, 100), (333, 777)])
def test_the_image_is_resized_as_opencv_does(shape: tuple[int, int]) -> None:
    image = np.random.default_rng(4).integers(0, 256, (*shape, 3), dtype=np.uint8)
    square, scale = letterbox(image, 640)
    height, width = round(shape[0] * scale), int(640 * shape[1] / max(shape))
    expected = cv2.resize(image, (width, height))
    np.testing.assert_allclose(square[:height, :width].astype(int), expected, atol=1)
    assert not square[height:].any()
    assert not square[:, width:].any()


def test_boxes_that_overlap_are_one_face(tmp_path: Path) -> None:
    outputs = guesses(64, never=True)
    outputs[0][[2, 4, 40], 0] = 0.9, 0.8, 0.7  # neighbours of 32 pixels, 8 apart, and one far below
    detector = ScrfdDetector(constant(tmp_path / "net.onnx", outputs, side=64))
    faces = detector.detect(np.zeros((64, 64, 3), np.uint8))
    assert [round(face.confidence, 6) for face in faces] == [0.9, 0.7]


def test_the_network_is_shown_red_first_and_scaled_as_insightface_does(tmp_path: Path) -> None:
    detector = ScrfdDetector(seeing(tmp_path / "net.onnx", 64))
    picture = np.zeros((64, 64, 3), np.uint8)
    picture[16:24, 32:40, 2] = 255
    assert detector.detect(picture) == []
    picture[16:24, 32:40] = (255, 0, 0)
    (face,) = detector.detect(picture)
    assert face.confidence == (255 - 127.5) / 128
    assert face.box == (32 - 16, 16 - 16, 32 + 16, 16 + 16)


def test_it_conforms(tmp_path: Path) -> None:
    dark, lit = np.zeros((160, 80, 3), np.uint8), np.zeros((160, 80, 3), np.uint8)
    lit[60:70, 30:40] = 255
    check_detector(ScrfdDetector(seeing(tmp_path / "net.onnx", 640)), [dark, lit])


def test_the_size_of_the_input_is_the_files_or_the_stated_one(tmp_path: Path) -> None:
    fixed = constant(tmp_path / "fixed.onnx", guesses(320), side=320)
    assert len(ScrfdDetector(fixed).detect(np.zeros((9, 9, 3), np.uint8))) > 3
    open_file = constant(tmp_path / "open.onnx", guesses(320))
    assert len(ScrfdDetector(open_file, 320).detect(np.zeros((9, 9, 3), np.uint8))) > 3
    with pytest.raises(InputError, match="takes 320 x 320 pixels and no others: leave size=640 out"):
        ScrfdDetector(fixed, 640)
    with pytest.raises(InputError, match="a size that 32 divides, not 500"):
        ScrfdDetector(open_file, 500)


def test_extreme_shapes(tmp_path: Path) -> None:
    detector = ScrfdDetector(constant(tmp_path / "net.onnx", guesses(64, never=True), side=64))
    for shape in ((1, 5000, 3), (5000, 2, 3), (33, 31, 3)):
        assert detector.detect(np.zeros(shape, np.uint8)) == []


def test_other_files_are_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.onnx"
    other.write_bytes(b"no network")
    outputs = guesses(640)
    no_points = constant(tmp_path / "six.onnx", outputs[:6])
    strange = constant(tmp_path / "strange.onnx", outputs[::-1])
    for path in (other, no_points, strange, tmp_path / "absent.onnx"):
        with pytest.raises(ModelError, match="is not an SCRFD face detector with points"):
            ScrfdDetector(path)
