"""A head joined to every shape of network that exporters produce, run by ONNX Runtime."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from facegap.errors import ModelError
from facegap.jobs.adapt.join import join
from facegap.jobs.adapt.linear_step import Head
from facegap.models.onnx import onnx_file
from facegap.models.onnx.onnx_file import whole_onnx

WEIGHTS = np.random.default_rng(0).normal(size=(3, 6)).astype(np.float32)


def head(size: int = 6, *, normalise: bool = False) -> Head:
    rng = np.random.default_rng(1)
    mean, matrix = rng.normal(size=size), rng.normal(size=(size, 4))
    return Head(mean.astype(np.float32), matrix.astype(np.float32), normalise)


def network(*, batch: int | str = "n", dtype: int = TensorProto.FLOAT, ones: bool = False, opset: int = 13,
            ir: int = 8, more: bool = False) -> onnx.ModelProto:  # fmt: skip
    """A network that multiplies the mean colour of (n, 3, 2, 2) by `WEIGHTS`."""
    weights = WEIGHTS.astype(helper.tensor_dtype_to_np_dtype(dtype)).T.reshape(6, 3, 1, 1)
    nodes = [
        helper.make_node("GlobalAveragePool", ["image"], ["colour"]),
        helper.make_node("Conv", ["colour", "weights"], ["embedding" if ones else "wide"]),
    ]
    shape: list[int | str] = [batch, 6, 1, 1] if ones else [batch, 6]
    if not ones:
        nodes.append(helper.make_node("Flatten", ["wide"], ["embedding"]))
    outputs = [helper.make_tensor_value_info("embedding", dtype, shape)]
    if more:
        outputs.insert(0, helper.make_tensor_value_info("colour", dtype, [batch, 3, 1, 1]))
    inputs = [helper.make_tensor_value_info("image", dtype, [batch, 3, 2, 2])]
    if ir < 4:
        inputs.append(helper.make_tensor_value_info("weights", dtype, [6, 3, 1, 1]))
    graph = helper.make_graph(nodes, "net", inputs, outputs, [numpy_helper.from_array(weights, "weights")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    model.ir_version = ir
    helper.set_model_props(model, {"who": "tests", "facegap.output": "embedding", "facegap.crop": "whole"})
    return model


def run(content: bytes, images: np.ndarray) -> list[np.ndarray]:
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    return session.run(None, {"image": images})


def images(n: int, dtype: type = np.float32) -> np.ndarray:
    return np.random.default_rng(2).normal(size=(n, 3, 2, 2)).astype(dtype)


def expected(pixels: np.ndarray, by: Head) -> np.ndarray:
    return by((pixels.astype(np.float64).mean(axis=(2, 3)) @ WEIGHTS).astype(np.float32))


@pytest.mark.parametrize("normalise", [False, True])
@pytest.mark.parametrize(
    "shape",
    [
        {},
        {"batch": 3},
        {"ones": True},
        {"more": True},
        {"opset": 7, "ir": 3},
        {"opset": 21, "ir": 10},
    ],
    ids=str,
)
def test_what_comes_out_is_the_head_of_what_came_out(shape, normalise):
    by = head(normalise=normalise)
    content = join(network(**shape).SerializeToString(), "embedding", by, {"facegap.crop": "dlib-150"})
    model = onnx.load_model_from_string(content)
    onnx.checker.check_model(model)
    (output,) = run(content, images(3))
    assert np.allclose(output, expected(images(3), by), rtol=1e-4, atol=1e-5)
    assert [value.name for value in model.graph.output] == ["adapted_embedding"]
    batch = model.graph.output[0].type.tensor_type.shape.dim[0]
    assert (batch.dim_value or batch.dim_param) == shape.get("batch", "n")
    assert {one.key: one.value for one in model.metadata_props} == {"who": "tests", "facegap.crop": "dlib-150"}


def test_half_precision_embeddings_are_taken_on_in_single():
    by = head()
    (output,) = run(
        join(network(dtype=TensorProto.FLOAT16).SerializeToString(), "embedding", by, {}), images(2, np.float16)
    )
    assert output.dtype == np.float32
    assert np.allclose(output, expected(images(2, np.float16), by), rtol=1e-2, atol=1e-2)


def test_an_adapted_network_can_be_adapted_again():
    first, second = head(), head(4)
    once = join(network().SerializeToString(), "embedding", first, {})
    (output,) = run(join(once, "adapted_embedding", second, {}), images(2))
    assert np.allclose(output, second(expected(images(2), first)), rtol=1e-4, atol=1e-5)


def test_an_embedding_of_length_zero_stays_finite():
    (output,) = run(join(network().SerializeToString(), "embedding", head(normalise=True), {}), 0 * images(2))
    assert np.isfinite(output).all()


def test_a_network_of_an_old_opset_is_refused():
    with pytest.raises(ModelError, match="opset 6, a head needs 7"):
        join(network(opset=6, ir=3).SerializeToString(), "embedding", head(), {})


def test_external_data_is_taken_inside(tmp_path: Path):
    model = network()
    path = tmp_path / "net.onnx"
    onnx.save(model, path, save_as_external_data=True, location="net.bin", size_threshold=0)
    assert (tmp_path / "net.bin").exists()
    content = join(whole_onnx(path), "embedding", head(), {})
    (output,) = run(content, images(2))
    assert np.allclose(output, expected(images(2), head()), rtol=1e-4, atol=1e-5)


def test_a_network_beyond_the_format_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    assert onnx_file.LARGEST < 2**31
    monkeypatch.setattr(onnx_file, "LARGEST", 2**20)
    path = tmp_path / "net.onnx"
    onnx.save(network(), path, save_as_external_data=True, location="net.bin", size_threshold=0)
    with (tmp_path / "net.bin").open("rb+") as file:
        file.truncate(2**20 + 1)
    with pytest.raises(ModelError, match="more than one ONNX file can hold"):
        whole_onnx(path)
