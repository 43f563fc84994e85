"""What a contract says is done to the output of a network."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from facegap.data.comparator import Comparator
from facegap.data.spec import FaceSpec, ModelSpec, digest
from facegap.errors import ModelError
from facegap.jobs.adapt import adapt
from facegap.jobs.study import Study
from facegap.models import parse_model
from facegap.testing import check_embedder

Build = Callable[..., Path]
NetOutput = Callable[..., np.ndarray]

RAW = {"crop": "whole", "size": "16", "comparator": "euclidean", "mean": "0,0,0", "std": "1,1,1"}


def contract(**more: str) -> dict[str, str]:
    return {f"facegap.{key}": text for key, text in (RAW | more).items()}


def with_feature_and_norm(path: Path) -> Path:
    """Add the outputs `feature`, of length 1, and `norm`, which AdaFace's network gives."""
    model = onnx.load(path)
    axes = numpy_helper.from_array(np.array([1]), "axis")
    model.graph.initializer.append(axes)
    model.graph.node.append(helper.make_node("ReduceL2", ["flat"], ["norm"], axes=[1], keepdims=1))
    model.graph.node.append(helper.make_node("Div", ["flat", "norm"], ["feature"]))
    del model.graph.output[:]
    for name, width in (("feature", 5), ("norm", 1)):
        model.graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", width]))
    onnx.save(model, path)
    return path


def test_the_norm_gives_a_feature_its_length_back(build_onnx: Build, net_output: NetOutput, crops: np.ndarray) -> None:
    path = with_feature_and_norm(build_onnx(metadata=contract(norm="norm")))
    source = parse_model(str(path))
    assert (source.spec.output, source.spec.norm) == ("feature", "norm")
    model = source.open()
    np.testing.assert_allclose(model.embed(crops), net_output(crops, 5), rtol=1e-5)
    check_embedder(model)
    plain = parse_model(str(with_feature_and_norm(build_onnx("plain", metadata=contract())))).open()
    np.testing.assert_allclose(np.linalg.norm(plain.embed(crops), axis=1), 1, rtol=1e-5)


def test_signed_root(build_onnx: Build, net_output: NetOutput, crops: np.ndarray) -> None:
    model = parse_model(str(build_onnx(metadata=contract(transform="signed-root")))).open()
    found = model.embed(crops)
    assert (found < 0).any()
    np.testing.assert_allclose(found * np.abs(found), net_output(crops, 5), rtol=1e-5)
    check_embedder(model)


def test_it_stands_in_toml_too(build_onnx: Build, crops: np.ndarray) -> None:
    path = with_feature_and_norm(build_onnx())
    text = 'crop = "whole"\nsize = 16\nmean = [0, 0, 0]\nstd = [1, 1, 1]\ncomparator = "cosine"\n'
    path.with_suffix(".toml").write_text(text + 'norm = "norm"\ntransform = "signed-root"\n')
    spec = parse_model(str(path)).spec
    assert (spec.norm, spec.transform) == ("norm", "signed-root")


def test_it_keys_the_store_and_older_keys_stay() -> None:
    faces = FaceSpec("none", "")
    spec = ModelSpec("m", "onnxruntime", "0" * 64, "whole", 16, 5, Comparator.COSINE)
    changed = [ModelSpec(**{**spec.__dict__, **more}) for more in ({"norm": "norm"}, {"transform": "signed-root"})]
    assert len({digest(one, faces) for one in (spec, *changed)}) == 3
    assert digest(spec, faces) == "02d8db1c9bd63e1652e743763e2a413ff1828a9606ba843d19e95cf5eedb0a9d"


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"norm": "length"}, "has no output 'length': choose one of feature, norm"),
        ({"norm": "feature"}, r"made feature \(2, 5\) of 2 images, expected one number for each: name another output"),
        ({"transform": "log"}, "cannot be used: Invalid enum value 'log'"),
    ],
)
def test_what_cannot_be_done(build_onnx: Build, more: dict[str, str], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        parse_model(str(with_feature_and_norm(build_onnx(metadata=contract(**more)))))


def test_no_head_is_joined_to_it(build_onnx: Build, tmp_path: Path) -> None:
    path = build_onnx(metadata=contract(transform="signed-root"))
    with pytest.raises(ModelError, match="a head can only be joined to the output itself"):
        adapt(Study([tmp_path], [str(path)]), tmp_path / "new.onnx", general=None)
