"""Tiny face networks in ONNX, of every shape that exporters produce."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

Build = Callable[..., Path]


def weights(dimension: int) -> np.ndarray:
    """(3, D) float32: an embedding is the mean colour times this."""
    return np.random.default_rng(dimension).normal(size=(3, dimension)).astype(np.float32)


def expected(
    crops: np.ndarray,
    dimension: int,
    mean: tuple[float, ...] = (0, 0, 0),
    std: tuple[float, ...] = (1, 1, 1),
    colour: str = "RGB",
) -> np.ndarray:
    """What the network that `build_onnx` builds makes of crops (n, size, size, 3), in float64."""
    pixels = (crops.astype(np.float64) - mean) / std
    return pixels.mean(axis=(1, 2))[:, :: 1 if colour == "RGB" else -1] @ weights(dimension)


@pytest.fixture
def build_onnx(tmp_path: Path) -> Build:
    """Return a function that writes a network which multiplies the mean colour by `weights(dimension)`."""

    def build(
        name: str = "net",
        *,
        size: int | str = 16,
        dimension: int = 5,
        batch: int | str = "n",
        channels_last: bool = False,
        dtype: int = TensorProto.FLOAT,
        trailing_ones: bool = False,
        more_outputs: Mapping[str, list[int | str]] | None = None,
        metadata: Mapping[str, str] | None = None,
        external: str | None = None,
        input_shape: list[int | str] | None = None,
        more_inputs: int = 0,
    ) -> Path:
        works_in = TensorProto.FLOAT if dtype == TensorProto.UINT8 else dtype
        spatial = [1, 2] if channels_last else [2, 3]
        nodes = [
            helper.make_node("Cast", ["image"], ["pixels"], to=works_in),
            helper.make_node("ReduceMean", ["pixels"], ["colour"], axes=spatial, keepdims=0),
            helper.make_node("MatMul", ["colour", "weights"], ["flat"]),
        ]
        last: list[int | str] = [batch, dimension]
        if trailing_ones:
            nodes.append(helper.make_node("Unsqueeze", ["flat", "axes"], ["embedding"]))
            last += [1, 1]
        else:
            nodes.append(helper.make_node("Identity", ["flat"], ["embedding"]))
        outputs = [helper.make_tensor_value_info("embedding", works_in, last)]
        for other, shape in (more_outputs or {}).items():
            nodes.append(helper.make_node("Identity", ["colour" if len(shape) == 2 else "pixels"], [other]))
            outputs.append(helper.make_tensor_value_info(other, works_in, shape))
        shape = input_shape or ([batch, size, size, 3] if channels_last else [batch, 3, size, size])
        inputs = [helper.make_tensor_value_info("image", dtype, shape)]
        inputs += [helper.make_tensor_value_info(f"extra{i}", dtype, [1]) for i in range(more_inputs)]
        initializers = [
            numpy_helper.from_array(
                weights(dimension).astype(helper.tensor_dtype_to_np_dtype(works_in)), name="weights"
            ),
            numpy_helper.from_array(np.array([2, 3]), name="axes"),
        ]
        graph = helper.make_graph(nodes, "net", inputs, outputs, initializers)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], producer_name="tests")
        model.ir_version = 9
        helper.set_model_props(model, dict(metadata or {}))
        path = tmp_path / f"{name}.onnx"
        if external:
            onnx.save(model, path, save_as_external_data=True, location=external, size_threshold=0)
        else:
            onnx.save(model, path)
        return path

    return build


@pytest.fixture
def crops() -> np.ndarray:
    """Seven different crops of 16 pixels."""
    return np.random.default_rng(3).integers(0, 256, (7, 16, 16, 3), dtype=np.uint8)


@pytest.fixture(scope="session")
def net_output() -> Callable[..., np.ndarray]:
    """What a network that `build_onnx` built makes of crops."""
    return expected
