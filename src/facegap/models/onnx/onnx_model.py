"""A face network in an ONNX file, run by ONNX Runtime."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from facegap.data.spec import ModelSpec
from facegap.errors import ModelError
from facegap.models.onnx.contract import Contract
from facegap.models.onnx.devices import runtime_on
from facegap.models.onnx.onnx_file import OnnxFile
from facegap.models.onnx.session import first_line, start_session
from facegap.models.onnx.tensors import NUMPY_TYPES, TensorInfo, embedding_output, image_input
from facegap.run.apart import tried

BATCH = 32
"""Crops that a network takes at once, unless it wants another number: more are no faster and cost memory."""

MOST_DIMENSIONS = 65_536
"""Numbers of the longest output that is taken for an embedding; the usual ones have 128 to 2,048."""

MOST_PIXELS = 2**26
"""Pixels of the largest batch that a network may ask for: 64 crops of the largest size."""

ROOM = 1_500_000_000
"""Bytes that a network may take on two crops, besides four times its file."""


class OnnxModel:
    """A face network in an ONNX file.

    Args:
        path: the file; external data lies beside it.
        spec: its contract.
        device: where ONNX Runtime computes; see `device_named`.
        content: the ONNX model itself, where `path` is the file that it was made from.

    Raises:
        ModelError: the file cannot be loaded, its inputs and outputs do not fit the contract, or there is no such
            device.
    """

    def __init__(self, path: Path, spec: ModelSpec, *, device: str = "cpu", content: bytes | None = None) -> None:
        self.spec = spec
        self._path = path
        self._session = start_session(path, device, content)
        self._input = image_input([_tensor_info(node) for node in self._session.get_inputs()], path)
        if (self._input.batch or 1) * spec.size**2 > MOST_PIXELS:
            raise ModelError(
                "{path} takes {batch:,} images at once: export it for batches of any size",
                path=path,
                batch=self._input.batch,
            )
        outputs = [_tensor_info(node) for node in self._session.get_outputs()]
        self._outputs = [embedding_output(outputs, spec.output, path)]
        self._outputs += [embedding_output(outputs, spec.norm, path)] if spec.norm else []
        self._channels = slice(None, None, -1 if spec.colour == "BGR" else 1)
        shape = (3, 1, 1) if self._input.channels_first else (3,)
        self._mean = np.array(spec.mean, dtype=np.float32)[self._channels].reshape(shape)
        self._std = np.array(spec.std, dtype=np.float32)[self._channels].reshape(shape)

    def embed(self, crops: np.ndarray) -> np.ndarray:
        """See `Embedder.embed`.

        Raises:
            ModelError: the network failed, or its output is not (n, D).
        """
        if not len(crops):
            return np.empty((0, self.spec.dimension), dtype=np.float32)
        vectors = self._jittered(crops) if self.spec.jitters > 1 else self.forward(crops)
        found, expected = vectors.shape[1], self.spec.dimension
        if found != expected:
            raise ModelError(
                "{path} put out {found} numbers, its contract says {expected}: mend its contract",
                path=self._path,
                found=found,
                expected=expected,
            )
        return vectors

    def forward(self, crops: np.ndarray) -> np.ndarray:
        """Return what the network makes of at least one crop, (n, D) float32 for whatever D it has."""
        batch = self._input.batch or BATCH
        return np.concatenate([self._run(crops[start : start + batch]) for start in range(0, len(crops), batch)])

    def _jittered(self, crops: np.ndarray) -> np.ndarray:
        from facegap.models.dlib.jitter import jittered

        return np.stack([self.forward(jittered(crop, self.spec.jitters)).mean(axis=0) for crop in crops])

    def _run(self, crops: np.ndarray) -> np.ndarray:
        pixels = self._prepare(crops)
        missing = (self._input.batch or len(crops)) - len(crops)
        if missing:
            pixels = np.concatenate([pixels, np.zeros((missing, *pixels.shape[1:]), dtype=pixels.dtype)])
        try:
            output, *norms = self._session.run(self._outputs, {self._input.name: pixels})
        except Exception as error:  # ONNX Runtime's exceptions have no common base
            raise ModelError(
                "{path} failed on a batch of {n_pixels}: {reason}",
                path=self._path,
                n_pixels=len(pixels),
                reason=first_line(error),
            ) from None
        vectors = np.asarray(output)
        if vectors.shape[:1] != (len(pixels),) or vectors.ndim < 2 or set(vectors.shape[2:]) - {1}:
            raise ModelError(
                "{path} made {output} {shape} of {n_pixels} images, expected (n, D): name another output or export "
                "it for batches",
                path=self._path,
                output=self._outputs[0],
                shape=vectors.shape,
                n_pixels=len(pixels),
            )
        with np.errstate(over="ignore"):  # an infinite number is the caller's to judge
            vectors = vectors.reshape(len(pixels), -1).astype(np.float32)
            for norm in norms:
                vectors = vectors * self._per_image(np.asarray(norm), len(pixels))
        if self.spec.transform:
            vectors = np.sign(vectors) * np.sqrt(np.abs(vectors))
        return vectors[: len(crops)]

    def _per_image(self, norm: np.ndarray, images: int) -> np.ndarray:
        """Return the norms as (n, 1) float32."""
        if norm.size != images:
            raise ModelError(
                "{path} made {norm} {shape} of {images} images, expected one number for each: name another output as "
                "norm in its contract",
                path=self._path,
                norm=self.spec.norm,
                shape=norm.shape,
                images=images,
            )
        return norm.reshape(images, 1).astype(np.float32)

    def _prepare(self, crops: np.ndarray) -> np.ndarray:
        pixels = crops[..., self._channels]
        if self._input.channels_first:
            pixels = pixels.transpose(0, 3, 1, 2)  # before they are floats, of which there is more to move
        if self._input.type == "uint8":
            return np.ascontiguousarray(pixels)
        pixels = pixels.astype(np.float32, order="C")
        pixels -= self._mean
        pixels /= self._std
        with np.errstate(over="ignore"):  # what the network makes of an infinite pixel is the caller's to judge
            return pixels.astype(NUMPY_TYPES[self._input.type], copy=False)


def onnx_spec(
    file: OnnxFile,
    contract: Contract,
    *,
    name: str,
    output: str | None = None,
    jitters: int = 1,
    device: str = "cpu",
    content: bytes | None = None,
) -> ModelSpec:
    """Return the spec of an ONNX file, whose dimension is found by running it on two crops.

    A file is run in a process of its own, once and on the processor, for it may crash or never end; `content` is
    facegap's own, which says its dimension.

    Args:
        file: the file.
        contract: what images it takes.
        name: what reports call it.
        output: name of the embedding where the file has several outputs; it wins over the contract's.
        jitters: number of moved copies whose embeddings are averaged, for dlib's crop alone.
        device: see `OnnxModel`.
        content: see `OnnxModel`.

    Raises:
        ModelError: the network cannot be loaded or run, or its output is no embedding.
    """
    draft = ModelSpec(
        name=name,
        runtime=runtime_on(device),
        weights=file.sha256,
        crop=contract.crop,
        size=contract.size,
        dimension=0,
        comparator=contract.comparator,
        threshold=contract.threshold,
        colour=contract.colour,
        mean=contract.mean,
        std=contract.std,
        jitters=jitters if contract.crop == "dlib-150" else 1,
        output=embedding_output(file.outputs, output or contract.output, file.path),
        norm=embedding_output(file.outputs, contract.norm, file.path) if contract.norm else "",
        transform=contract.transform,
        signature=file.metadata.get("signature", ""),
        licence=contract.licence,
    )
    if content is None:
        dimension = tried(
            found_dimension, file.path, draft,
            content=f"{file.sha256} {contract.size} {draft.output} {draft.norm}".rstrip(), package="onnxruntime",
            room=ROOM + 4 * file.size, error=ModelError, name=str(file.path),
        )  # fmt: skip
    else:
        (dimension,) = (int(one.shape[1]) for one in file.outputs if one.name == draft.output)
    if device != "cpu":
        dimension = found_dimension(file.path, draft, device, content)
    if dimension > MOST_DIMENSIONS:
        raise ModelError(
            "{path} puts out {dimension:,} numbers, more than {most_dimensions:,}: no embedding",
            path=file.path,
            dimension=dimension,
            most_dimensions=MOST_DIMENSIONS,
        )
    if contract.dimension not in (None, dimension):
        raise ModelError(
            "{path} puts out {dimension} numbers, its contract says {expected}: mend its contract",
            path=file.path,
            dimension=dimension,
            expected=contract.dimension,
        )
    return replace(draft, dimension=dimension)


def found_dimension(path: Path, draft: ModelSpec, device: str = "cpu", content: bytes | None = None) -> int:
    """Return how many numbers a network makes of a crop, found by running it on a plain one and a noisy one."""
    shape = (draft.size, draft.size, 3)
    crops = np.stack([np.full(shape, 127, np.uint8), np.random.default_rng(0).integers(0, 256, shape, np.uint8)])
    return int(OnnxModel(path, draft, device=device, content=content).forward(crops).shape[1])


def _tensor_info(node: Any) -> TensorInfo:
    shape = tuple("?" if axis is None else axis for axis in node.shape)
    return TensorInfo(node.name, node.type.removeprefix("tensor(").removesuffix(")"), shape)
