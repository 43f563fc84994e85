"""The conformance suites must fail what is broken."""

from collections.abc import Callable
from dataclasses import replace
from typing import cast

import numpy as np
import pytest

from facegap.data.comparator import Comparator
from facegap.data.spec import ModelSpec
from facegap.faces import Face
from facegap.testing import check_detector, check_embedder

SPEC = ModelSpec("mine", "python", "v1", "whole", 8, 3, Comparator.COSINE)


class Embedder:
    """A model that is broken in one way, or in none."""

    def __init__(self, embed: Callable[[np.ndarray], object], spec: object = SPEC) -> None:
        self.spec = spec
        self.embed = embed


def sound(crops: np.ndarray) -> np.ndarray:
    return crops.mean(axis=(1, 2)).astype(np.float32) if len(crops) else np.empty((0, 3), np.float32)


def changing(crops: np.ndarray) -> np.ndarray:
    changing.calls = getattr(changing, "calls", 0) + 1
    return sound(crops) + np.float32(changing.calls)


def in_place(crops: np.ndarray) -> np.ndarray:
    crops[:] = crops[:, ::-1].copy()
    return sound(crops)


BUFFER = np.empty((5, 3), np.float32)


def one_buffer(crops: np.ndarray) -> np.ndarray:
    BUFFER[: len(crops)] = sound(crops)
    return BUFFER[: len(crops)]


def test_a_sound_embedder_passes() -> None:
    check_embedder(Embedder(sound))
    check_embedder(Embedder(sound), crops=np.random.default_rng(1).integers(0, 256, (2, 8, 8, 3), dtype=np.uint8))


@pytest.mark.parametrize(
    ("embed", "message"),
    [
        (lambda crops: sound(crops).tolist(), "returned a list, expected a numpy array"),
        (lambda crops: sound(crops)[:, :2], r"gave shape \(5, 2\), expected \(5, 3\)"),
        (lambda crops: sound(crops).astype(np.float64), "are float64, expected float32"),
        (lambda crops: sound(crops) * np.float32(np.nan), "NaN or infinity"),
        (changing, "gave other embeddings the second time"),
        (one_buffer, "a later call changed an earlier result"),
        (lambda crops: sound(crops) + np.arange(len(crops), dtype=np.float32)[:, None], "its place in the batch"),
        (lambda crops: sound(crops) - sound(crops).sum(axis=0), "depends on the other crops"),
        (lambda crops: sound(crops) if len(crops) else np.empty((0, 4), np.float32), r"0 crops gave shape \(0, 4\)"),
        (in_place, "changed in place"),
        (lambda crops: np.ones((len(crops), 3), np.float32), "all gave the same embedding"),
    ],
)
def test_broken_embedders_fail(embed: Callable[[np.ndarray], object], message: str) -> None:
    with pytest.raises(AssertionError, match=message):
        check_embedder(Embedder(embed))


def test_broken_specs_fail() -> None:
    with pytest.raises(AssertionError, match="spec is a dict, expected a ModelSpec"):
        check_embedder(Embedder(sound, {"crop": "whole"}))
    with pytest.raises(AssertionError, match=r"spec\.crop is 'tight'"):
        check_embedder(Embedder(sound, replace(SPEC, crop="tight")))


class Bright:
    """Finds the bright rectangle in a dark image, and makes of it what it was told."""

    def __init__(self, report: Callable[[Face], object] = lambda face: face) -> None:
        self._report = report

    def detect(self, image: np.ndarray) -> list:
        rows, columns = np.nonzero(image[..., 0] > 128)
        if not len(rows):
            return []
        box = (float(columns.min()), float(rows.min()), float(columns.max() + 1), float(rows.max() + 1))
        where = np.array([[0.2, 0.3], [0.8, 0.3], [0.5, 0.6], [0.3, 0.8], [0.7, 0.8]])
        points = (where * [box[2] - box[0], box[3] - box[1]] + box[:2]).astype(np.float32)
        return [self._report(Face(box, 1.0, points))]


class Forgetful(Bright):
    """Finds a face only the first time."""

    seen = 0

    def detect(self, image: np.ndarray) -> list:
        self.seen += 1
        return super().detect(image) if self.seen <= 2 else []


class Stuck(Bright):
    """Always tells of the first image."""

    first: list | None = None

    def detect(self, image: np.ndarray) -> list:
        self.first = self.first or super().detect(image)
        return self.first


class Lazy(Bright):
    """Returns no list."""

    def detect(self, image: np.ndarray) -> list:
        return cast("list", tuple(super().detect(image)))


def images() -> list[np.ndarray]:
    dark, lit = np.zeros((90, 120, 3), np.uint8), np.zeros((90, 120, 3), np.uint8)
    lit[20:70, 30:60] = 255
    return [dark, lit]


def test_a_sound_detector_passes() -> None:
    check_detector(Bright(), images())
    check_detector(Bright(lambda face: Face(face.box, face.confidence)), images())


def swapped(face: Face) -> Face:
    left, top, right, bottom = face.box
    return Face((top, left, bottom, right), 1.0)


@pytest.mark.parametrize(
    ("detector", "message"),
    [
        (Bright(lambda face: face.box), "gave a tuple, expected a Face"),
        (Bright(lambda face: Face((*face.box[:2], 30.0, 50.0), 1.0)), "is not left, top, right, bottom"),
        (Bright(lambda face: Face((200.0, 20.0, 230.0, 50.0), 1.0)), "of something in the image"),
        (Bright(lambda face: Face(face.box, float("nan"))), "NaN or infinity"),
        (Bright(lambda face: Face(face.box, 1.0, face.landmarks[:4])), r"are not \(5, 2\) float32"),
        (Bright(lambda face: Face(face.box, 1.0, face.landmarks[[1, 0, 2, 3, 4]])), "right eye are swapped"),
        (Bright(lambda face: Face(face.box, 1.0, face.landmarks[[0, 1, 2, 4, 3]])), "corner of the mouth are swapped"),
        (Bright(lambda face: Face(face.box, 1.0, face.landmarks[[3, 4, 2, 0, 1]])), "eyes are not above the mouth"),
        (Bright(swapped), "the image moved right by 40 pixels, but no box moved"),
        (Forgetful(), "other faces the second time"),
        (Stuck(), "the image moved right"),
        (Lazy(), "returned a tuple, expected a list"),
    ],
)
def test_broken_detectors_fail(detector: Bright, message: str) -> None:
    with pytest.raises(AssertionError, match=message):
        check_detector(detector, images()[::-1])


def test_images_without_faces_prove_nothing() -> None:
    with pytest.raises(AssertionError, match="give images with faces"):
        check_detector(Bright(), images()[:1])
