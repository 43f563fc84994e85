"""Recognisers of the package uniface."""

import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from facegap.data.weights import sha256_of_file
from facegap.errors import ModelError
from facegap.models import parse_model
from facegap.testing import check_embedder
from models.packs import recogniser

pytestmark = pytest.mark.filterwarnings("default")  # the package has its own


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return uniface's folder with weights for three of its models, which it takes for its own."""
    constants = pytest.importorskip("uniface.constants", reason="uniface is not installed")
    monkeypatch.setenv("UNIFACE_CACHE_DIR", str(tmp_path))
    for weights, dimension in (
        (constants.ArcFaceWeights.MNET, 8), (constants.ArcFaceWeights.RESNET, 16), (constants.AdaFaceWeights.IR_18, 8),
    ):  # fmt: skip
        file = recogniser(tmp_path / f"{weights.value}.onnx", dimension=dimension)
        known = replace(constants.MODEL_REGISTRY[weights], sha256=sha256_of_file(file))
        monkeypatch.setitem(constants.MODEL_REGISTRY, weights, known)
    return tmp_path


def crops() -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, (3, 112, 112, 3), np.uint8)


@pytest.mark.usefixtures("cache")
def test_a_recogniser_conforms_and_is_its_own() -> None:
    from uniface.recognition import ArcFace  # pyright: ignore[reportMissingImports]

    source = pickle.loads(pickle.dumps(parse_model("uniface:ArcFace")))
    assert (source.spec.name, source.spec.crop, source.spec.size, source.spec.dimension) == (
        "ArcFace",
        "arcface-112",
        112,
        8,
    )
    model = source.open()
    check_embedder(model)
    theirs = [ArcFace().get_embedding(np.ascontiguousarray(crop[..., ::-1])).ravel() for crop in crops()]
    np.testing.assert_array_equal(model.embed(crops()), np.stack(theirs))


@pytest.mark.usefixtures("cache")
def test_colours_and_weights_are_those_of_the_model() -> None:
    arcface, adaface = parse_model("uniface:ArcFace").open(), parse_model("uniface:AdaFace").open()
    np.testing.assert_allclose(adaface.embed(crops()), arcface.embed(crops()[..., ::-1]), rtol=1e-4, atol=1e-3)
    large = parse_model("large=uniface:arcface_resnet").spec
    assert (large.name, large.dimension) == ("large", 16)
    assert large.weights != arcface.spec.weights


def test_what_is_missing_is_said_and_never_fetched(cache: Path) -> None:
    with pytest.raises(ModelError, match=r"^uniface:FaceNet is unknown: choose one of AdaFace, adaface_ir_18, "):
        parse_model("uniface:FaceNet")
    with pytest.raises(ModelError, match=r"edgeface_xxs.onnx, and facegap fetches none: put them there, or "):
        parse_model("uniface:EdgeFace")
    recogniser(cache / "arcface_mnet.onnx", dimension=9)
    with pytest.raises(ModelError, match="is not the file that uniface knows as uniface:ArcFace"):
        parse_model("uniface:ArcFace")
    assert (cache / "arcface_mnet.onnx").is_file()
