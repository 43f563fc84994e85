"""What a network does to its pixels before anything else: many exporters put the normalisation into the graph."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import numpy_helper

Channels = tuple[float, float, float]

PASSING = frozenset({"Cast", "Identity", "Transpose"})
"""Nodes that change no value of a pixel."""

KEEPING = frozenset({"Cast", "CastLike", "Identity", "Reshape", "Unsqueeze"})
"""Nodes that give a constant another type or shape and no other values."""


@dataclass(frozen=True)
class FirstSteps:
    """A pixel x becomes x * `scale` + `shift`, each by channel in the network's order. `words`: such as "Sub 127.5"."""

    words: str = ""
    scale: Channels = (1.0, 1.0, 1.0)
    shift: Channels = (0.0, 0.0, 0.0)


def first_steps(graph: onnx.GraphProto) -> FirstSteps:
    """Return the Sub, Add, Mul and Div nodes with constants that the one input of a graph goes through first."""
    constants = _constants(graph)
    weights = {tensor.name for tensor in graph.initializer}
    inputs = [value.name for value in graph.input if value.name not in weights]
    readers: dict[str, list[onnx.NodeProto]] = {}
    for node in graph.node:
        for name in _read_values(node):
            readers.setdefault(name, []).append(node)
    value, words = inputs[0] if len(inputs) == 1 else "", []
    scale, shift = np.ones(3), np.zeros(3)
    while len(found := readers.get(value, [])) == 1:
        (node,) = found
        if node.op_type not in PASSING:
            step = _step(node, value, constants)
            if step is None:
                break
            word, by, plus = step
            words.append(word)
            scale, shift = scale * by, shift * by + plus
        value = node.output[0]
    return FirstSteps(", ".join(words), _channels(scale), _channels(shift))


def _read_values(node: onnx.NodeProto) -> list[str]:
    """Return the inputs of a node whose values it reads, not only their shape or type."""
    if node.op_type in ("Shape", "Size"):
        return []
    return list(node.input[:1] if node.op_type == "CastLike" else node.input)


def _step(
    node: onnx.NodeProto, value: str, constants: Mapping[str, np.ndarray]
) -> tuple[str, np.ndarray, np.ndarray] | None:
    """Return a node in words, the factor and the summand by which it changes a value; None for any other node."""
    if node.op_type not in ("Sub", "Add", "Mul", "Div") or len(node.input) != 2:
        return None
    first = node.input[0] == value
    constant = constants.get(node.input[1 if first else 0])
    if constant is None or (node.op_type == "Div" and (not first or not constant.all())):
        return None
    one, none = np.ones(3), np.zeros(3)
    by, plus = {
        "Sub": (one, -constant) if first else (-one, constant),
        "Add": (one, constant),
        "Mul": (constant, none),
        "Div": (1 / np.where(constant, constant, 1), none),
    }[node.op_type]
    shown = constant[:1] if np.ptp(constant) == 0 else constant
    return f"{node.op_type} {' '.join(f'{number:.6g}' for number in shown)}", by, plus


def _constants(graph: onnx.GraphProto) -> dict[str, np.ndarray]:
    """Return the constants (3,) float64 of a graph that hold one number, or one for each channel, by name."""
    outside = onnx.TensorProto.EXTERNAL
    found: dict[str, np.ndarray] = {}
    for tensor in graph.initializer:
        if tensor.data_location != outside and np.prod(tensor.dims, dtype=np.int64) in (1, 3):
            found[tensor.name] = numpy_helper.to_array(tensor)
    for node in graph.node:
        if node.op_type == "Constant":
            for attribute in node.attribute:
                if (value := _value(attribute)) is not None:
                    found[node.output[0]] = value
        elif node.op_type in KEEPING and node.input[0] in found:
            found[node.output[0]] = found[node.input[0]]
    numbers = {name: value.astype(np.float64).ravel() for name, value in found.items()}
    return {name: np.broadcast_to(value, 3) for name, value in numbers.items() if np.isfinite(value).all()}


def _value(attribute: onnx.AttributeProto) -> np.ndarray | None:
    """Return the one or three numbers of a Constant, None if it holds something else."""
    if attribute.name == "value":
        if attribute.t.data_location == onnx.TensorProto.EXTERNAL:
            return None
        value = numpy_helper.to_array(attribute.t)
    elif attribute.name in ("value_float", "value_floats", "value_int", "value_ints"):
        value = np.array(onnx.helper.get_attribute_value(attribute))
    else:
        return None
    return value if value.size in (1, 3) and value.dtype.kind in "fiu" else None


def _channels(numbers: np.ndarray) -> Channels:
    red, green, blue = numbers.tolist()
    return red, green, blue
