"""Recognisers of the package uniface: `uniface:ArcFace` for its usual weights, `uniface:arcface_resnet` for others.

Its own code runs (`get_embedding` of an aligned face), so colours and pixels are as it wants them.
"""

import inspect
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from facegap.data.comparator import Comparator
from facegap.data.spec import ModelSpec
from facegap.data.weights import sha256_of_file
from facegap.errors import ModelError, Phrase
from facegap.models.callable_model import Model
from facegap.models.embedder import ModelSource
from facegap.models.packaged import at_hand, imported, one_by_one, packaged, unknown

INSTALL = "pip install 'uniface[cpu]'"


def source(which: str, name: str, device: str) -> ModelSource:
    """See `facegap.models.adapters`."""
    return packaged(_open, which, name)


def _open(which: str, name: str) -> Model:
    asked = f"uniface:{which}"
    recognition = imported("uniface.recognition", asked, INSTALL)
    known = dict(_known(recognition))
    if which not in known:
        raise unknown(asked, list(known))
    recogniser, weights = known[which]
    sha256 = _checked(weights, asked)
    network = recogniser(model_name=weights, providers=["CPUExecutionProvider"])
    spec = ModelSpec(
        name=name or which,
        runtime="python",
        weights=f"uniface {version('uniface')} {sha256}",
        crop="arcface-112",
        size=network.input_size[0],
        dimension=network.output_shape[-1],
        comparator=Comparator.COSINE,
    )
    return Model(embed=one_by_one(lambda crop: network.get_embedding(crop[..., ::-1])), spec=spec)


def _known(recognition: Any) -> Iterator[tuple[str, tuple[Any, Any]]]:
    """Yield what users can write, with the class and the weights that it stands for."""
    for name in recognition.__all__:
        recogniser = getattr(recognition, name)
        if usual := inspect.signature(recogniser).parameters.get("model_name"):
            yield name, (recogniser, usual.default)
            for weights in usual.default.__class__:
                yield weights.value, (recogniser, weights)


def _checked(weights: Any, asked: str) -> str:
    """Return the sha256 of a file of weights, which uniface would replace by a fetched one if it were another."""
    constants = imported("uniface.constants", asked, INSTALL)
    model_store = imported("uniface.model_store", asked, INSTALL)
    known = constants.MODEL_REGISTRY[weights]
    file = Path(model_store.get_cache_dir(), weights.value).with_suffix(Path(known.url).suffix)
    fetch = Phrase("have uniface fetch them: {install}, then its own model", install=INSTALL)
    sha256 = sha256_of_file(at_hand(file, asked, fetch))
    if known.sha256 and sha256 != known.sha256:
        raise ModelError(
            "{file} is not the file that uniface knows as {asked} (its sha256): get it again", file=file, asked=asked
        )
    return sha256
