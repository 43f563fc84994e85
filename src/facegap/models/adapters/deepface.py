"""Models of the package deepface: `deepface:Facenet512`.

Its own `represent` runs on the face in the detector's box, as with `detector_backend="skip"`: colours, size and pixels
are its business. The threshold is deepface's own for the cosine distance.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from facegap.data.comparator import Comparator
from facegap.data.spec import ModelSpec
from facegap.data.weights import sha256_of_file
from facegap.errors import FacegapError, ModelError, Phrase
from facegap.models.callable_model import Model
from facegap.models.embedder import ModelSource
from facegap.models.packaged import at_hand, imported, one_by_one, packaged

INSTALL = "pip install deepface"

TASK = "facial_recognition"


def source(which: str, name: str, device: str) -> ModelSource:
    """See `facegap.models.adapters`."""
    return packaged(_open, which, name)


def _open(which: str, name: str) -> Model:
    client, weights = _built(which)
    deepface = imported("deepface.DeepFace", f"deepface:{which}", INSTALL)
    verification = imported("deepface.modules.verification", f"deepface:{which}", INSTALL)
    spec = ModelSpec(
        name=name or which,
        runtime="python",
        weights=f"deepface {version('deepface')} {weights}",
        crop="box",
        size=max(client.input_shape),
        dimension=client.output_shape,
        comparator=Comparator.COSINE,
        threshold=1 - verification.find_threshold(which, "cosine"),
    )

    def embed(crop: np.ndarray) -> Any:
        blue_first = np.ascontiguousarray(crop[..., ::-1])
        (face,) = deepface.represent(blue_first, which, enforce_detection=False, detector_backend="skip", align=False)
        return face["embedding"]

    return Model(embed=one_by_one(embed), spec=spec)


@cache
def _built(which: str) -> tuple[Any, str]:
    """Return deepface's model, which it keeps for `represent`, and the sha256 of its weights."""
    asked = f"deepface:{which}"
    modeling = imported("deepface.modules.modeling", asked, INSTALL)
    getattr(modeling, "cached_models", {}).get(TASK, {}).pop(which, None)  # so that it says which weights it takes
    with _at_hand(asked) as files:
        try:
            client = modeling.build_model(TASK, which)
        except FacegapError:
            raise
        except Exception as error:  # deepface's errors have no common base
            reason = " ".join(str(error).split())
            raise ModelError(
                "{asked} cannot be used ({kind}: {reason})", asked=asked, kind=type(error).__name__, reason=reason
            ) from None
    if not files:
        raise ModelError(
            "this version of deepface does not say which weights {asked} takes: {install} --upgrade",
            asked=asked,
            install=INSTALL,
        )
    return client, " ".join(map(sha256_of_file, files))


@contextmanager
def _at_hand(asked: str) -> Iterator[list[Path]]:
    """Give the files of weights that deepface takes meanwhile; one that is absent is an error and is not fetched."""
    weights = imported("deepface.commons.weight_utils", asked, INSTALL)
    folders = imported("deepface.commons.folder_utils", asked, INSTALL)
    taken: list[Path] = []
    fetch = weights.download_weights_if_necessary

    def take(file_name: str, *args: Any, **kwargs: Any) -> str:
        path = Path(folders.get_deepface_home(), ".deepface", "weights", file_name)
        model = asked.partition(":")[2]
        how = f"deepface.DeepFace.build_model({model!r})"
        taken.append(at_hand(path, asked, Phrase("have it fetch them: {how}", how=how)))
        return str(path)

    weights.download_weights_if_necessary = take
    try:
        yield taken
    finally:
        weights.download_weights_if_necessary = fetch
