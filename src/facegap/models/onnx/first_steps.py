"""What a network does to its pixels before anything else: many exporters put the normalisation into the graph."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import numpy_helper

Channels = tuple[float, float, float]

PASSING = frozenset({"Cast", "Identity", "Transpose"})
"""Nodes that change no value of a pixel."""


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
        for name in node.input:
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
    found: dict[str, onnx.TensorProto] = {tensor.name: tensor for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type == "Constant":
            for attribute in node.attribute:
                if attribute.name == "value":
                    found[node.output[0]] = attribute.t
    outside = onnx.TensorProto.EXTERNAL
    small = {
        name: numpy_helper.to_array(tensor).astype(np.float64).ravel()
        for name, tensor in found.items()
        if tensor.data_location != outside and np.prod(tensor.dims, dtype=np.int64) in (1, 3)
    }
    return {name: np.broadcast_to(numbers, 3) for name, numbers in small.items() if np.isfinite(numbers).all()}


def _channels(numbers: np.ndarray) -> Channels:
    red, green, blue = numbers.tolist()
    return red, green, blue
