"""The part of a model's contract that an ONNX file cannot show by its shape, in its metadata or in TOML beside it."""

import json
import math
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TypeAlias

import msgspec

from facegap.data.comparator import OF_EMBEDDINGS, Comparator
from facegap.data.spec import ModelSpec
from facegap.errors import ModelError
from facegap.run.ordinary import read_ordinary

Channels: TypeAlias = tuple[float, float, float]

PREFIX = "facegap."
"""What the keys of facegap's metadata in an ONNX file begin with."""

LARGEST = 1024
"""Pixels of a side of the largest crop: networks for faces take 112 to 640."""

_LISTS = ("mean", "std")


class Contract(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What images a network takes and how its embeddings are compared; the first fields are those of `ModelSpec`.

    `dimension`: D, or None where the network itself shows it. `threshold_rule`, `threshold_cohort`: how and on whom the
    threshold was chosen, in words. `data`: sha256 over the images it was trained on and their subjects. These are
    shown, not used.
    """

    crop: Literal["dlib-150", "arcface-112", "box", "whole"]
    size: int
    mean: Channels
    std: Channels
    comparator: Comparator
    colour: Literal["RGB", "BGR"] = "RGB"
    threshold: float | None = None
    output: str = ""
    norm: str = ""
    transform: Literal["", "signed-root"] = ""
    licence: str = ""
    dimension: int | None = None
    threshold_rule: str = ""
    threshold_cohort: str = ""
    data: str = ""

    def __post_init__(self) -> None:
        if self.comparator not in OF_EMBEDDINGS:
            raise ValueError(f"comparator {str(self.comparator)!r} is none of {', '.join(OF_EMBEDDINGS)}")
        if self.threshold is not None and not math.isfinite(self.threshold):
            raise ValueError(f"threshold {self.threshold} is no number that a score can reach")
        if self.dimension is not None and self.dimension < 1:
            raise ValueError(f"dimension {self.dimension} is not a number of values")
        if not 1 <= self.size <= LARGEST:
            raise ValueError(f"size {self.size} is not a number of pixels from 1 to {LARGEST}")
        if not all(map(math.isfinite, self.mean)) or not all(0 < value < math.inf for value in self.std):
            raise ValueError(f"mean {self.mean} must be finite and std {self.std} above 0")


def contract_metadata(spec: ModelSpec | Contract) -> dict[str, str]:
    """Return what to write into an ONNX file's metadata so that facegap needs no options to use it."""
    values = {name: getattr(spec, name, None) for name in Contract.__struct_fields__}
    return {
        PREFIX + name: json.dumps(value) if name in _LISTS else str(value)
        for name, value in values.items()
        if value not in (None, "")
    }


def contract_from_metadata(metadata: Mapping[str, str], path: Path) -> Contract | None:
    """Return the contract in the metadata of the ONNX file `path`, or None where none of facegap's keys is there.

    `facegap.mean` and `facegap.std` are JSON arrays or lists with commas.

    Raises:
        ModelError: keys are missing, unknown or do not make sense.
    """
    texts = {key.removeprefix(PREFIX): text for key, text in metadata.items() if key.startswith(PREFIX)}
    if not texts:
        return None
    values = {key: _items(text) if key in _LISTS else text for key, text in texts.items()}
    return _convert(values, f"the facegap metadata in {path}", strict=False)


def contract_from_toml(path: Path) -> Contract | None:
    """Return the contract in a TOML file whose keys are the fields of `Contract`, or None where there is no file.

    Raises:
        ModelError: the file is not TOML, or its keys are missing, unknown or do not make sense.
    """
    try:
        values = tomllib.loads(read_ordinary(path).decode("utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError("{path} cannot be read as TOML: {error}", path=path, error=error) from None
    return _convert(values, str(path), strict=True)


def _items(text: str) -> list[str]:
    return [item.strip() for item in text.strip("[] ").split(",")]


def _convert(values: dict[str, Any], where: str, *, strict: bool) -> Contract:
    try:
        return msgspec.convert(values, Contract, strict=strict)
    except msgspec.ValidationError as error:
        raise ModelError("{where} cannot be used: {error}", where=where, error=error) from None
