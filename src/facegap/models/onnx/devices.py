"""Where ONNX Runtime can compute, by short names."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from facegap.errors import ModelError


@dataclass(frozen=True)
class Device:
    """An execution provider of ONNX Runtime.

    `options`: what it is told. `exact`: whether it keeps to float32, so that its embeddings are those of the processor
    but for rounding. `numbered`: whether there may be several, and `NAME:N` is the one with that number.
    """

    provider: str
    options: Mapping[str, str] = field(default_factory=dict)
    exact: bool = True
    numbered: bool = False


DEVICES = {
    "cpu": Device("CPUExecutionProvider"),
    "cuda": Device("CUDAExecutionProvider", {"use_tf32": "0"}, numbered=True),
    "directml": Device("DmlExecutionProvider", numbered=True),
    "rocm": Device("ROCMExecutionProvider", numbered=True),
    "migraphx": Device("MIGraphXExecutionProvider", numbered=True),
    "tensorrt": Device("TensorrtExecutionProvider", exact=False, numbered=True),
    "openvino": Device("OpenVINOExecutionProvider", exact=False),
    "coreml": Device("CoreMLExecutionProvider", exact=False),
}
"""`tensorrt`, `openvino` and `coreml` may compute in less than float32, as the machine at hand suggests to them."""


def device_named(name: str) -> Device:
    """Return the device of that short name, `NAME` or `NAME:N`, with its number among the options.

    Raises:
        ModelError: there is none.
    """
    kind, colon, number = name.partition(":")
    if kind not in DEVICES:
        raise ModelError("unknown device {name!r}: choose one of {devices}", name=name, devices=", ".join(DEVICES))
    device = DEVICES[kind]
    if not colon:
        return device
    if not device.numbered or not re.fullmatch("[0-9]+", number):
        able = ", ".join(f"{name}:N" for name, known in DEVICES.items() if known.numbered)
        raise ModelError("unknown device {name!r}: a number is for {able}, N from 0", name=name, able=able)
    return replace(device, options={**device.options, "device_id": number})


def runtime_on(name: str) -> str:
    """Return `ModelSpec.runtime` of a network that ONNX Runtime computes on a device, whatever its number.

    Devices that keep to float32 share it, and so the embeddings in the store; any other has its own.
    """
    return "onnxruntime" if device_named(name).exact else f"onnxruntime on {name.partition(':')[0]}"
