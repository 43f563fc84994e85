"""MTCNN of the package facenet-pytorch, where that is installed."""

from importlib.metadata import PackageNotFoundError, version

import numpy as np

from facegap.errors import ModelError, Phrase
from facegap.faces.face import Face
from facegap.faces.registration import Registration

PACKAGE = "facenet-pytorch"
INSTALL = Phrase("pip install --no-deps {package}, beside torch, torchvision and requests", package=PACKAGE)
"""Its own requirements ask for versions of numpy and torch of 2023, which it does not need."""

LEAST_SIDE = 20
"""Side in pixels of the smallest face that it looks for, by default; it fails on images that are smaller."""


class MtcnnDetector:
    """MTCNN (Zhang et al., "Joint Face Detection and Alignment Using Multitask Cascaded Networks", 2016).

    All is as facenet-pytorch sets it, and its weights come with it.

    Raises:
        ModelError: facenet-pytorch cannot be used.
    """

    def __init__(self) -> None:
        installed_version()
        try:
            from facenet_pytorch import MTCNN  # pyright: ignore[reportMissingImports]

            self._detector = MTCNN(keep_all=True, min_face_size=LEAST_SIDE, device="cpu")
        except Exception as error:  # it may not fit the torch or numpy that is installed
            reason = (str(error).splitlines() or [""])[0]
            raise ModelError(
                "{package} cannot be used ({kind}: {reason}): {install}",
                package=PACKAGE,
                kind=type(error).__name__,
                reason=reason,
                install=INSTALL,
            ) from None

    def detect(self, image: np.ndarray) -> list[Face]:
        """See `Detector.detect`; the largest face is the first."""
        if min(image.shape[:2]) < LEAST_SIDE:
            return []
        boxes, confidences, points = self._detector.detect(image, landmarks=True)  # pyright: ignore[reportAssignmentType] (three with landmarks)
        if boxes is None:
            return []
        found = []
        for box, confidence, five in zip(boxes, confidences, points, strict=True):
            left, top, right, bottom = map(float, box)
            found.append(Face((left, top, right, bottom), float(confidence), np.asarray(five, np.float32)))
        return found


def installed_version() -> str:
    """Return the version of facenet-pytorch, which its weights come with.

    Raises:
        ModelError: it is not installed.
    """
    try:
        return version(PACKAGE)
    except PackageNotFoundError:
        raise ModelError("the detector mtcnn needs {package}: {install}", package=PACKAGE, install=INSTALL) from None


DETECTOR = Registration(
    "mtcnn",
    open=lambda _: MtcnnDetector(),
    version=installed_version,
    no_least=Phrase("MTCNN has its own smallest face"),
)
