"""From an image to what a model is shown."""

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from facegap.data.embeddings import Outcome
from facegap.data.spec import FaceSpec
from facegap.errors import InputError, ModelError
from facegap.faces import Face, face_spec, make_cropper
from facegap.faces.cropper import FaceCropper
from facegap.faces.finder import Finder, Search
from facegap.report.text.failures import failure_text

BLANK = np.full((120, 160, 3), 200, np.uint8)


def fixed(*faces: Face) -> Search:
    """Return a search that finds what it was told."""
    return lambda _: list(faces)


def cut(image: np.ndarray, face: Face) -> np.ndarray:
    left, top, right, bottom = map(int, face.box)
    return image[top:bottom, left:right]


FIRST, SECOND = Face((0, 0, 10, 10), 1.0), Face((50, 30, 90, 70), 1.0)


def test_a_chosen_face_is_cut_out() -> None:
    crop = FaceCropper(Finder(fixed(FIRST, SECOND), "main"), cut, 40).crop(BLANK)
    assert (crop.outcome, crop.detail, crop.box) == (Outcome.OK, None, SECOND.box)
    assert crop.pixels is not None
    assert crop.pixels.shape == (40, 40, 3)


@pytest.mark.parametrize(
    ("faces", "outcome", "detail"),
    [((), Outcome.NO_FACE, "no face in 160 x 120 pixels"), ((FIRST, SECOND), Outcome.SEVERAL_FACES, "2 faces")],
)
def test_without_a_chosen_face_there_is_a_reason(faces: tuple[Face, ...], outcome: Outcome, detail: str) -> None:
    crop = FaceCropper(Finder(fixed(*faces), "only"), cut, 40).crop(BLANK)
    assert (crop.outcome, failure_text(crop.detail), crop.box, crop.pixels) == (outcome, detail, None, None)


@pytest.mark.parametrize(("kind", "size"), [("dlib-150", 150), ("arcface-112", 112)])
@pytest.mark.parametrize("detector", ["dlib-hog", "yunet"])
def test_real_faces(yunet_file: Path, johns: list[np.ndarray], kind: str, size: int, detector: str) -> None:
    cropper = make_cropper(kind, size, detector=f"yunet:{yunet_file}" if detector == "yunet" else detector)
    crop = cropper.crop(johns[0])
    assert crop.outcome is Outcome.OK
    assert crop.pixels is not None
    assert (crop.pixels.shape, crop.pixels.dtype) == ((size, size, 3), np.uint8)
    assert crop.box is not None
    assert cropper.crop(BLANK).outcome is Outcome.NO_FACE


@pytest.mark.parametrize(("kind", "size"), [("dlib-150", 150), ("arcface-112", 112)])
def test_both_detectors_show_a_model_nearly_the_same(
    yunet_file: Path, johns: list[np.ndarray], kind: str, size: int
) -> None:
    by_hog = make_cropper(kind, size).crop(johns[2]).pixels
    by_yunet = make_cropper(kind, size, detector=f"yunet:{yunet_file}").crop(johns[2]).pixels
    assert by_hog is not None
    assert by_yunet is not None
    assert np.corrcoef(by_hog.ravel(), by_yunet.ravel())[0, 1] > 0.9


def test_whole_image_looks_for_no_face() -> None:
    crop = make_cropper("whole", 64).crop(BLANK)
    assert (crop.outcome, crop.box) == (Outcome.OK, None)
    assert crop.pixels is not None
    assert crop.pixels.shape == (64, 64, 3)


@pytest.mark.parametrize("kind", ["dlib-150", "arcface-112", "box", "whole"])
def test_a_usual_crop_needs_no_opencv(kind: str) -> None:
    code = (
        "import sys; sys.modules['cv2'] = None; import numpy; from facegap.faces import make_cropper;"
        f"make_cropper({kind!r}, 112).crop(numpy.zeros((90, 90, 3), 'uint8'))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_whole_image_needs_no_heavy_detector() -> None:
    code = (
        "import sys, numpy; from facegap.faces import make_cropper; assert not {'cv2', 'dlib'} & set(sys.modules);"
        "make_cropper('whole', 8).crop(numpy.zeros((9, 9, 3), 'uint8')); assert 'dlib' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_face_spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("facegap.faces.detectors.yunet.tried", lambda *_, **__: None)
    path = tmp_path / "face.onnx"
    path.write_bytes(b"weights")
    digest = hashlib.sha256(b"weights").hexdigest()
    yunet = f"yunet:{path}"
    assert face_spec("dlib-150") == FaceSpec("dlib-hog", "main", 2048)
    assert face_spec("dlib-150", max_side=900, min_face=60) == FaceSpec("dlib-hog", "main", 900, 60)
    assert face_spec("arcface-112", detector=yunet, rule="only") == FaceSpec(f"yunet:{digest}", "only", 2048)
    assert face_spec("whole", rule="only", max_side=900, min_face=60) == FaceSpec("none", "", 900)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"crop": "whole-face"}, "unknown crop 'whole-face': choose one of dlib-150"),
        ({"crop": "whole", "detector": "haar"}, "unknown detector 'haar': choose box, dlib-hog, .* or yunet:FILE.onnx"),
        ({"crop": "dlib-150", "rule": "best"}, "unknown rule 'best'"),
        ({"crop": "dlib-150", "min_face": 0}, "a face of 0 pixels is none"),
        ({"crop": "dlib-150", "detector": "yunet:FILE.onnx", "min_face": 60}, "YuNet sees all sizes at once"),
    ],
)
def test_unknown_options_are_refused(options: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        face_spec(**options)
    with pytest.raises(InputError, match=message):
        make_cropper(size=8, **options)


def test_a_side_of_no_pixels_is_refused() -> None:
    with pytest.raises(InputError, match="cannot be reduced to 0 pixels"):
        face_spec("whole", max_side=0)


def test_missing_detector_file(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        face_spec("dlib-150", detector=f"yunet:{tmp_path / 'absent.onnx'}")
