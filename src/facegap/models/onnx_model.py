"""A face network in an ONNX file, run by ONNX Runtime."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

# ONNX Runtime reads this once, when it is imported: nothing is reported to anyone about whose faces run where.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import onnxruntime

from facegap.errors import ModelError
from facegap.models.contract import Contract
from facegap.models.onnx_file import OnnxFile
from facegap.models.tensors import NUMPY_TYPES, TensorInfo, embedding_output, image_input
from facegap.spec import ModelSpec

CPU = ("CPUExecutionProvider",)
SILENT = 4
"""Log nothing: what goes wrong comes as an exception."""


def available_providers() -> list[str]:
    """Return where the installed ONNX Runtime can compute, in its order of preference."""
    return onnxruntime.get_available_providers()  # pyright: ignore[reportAttributeAccessIssue]


class OnnxModel:
    """A face network in an ONNX file.

    Args:
        path: the file; external data lies beside it.
        spec: its contract.
        providers: where ONNX Runtime computes, in order of preference.

    Raises:
        ModelError: the file cannot be loaded, or its inputs and outputs do not fit the contract.
    """

    def __init__(self, path: Path, spec: ModelSpec, *, providers: Sequence[str] = CPU) -> None:
        self.spec = spec
        self._path = path
        self._session = _session(path, providers)
        self._input = image_input([_tensor_info(node) for node in self._session.get_inputs()], path)
        outputs = [_tensor_info(node) for node in self._session.get_outputs()]
        self._output = embedding_output(outputs, spec.output, path)
        self._mean = np.array(spec.mean, dtype=np.float32)
        self._std = np.array(spec.std, dtype=np.float32)

    def embed(self, crops: np.ndarray) -> np.ndarray:
        """See `Embedder.embed`.

        Raises:
            ModelError: the network failed, or its output is not (n, D).
        """
        if not len(crops):
            return np.empty((0, self.spec.dimension), dtype=np.float32)
        vectors = self.forward(crops)
        found, expected = vectors.shape[1], self.spec.dimension
        if found != expected:
            raise ModelError(f"{self._path} put out {found} numbers, its contract says {expected}: mend its contract")
        return vectors

    def forward(self, crops: np.ndarray) -> np.ndarray:
        """Return what the network makes of at least one crop, (n, D) float32 for whatever D it has."""
        batch = self._input.batch or len(crops)
        return np.concatenate([self._run(crops[start : start + batch]) for start in range(0, len(crops), batch)])

    def _run(self, crops: np.ndarray) -> np.ndarray:
        pixels = self._prepare(crops)
        missing = (self._input.batch or len(crops)) - len(crops)
        if missing:
            pixels = np.concatenate([pixels, np.zeros((missing, *pixels.shape[1:]), dtype=pixels.dtype)])
        try:
            (output,) = self._session.run([self._output], {self._input.name: pixels})
        except Exception as error:  # ONNX Runtime's exceptions have no common base
            raise ModelError(f"{self._path} failed on a batch of {len(pixels)}: {_first_line(error)}") from None
        vectors = np.asarray(output)
        if vectors.shape[:1] != (len(pixels),) or vectors.ndim < 2 or set(vectors.shape[2:]) - {1}:
            raise ModelError(
                f"{self._path} made {self._output} {vectors.shape} of {len(pixels)} images, expected (n, D): "
                "name another output or export it for batches"
            )
        with np.errstate(over="ignore"):  # an infinite number is the caller's to judge
            return vectors[: len(crops)].reshape(len(crops), -1).astype(np.float32)

    def _prepare(self, crops: np.ndarray) -> np.ndarray:
        pixels = crops if self._input.type == "uint8" else (crops.astype(np.float32) - self._mean) / self._std
        if self.spec.colour == "BGR":
            pixels = pixels[..., ::-1]
        if self._input.channels_first:
            pixels = pixels.transpose(0, 3, 1, 2)
        with np.errstate(over="ignore"):  # so is what the network makes of an infinite pixel
            return np.ascontiguousarray(pixels, dtype=NUMPY_TYPES[self._input.type])


def onnx_spec(file: OnnxFile, contract: Contract, *, name: str, output: str | None = None) -> ModelSpec:
    """Return the spec of an ONNX file, whose dimension is found by running it on two plain crops.

    Args:
        file: the file.
        contract: what images it takes.
        name: what reports call it.
        output: name of the embedding where the file has several outputs; it wins over the contract's.

    Raises:
        ModelError: the network cannot be loaded or run, or its output is no embedding.
    """
    draft = ModelSpec(
        name=name,
        runtime="onnxruntime",
        weights=file.sha256,
        crop=contract.crop,
        size=contract.size,
        dimension=0,
        comparator=contract.comparator,
        threshold=contract.threshold,
        colour=contract.colour,
        mean=contract.mean,
        std=contract.std,
        output=embedding_output(file.outputs, output or contract.output, file.path),
        signature=file.metadata.get("signature", ""),
        licence=contract.licence,
    )
    plain = np.full((2, contract.size, contract.size, 3), 127, dtype=np.uint8)
    dimension = OnnxModel(file.path, draft).forward(plain).shape[1]
    if contract.dimension not in (None, dimension):
        raise ModelError(
            f"{file.path} puts out {dimension} numbers, its contract says {contract.dimension}: mend its contract"
        )
    return replace(draft, dimension=dimension)


def _session(path: Path, providers: Sequence[str]) -> onnxruntime.InferenceSession:
    absent = [provider for provider in providers if provider not in onnxruntime.get_available_providers()]
    if absent:
        available = ", ".join(onnxruntime.get_available_providers())
        raise ModelError(f"ONNX Runtime has no {', '.join(absent)} here: choose among {available}")
    options = onnxruntime.SessionOptions()
    options.log_severity_level = SILENT
    options.intra_op_num_threads = 1  # images are what is done in parallel
    options.inter_op_num_threads = 1
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=list(providers))
    except Exception as error:  # ONNX Runtime's exceptions have no common base
        raise ModelError(f"{path} cannot be loaded by ONNX Runtime: {_first_line(error)}") from None


def _tensor_info(node: Any) -> TensorInfo:
    shape = tuple("?" if axis is None else axis for axis in node.shape)
    return TensorInfo(node.name, node.type.removeprefix("tensor(").removesuffix(")"), shape)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
