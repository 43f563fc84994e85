"""Packs as facegap reads them, against the package insightface."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from facegap.errors import ModelError
from facegap.faces import make_cropper
from facegap.models import parse_model
from models.packs import buffalo, with_manifest


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    return tmp_path


def test_a_pack_in_its_folder(home: Path) -> None:
    folder = buffalo(home / ".insightface" / "models" / "buffalo_l")
    source, given = parse_model("insightface:buffalo_l"), parse_model(str(folder))
    assert (source.spec, source.detector) == (given.spec, given.detector)
    assert parse_model("old=insightface:buffalo_l").spec.name == "old"
    with pytest.raises(
        ModelError, match=r"^insightface:antelopev2 is the pack in .*, which is absent, and facegap fetches"
    ):
        parse_model("insightface:antelopev2")


def image() -> np.ndarray:
    """Return an image with a red spot, which networks of `seeing` take for a face, where its points will be."""
    made = np.random.default_rng(2).integers(0, 60, (640, 640, 3), np.uint8)
    made = cv2.GaussianBlur(made, (0, 0), 4) * 3
    made[240:248, 320:328] = 255, 0, 0
    return made


@pytest.mark.filterwarnings("default")  # the package has its own
@pytest.mark.parametrize(
    "stated", [None, {}, {"preprocessing": "embedded"}, {"preprocessing": {"mean": 100, "std": 50.5}}]
)
def test_the_package_makes_the_same_embedding(tmp_path: Path, stated: dict | None) -> None:
    app = pytest.importorskip("insightface.app", reason="insightface is not installed")
    folder = tmp_path / "pack"
    if stated is None:
        buffalo(folder)
        for name in ("1k3d68", "2d106det", "genderage"):  # the package wants their outputs to be real
            (folder / f"{name}.onnx").unlink()
    else:
        with_manifest(folder, **stated)
    modules = ["detection", "recognition"]
    theirs = app.FaceAnalysis(str(folder), allowed_modules=modules, providers=["CPUExecutionProvider"])
    theirs.prepare(ctx_id=-1, det_size=(640, 640))
    (face,) = theirs.get(np.ascontiguousarray(image()[..., ::-1]))

    source = parse_model(str(folder))
    crop = make_cropper(source.spec.crop, source.spec.size, detector=source.detector).crop(image())
    assert crop.pixels is not None
    np.testing.assert_allclose(crop.box, face.bbox, atol=1e-3)
    (ours,) = source.open().embed(crop.pixels[None])
    assert np.linalg.norm(ours - face.embedding) < 0.01 * np.linalg.norm(face.embedding)
