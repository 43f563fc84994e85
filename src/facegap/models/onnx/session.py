"""Starting ONNX Runtime on a device."""

import contextlib
import io
import os
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

# ONNX Runtime reads this once, when it is imported: nothing is reported to anyone about whose faces run where.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import onnxruntime

from facegap.errors import ModelError, Phrase
from facegap.models.onnx.devices import DEVICES, device_named

FALLBACK = "CPUExecutionProvider"
"""Computes the nodes that another provider cannot."""

SILENT = 4
"""Log nothing: what goes wrong comes as an exception."""

CUDA = ("cuda", "tensorrt")
"""Devices that need CUDA's libraries, which packages of NVIDIA may have brought."""


def available_providers() -> list[str]:
    """Return where the installed ONNX Runtime can compute, in its order of preference."""
    return onnxruntime.get_available_providers()  # pyright: ignore[reportAttributeAccessIssue]


def start_session(path: Path, device: str, content: bytes | None) -> onnxruntime.InferenceSession:
    """Return a network ready to run on a device, `NAME` or `NAME:N`.

    Raises:
        ModelError: the file cannot be loaded, or there is no such device; nothing falls back silently.
    """
    wanted = device_named(device)
    available = available_providers()
    if wanted.provider not in available:
        there = ", ".join(name for name, known in DEVICES.items() if known.provider in available)
        raise ModelError(
            "the installed ONNX Runtime has no {device}: choose {devices}, or {remedy}",
            device=device,
            devices=there,
            remedy=_remedy(device),
        )
    if device.partition(":")[0] in CUDA:
        _load_cuda()
    options = onnxruntime.SessionOptions()
    options.log_severity_level = SILENT
    options.intra_op_num_threads = 1  # images are what is done in parallel
    options.inter_op_num_threads = 1
    providers = [(wanted.provider, dict(wanted.options))]
    if wanted.provider != FALLBACK:
        providers.append((FALLBACK, {}))
    try:
        session = onnxruntime.InferenceSession(content or str(path), options, providers=providers)
    except Exception as error:  # ONNX Runtime's exceptions have no common base
        raise ModelError(
            "{path} cannot be loaded by ONNX Runtime: {reason}", path=path, reason=first_line(error)
        ) from None
    if wanted.provider not in session.get_providers():  # it says nothing when it falls back
        raise ModelError(
            "ONNX Runtime could not start {provider}: mend its installation, or choose device cpu",
            provider=wanted.provider,
        )
    return session


def first_line(error: Exception) -> str:
    """Return what ONNX Runtime complains of, in one line."""
    return (str(error).splitlines() or [type(error).__name__])[0]


def _remedy(device: str) -> Phrase:
    """Return what to do where a device is missing.

    The packages onnxruntime and onnxruntime-gpu hold the same files; where both are installed, one lies over the other.
    """
    if device.partition(":")[0] not in CUDA:
        return Phrase("install one that has it")
    if _installed("onnxruntime-gpu"):
        return Phrase(
            "bring it to light, for onnxruntime lies over onnxruntime-gpu: "
            "pip install --force-reinstall --no-deps onnxruntime-gpu"
        )
    return Phrase(
        "install one that has it: pip install 'facegap[gpu]', then "
        "pip install --force-reinstall --no-deps onnxruntime-gpu"
    )


def _installed(package: str) -> bool:
    try:
        distribution(package)
    except PackageNotFoundError:
        return False
    return True


@cache
def _load_cuda() -> None:
    """Load CUDA's libraries from where packages of NVIDIA have put them, so that no torch is needed to find them."""
    with contextlib.redirect_stdout(io.StringIO()):  # it prints what it does not find; the session then says so
        onnxruntime.preload_dlls()
