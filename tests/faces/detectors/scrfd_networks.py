"""Networks with the inputs and outputs of SCRFD, whose outputs are known."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

STRIDES = (8, 16, 32)
POINTS = np.array([[-0.5, -0.5], [0.5, -0.5], [0.0, 0.0], [-0.4, 0.6], [0.4, 0.6]], np.float32).ravel()


def constant(path: Path, outputs: Sequence[np.ndarray], *, side: int | str = "side") -> Path:
    """Write a network that gives the same outputs whatever it is shown; `side`: of its input, open if it is a name."""
    names = [f"out{i}" for i in range(len(outputs))]
    nodes = [helper.make_node("Identity", [f"{name}_value"], [name]) for name in names]
    values = [numpy_helper.from_array(value, f"{name}_value") for name, value in zip(names, outputs, strict=True)]
    shapes = [value.shape for value in outputs]
    return _written(path, nodes, values, names, shapes, side)


def seeing(path: Path, size: int) -> Path:
    """Write a network that takes each bright red place of 8 pixels for a face of 32."""
    nodes = [
        helper.make_node("Slice", ["input", "zero", "one", "one"], ["red"]),
        helper.make_node("AveragePool", ["red"], ["pooled"], kernel_shape=[8, 8], strides=[8, 8]),
        helper.make_node("Reshape", ["pooled", "column"], ["first"]),
        helper.make_node("Pad", ["first", "beside", "never"], ["both"]),
        helper.make_node("Reshape", ["both", "column"], ["out0"]),
    ]
    made = guesses(size, never=True)
    values = [
        numpy_helper.from_array(np.array([0]), "zero"),
        numpy_helper.from_array(np.array([1]), "one"),
        numpy_helper.from_array(np.array([-1, 1]), "column"),
        numpy_helper.from_array(np.array([0, 0, 0, 1]), "beside"),
        numpy_helper.from_array(np.array(-1, np.float32), "never"),
    ]
    for i, value in list(enumerate(made))[1:]:
        nodes.append(helper.make_node("Identity", [f"out{i}_value"], [f"out{i}"]))
        values.append(numpy_helper.from_array(value, f"out{i}_value"))
    return _written(path, nodes, values, [f"out{i}" for i in range(9)], [value.shape for value in made], size)


def guesses(size: int, *, never: bool = False, seed: int = 0) -> list[np.ndarray]:
    """Return nine outputs: at each level, a few sure guesses, or `never` any; boxes and points in strides."""
    rng = np.random.default_rng(seed)
    counts = [2 * (size // stride) ** 2 for stride in STRIDES]
    scores = [np.zeros((n, 1), np.float32) for n in counts]
    if never:
        boxes = [np.full((n, 4), 2, np.float32) for n in counts]
        return [*scores, *boxes, *(np.tile(POINTS, (n, 1)) for n in counts)]
    for score in scores:
        score[rng.choice(len(score), 12, replace=False), 0] = rng.uniform(0.3, 1, 12)
    boxes = [rng.uniform(0.5, 4, (n, 4)).astype(np.float32) for n in counts]
    return [*scores, *boxes, *(rng.normal(size=(n, 10)).astype(np.float32) for n in counts)]


def _written(
    path: Path,
    nodes: list[onnx.NodeProto],
    values: list[onnx.TensorProto],
    names: list[str],
    shapes: list[tuple[int, ...]],
    side: int | str,
) -> Path:
    shown = helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 3, side, side])
    given = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in zip(names, shapes, strict=True)
    ]
    graph = helper.make_graph(nodes, "scrfd", [shown], given, values)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)
    return path
