"""Which provider of ONNX Runtime is asked for, with which options; a stand-in takes the place of those with a GPU."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnxruntime
import pytest

from facegap.errors import ModelError
from facegap.models import parse_model
from facegap.models.onnx import session
from facegap.models.onnx.devices import runtime_on

Build = Callable[..., Path]

CPU, CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"
RAW = {"facegap.crop": "whole", "facegap.size": "16", "facegap.comparator": "cosine",
       "facegap.mean": "0,0,0", "facegap.std": "1,1,1"}  # fmt: skip

EVERY = [
    f"{name}ExecutionProvider" for name in ("CUDA", "Tensorrt", "Dml", "ROCM", "MIGraphX", "OpenVINO", "CoreML", "CPU")
]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return what sessions were asked to run on; they run on the processor and say that they did as they were told."""
    calls: list[Any] = []
    real = onnxruntime.InferenceSession

    class StandIn:
        def __init__(self, model: Any, options: Any, providers: list[tuple[str, dict[str, str]]]) -> None:
            calls.append(providers)
            self._session, self._providers = real(model, options, providers=[CPU]), [name for name, _ in providers]

        def get_providers(self) -> list[str]:
            return self._providers

        def __getattr__(self, name: str) -> Any:
            return getattr(self._session, name)

    monkeypatch.setattr(onnxruntime, "InferenceSession", StandIn)
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: EVERY)
    monkeypatch.setattr(onnxruntime, "preload_dlls", lambda: calls.append("libraries"))
    session._load_cuda.cache_clear()
    return calls


@pytest.mark.parametrize(
    ("device", "provider", "options"),
    [
        ("cuda", CUDA, {"use_tf32": "0"}),
        ("cuda:0", CUDA, {"use_tf32": "0", "device_id": "0"}),
        ("cuda:1", CUDA, {"use_tf32": "0", "device_id": "1"}),
        ("tensorrt:2", "TensorrtExecutionProvider", {"device_id": "2"}),
        ("rocm:1", "ROCMExecutionProvider", {"device_id": "1"}),
        ("migraphx:3", "MIGraphXExecutionProvider", {"device_id": "3"}),
        ("directml:1", "DmlExecutionProvider", {"device_id": "1"}),
        ("coreml", "CoreMLExecutionProvider", {}),
    ],
)
def test_a_device_keeps_its_number(
    build_onnx: Build, asked: list[Any], device: str, provider: str, options: dict[str, str]
) -> None:
    source = parse_model(str(build_onnx(metadata=RAW)), device=device)
    asked.clear()
    source.open()
    assert asked == [[(provider, options), (CPU, {})]]


@pytest.mark.parametrize("device", ["cuda", "cuda:1", "tensorrt"])
def test_cudas_libraries_are_loaded_once_and_without_torch(build_onnx: Build, asked: list[Any], device: str) -> None:
    source = parse_model(str(build_onnx(metadata=RAW)), device=device)
    source.open()
    assert asked.count("libraries") == 1


@pytest.mark.parametrize("device", ["cpu", "coreml", "directml:1"])
def test_no_other_device_needs_them(build_onnx: Build, asked: list[Any], device: str) -> None:
    parse_model(str(build_onnx(metadata=RAW)), device=device).open()
    assert "libraries" not in asked


@pytest.mark.usefixtures("asked")
def test_numbers_change_no_key(build_onnx: Build) -> None:
    specs = [parse_model(str(build_onnx(metadata=RAW)), device=name).spec for name in ("cpu", "cuda", "cuda:1")]
    assert specs[0] == specs[1] == specs[2]
    assert runtime_on("cpu") == runtime_on("cuda:1") == "onnxruntime"
    assert runtime_on("coreml") == "onnxruntime on coreml"
    assert runtime_on("tensorrt:1") == "onnxruntime on tensorrt"


@pytest.mark.parametrize("device", ["cuda:", "cuda:x", "cuda:-1", "cuda:1:2", "cpu:0", "coreml:1"])
def test_numbers_that_are_none(build_onnx: Build, device: str) -> None:
    with pytest.raises(
        ModelError, match=f"unknown device '{device}': a number is for cuda:N, directml:N, .*, N from 0"
    ):
        parse_model(str(build_onnx(metadata=RAW)), device=device)


@pytest.mark.parametrize(
    ("device", "there", "message"),
    [
        (
            "cuda",
            (),
            r"has no cuda: choose cpu, directml, or install one that has it: pip install 'facegap\[gpu\]', then",
        ),
        (
            "cuda:1",
            ("onnxruntime-gpu",),
            r"has no cuda:1: .* onnxruntime lies over onnxruntime-gpu: pip install --force-re",
        ),
        ("coreml", ("onnxruntime-gpu",), r"has no coreml: choose cpu, directml, or install one that has it$"),
    ],
)
def test_a_device_that_is_not_installed(
    build_onnx: Build, monkeypatch: pytest.MonkeyPatch, device: str, there: tuple[str, ...], message: str
) -> None:
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["DmlExecutionProvider", CPU])
    monkeypatch.setattr(session, "_installed", lambda package: package in there)
    with pytest.raises(ModelError, match=message):
        parse_model(str(build_onnx(metadata=RAW)), device=device)


@pytest.mark.filterwarnings("ignore:Specified provider:UserWarning")
def test_a_device_that_does_not_start(build_onnx: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    """ONNX Runtime would compute on the processor and say nothing."""
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: [CUDA, CPU])
    with pytest.raises(ModelError, match="could not start CUDAExecutionProvider: mend its installation, or choose"):
        parse_model(str(build_onnx(metadata=RAW)), device="cuda")
