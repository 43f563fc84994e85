"""What a model is shown of an image: find the face, choose it, cut it out."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from facegap.data.embeddings import Outcome
from facegap.data.spec import CROPS, FaceSpec
from facegap.data.weights import sha256_of_file
from facegap.errors import InputError
from facegap.faces.face import Face
from facegap.faces.photo import MAX_SIDE, Photo, as_photo
from facegap.faces.which_face import RULES, choose

HOG = "dlib-hog"
YUNET = "yunet:"
NO_DETECTOR = "none"

Box = tuple[float, float, float, float]
Search = Callable[[Photo], list[Face]]
"""Finds faces in the pixels of a photo, as `Detector.detect` does."""

Cut = Callable[[np.ndarray, Face], np.ndarray]
"""Cuts a face out of an image: (height, width, 3) uint8 and a face to (size, size, 3) uint8."""


@dataclass(frozen=True, eq=False)
class Found:
    """The chosen face in the pixels of a photo, or why there is none: `face` is None unless `outcome` is OK."""

    outcome: Outcome
    detail: str
    face: Face | None


@dataclass(frozen=True, eq=False)
class Crop:
    """What a model is shown, or why it is shown nothing.

    `box`: left, top, right, bottom of the face in pixels of the upright original, None where no face was looked for or
    found. `pixels`: (size, size, 3) uint8 RGB, None unless `outcome` is OK. `detail`: the reason in words, else "".
    """

    outcome: Outcome
    detail: str
    box: Box | None
    pixels: np.ndarray | None


class Finder:
    """A search and the rule that chooses among its faces; models that share both share what it finds.

    It remembers the last photo, so croppers that ask one after another search it once.
    """

    def __init__(self, search: Search, rule: str) -> None:
        self._search = search
        self._rule = rule
        self._last: tuple[Photo, Found] | None = None

    def find(self, photo: Photo) -> Found:
        """Return the chosen face of a photo."""
        if self._last is None or self._last[0] is not photo:
            self._last = photo, self._find(photo)
        return self._last[1]

    def _find(self, photo: Photo) -> Found:
        faces = self._search(photo)
        height, width = photo.pixels.shape[:2]
        face = choose(faces, (height, width), self._rule)
        if face is not None:
            return Found(Outcome.OK, "", face)
        if faces:
            return Found(Outcome.SEVERAL_FACES, f"{len(faces)} faces", None)
        reduced = f", searched at {width} x {height}" if photo.data else ""
        return Found(Outcome.NO_FACE, f"no face in {photo.width} x {photo.height} pixels{reduced}", None)


class FaceCropper:
    """Crops the chosen face to `size` pixels."""

    def __init__(self, finder: Finder, cut: Cut, size: int) -> None:
        self._finder = finder
        self._cut = cut
        self._size = size

    def crop(self, image: np.ndarray | Photo) -> Crop:
        """Return what the model is shown of a photo, or of an image (height, width, 3) uint8 RGB as it is.

        Raises:
            Unreadable: the photo's file is damaged.
        """
        photo = as_photo(image)
        found = self._finder.find(photo)
        if found.face is None:
            return Crop(found.outcome, found.detail, None, None)
        pixels = self._cut(*photo.closer(found.face, self._size))
        return Crop(Outcome.OK, "", found.face.moved(photo.scale).box, pixels)


class WholeCropper:
    """Squeezes the whole image into the square and looks for no face."""

    def __init__(self, size: int) -> None:
        self._size = size

    def crop(self, image: np.ndarray | Photo) -> Crop:
        """Return what the model is shown of a photo, or of an image (height, width, 3) uint8 RGB as it is."""
        from facegap.faces.align import whole

        return Crop(Outcome.OK, "", None, whole(as_photo(image).pixels, self._size))


Cropper = FaceCropper | WholeCropper


def face_spec(
    crop: str,
    *,
    detector: str = HOG,
    rule: str = "main",
    max_side: int = MAX_SIDE,
    min_face: int | None = None,
) -> FaceSpec:
    """Return how faces are found for a model that takes `crop`, one of `CROPS`: the part of the store key.

    Args:
        crop: with `whole`, no face is looked for and only `max_side` matters.
        detector: `dlib-hog` or `yunet:FILE.onnx`; the spec holds the sha256 of the file.
        rule: one of `RULES`.
        max_side: images with a longer side in pixels are reduced to it before a face is looked for.
        min_face: for `dlib-hog` alone: the side in pixels, in the image as it was, of the smallest face worth finding;
            the search leaves out what only smaller ones need. None finds all that the detector can.

    Raises:
        InputError: an option is unknown or makes no sense.
        ModelError: the detector's file cannot be read, or is none.
    """
    _check(crop, detector, rule)
    if max_side < 1:
        raise InputError(f"images cannot be reduced to {max_side} pixels: give 1 or more, e.g. {MAX_SIDE}")
    if crop == "whole":
        return FaceSpec(NO_DETECTOR, "", max_side)
    _check_min_face(detector, min_face)
    if detector == HOG:
        return FaceSpec(detector, rule, max_side, min_face)
    return FaceSpec(YUNET + _tried_yunet(detector), rule, max_side)


def make_finder(*, detector: str = HOG, rule: str = "main", min_face: int | None = None) -> Finder:
    """Return a finder for one worker; see `face_spec` for the options and the errors."""
    _check_min_face(detector, min_face)
    if detector == HOG:
        from facegap.faces.detectors.hog import HogDetector

        hog = HogDetector()
        # The reduction of a photo makes its faces smaller too.
        return Finder(lambda photo: hog.detect(photo.pixels, least=(min_face or 0) / max(photo.scale)), rule)
    from facegap.faces.detectors.yunet import YuNetDetector

    _tried_yunet(detector)
    yunet = YuNetDetector(_yunet_file(detector))
    return Finder(lambda photo: yunet.detect(photo.pixels), rule)


def make_cut(crop: str, size: int, *, detector: str = HOG) -> Cut:
    """Return what cuts a found face to `size` pixels; `crop` is `dlib-150` or `arcface-112`.

    `dlib-150` finds its own landmarks inside the box; `arcface-112` takes the detector's, or dlib's for `dlib-hog`.
    """
    if crop == "dlib-150":
        from facegap.faces.detectors.hog import DlibChip

        chip = DlibChip()
        return lambda image, face: chip.cut(image, face, size)
    from facegap.faces.align import arcface_crop

    landmarks = _own_landmarks
    if detector == HOG:
        from facegap.faces.detectors.hog import DlibLandmarks

        landmarks = DlibLandmarks().predict
    return lambda image, face: arcface_crop(image, landmarks(image, face), size)


def make_cropper(
    crop: str,
    size: int,
    *,
    detector: str = HOG,
    rule: str = "main",
    min_face: int | None = None,
    finder: Finder | None = None,
) -> Cropper:
    """Return the cropper of one worker: call it inside the worker, for what it holds cannot be shared or pickled.

    Args:
        crop: one of `CROPS`.
        size: side of the crop in pixels.
        detector: see `face_spec`.
        rule: see `face_spec`.
        min_face: see `face_spec`.
        finder: what `make_finder` made of the same options, where croppers are to share it.

    Raises:
        InputError: an option is unknown or makes no sense.
        ModelError: a weight file is missing or damaged.
    """
    _check(crop, detector, rule)
    if crop == "whole":
        return WholeCropper(size)
    finder = finder or make_finder(detector=detector, rule=rule, min_face=min_face)
    return FaceCropper(finder, make_cut(crop, size, detector=detector), size)


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


def _check_min_face(detector: str, min_face: int | None) -> None:
    if min_face is None:
        return
    if min_face < 1:
        raise InputError(f"a face of {min_face} pixels is none: give the side of the smallest one, e.g. 60")
    if detector != HOG:
        raise InputError(f"a smallest face is for the detector {HOG}: YuNet sees all sizes at once, so leave it out")


def _tried_yunet(detector: str) -> str:
    """Return the sha256 of a detector's file, which was tried in a process of its own."""
    from facegap.faces.detectors.yunet import try_yunet

    path = _yunet_file(detector)
    sha256 = sha256_of_file(path)
    try_yunet(path, sha256)
    return sha256


def _yunet_file(detector: str) -> Path:
    return Path(detector.removeprefix(YUNET))
