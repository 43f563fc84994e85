"""The ONNX graph of a face network of dlib."""

from collections.abc import Mapping, Sequence

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from facegap.models.dlib.architecture import SIZE, Block, Convolution, DlibNetwork, Pair, Pool, Shape

OPSET, IR = 13, 8
"""The oldest versions that have all that is used, for the graph is to run anywhere."""

NO_WINDOW: Mapping[str, Sequence[int]] = {}

INPUT, OUTPUT, BATCH = "image", "embedding", "n"


def face_graph(network: DlibNetwork) -> onnx.ModelProto:
    """Return the ONNX model of a face network.

    It takes `image` (n, 3, 150, 150) float32, RGB, normalised by the network's averages and `DIVISOR`, and puts out
    `embedding` (n, D) float32, for any n.
    """
    graph = _Graph()
    features = graph.pool("pool", network.pool, graph.convolution("stem", network.stem, INPUT))
    shape = network.pool.output
    for number, block in enumerate(network.blocks, 1):
        features = graph.block(f"block{number}", block, features, shape)
        shape = block.output
    flat = graph.node("Flatten", "flat", [graph.pool("last_pool", network.last_pool, features)])
    weights = [graph.constant("weights", network.weights), graph.constant("bias", network.bias)]
    graph.node("Gemm", OUTPUT, [flat, *weights])
    return graph.model(len(network.bias))


class _Graph:
    """Nodes, each named like the one tensor that it makes, and constants."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def node(self, kind: str, name: str, inputs: Sequence[str], window: Mapping[str, Sequence[int]] = NO_WINDOW) -> str:
        node = helper.make_node(kind, inputs, [name], name)
        node.attribute.extend(helper.make_attribute(key, values) for key, values in window.items())
        self._nodes.append(node)
        return name

    def constant(self, name: str, values: np.ndarray) -> str:
        self._constants.append(numpy_helper.from_array(values, name))
        return name

    def convolution(self, name: str, layer: Convolution, image: str) -> str:
        inputs = [image, self.constant(f"{name}.weights", layer.weights), self.constant(f"{name}.bias", layer.bias)]
        window = _window(layer.weights.shape[2:], layer.stride, layer.padding)
        sums = self.node("Conv", f"{name}.sums", inputs, window)
        return self.node("Relu", f"{name}.relu", [sums]) if layer.rectified else sums

    def pool(self, name: str, layer: Pool, image: str) -> str:
        kind = {"max": "MaxPool", "avg": "AveragePool"}[layer.kind]
        return self.node(kind, name, [image], _window(layer.window, layer.stride, layer.padding))

    def block(self, name: str, layer: Block, image: str, shape: Shape) -> str:
        first = self.convolution(f"{name}.first", layer.first, image)
        second = self.convolution(f"{name}.second", layer.second, first)
        other = image
        if layer.shortcut:
            other, shape = self.pool(f"{name}.shortcut", layer.shortcut, image), layer.shortcut.output
        branches = [
            self._grow(second, layer.second.output, layer.output),
            self._grow(other, shape, layer.output),
        ]
        total = self.node("Add", f"{name}.total", branches)
        return self.node("Relu", f"{name}.relu", [total]) if layer.rectified else total

    def _grow(self, image: str, shape: Shape, wanted: Shape) -> str:
        """Add zeros after the last channel, row and column."""
        if shape == wanted:
            return image
        missing = np.array([0] * 5 + [more - have for have, more in zip(shape, wanted, strict=True)], np.int64)
        return self.node("Pad", f"{image}.padded", [image, self.constant(f"{image}.missing", missing)])

    def model(self, dimension: int) -> onnx.ModelProto:
        graph = helper.make_graph(
            self._nodes,
            "dlib face network",
            [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, [BATCH, 3, SIZE, SIZE])],
            [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, [BATCH, dimension])],
            self._constants,
        )
        opset = [helper.make_opsetid("", OPSET)]
        return helper.make_model(graph, opset_imports=opset, ir_version=IR, producer_name="facegap")


def _window(window: Sequence[int], stride: Pair, padding: Pair) -> dict[str, Sequence[int]]:
    return {"kernel_shape": window, "strides": stride, "pads": [*padding, *padding]}
