"""The detectors on real faces."""

from pathlib import Path

import cv2
import dlib
import numpy as np
import pytest

from facegap.errors import ModelError
from facegap.faces.hog import DlibChip, DlibLandmarks, HogDetector
from facegap.faces.yunet import LONGEST_SIDE, YuNetDetector
from facegap.testing import check_detector
from facegap.weights import FIVE_POINTS, dlib_weights


def test_hog_conforms(johns: list[np.ndarray], portraits: list[np.ndarray]) -> None:
    check_detector(HogDetector(), [*johns[:2], *portraits[:2]])


def test_yunet_conforms(yunet_file: Path, johns: list[np.ndarray], portraits: list[np.ndarray]) -> None:
    check_detector(YuNetDetector(yunet_file), [*johns, *portraits])


def test_hog_gives_dlibs_boxes_in_dlibs_order(portraits: list[np.ndarray]) -> None:
    two = np.concatenate(portraits[:2], axis=1)
    boxes = dlib.get_frontal_face_detector()(two, 1)
    assert len(boxes) >= 2
    expected = [(box.left(), box.top(), box.right(), box.bottom()) for box in boxes]
    assert [face.box for face in HogDetector().detect(two)] == expected


def test_both_ways_to_landmarks_agree(yunet_file: Path, johns: list[np.ndarray], portraits: list[np.ndarray]) -> None:
    """YuNet's and dlib's landmarks are independent, so a wrong order or scale would set them far apart."""
    hog, landmarks, yunet = HogDetector(), DlibLandmarks(), YuNetDetector(yunet_file)
    compared = 0
    for image in [*johns, *portraits]:
        if hogs := hog.detect(image):
            by_dlib = landmarks.predict(image, hogs[0])
            assert (by_dlib.shape, by_dlib.dtype) == ((5, 2), np.float32)
            by_yunet = [face.landmarks for face in yunet.detect(image)]
            eyes = np.linalg.norm(by_dlib[1] - by_dlib[0])
            nearest = min(np.linalg.norm(by_dlib - points, axis=1).max() for points in by_yunet)
            assert nearest < 0.3 * eyes
            compared += 1
    assert compared >= 8


@pytest.mark.parametrize("factor", [8, 12])
def test_yunet_scales_large_images_down_and_boxes_back(yunet_file: Path, johns: list[np.ndarray], factor: int) -> None:
    image = johns[0]
    large = cv2.resize(image, (image.shape[1] * factor, image.shape[0] * factor), interpolation=cv2.INTER_CUBIC)
    assert max(large.shape) > LONGEST_SIDE
    detector = YuNetDetector(yunet_file)
    (small_face,), (large_face,) = detector.detect(image), detector.detect(large)
    np.testing.assert_allclose(np.array(large_face.box) / factor, small_face.box, atol=6)
    np.testing.assert_allclose(large_face.landmarks / factor, small_face.landmarks, atol=7)


def test_yunet_takes_extreme_shapes(yunet_file: Path) -> None:
    detector = YuNetDetector(yunet_file)
    for shape in ((1, 5000, 3), (5000, 2, 3), (33, 31, 3)):
        assert detector.detect(np.zeros(shape, np.uint8)) == []


@pytest.mark.parametrize("content", [b"", b"no network"])
def test_yunet_refuses_other_files(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.onnx"
    path.write_bytes(content)
    with pytest.raises(ModelError, match="not a YuNet face detector"):
        YuNetDetector(path)


def test_yunet_refuses_other_models(shared_dir: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ModelError, match="not a YuNet face detector"):
        YuNetDetector(shared_dir / "models" / "mobilefacenet_ms1m_112.onnx")
    assert capfd.readouterr() == ("", "")


def test_chip_is_dlibs(johns: list[np.ndarray]) -> None:
    image = johns[1]
    box = dlib.get_frontal_face_detector()(image, 1)[0]
    shape = dlib.shape_predictor(str(dlib_weights(FIVE_POINTS)))(image, box)
    chip = DlibChip().cut(image, HogDetector().detect(image)[0], 150)
    np.testing.assert_array_equal(chip, dlib.get_face_chip(image, shape, size=150, padding=0.25))
