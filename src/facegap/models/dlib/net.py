"""dlib's face network, run by dlib: slow, and what every faster way is held to."""

# dlib's compiled module declares no names to a type checker.
# pyright: reportAttributeAccessIssue=false

from pathlib import Path

import dlib
import numpy as np

from facegap.data.comparator import Comparator
from facegap.data.spec import ModelSpec
from facegap.data.weights import SHIPPED_THRESHOLDS, sha256_of_file
from facegap.errors import ModelError
from facegap.run.apart import tried

DIMENSION = 128

ROOM = 1_500_000_000
"""Bytes of memory that a network may take."""


def dlib_spec(path: Path, *, name: str, jitters: int = 1) -> ModelSpec:
    """Return the contract of a weight file in dlib's format.

    Raises:
        ModelError: the file cannot be read.
    """
    weights = sha256_of_file(path)
    return ModelSpec(
        name=name,
        runtime="dlib",
        weights=weights,
        crop="dlib-150",
        size=150,
        dimension=DIMENSION,
        comparator=Comparator.EUCLIDEAN,
        threshold=SHIPPED_THRESHOLDS.get(weights),
        jitters=jitters,
    )


def try_dlib(path: Path, spec: ModelSpec) -> None:
    """Try a weight file in a process of its own, once, unless it is one that dlib ships.

    Raises:
        ModelError: the file is damaged or not in dlib's format, or it ends the process.
    """
    if spec.weights not in SHIPPED_THRESHOLDS:
        tried(
            dimension, path, spec,
            content=spec.weights, package="dlib-bin", room=ROOM, error=ModelError, name=str(path),
        )  # fmt: skip


def dimension(path: Path, spec: ModelSpec) -> int:
    """Return how many numbers a network makes of a plain crop."""
    return DlibModel(path, spec).embed(np.full((1, 150, 150, 3), 127, np.uint8)).shape[1]


class DlibModel:
    """dlib's face network (King, "High Quality Face Recognition with Deep Metric Learning", 2017).

    With `spec.jitters` = n > 1 an embedding is the mean over n slightly moved, turned and mirrored copies of the crop,
    as with dlib's `num_jitters`.

    Raises:
        ModelError: the file is damaged or not in dlib's format.
    """

    def __init__(self, path: Path, spec: ModelSpec) -> None:
        self.spec = spec
        self._path = path
        self._network = self._load()

    def embed(self, crops: np.ndarray) -> np.ndarray:
        """See `Embedder.embed`."""
        if not len(crops):
            return np.empty((0, DIMENSION), dtype=np.float32)
        crops = np.ascontiguousarray(crops)  # dlib takes no other
        if self.spec.jitters > 1:
            return np.array([self._jittered(crop) for crop in crops], dtype=np.float32)
        return np.array(self._network.compute_face_descriptor(list(crops)), dtype=np.float32)

    def _jittered(self, crop: np.ndarray) -> np.ndarray:
        """Start from a new network: an old one goes on with its random numbers, so order would decide the result."""
        return np.array(self._load().compute_face_descriptor(crop, self.spec.jitters))

    def _load(self) -> "dlib.face_recognition_model_v1":
        try:
            return dlib.face_recognition_model_v1(str(self._path))
        except (RuntimeError, MemoryError):
            raise ModelError(
                "{path} is damaged or no face network of dlib: pass an intact .dat file", path=self._path
            ) from None
