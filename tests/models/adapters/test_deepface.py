"""Models of the package deepface, on networks that a test makes for its ONNX engine."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from facegap.errors import ModelError
from facegap.models import parse_model
from facegap.models.adapters import deepface as adapter
from facegap.testing import check_embedder

pytestmark = pytest.mark.filterwarnings("default")  # the package has its own

WEIGHTS = np.random.default_rng(0).normal(size=(3, 512)).astype(np.float32)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return deepface's home, with weights for Facenet512: the mean colour times `WEIGHTS`."""
    monkeypatch.setenv("DEEPFACE_HOME", str(tmp_path))
    monkeypatch.setenv("DEEPFACE_BACKEND_ENGINE", "onnx")
    engine = pytest.importorskip("deepface.commons.backend_utils", reason="deepface is not installed")
    monkeypatch.setattr(engine, "_backend_engine", None)
    adapter._built.cache_clear()
    folder = tmp_path / ".deepface" / "weights"
    folder.mkdir(parents=True)
    nodes = [
        helper.make_node("ReduceMean", ["image"], ["colour"], axes=[1, 2], keepdims=0),
        helper.make_node("MatMul", ["colour", "weights"], ["embedding"]),
    ]
    shown = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 160, 160, 3])
    given = helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", 512])
    graph = helper.make_graph(nodes, "facenet", [shown], [given], [numpy_helper.from_array(WEIGHTS, "weights")])
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(made, folder / "facenet512_weights.onnx")
    return tmp_path


@pytest.mark.usefixtures("home")
def test_a_model_conforms_and_is_its_own() -> None:
    source = parse_model("deepface:Facenet512")
    spec = source.spec
    assert (spec.name, spec.crop, spec.size, spec.dimension) == ("Facenet512", "box", 160, 512)
    assert spec.threshold == pytest.approx(0.7)  # its cosine distance of 0.3
    model = source.open()
    check_embedder(model)
    crop = np.random.default_rng(0).integers(0, 256, (160, 160, 3), np.uint8)
    blue_first = crop.mean(axis=(0, 1))[::-1] / 255
    np.testing.assert_allclose(model.embed(crop[None])[0], blue_first @ WEIGHTS, rtol=1e-4, atol=1e-5)


def test_what_is_missing_is_said_and_never_fetched(home: Path) -> None:
    with pytest.raises(
        ModelError, match=r"^the weights of deepface:VGG-Face are not at .*vgg_face_weights\.onnx, and facegap "
    ):
        parse_model("deepface:VGG-Face")
    with pytest.raises(ModelError, match=r"^deepface:FaceNet cannot be used \("):
        parse_model("deepface:FaceNet")
    assert [path.name for path in (home / ".deepface" / "weights").iterdir()] == ["facenet512_weights.onnx"]


def test_other_weights_are_another_model(home: Path) -> None:
    before = parse_model("deepface:Facenet512").spec
    file = home / ".deepface" / "weights" / "facenet512_weights.onnx"
    model = onnx.load(file)
    model.doc_string = "tuned"
    onnx.save(model, file)
    adapter._built.cache_clear()  # as in a new process
    assert parse_model("deepface:Facenet512").spec.weights != before.weights
