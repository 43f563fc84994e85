"""From what a user writes to a detector, and how to add one."""

import hashlib
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import numpy as np
import pytest

from facegap.data.embeddings import Outcome
from facegap.data.spec import FaceSpec
from facegap.errors import InputError, ModelError
from facegap.faces import AskedDetector, Face, Registration, face_spec, make_cropper, registration
from facegap.faces.registration import asked_detector, brought
from facegap.testing import check_detector


class Lit:
    """Finds the lit rectangle in a dark image: a detector that a package might bring."""

    def __init__(self, asked: AskedDetector) -> None:
        self.least = asked.size or 1

    def detect(self, image: np.ndarray) -> list[Face]:
        rows, columns = np.nonzero(image[..., 0] > 128)
        if len(rows) < self.least:
            return []
        return [Face((float(columns.min()), float(rows.min()), float(columns.max() + 1), float(rows.max() + 1)), 1.0)]


LIT = Registration("lit", open=Lit, sizes=True, version=lambda: "v2", no_least="it sees the light alone")
NO_DETECTOR = "lit"


def picture() -> np.ndarray:
    image = np.zeros((90, 120, 3), np.uint8)
    image[20:80, 30:90] = 255
    return image


@pytest.fixture
def plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    made = EntryPoints(
        EntryPoint(name, f"{__name__}:{value}", registration.PLUGINS)
        for name, value in [("lit", "LIT"), ("words", "NO_DETECTOR"), ("absent", "ABSENT")]
    )
    monkeypatch.setattr(registration, "entry_points", lambda **wanted: made.select(**wanted))
    monkeypatch.setattr(EntryPoint, "load", lambda self: globals()[self.attr])


@pytest.mark.usefixtures("plugins")
def test_a_package_adds_a_detector() -> None:
    """All that "A detector" in CONTRIBUTING.md asks for, from a package."""
    assert face_spec("arcface-112", detector="lit") == FaceSpec("lit:v2", "main", 2048)
    check_detector(asked_detector("lit").open(), [picture()])
    crop = make_cropper("arcface-112", 112, detector="lit").crop(picture())
    assert crop.outcome is Outcome.OK
    assert crop.box == (30, 20, 90, 80)
    with pytest.raises(InputError, match="is for the detector dlib-hog: it sees the light alone, so leave it out"):
        face_spec("arcface-112", detector="lit", min_face=60)


@pytest.mark.usefixtures("plugins")
def test_a_stated_size_reaches_the_detector_and_the_store_key() -> None:
    assert face_spec("arcface-112", detector="lit,size=9000").detector == "lit:v2,size=9000"
    assert make_cropper("arcface-112", 112, detector="lit,size=9000").crop(picture()).outcome is Outcome.NO_FACE


@pytest.mark.usefixtures("plugins")
@pytest.mark.parametrize(
    ("text", "message"),
    [("words", "gave no detector: expected a facegap.faces.Registration"), ("absent", "failed: KeyError")],
)
def test_plugins_that_are_no_detectors(text: str, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        asked_detector(text)


@pytest.mark.usefixtures("plugins")
@pytest.mark.parametrize("text", ["haar", "yunet", "dlib-hog:FILE.dat", "none:x", "", "dlib_hog", "lit:x"])
def test_an_unknown_detector_is_refused_with_those_there_are(text: str) -> None:
    with pytest.raises(
        InputError, match=r"choose box, dlib-hog, .*, scrfd:FILE.onnx, yunet:FILE.onnx, absent, lit or "
    ):
        asked_detector(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("dlib-hog,size=640", "dlib-hog has no input size that could be chosen: leave ,size=640 out"),
        ("yunet:f.onnx,size=big", "a size of 'big' is none: give pixels, e.g. yunet:f.onnx,size=640"),
        ("yunet:f.onnx,size=0", "a size of '0' is none"),
    ],
)
def test_a_size_that_makes_no_sense_is_refused(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        asked_detector(text)


def test_keys_of_files_hold_their_digest_and_the_stated_size(tmp_path: Path, monkeypatch) -> None:
    for name in ("scrfd", "yunet"):
        monkeypatch.setattr(f"facegap.faces.detectors.{name}.tried", lambda *_, **__: None)  # the file is none
    path = tmp_path / "a,b.onnx"
    path.write_bytes(b"weights")
    digest = hashlib.sha256(b"weights").hexdigest()
    assert asked_detector(f"scrfd:{path}").key() == f"scrfd:{digest}"
    assert asked_detector(f"yunet:{path},size=640").key() == f"yunet:{digest},size=640"


def test_whoever_has_cropped_already_needs_no_detector() -> None:
    """The whole image is the face, at the model's size, as for models that take whole images."""
    image = np.random.default_rng(0).integers(0, 256, (112, 112, 3), np.uint8)
    assert face_spec("arcface-112", detector="none", rule="only") == FaceSpec("none", "", 2048)
    crop = make_cropper("arcface-112", 112, detector="none").crop(image)
    assert (crop.outcome, crop.box) == (Outcome.OK, None)
    np.testing.assert_array_equal(crop.pixels, image)


def test_each_detector_that_facegap_brings_is_written_as_its_module_is_called() -> None:
    found = dict(brought())
    assert [each.usage.partition(":")[0] for each in found.values()] == list(found)
