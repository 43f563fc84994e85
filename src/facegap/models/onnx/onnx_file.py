"""What an ONNX file says about itself, without running it."""

import hashlib
import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import onnx
from google.protobuf.message import DecodeError

from facegap.data.weights import sha256_of_file
from facegap.errors import ModelError
from facegap.models.onnx.first_steps import FirstSteps, first_steps
from facegap.models.onnx.tensors import TensorInfo
from facegap.run.ordinary import read_ordinary
from facegap.run.places import is_file

LARGEST = 2**31 - 2**24
"""Bytes that a file in the format of Protocol Buffers can hold, with some room for what may be added."""

_TYPES = {number: name.lower() for name, number in onnx.TensorProto.DataType.items()}


@dataclass(frozen=True)
class OnnxFile:
    """An ONNX file: its inputs (weights left out), outputs, and what its exporter wrote down.

    `sha256` is that of the file, or covers the files with its external data too. `external` are their names.
    `first_steps`: what the network does to its pixels before anything else.
    """

    path: Path
    sha256: str
    inputs: tuple[TensorInfo, ...]
    outputs: tuple[TensorInfo, ...]
    opset: int
    producer: str
    metadata: dict[str, str]
    external: tuple[str, ...]
    first_steps: FirstSteps

    @property
    def size(self) -> int:
        """Bytes of the file and of those with its external data."""
        return sum(one.stat().st_size for one in (self.path, *(_inside(self.path, name) for name in self.external)))


def read_onnx(path: Path) -> OnnxFile:
    """Read an ONNX file.

    Raises:
        ModelError: the file, or a file with its external data, is missing, damaged or outside the model's folder.
    """
    try:
        content = read_ordinary(path)
    except OSError as error:
        raise ModelError("{path} cannot be read ({reason}): check the path", path=path, reason=error.strerror) from None
    return parse_onnx(content, path)


def parse_onnx(content: bytes, path: Path) -> OnnxFile:
    """Parse the bytes of an ONNX file that lies, or might lie, at `path`.

    Raises:
        ModelError: see `read_onnx`.
    """
    try:
        return _said(onnx.load_model_from_string(content), content, path)
    except UnicodeDecodeError as error:
        raise ModelError(
            "{path} holds names or metadata that are no UTF-8 ({error}): export it again", path=path, error=error
        ) from None
    except DecodeError:
        raise ModelError("{path} is damaged or not an ONNX file: export or fetch it again", path=path) from None


def _said(model: onnx.ModelProto, content: bytes, path: Path) -> OnnxFile:
    if not model.graph.node:
        raise ModelError(
            "{path} is damaged or not an ONNX file: it holds no network, export or fetch it again", path=path
        )
    external = tuple(sorted(set(_external_locations(model))))
    weights = {tensor.name for tensor in model.graph.initializer}
    return OnnxFile(
        path=path,
        sha256=_digest(path, content, external),
        inputs=tuple(_tensor_info(value) for value in model.graph.input if value.name not in weights),
        outputs=tuple(_tensor_info(value) for value in model.graph.output),
        opset=max((entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")), default=0),
        producer=" ".join(filter(None, map(_text, (model.producer_name, model.producer_version)))),
        metadata={_text(entry.key): _text(entry.value) for entry in model.metadata_props},
        external=external,
        first_steps=first_steps(model.graph),
    )


def whole_onnx(path: Path) -> bytes:
    """Return an ONNX file with its external data, if any, inside.

    Raises:
        ModelError: it cannot be read, or would not fit into one file.
    """
    file = read_onnx(path)
    if file.size > LARGEST:
        raise ModelError(
            "{path} has {size:,} bytes with its external data, more than one ONNX file can hold: 2 GiB",
            path=path,
            size=file.size,
        )
    return onnx.load(path).SerializeToString() if file.external else read_ordinary(path)


def _text(value: str | bytes) -> str:
    """Return a text of the file; what is no UTF-8 arrives as bytes, and then there is an error."""
    return value if isinstance(value, str) else value.decode()


def _tensor_info(value: onnx.ValueInfoProto) -> TensorInfo:
    tensor = value.type.tensor_type
    shape = tuple(
        axis.dim_value if axis.HasField("dim_value") else _text(axis.dim_param) or "?" for axis in tensor.shape.dim
    )
    return TensorInfo(_text(value.name), _TYPES.get(tensor.elem_type, "?"), shape)


def _digest(path: Path, content: bytes, external: tuple[str, ...]) -> str:
    own = hashlib.sha256(content).hexdigest()
    if not external:
        return own
    parts = [own]
    for location in external:
        parts += [location, sha256_of_file(_inside(path, location))]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _inside(path: Path, location: str) -> Path:
    """Return the path of an external data file; a model from elsewhere must not make facegap read other folders."""
    normal = posixpath.normpath(location.replace("\\", "/"))
    if posixpath.isabs(normal) or normal.split("/")[0] == ".." or ":" in normal:
        raise ModelError(
            "{path} keeps weights outside its folder, at {location!r}: such a file is refused",
            path=path,
            location=location,
        )
    file = path.parent / normal
    if not is_file(file):
        raise ModelError(
            "{path} keeps weights in {location!r}, which is missing: put that file beside it",
            path=path,
            location=location,
        )
    return file


def _external_locations(model: onnx.ModelProto) -> Iterator[str]:
    functions = (tensor for function in model.functions for tensor in _node_tensors(function.node))
    for tensor in (*_graph_tensors(model.graph), *functions):
        if tensor.data_location == onnx.TensorProto.EXTERNAL:
            yield next((_text(entry.value) for entry in tensor.external_data if entry.key == "location"), "")


def _graph_tensors(graph: onnx.GraphProto) -> Iterator[onnx.TensorProto]:
    yield from graph.initializer
    for sparse in graph.sparse_initializer:
        yield sparse.values
        yield sparse.indices
    yield from _node_tensors(graph.node)


def _node_tensors(nodes: Iterable[onnx.NodeProto]) -> Iterator[onnx.TensorProto]:
    for node in nodes:
        for attribute in node.attribute:
            yield attribute.t
            yield from attribute.tensors
            for subgraph in (attribute.g, *attribute.graphs):
                yield from _graph_tensors(subgraph)
