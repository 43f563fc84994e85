"""MTCNN through facenet-pytorch."""

from importlib.util import find_spec

import numpy as np
import pytest

from facegap.errors import ModelError
from facegap.faces import face_spec, make_cropper
from facegap.faces.detectors import mtcnn
from facegap.testing import check_detector

needs_package = pytest.mark.skipif(find_spec("facenet_pytorch") is None, reason="facenet-pytorch is not installed")


def test_without_the_package_one_line_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(package: str) -> str:
        raise mtcnn.PackageNotFoundError(package)

    monkeypatch.setattr(mtcnn, "version", missing)
    for use in (
        lambda: face_spec("arcface-112", detector="mtcnn"),
        lambda: make_cropper("arcface-112", 112, detector="mtcnn"),
    ):
        with pytest.raises(ModelError, match=r"^the detector mtcnn needs facenet-pytorch: pip install "):
            use()


@needs_package
@pytest.mark.filterwarnings("default")  # the package has its own
def test_mtcnn_conforms(johns: list[np.ndarray], portraits: list[np.ndarray]) -> None:
    check_detector(mtcnn.MtcnnDetector(), [*johns[:2], *portraits[:2]])


@needs_package
@pytest.mark.filterwarnings("default")
def test_its_points_are_where_yunets_are(yunet_file, portraits: list[np.ndarray]) -> None:
    """Two detectors agree within a third of the distance of the eyes, or the order or the scale is wrong."""
    detectors = ("mtcnn", f"yunet:{yunet_file}")
    crops = [make_cropper("arcface-112", 112, detector=text).crop(portraits[0]).pixels for text in detectors]
    assert crops[0] is not None
    assert crops[1] is not None
    assert np.corrcoef(crops[0].ravel(), crops[1].ravel())[0, 1] > 0.9
