"""What a user writes behind a model, parted by commas: `FILE.onnx,preset=adaface,output=feature`."""

import re
from collections.abc import Collection

from facegap.errors import ModelError, Phrase
from facegap.run.places import exists
from facegap.run.text import both

OF_GIVEN = ("threshold", "comparator", "scores")
"""Options of scores or embeddings that were made elsewhere."""

OF_PAIR_MODELS = ("threshold", "scores", "budget")
"""Options of functions that compare two images."""

OF_NETWORKS = ("preset", "output")
"""Options of ONNX files."""

OPTION = re.compile(rf",({'|'.join((*OF_GIVEN, *OF_PAIR_MODELS, *OF_NETWORKS))})=([^,]*)$")


def split_options(text: str) -> tuple[str, dict[str, str]]:
    """Return what stands before the options, and the options; a file whose own name looks like that stays whole."""
    options: dict[str, str] = {}
    while not exists(text) and (found := OPTION.search(text)):
        options[found[1]] = found[2].strip()
        text = text[: found.start()]
    return text, options


def check_options(options: Collection[str], allowed: Collection[str], whole: str) -> None:
    """Refuse options that a model does not have.

    Raises:
        ModelError: there is one; `whole` is what the user wrote.
    """
    for name in options:
        if name not in allowed:
            able = Phrase("it takes {options}", options=both(allowed)) if allowed else Phrase("it takes none")
            raise ModelError(
                "{model!r}: this model has no option {option}, {able}: leave it out",
                model=whole,
                option=name,
                able=able,
            )
