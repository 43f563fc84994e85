"""What a model is shown of an image: find the face, choose it, cut it out."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from facegap.embeddings import Outcome
from facegap.errors import InputError
from facegap.faces.choose import RULES, choose
from facegap.faces.face import Detector, Face
from facegap.spec import CROPS, FaceSpec
from facegap.weights import sha256_of_file

HOG = "dlib-hog"
YUNET = "yunet:"
NO_DETECTOR = FaceSpec(detector="none", rule="")

Box = tuple[float, float, float, float]
Cut = Callable[[np.ndarray, Face], np.ndarray]
"""Cuts a face out of an image: (height, width, 3) uint8 and a face to (size, size, 3) uint8."""


@dataclass(frozen=True, eq=False)
class Found:
    """The chosen face of an image, or why there is none: `face` is None unless `outcome` is OK."""

    outcome: Outcome
    detail: str
    face: Face | None


@dataclass(frozen=True, eq=False)
class Crop:
    """What a model is shown, or why it is shown nothing.

    `box`: left, top, right, bottom of the face in pixels of the image, None where no face was looked for or found.
    `pixels`: (size, size, 3) uint8 RGB, None unless `outcome` is OK. `detail`: the reason in words, else "".
    """

    outcome: Outcome
    detail: str
    box: Box | None
    pixels: np.ndarray | None


class Finder:
    """A detector and the rule that chooses among its faces; models that share both can share what it finds."""

    def __init__(self, detector: Detector, rule: str) -> None:
        self._detector = detector
        self._rule = rule

    def find(self, image: np.ndarray) -> Found:
        """Return the chosen face of an image (height, width, 3) uint8 RGB."""
        faces = self._detector.detect(image)
        face = choose(faces, image.shape, self._rule)
        if face is not None:
            return Found(Outcome.OK, "", face)
        if faces:
            return Found(Outcome.SEVERAL_FACES, f"{len(faces)} faces", None)
        height, width = image.shape[:2]
        return Found(Outcome.NO_FACE, f"no face in {width} x {height} pixels", None)


class FaceCropper:
    """Crops the chosen face."""

    def __init__(self, finder: Finder, cut: Cut) -> None:
        self.finder = finder
        self.cut = cut

    def crop(self, image: np.ndarray) -> Crop:
        """Return what the model is shown of an image (height, width, 3) uint8 RGB."""
        found = self.finder.find(image)
        if found.face is None:
            return Crop(found.outcome, found.detail, None, None)
        return Crop(Outcome.OK, "", found.face.box, self.cut(image, found.face))


class WholeCropper:
    """Squeezes the whole image into the square and looks for no face."""

    def __init__(self, size: int) -> None:
        self._size = size

    def crop(self, image: np.ndarray) -> Crop:
        """Return what the model is shown of an image (height, width, 3) uint8 RGB."""
        from facegap.faces.align import whole

        return Crop(Outcome.OK, "", None, whole(image, self._size))


Cropper = FaceCropper | WholeCropper


def face_spec(crop: str, *, detector: str = HOG, rule: str = "main") -> FaceSpec:
    """Return how faces are found for a model that takes `crop`, one of `CROPS`: the part of the store key.

    Args:
        crop: with `whole`, no face is looked for and the rest does not matter.
        detector: `dlib-hog` or `yunet:FILE.onnx`; the spec holds the sha256 of the file.
        rule: one of `RULES`.

    Raises:
        InputError: the crop, the detector or the rule is unknown.
        ModelError: the detector's file cannot be read.
    """
    _check(crop, detector, rule)
    if crop == "whole":
        return NO_DETECTOR
    if detector == HOG:
        return FaceSpec(detector, rule)
    return FaceSpec(YUNET + sha256_of_file(_yunet_file(detector)), rule)


def make_finder(*, detector: str = HOG, rule: str = "main") -> Finder:
    """Return a finder for one worker; see `face_spec` for the options and the errors."""
    if detector == HOG:
        from facegap.faces.hog import HogDetector

        return Finder(HogDetector(), rule)
    from facegap.faces.yunet import YuNetDetector

    return Finder(YuNetDetector(_yunet_file(detector)), rule)


def make_cut(crop: str, size: int, *, detector: str = HOG) -> Cut:
    """Return what cuts a found face to `size` pixels; `crop` is `dlib-150` or `arcface-112`.

    `dlib-150` finds its own landmarks inside the box; `arcface-112` takes the detector's, or dlib's for `dlib-hog`.
    """
    if crop == "dlib-150":
        from facegap.faces.hog import DlibChip

        chip = DlibChip()
        return lambda image, face: chip.cut(image, face, size)
    from facegap.faces.align import arcface_crop

    landmarks = _own_landmarks
    if detector == HOG:
        from facegap.faces.hog import DlibLandmarks

        landmarks = DlibLandmarks().predict
    return lambda image, face: arcface_crop(image, landmarks(image, face), size)


def make_cropper(crop: str, size: int, *, detector: str = HOG, rule: str = "main") -> Cropper:
    """Return the cropper of one worker: call it inside the worker, for what it holds cannot be shared or pickled.

    Args:
        crop: one of `CROPS`.
        size: side of the crop in pixels.
        detector: see `face_spec`.
        rule: see `face_spec`.

    Raises:
        InputError: the crop, the detector or the rule is unknown.
        ModelError: a weight file is missing or damaged.
    """
    _check(crop, detector, rule)
    if crop == "whole":
        return WholeCropper(size)
    return FaceCropper(make_finder(detector=detector, rule=rule), make_cut(crop, size, detector=detector))


def _own_landmarks(_: np.ndarray, face: Face) -> np.ndarray:
    assert face.landmarks is not None
    return face.landmarks


def _check(crop: str, detector: str, rule: str) -> None:
    if crop not in CROPS:
        raise InputError(f"unknown crop {crop!r}: choose one of {', '.join(CROPS)}")
    if detector != HOG and not detector.startswith(YUNET):
        raise InputError(f"unknown detector {detector!r}: choose {HOG} or {YUNET}FILE.onnx")
    if rule not in RULES:
        raise InputError(f"unknown rule {rule!r} for choosing a face: choose one of {', '.join(RULES)}")


def _yunet_file(detector: str) -> Path:
    return Path(detector.removeprefix(YUNET))
