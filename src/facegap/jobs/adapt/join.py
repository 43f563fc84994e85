"""A head joined to the network that it was learnt behind, as one ONNX model."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from facegap.errors import ModelError
from facegap.jobs.adapt.linear_step import Head
from facegap.models.onnx.contract import PREFIX

OLDEST = 7
"""The first opset whose Add broadcasts, which the head needs."""

OUTPUT = "adapted_embedding"


def join(network: bytes, output: str, head: Head, metadata: dict[str, str]) -> bytes:
    """Return an ONNX network with the head behind its output `output`; what comes out is its only output.

    What the network takes, its batch size and its own metadata stay, but for its facegap contract; `metadata` is
    added, or takes the place of equal keys.

    Raises:
        ModelError: the network is too old an ONNX file.
    """
    made = onnx.load_model_from_string(network)
    opset = max((one.version for one in made.opset_import if one.domain in ("", "ai.onnx")), default=0)
    if opset < OLDEST:
        raise ModelError(
            "the network has ONNX opset {opset}, a head needs {oldest}: export it anew", opset=opset, oldest=OLDEST
        )
    graph = made.graph
    old = next(value for value in graph.output if value.name == output)
    batch = old.type.tensor_type.shape.dim[0] if old.type.tensor_type.shape.dim else None
    new = helper.make_tensor_value_info(_free(graph, OUTPUT), TensorProto.FLOAT, [None, head.dimension])
    if batch is not None:
        new.type.tensor_type.shape.dim[0].CopyFrom(batch)
    graph.node.extend(_nodes(graph, output, head, new.name))
    del graph.output[:]
    graph.output.append(new)
    kept = {one.key: one.value for one in made.metadata_props if not one.key.startswith(PREFIX)}
    helper.set_model_props(made, {**kept, **metadata})
    return made.SerializeToString()


def _nodes(graph: onnx.GraphProto, output: str, head: Head, last: str) -> list[onnx.NodeProto]:
    """Return the head: to (n, D) float32, to unit length where it is wanted, minus the mean, times the matrix."""
    names = {part: _free(graph, f"{OUTPUT}_{part}") for part in ("flat", "float", "unit", "mean", "centred", "matrix")}
    unit = [helper.make_node("LpNormalization", [names["float"]], [names["unit"]], axis=1, p=2)]
    return [
        helper.make_node("Flatten", [output], [names["flat"]], axis=1),
        helper.make_node("Cast", [names["flat"]], [names["float"]], to=TensorProto.FLOAT),
        *(unit if head.normalise else []),
        _constant(head.mean, names["mean"]),
        helper.make_node("Sub", [names["unit" if head.normalise else "float"], names["mean"]], [names["centred"]]),
        _constant(head.matrix, names["matrix"]),
        helper.make_node("MatMul", [names["centred"], names["matrix"]], [last]),
    ]


def _constant(array: np.ndarray, name: str) -> onnx.NodeProto:
    """Return a node, not an initialiser: files of IR version 3 must list those among their inputs."""
    return helper.make_node("Constant", [], [name], value=numpy_helper.from_array(array, name))


def _free(graph: onnx.GraphProto, name: str) -> str:
    """Return a name that nothing in the graph has: a network may be adapted more than once."""
    taken = {one for node in graph.node for one in (*node.input, *node.output)}
    taken |= {value.name for part in (graph.input, graph.output, graph.initializer) for value in part}
    number = 2
    free = name
    while free in taken:
        free, number = f"{name}_{number}", number + 1
    return free
