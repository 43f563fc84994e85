"""The contract of a model: everything that decides which vector an image gets, and how vectors are compared."""

import hashlib
from dataclasses import asdict, dataclass, field

import msgspec

from facegap.data.comparator import Comparator

CROPS = ("dlib-150", "arcface-112", "box", "whole")
"""How a face is cut from the image: dlib's aligned chip, ArcFace's five-point template, the detector's box resized, or
the whole image resized."""

TRANSFORMS = ("", "signed-root")
"""What is done to each number x of an embedding: nothing, or x becomes sign(x) sqrt(|x|)."""


@dataclass(frozen=True)
class ModelSpec:
    """A model's contract.

    `name`: as shown in reports. `runtime`: `dlib`, `onnxruntime`, the same on a device that may compute in less than
    float32, `python` or `saved`. `weights`: sha256 of the weight file(s), or a version string for a Python model.
    `crop`: one of `CROPS`. `size`: side of the square crop in pixels. `colour`: `RGB` or `BGR`, the order the network
    wants. `mean`, `std`: per channel on the 0-255 scale, in RGB order, applied as (x - mean) / std. `dimension`: D.
    `threshold`: the shipped one in the comparator's unit, or None. `jitters`: dlib's `num_jitters`. `output`: name of
    the ONNX output used, or "". `norm`: name of the ONNX output that an embedding is multiplied by, or "". `transform`:
    one of `TRANSFORMS`. `licence`, `signature`: shown, not used.
    """

    name: str
    runtime: str
    weights: str
    crop: str
    size: int
    dimension: int
    comparator: Comparator
    threshold: float | None = None
    colour: str = "RGB"
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)
    std: tuple[float, float, float] = (1.0, 1.0, 1.0)
    jitters: int = 1
    output: str = ""
    norm: str = ""
    transform: str = ""
    signature: str = field(default="", compare=False)
    licence: str = field(default="", compare=False)


@dataclass(frozen=True)
class FaceSpec:
    """How the face is found in the image before a model sees it.

    `detector`: `none` (whole image), or all that decides what a detector finds, such as `dlib-hog` or
    `yunet:<sha256>`. `rule`: which of several faces is taken, `main`, `largest`, `central`, `first` or `only`.
    `max_side`: an image whose longer side has more pixels is reduced to it first; None where there was no image.
    `min_face`: the side in pixels, in the image as it was, of the smallest face that was looked for, or None for the
    smallest the detector can find.
    """

    detector: str
    rule: str
    max_side: int | None = None
    min_face: int | None = None


def digest(spec: ModelSpec, faces: FaceSpec) -> str:
    """Return the store key of a model: a hex sha256 over all that decides which vector an image gets.

    The name, the comparator, the shipped threshold and the texts stay out: changing them changes no vector.
    """
    shown_only = {"name", "comparator", "threshold", "signature", "licence"}
    later = {"norm", "transform"}  # where they say nothing, the key is what it was before there were any
    decides = {
        key: value for key, value in asdict(spec).items() if key not in shown_only and (value or key not in later)
    }
    return hashlib.sha256(msgspec.json.encode([decides, asdict(faces)], order="sorted")).hexdigest()
