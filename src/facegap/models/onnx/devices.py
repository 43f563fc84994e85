"""Where ONNX Runtime can compute, by short names."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from facegap.errors import ModelError


@dataclass(frozen=True)
class Device:
    """An execution provider of ONNX Runtime.

    `options`: what it is told. `exact`: whether it keeps to float32, so that its embeddings are those of the processor
    but for rounding.
    """

    provider: str
    options: Mapping[str, str] = field(default_factory=dict)
    exact: bool = True


DEVICES = {
    "cpu": Device("CPUExecutionProvider"),
    "cuda": Device("CUDAExecutionProvider", {"use_tf32": "0"}),
    "directml": Device("DmlExecutionProvider"),
    "rocm": Device("ROCMExecutionProvider"),
    "migraphx": Device("MIGraphXExecutionProvider"),
    "tensorrt": Device("TensorrtExecutionProvider", exact=False),
    "openvino": Device("OpenVINOExecutionProvider", exact=False),
    "coreml": Device("CoreMLExecutionProvider", exact=False),
}
"""`tensorrt`, `openvino` and `coreml` may compute in less than float32, as the machine at hand suggests to them."""


def device_named(name: str) -> Device:
    """Return the device of that short name.

    Raises:
        ModelError: there is none.
    """
    if name not in DEVICES:
        raise ModelError(f"unknown device {name!r}: choose one of {', '.join(DEVICES)}")
    return DEVICES[name]


def runtime_on(name: str) -> str:
    """Return `ModelSpec.runtime` of a network that ONNX Runtime computes on a device.

    Devices that keep to float32 share it, and so the embeddings in the store; any other has its own.
    """
    return "onnxruntime" if device_named(name).exact else f"onnxruntime on {name}"
