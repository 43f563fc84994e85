"""The detectors on real faces."""

from pathlib import Path

import cv2
import dlib
import numpy as np
import pytest

from facegap.data.weights import FIVE_POINTS, dlib_weights
from facegap.errors import ModelError
from facegap.faces import Box, Face, Photo, make_finder
from facegap.faces.detectors.dlib_hog import HogDetector
from facegap.faces.detectors.yunet import LONGEST_SIDE, YuNetDetector
from facegap.faces.dlib_points import DlibChip, DlibLandmarks
from facegap.synthetic import draw_identity, render
from facegap.testing import check_detector


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


def test_the_detector_that_is_kept_is_dlibs_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To the last bit of its weights; it is unpacked once, and then read."""
    monkeypatch.setenv("FACEGAP_STORE", str(tmp_path))
    own = dlib.get_frontal_face_detector()
    image = render(draw_identity(np.random.default_rng(5)), np.random.default_rng(5))
    HogDetector()
    monkeypatch.setattr(dlib, "get_frontal_face_detector", lambda: pytest.fail("it was unpacked before"))
    detector = HogDetector()
    assert detector._detector.__getstate__() == own.__getstate__()
    assert [face.confidence for face in detector.detect(image)] == list(own.run(image, 1, 0.0)[1])


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


def test_a_stated_size_enlarges_small_images_for_yunet(yunet_file: Path, johns: list[np.ndarray]) -> None:
    """YuNet does not see a face of 15 pixels in a small image; at 640 pixels it does, at its place."""
    image = np.full((200, 200, 3), 120, np.uint8)
    image[40:58, 30:48] = cv2.resize(johns[0], (18, 18), interpolation=cv2.INTER_AREA)
    assert YuNetDetector(yunet_file).detect(image) == []
    (face,) = YuNetDetector(yunet_file, 640).detect(image)
    np.testing.assert_allclose(face.box, (32, 41, 45, 57), atol=3)


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


def crowd() -> np.ndarray:
    """Return a picture of synthetic faces in many sizes."""
    rng = np.random.default_rng(11)
    sides = (90, 120, 160, 220, 300)
    picture = np.full((320, 40 + sum(sides), 3), 120, np.uint8)
    left = 20
    for side in sides:
        picture[10 : 10 + side, left : left + side] = render(draw_identity(rng, spread=0.8), rng, size=side)
        left += side
    return picture


def at_least(side: float, faces: list[Face]) -> list[tuple[Box, float]]:
    return [(face.box, face.confidence) for face in faces if face.box[2] - face.box[0] + 1 >= side]


@pytest.mark.parametrize("least", [53, 64, 76, 90])
def test_a_smallest_face_leaves_the_boxes_of_larger_ones_as_they_are(least: int) -> None:
    image = crowd()
    everything, large = HogDetector().detect(image), HogDetector().detect(image, least=least)
    assert 0 < len(large) < len(everything)
    assert set(at_least(least, everything)) <= set(at_least(least, large))


def test_a_smallest_face_leaves_real_faces_as_they_are(johns: list[np.ndarray], portraits: list[np.ndarray]) -> None:
    detector = HogDetector()
    for image in [*johns, *portraits]:
        everything = detector.detect(image)
        for least in (45, 64, 76):
            assert at_least(least, detector.detect(image, least=least)) == at_least(least, everything)


def test_the_smallest_face_is_measured_in_the_original() -> None:
    """A photo reduced to a half has faces of half the size: the same levels must be searched as in the original."""
    asked = []

    class Recording(HogDetector):
        def detect(self, image: np.ndarray, *, least: float = 0.0) -> list[Face]:
            asked.append(least)
            return []

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("facegap.faces.detectors.dlib_hog.HogDetector", Recording)
        finder = make_finder(min_face=100)
    for scale in (1, 2, 4):
        finder.find(Photo(np.zeros((50, 60, 3), np.uint8), 60 * scale, 50 * scale))
    assert asked == [100, 50, 25]


def test_without_opencv_one_line_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("facegap.faces.detectors.yunet.find_spec", lambda name: None)
    path = tmp_path / "yunet.onnx"
    path.write_bytes(b"weights")
    with pytest.raises(ModelError, match=r"yunet needs OpenCV, .*: run `pip install 'facegap\[yunet\]'`"):
        make_finder(detector=f"yunet:{path}")
