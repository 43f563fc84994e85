"""A weight file of dlib as a self-describing ONNX model, converted once and kept in the cache folder."""

import hashlib
from pathlib import Path

import onnx
from onnx import helper

from facegap.data.comparator import Comparator
from facegap.data.weights import SHIPPED_THRESHOLDS
from facegap.errors import ModelError
from facegap.models.dlib.architecture import DIVISOR, SIZE
from facegap.models.dlib.dat_file import read_face_network
from facegap.models.dlib.graph import face_graph
from facegap.models.onnx.contract import Contract, contract_metadata
from facegap.run.kept import kept
from facegap.run.ordinary import read_ordinary

FORMAT = 1
"""Counts up when the same weights are converted to another graph, so that no older one is taken from the cache."""


def dlib_onnx(path: Path) -> onnx.ModelProto:
    """Return the network in a weight file of dlib as an ONNX model with its contract in its metadata.

    Input `image` (n, 3, 150, 150) float32, RGB, normalised by the contract's mean and std; output `embedding` (n, D).

    Raises:
        ModelError: the file cannot be read, is damaged, or holds no face network.
    """
    return _convert(_read(path), path)


def kept_dlib_onnx(path: Path, sha256: str) -> bytes:
    """Return `dlib_onnx(path)` serialised, from the cache folder where it was converted before.

    `sha256`: that of the weight file, in hex. Where the cache folder cannot be written, every call converts anew.

    Raises:
        ModelError: see `dlib_onnx`; or the file is no longer the one with that sha256.
    """

    def make() -> bytes:
        content = _read(path)
        if hashlib.sha256(content).hexdigest() != sha256:
            raise ModelError("{path} changed while it was in use: run again", path=path)
        return _convert(content, path).SerializeToString()

    return kept(f"dlib-v{FORMAT}-{sha256}", make)


def _read(path: Path) -> bytes:
    try:
        return read_ordinary(path)
    except OSError as error:
        raise ModelError("{path} cannot be read ({reason}): check the path", path=path, reason=error.strerror) from None


def _convert(content: bytes, path: Path) -> onnx.ModelProto:
    network = read_face_network(content, path)
    sha256 = hashlib.sha256(content).hexdigest()
    contract = Contract(
        crop="dlib-150",
        size=SIZE,
        mean=network.averages,
        std=(DIVISOR, DIVISOR, DIVISOR),
        comparator=Comparator.EUCLIDEAN,
        threshold=SHIPPED_THRESHOLDS.get(sha256),
    )
    model = face_graph(network)
    helper.set_model_props(model, {**contract_metadata(contract), "dlib weights sha256": sha256})
    return model
