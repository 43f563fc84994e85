"""YuNet, a small neural face detector with five landmarks, run by OpenCV."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np

from facegap.errors import ModelError, Phrase
from facegap.faces.face import Face
from facegap.faces.registration import Registration
from facegap.run.apart import tried

LEAST_CONFIDENCE = 0.6
"""Between a face (0.9 and more where it is clear) and what only looks like one."""

ROOM = 1_500_000_000
"""Bytes that a detector may take, besides four times its file."""

TRIED = ((64, 64), (480, 360), (270, 480))
"""Heights and widths of the noise that a detector is tried on."""

LONGEST_SIDE = 480
"""Where no size is stated, larger images are scaled down to this. Landmarks of a face that fills the frame are off by
0.07 eye distances at 100 to 480 pixels, by 0.10 at 640 and by 0.33 at 960, for YuNet was trained on faces of 10 to 300
pixels."""


class YuNetDetector:
    """YuNet (Wu, Peng and Yu, "YuNet: A Tiny Millisecond-level Face Detector", 2023) from an ONNX file.

    With a `size` the longer side of every image is brought to so many pixels; without, larger images are reduced to
    `LONGEST_SIDE` and smaller ones are left as they are.

    Raises:
        ModelError: the file cannot be read or is another kind of model.
    """

    def __init__(self, path: Path, size: int | None = None) -> None:
        import cv2

        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)  # failures come as exceptions
        cv2.setNumThreads(1)  # images are what is done in parallel
        self._size = size
        try:
            self._detector = cv2.FaceDetectorYN.create(
                str(path), "", (LONGEST_SIDE, LONGEST_SIDE), score_threshold=LEAST_CONFIDENCE
            )
            self.detect(np.zeros((64, 64, 3), dtype=np.uint8))
        except cv2.error:
            raise ModelError("{path} is not a YuNet face detector: pass an ONNX file of YuNet", path=path) from None

    def detect(self, image: np.ndarray) -> list[Face]:
        """See `Detector.detect`."""
        import cv2

        height, width = image.shape[:2]
        longer = max(height, width)
        scale = min(1.0, LONGEST_SIDE / longer) if self._size is None else self._size / longer
        small = (max(1, round(width * scale)), max(1, round(height * scale)))
        self._detector.setInputSize(small)
        interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        pixels = image if scale == 1 else cv2.resize(image, small, interpolation=interpolation)
        _, rows = self._detector.detect(cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
        if rows is None:
            return []
        stretch = np.array([width / small[0], height / small[1]])
        return [_face(np.asarray(row, dtype=np.float64), stretch) for row in rows]


def try_yunet(path: Path, sha256: str) -> None:
    """Try a detector in a process of its own, once: OpenCV ends the process for many a damaged file.

    `sha256`: that of the file, in hex.

    Raises:
        ModelError: OpenCV is not installed, or the file cannot be read, is another kind of model, or ends the process.
    """
    if find_spec("cv2") is None:
        raise ModelError("the detector yunet needs OpenCV, not installed here: run `pip install 'facegap[yunet]'`")
    size = path.stat().st_size
    tried(
        detected, path,
        content=sha256, package="opencv-python-headless", room=ROOM + 4 * size, error=ModelError, name=str(path),
    )  # fmt: skip


def detected(path: Path) -> int:
    """Return how many faces a detector finds in noise."""
    detector, rng = YuNetDetector(path), np.random.default_rng(0)
    return sum(len(detector.detect(rng.integers(0, 256, (*size, 3), np.uint8))) for size in TRIED)


def _face(row: np.ndarray, stretch: np.ndarray) -> Face:
    """Read x, y, width, height, five points and the score; YuNet's right eye is the left one in the picture."""
    corner, extent = row[0:2] * stretch, row[2:4] * stretch
    left, top = corner.tolist()
    right, bottom = (corner + extent).tolist()
    return Face((left, top, right, bottom), float(row[14]), (row[4:14].reshape(5, 2) * stretch).astype(np.float32))


DETECTOR = Registration(
    "yunet:FILE.onnx",
    open=lambda asked: YuNetDetector(Path(asked.file), asked.size),
    sizes=True,
    no_least=Phrase("YuNet sees all sizes at once"),
    tried=try_yunet,
)
