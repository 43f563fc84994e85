"""Who embeds: where the work runs if nobody says, and how a worker is set up there."""

import threading
from collections.abc import Container, Sequence
from contextlib import nullcontext

import numpy as np
import polars as pl

from facegap.data.spec import FaceSpec
from facegap.errors import InputError
from facegap.faces import FaceOptions, GivenFace
from facegap.jobs.chunks import WorkerMaker, kept_under
from facegap.jobs.hashing import hash_image
from facegap.jobs.measuring import Measuring
from facegap.models import Embedder, Model, ModelSource
from facegap.run.executor import Executor, Processes, Threads, available_workers

ONNX = "onnxruntime"
"""What `ModelSpec.runtime` begins with where ONNX Runtime computes, on whatever device."""

THREADS = 16
"""So many threads work side by side; see `usual_executor`."""

LOOK, NEARLY_ALL = 16, 14
"""So many images are hashed in advance to see whether so many of them are known; what is no picture never is."""


def usual_executor(
    models: Sequence[ModelSource | Model],
    faces: FaceOptions,
    paths: pl.Series,
    given: Sequence[GivenFace | None],
    known: Sequence[Container[str]],
    workers: int | None,
) -> Executor:
    """Return where the embedding of many images runs best on this machine.

    Every worker takes an image from its file to its embeddings: with as many workers as cores all of them are busy,
    whatever stage each is at, and nothing has to be passed on between stages.

    Threads start at once and share one copy of each network. Decoding, the HOG detector and ONNX Runtime, 95 % of the
    time of an image, release the interpreter's lock; that suffices for `THREADS` of them. Processes take a second or
    two to start. They are for more workers, and for what holds the lock: dlib's own network, whatever a plug-in does,
    and the resizing that `min_face` needs; not for images that are only looked up. A Python function cannot leave this
    process; one thread at a time calls it.
    """
    workers = workers or available_workers()
    functions = any(isinstance(model, Model) for model in models)
    locked = faces.min_face is not None or not all(model.spec.runtime.startswith(ONNX) for model in models)
    if not functions and (locked or workers > THREADS) and not _looked_up(paths, given, known):
        return Processes(workers)
    return Threads(workers)


def _looked_up(paths: pl.Series, given: Sequence[GivenFace | None], known: Sequence[Container[str]]) -> bool:
    """Return whether nearly all images are known to every model already, by some from the first to the last."""
    rows = (k * (len(paths) - 1) // (LOOK - 1) for k in range(LOOK))
    some = (kept_under(hash_image(paths[row]), given[row]) for row in rows)
    return sum(all(image in images for images in known) for image in some) >= NEARLY_ALL


def worker_maker(
    models: Sequence[ModelSource | Model],
    faces: FaceOptions,
    specs: Sequence[FaceSpec],
    known: Sequence[Container[str]],
    executor: Executor,
    measuring: Measuring | None,
) -> WorkerMaker:
    """Return what sets a worker up; workers in this process share the models."""
    if executor.shares_memory:
        return WorkerMaker([_Shared(model.open()).open for model in models], faces, specs, known, measuring)
    for model in models:
        if isinstance(model, Model):
            raise InputError(
                "{model} is a Python function, which cannot leave this process: use threads, or make a plug-in of it",
                model=model.spec.name,
            )
    return WorkerMaker([model.open for model in models], faces, specs, known, measuring)


class _Shared:
    """A model that all threads use. What Python does in it is done by one of them at a time."""

    def __init__(self, embedder: Embedder) -> None:
        self.spec = embedder.spec
        self._embed = embedder.embed
        self._turn = nullcontext() if self.spec.runtime.startswith(ONNX) else threading.Lock()

    def open(self) -> Embedder:
        """Return the model itself."""
        return self

    def embed(self, crops: np.ndarray) -> np.ndarray:
        """See `Embedder.embed`."""
        with self._turn:
            return self._embed(crops)
