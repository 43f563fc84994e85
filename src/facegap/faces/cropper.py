"""What a model is shown of an image: find the face, choose it, cut it out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np

from facegap.data.embeddings import Outcome
from facegap.data.spec import CROPS, FaceSpec
from facegap.data.statement import Statement
from facegap.data.weights import SIXTY_EIGHT_POINTS, dlib_weights
from facegap.errors import InputError
from facegap.faces.face import Face, SizedDetector
from facegap.faces.finder import Finder, GivenFinder
from facegap.faces.photo import MAX_SIDE, Photo, as_photo
from facegap.faces.registration import USUAL_DETECTOR, AskedDetector, asked_detector, brought
from facegap.faces.which_face import RULES
from facegap.run.text import either

NO_DETECTOR = "none"

Box = tuple[float, float, float, float]
Cut = Callable[[np.ndarray, Face], np.ndarray]
"""Cuts a face out of an image: (height, width, 3) uint8 and a face to (size, size, 3) uint8."""


@dataclass(frozen=True, eq=False)
class Crop:
    """What a model is shown, or why it is shown nothing.

    `box`: left, top, right, bottom of the face in pixels of the upright original, None where no face was looked for or
    found. `pixels`: (size, size, 3) uint8 RGB, None unless `outcome` is OK. `detail`: the reason, else None.
    """

    outcome: Outcome
    detail: Statement | None
    box: Box | None
    pixels: np.ndarray | None


class FaceCropper:
    """Crops the chosen face to `size` pixels."""

    def __init__(self, finder: Finder | GivenFinder, cut: Cut, size: int) -> None:
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
        return Crop(Outcome.OK, None, found.face.moved(photo.scale).box, pixels)


class WholeCropper:
    """Squeezes the whole image into the square and looks for no face."""

    def __init__(self, size: int) -> None:
        self._size = size

    def crop(self, image: np.ndarray | Photo) -> Crop:
        """Return what the model is shown of a photo, or of an image (height, width, 3) uint8 RGB as it is."""
        from facegap.faces.align import whole

        return Crop(Outcome.OK, None, None, whole(as_photo(image).pixels, self._size))


Cropper = FaceCropper | WholeCropper


def face_spec(
    crop: str,
    *,
    detector: str | None = None,
    rule: str = "main",
    max_side: int = MAX_SIDE,
    min_face: int | None = None,
) -> FaceSpec:
    """Return how faces are found for a model that takes `crop`, one of `CROPS`: the part of the store key.

    Args:
        crop: with `whole`, no face is looked for and only `max_side` matters.
        detector: as `asked_detector` reads it, e.g. `dlib-hog` (None) or `yunet:FILE.onnx`; the spec holds the sha256
            of the file. With `none` the images are faces already, as with `whole`.
        rule: one of `RULES`.
        max_side: images with a longer side in pixels are reduced to it before a face is looked for.
        min_face: for `dlib-hog` alone: the side in pixels, in the image as it was, of the smallest face worth finding;
            the search leaves out what only smaller ones need. None finds all that the detector can.

    Raises:
        InputError: an option is unknown or makes no sense.
        ModelError: the detector's file cannot be read, or is none; or dlib's points are needed and not installed.
    """
    asked = _checked(crop, detector, rule)
    if max_side < 1:
        raise InputError(
            "images cannot be reduced to {max_side:d} pixels: give 1 or more, e.g. {usual:d}",
            max_side=max_side,
            usual=MAX_SIDE,
        )
    if not _looks_for_faces(crop, asked):
        return FaceSpec(NO_DETECTOR, "", max_side)
    _check_min_face(asked, min_face)
    if crop == "arcface-112" and asked.name == USUAL_DETECTOR:
        dlib_weights(SIXTY_EIGHT_POINTS)  # said now, not at the first face
    return FaceSpec(asked.key(), "" if asked.registration.given else rule, max_side, min_face)


def make_finder(
    *, detector: str | None = None, rule: str = "main", min_face: int | None = None
) -> Finder | GivenFinder:
    """Return a finder for one worker; see `face_spec` for the options and the errors."""
    asked = asked_detector(detector)
    _check_min_face(asked, min_face)
    if asked.registration.given:
        return GivenFinder()
    opened = asked.open()
    if min_face is None:
        return Finder(lambda photo: opened.detect(photo.pixels), rule)
    sized = cast("SizedDetector", opened)
    # The reduction of a photo makes its faces smaller too.
    return Finder(lambda photo: sized.detect(photo.pixels, least=min_face / max(photo.scale)), rule)


def make_cut(crop: str, size: int) -> Cut:
    """Return what cuts a found face to `size` pixels; `crop` is `dlib-150`, `arcface-112` or `box`.

    `dlib-150` finds its own landmarks inside the box; `arcface-112` takes the detector's, or dlib's if it gives none;
    `box` needs none.
    """
    if crop == "dlib-150":
        from facegap.faces.dlib_points import DlibChip

        chip = DlibChip()
        return lambda image, face: chip.cut(image, face, size)
    from facegap.faces.align import arcface_crop, boxed

    if crop == "box":
        return lambda image, face: boxed(image, face.box, size)
    return lambda image, face: arcface_crop(image, _landmarks(image, face), size)


def make_croppers(
    crops: Sequence[tuple[str, int]],
    *,
    detector: str | None = None,
    rule: str = "main",
    min_face: int | None = None,
    finder: Finder | GivenFinder | None = None,
) -> list[Cropper]:
    """Return the croppers of one worker, one for each kind of crop and side in pixels; they share one search.

    Call it inside the worker, for what they hold cannot be shared or pickled. See `face_spec` for the options.
    `finder`: made with the same options, to share its search too; by default one is made where it is needed.

    Raises:
        InputError: an option is unknown or makes no sense.
        ModelError: a weight file is missing or damaged.
    """
    croppers: list[Cropper] = []
    for crop, size in crops:
        if not _looks_for_faces(crop, _checked(crop, detector, rule)):
            croppers.append(WholeCropper(size))
            continue
        finder = finder or make_finder(detector=detector, rule=rule, min_face=min_face)
        croppers.append(FaceCropper(finder, make_cut(crop, size), size))
    return croppers


def make_cropper(
    crop: str, size: int, *, detector: str | None = None, rule: str = "main", min_face: int | None = None
) -> Cropper:
    """Return the cropper of one worker to `size` pixels; see `make_croppers`."""
    (cropper,) = make_croppers([(crop, size)], detector=detector, rule=rule, min_face=min_face)
    return cropper


def _landmarks(image: np.ndarray, face: Face) -> np.ndarray:
    if face.landmarks is not None:
        return face.landmarks
    from facegap.faces.dlib_points import five_points

    return five_points(image, face)


def _checked(crop: str, detector: str | None, rule: str) -> AskedDetector:
    if crop not in CROPS:
        raise InputError("unknown crop {crop!r}: choose one of {crops}", crop=crop, crops=", ".join(CROPS))
    asked = asked_detector(detector)
    if rule not in RULES:
        raise InputError(
            "unknown rule {rule!r} for choosing a face: choose one of {rules}", rule=rule, rules=", ".join(RULES)
        )
    return asked


def _looks_for_faces(crop: str, asked: AskedDetector) -> bool:
    return crop != "whole" and asked.searches


def _check_min_face(asked: AskedDetector, min_face: int | None) -> None:
    if min_face is None:
        return
    if min_face < 1:
        raise InputError(
            "a face of {min_face} pixels is none: give the side of the smallest one, e.g. 60", min_face=min_face
        )
    if not asked.registration.least:
        raise InputError(
            "a smallest face is for the detector {detectors}: {reason}, so leave it out",
            detectors=either(name for name, registration in brought() if registration.least),
            reason=asked.registration.no_least,
        )
