"""Models of which only the answers are at hand: scores, or embeddings, that were made elsewhere."""

from dataclasses import dataclass
from pathlib import Path

from facegap.data.comparator import OF_EMBEDDINGS, Comparator
from facegap.errors import ModelError
from facegap.models.options import OF_GIVEN, check_options, split_options

SUFFIXES = frozenset({".csv", ".tsv", ".tab", ".txt", ".parquet", ".pq", ".npy", ".mtx", ".npz"})

NETWORKS = frozenset({".onnx", ".zip"})


@dataclass(frozen=True)
class GivenModel:
    """The answers of a model in the file `path`: scores of comparisons, or an embedding per image.

    `threshold`: the shipped one, in the native unit. `comparator`: of embeddings `cosine` or `euclidean`; of scores
    `similarity` or `distance`, or None where the scores have to tell.
    """

    name: str
    path: Path
    threshold: float | None = None
    comparator: Comparator | None = None


def parse_given(text: str) -> GivenModel | None:
    """Return the model that `[NAME=]FILE[,threshold=T][,comparator=C][,scores=S]` names, or None for any other model.

    Raises:
        ModelError: an option makes no sense, or there is no such file.
    """
    whole = text
    text, options = split_options(text)
    name, path = _name_and_path(text)
    if path.suffix.lower() not in SUFFIXES and (path.suffix.lower() in NETWORKS or not path.is_file()):
        return None
    if not path.is_file():
        raise ModelError(
            "{path}, which {whole!r} names, does not exist: give a file of scores or embeddings", path=path, whole=whole
        )
    check_options(options, OF_GIVEN, whole)
    return GivenModel(name.strip() or path.stem, path, _threshold(options.get("threshold")), _comparator(options))


def names_given(text: str) -> bool:
    """Return whether a text names a file that is there, of scores or embeddings."""
    _name, path = _name_and_path(split_options(text)[0])
    return path.suffix.lower() in SUFFIXES and path.is_file()


def _name_and_path(text: str) -> tuple[str, Path]:
    name, equals, place = ("", "", text) if Path(text).exists() else text.partition("=")
    return name, Path(place).expanduser() if equals or not name else Path(text)


def _threshold(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        raise ModelError("threshold={text} is no number: write e.g. threshold=0.4", text=text) from None


def _comparator(options: dict[str, str]) -> Comparator | None:
    for option, allowed in (
        ("comparator", OF_EMBEDDINGS),
        ("scores", (Comparator.SIMILARITY, Comparator.DISTANCE)),
    ):
        if option in options:
            if options[option] not in allowed:
                raise ModelError(
                    "{option}={options} is unknown: choose one of {allowed}",
                    option=option,
                    options=options[option],
                    allowed=", ".join(allowed),
                )
            return Comparator(options[option])
    return None
