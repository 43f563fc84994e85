"""SCRFD, the face detector with five landmarks of the InsightFace packs, run by ONNX Runtime as InsightFace runs it."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from facegap.data.pack_manifest import DETECTION, USUAL_PIXELS, pixels_of
from facegap.errors import InputError, ModelError, Phrase
from facegap.faces.face import Face
from facegap.faces.registration import Registration
from facegap.faces.sampling import sampled
from facegap.run.apart import tried

if TYPE_CHECKING:
    import onnxruntime

USUAL_SIZE = 640
"""Side in pixels of the square input, where the file leaves it open and none is stated."""

STRIDES = (8, 16, 32)
"""Pixels from one place to the next, on each of three levels."""

ANCHORS = 2
"""Guesses at each place."""

WIDTHS = (1, 4, 10)
"""Numbers of a guess in each kind of output: its score, the distances to its box's sides, the way to its points."""

ROOM = 1_500_000_000
"""Bytes that a detector may take while it is tried, besides four times its file."""

LEAST_CONFIDENCE = 0.5
SAME_FACE = 0.4
"""Of two boxes whose intersection over union is above this, the surer one stays."""


class ScrfdDetector:
    """SCRFD (Guo et al., "Sample and Computation Redistribution for Efficient Face Detection", 2021) from an ONNX file.

    An image is enlarged or reduced to fit a square of `size` pixels, and lies in its top left corner; the rest is
    black. Thresholds, colours and boxes are those of InsightFace's `scrfd.py`; so is the normalisation, unless the
    manifest of the pack that the file lies in says another.

    Raises:
        InputError: the file does not take the size.
        ModelError: the file cannot be read or is another kind of model.
    """

    def __init__(self, path: Path, size: int | None = None) -> None:
        self._session = _session(path)
        self._size = _input_size(self._session, path, size)
        self._mean, self._std = pixels_of(path, DETECTION)
        self._type = np.uint8 if self._session.get_inputs()[0].type == "tensor(uint8)" else np.float32
        try:
            self.detect(np.zeros((8, 8, 3), np.uint8))
        except Exception:  # whatever ONNX Runtime makes of a network that takes or gives something else
            raise _refused(path) from None

    def detect(self, image: np.ndarray) -> list[Face]:
        """See `Detector.detect`; the surest face is the first."""
        pixels, scale = letterbox(image, self._size)
        given = np.moveaxis((pixels.astype(np.float32) - self._mean) / self._std, -1, 0)[None].astype(self._type)
        outputs = self._session.run(None, {self._session.get_inputs()[0].name: given})
        levels = [self._read(outputs, level) for level in range(len(STRIDES))]
        scores, boxes, points = (np.concatenate(parts) for parts in zip(*levels, strict=True))
        order = np.argsort(-scores, kind="stable")
        boxes, points = boxes / scale, points / scale
        return [
            Face(tuple(boxes[i].tolist()), float(scores[i]), points[i].reshape(5, 2))
            for i in order[surest(boxes[order])]
        ]

    def _read(self, outputs: Sequence[Any], level: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the (n,) scores, (n, 4) boxes and (n, 10) points of the guesses of a level that are sure enough."""
        stride = STRIDES[level]
        side = self._size // stride
        scores, sides, ways = (
            np.asarray(outputs[level + len(STRIDES) * kind], np.float32).reshape(ANCHORS * side**2, width)
            for kind, width in enumerate(WIDTHS)
        )
        sure = np.flatnonzero(scores[:, 0] >= LEAST_CONFIDENCE)
        row, column = np.divmod(sure // ANCHORS, side)
        place = (np.stack([column, row], axis=1) * stride).astype(np.float32)
        sides, ways = sides[sure] * stride, ways[sure] * stride
        boxes = np.concatenate([place - sides[:, :2], place + sides[:, 2:]], axis=1)
        return scores[sure, 0], boxes, np.tile(place, 5) + ways


def letterbox(image: np.ndarray, size: int) -> tuple[np.ndarray, float]:
    """Return an image in the top left corner of a black square (size, size, 3) uint8, and by what it was scaled."""
    height, width = image.shape[:2]
    fitted = (int(size * width / height), size) if height > width else (size, int(size * height / width))
    fitted = max(1, fitted[0]), max(1, fitted[1])
    square = np.zeros((size, size, 3), np.uint8)
    x, y = width / fitted[0], height / fitted[1]
    square[: fitted[1], : fitted[0]] = sampled(image, np.array([[x, 0, (x - 1) / 2], [0, y, (y - 1) / 2]]), fitted)
    return square, fitted[1] / height


def surest(boxes: np.ndarray) -> list[int]:
    """Return which of (n, 4) boxes, the surest first, overlap no surer one that stays (non-maximum suppression)."""
    left, top, right, bottom = boxes.T
    areas = (right - left + 1) * (bottom - top + 1)
    stays: list[int] = []
    open_to = np.arange(len(boxes))
    while len(open_to):
        best, rest = open_to[0], open_to[1:]
        stays.append(int(best))
        width = np.minimum(right[best], right[rest]) - np.maximum(left[best], left[rest]) + 1
        height = np.minimum(bottom[best], bottom[rest]) - np.maximum(top[best], top[rest]) + 1
        shared = np.maximum(0, width) * np.maximum(0, height)
        open_to = rest[shared / (areas[best] + areas[rest] - shared) <= SAME_FACE]
    return stays


def _session(path: Path) -> "onnxruntime.InferenceSession":
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 4
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception:  # ONNX Runtime has a dozen errors for a file that it cannot read
        raise _refused(path) from None
    if len(session.get_outputs()) != len(STRIDES) * len(WIDTHS) or len(session.get_inputs()) != 1:
        raise _refused(path)
    return session


def _input_size(session: "onnxruntime.InferenceSession", path: Path, stated: int | None) -> int:
    """Return the side of the input: that of the file, or the stated one where the file leaves it open."""
    fixed = session.get_inputs()[0].shape[-1]
    size = stated or (fixed if isinstance(fixed, int) else USUAL_SIZE)
    if isinstance(fixed, int) and size != fixed:
        raise InputError(
            "{path} takes {fixed} x {fixed} pixels and no others: leave size={size} out",
            path=path,
            fixed=fixed,
            size=size,
        )
    if size % STRIDES[-1]:
        raise InputError(
            "SCRFD takes a size that {strides} divides, not {size}: give e.g. size={usual_size}",
            strides=STRIDES[-1],
            size=size,
            usual_size=USUAL_SIZE,
        )
    return size


def try_scrfd(path: Path, sha256: str) -> None:
    """Try a detector in a process of its own, once: its file is a stranger's.

    `sha256`: that of the file, in hex.

    Raises:
        ModelError: the file cannot be read, is another kind of model, or ends the process.
    """
    room = ROOM + 4 * path.stat().st_size
    tried(opened, path, content=sha256, package="onnxruntime", room=room, error=ModelError, name=str(path))


def opened(path: Path) -> int:
    """Return how many faces a detector finds in an image without any, to see that it runs."""
    return len(ScrfdDetector(path).detect(np.zeros((USUAL_SIZE, USUAL_SIZE, 3), np.uint8)))


def _normalisation(path: Path) -> str:
    """Return the mean and std of the pixels, "" for the usual ones."""
    pixels = pixels_of(path, DETECTION)
    return "" if pixels == USUAL_PIXELS[DETECTION] else f"mean {pixels[0]:g}, std {pixels[1]:g}"


def _refused(path: Path) -> ModelError:
    return ModelError(
        "{path} is not an SCRFD face detector with points: pass an ONNX file of SCRFD with nine outputs (scores, "
        "boxes and points at strides {strides})",
        path=path,
        strides=", ".join(map(str, STRIDES)),
    )


DETECTOR = Registration(
    "scrfd:FILE.onnx",
    open=lambda asked: ScrfdDetector(Path(asked.file), asked.size),
    sizes=True,
    no_least=Phrase("SCRFD sees all sizes at once"),
    tried=try_scrfd,
    beside=_normalisation,
)
