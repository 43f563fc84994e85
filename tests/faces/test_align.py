"""Alignment against other ways to the same transform."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from facegap.faces.align import ARCFACE_TEMPLATE, arcface_crop, boxed, umeyama, whole


def by_least_squares(points: np.ndarray, template: np.ndarray) -> np.ndarray:
    """x' = a x - b y + p, y' = b x + a y + q is linear in a, b, p, q; a similarity without reflection is just that."""
    ones, zeros = np.ones(len(points)), np.zeros(len(points))
    x, y = points.T
    rows = np.vstack([np.column_stack([x, -y, ones, zeros]), np.column_stack([y, x, zeros, ones])])
    a, b, p, q = np.linalg.lstsq(rows, template.T.ravel(), rcond=None)[0]
    return np.array([[a, -b, p], [b, a, q]])


@given(st.integers(0, 2**32 - 1), st.integers(3, 9))
def test_umeyama_equals_linear_least_squares(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    points, template = rng.normal(50, 20, (n, 2)), rng.normal(50, 20, (n, 2))
    np.testing.assert_allclose(umeyama(points, template), by_least_squares(points, template), atol=1e-7)


@given(st.floats(0.1, 10), st.floats(-np.pi, np.pi), st.tuples(st.floats(-500, 500), st.floats(-500, 500)))
def test_umeyama_recovers_a_similarity(scale: float, angle: float, shift: tuple[float, float]) -> None:
    cos, sin = scale * np.cos(angle), scale * np.sin(angle)
    expected = np.array([[cos, -sin, shift[0]], [sin, cos, shift[1]]])
    moved = ARCFACE_TEMPLATE @ expected[:, :2].T + expected[:, 2]
    np.testing.assert_allclose(umeyama(ARCFACE_TEMPLATE, moved), expected, atol=1e-8)


def test_umeyama_never_reflects() -> None:
    mirrored = ARCFACE_TEMPLATE * [-1, 1]
    transform = umeyama(mirrored, ARCFACE_TEMPLATE)
    assert np.linalg.det(transform[:, :2]) > 0
    np.testing.assert_allclose(transform, by_least_squares(mirrored, ARCFACE_TEMPLATE), atol=1e-9)


@pytest.mark.parametrize("size", [112, 224])
def test_landmarks_land_on_the_template(size: int) -> None:
    angle, image = 0.4, np.zeros((400, 500, 3), np.uint8)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    landmarks = (1.7 * ARCFACE_TEMPLATE @ turn.T + [150, 60]).astype(np.float32)
    for colour, (x, y) in enumerate(np.rint(landmarks).astype(int)):
        image[y - 3 : y + 4, x - 3 : x + 4] = 50 * (colour + 1)
    crop = arcface_crop(image, landmarks, size)
    assert (crop.shape, crop.dtype) == ((size, size, 3), np.uint8)
    at_template = np.rint(ARCFACE_TEMPLATE * size / 112).astype(int)
    assert [crop[y, x, 0] for x, y in at_template] == [50, 100, 150, 200, 250]


def test_the_template_itself_is_left_alone() -> None:
    image = np.random.default_rng(1).integers(0, 256, (112, 112, 3), dtype=np.uint8)
    np.testing.assert_allclose(arcface_crop(image, ARCFACE_TEMPLATE).astype(int), image, atol=1)


def test_black_beyond_the_image() -> None:
    crop = arcface_crop(np.full((50, 112, 3), 255, np.uint8), ARCFACE_TEMPLATE)
    assert (crop[:49] >= 254).all()
    assert (crop[51:] == 0).all()


@pytest.mark.parametrize("points", [np.full((5, 2), 30.0), np.full((5, 2), np.nan)])
def test_landmarks_that_are_one_point_or_no_numbers_show_nothing(points: np.ndarray) -> None:
    assert not arcface_crop(np.full((50, 112, 3), 255, np.uint8), points).any()


@pytest.mark.parametrize("moved", [(0, 0), (-60, 20), (40, 90), (400, 0)])
@pytest.mark.parametrize("factor", [0.4, 1.0, 2.7])
def test_a_crop_is_what_opencv_makes_of_the_same_transform(factor: float, moved: tuple[int, int]) -> None:
    """Within, at the edge of, and beyond the image; OpenCV is what users of ArcFace models crop with."""
    rng = np.random.default_rng(3)
    image = rng.integers(0, 256, (150, 170, 3), dtype=np.uint8)
    landmarks = (factor * ARCFACE_TEMPLATE + rng.normal(0, 2, (5, 2)) + moved).astype(np.float32)
    expected = cv2.warpAffine(image, umeyama(landmarks, ARCFACE_TEMPLATE), (112, 112), flags=cv2.INTER_LINEAR)
    np.testing.assert_allclose(arcface_crop(image, landmarks).astype(int), expected, atol=1)


def test_whole_is_pillows_bilinear_resize() -> None:
    image = np.random.default_rng(2).integers(0, 256, (300, 180, 3), dtype=np.uint8)
    expected = np.asarray(Image.fromarray(image).resize((224, 224), Image.Resampling.BILINEAR))
    np.testing.assert_array_equal(whole(image, 224), expected)


def test_whole_averages_where_it_shrinks() -> None:
    stripes = np.zeros((256, 256, 3), np.uint8)
    stripes[:, ::2] = 255
    inner = whole(stripes, 32)[:, 2:-2]
    assert inner.min() > 120
    assert inner.max() < 135


def test_a_box_is_cut_out_and_resized_as_facenet_pytorch_does() -> None:
    image = np.random.default_rng(2).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    expected = Image.fromarray(image).crop((10, 5, 40, 38)).resize((16, 16), Image.Resampling.BILINEAR)
    np.testing.assert_array_equal(boxed(image, (10.7, 5.2, 40.9, 38.1), 16), np.asarray(expected))


@pytest.mark.parametrize("box", [(-9.0, -5.0, 90.0, 70.0), (70.0, 50.0, 80.0, 60.0), (-20.0, -20.0, -10.0, -10.0)])
def test_a_box_may_lie_beyond_the_image(box: tuple[float, float, float, float]) -> None:
    image = np.random.default_rng(2).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    crop = boxed(image, box, 16)
    assert crop.shape == (16, 16, 3)
    if box[0] < 0 < box[2]:
        np.testing.assert_array_equal(crop, whole(image, 16))
