"""Measures against images of which it is known how they were made."""

import io
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image, ImageFilter

from facegap.measures import SIDE, Seen, face_crop, image_measures
from facegap.measures.pose import STANDARD_FACE, pose, rotation
from measures.made import measured, opened, photo, saved

BY_NAME = {one.name: one for one in image_measures()}


def seen(face: np.ndarray, **known) -> Seen:
    return Seen(SIDE, SIDE, face, **known)


def flat(*colour: int) -> np.ndarray:
    return np.broadcast_to(np.array(colour, np.uint8), (SIDE, SIDE, 3)).copy()


@pytest.mark.parametrize("turned", [(0, 0, 0), (25, 0, 0), (0, -15, 0), (0, 0, 40), (35, 10, -20), (-60, 5, 10)])
def test_pose_finds_the_angles_by_which_the_standard_face_was_turned(turned):
    points = STANDARD_FACE @ rotation(*np.radians(turned)).T
    for scale, shift in ((1.0, 0.0), (13.0, 200.0)):
        assert pose(points[:, :2] * scale + shift) == pytest.approx(turned, abs=1e-3)


def test_a_head_that_is_not_tilted_is_turned_all_the_same():
    level = np.array([[103, 114], [145, 113], [122, 140], [106, 155], [145, 156]], float)  # a face of dlib's points
    tilted = level.copy()
    tilted[1, 1] += 1e-3
    assert pose(level) == pytest.approx(pose(tilted), abs=0.1)
    assert abs(pose(level)[1]) > 5


def test_pose_of_landmarks_in_one_point_is_not_known():
    assert np.isnan(pose(np.full((5, 2), 7.0))).all()


def test_a_face_turned_by_the_renderer_has_its_yaw_and_roll():
    angles = np.array([-20, -10, 0, 10, 20])
    yaw = [measured(photo(yaw=np.radians(angle)))["yaw"] for angle in angles]
    assert 0.3 < np.polyfit(angles, yaw, 1)[0] < 1.2  # drawn noses are flat, and dlib sees less of their turn
    assert np.corrcoef(angles, yaw)[0, 1] > 0.97
    roll = [measured(photo(roll=np.radians(angle)))["roll"] for angle in (-12, 0, 12)]
    assert abs(np.diff(roll)) == pytest.approx([12, 12], abs=3)


def test_the_more_a_face_was_blurred_the_less_sharp_it_is():
    picture = Image.fromarray(opened(photo(blur=0.3)))
    sharpness = [measured(saved(np.array(picture.filter(ImageFilter.GaussianBlur(s)))))["sharpness"] for s in range(4)]
    assert all(a > 2 * b for a, b in pairwise(sharpness))


def test_sharpness_of_waves_is_that_of_the_laplacian_of_a_wave():
    frequency = 2 * np.pi * 8 / SIDE
    wave = 128 + 100 * np.sin(frequency * np.arange(SIDE))
    face = np.repeat(np.broadcast_to(wave, (SIDE, SIDE))[..., None], 3, axis=2).round().astype(np.uint8)
    expected = (100 * (2 - 2 * np.cos(frequency))) ** 2 / 2
    assert BY_NAME["sharpness"].of(seen(face)) == pytest.approx(expected, rel=0.02)
    assert BY_NAME["sharpness"].of(seen(flat(9, 9, 9))) == pytest.approx(0, abs=1e-9)


def test_the_eyes_of_a_photo_twice_as_large_are_twice_as_far_apart():
    small, large = (measured(photo(size=size))["eye_distance"] for size in (160, 320))
    assert large / small == pytest.approx(2, rel=0.1)


def test_the_eyes_of_a_head_that_is_turned_are_no_nearer_to_each_other():
    def distance(*angles: float) -> float:
        points = (STANDARD_FACE @ rotation(*np.radians(angles)).T)[:, :2] * 6
        return BY_NAME["eye_distance"].of(seen(flat(0, 0, 0), landmarks=points))

    front = distance(0, 0, 0)
    assert distance(40, 0, 0) == pytest.approx(front, rel=1e-3)
    assert distance(-40, 10, 15) == pytest.approx(front, rel=0.05)
    assert np.isfinite(distance(89, 0, 0))


def test_a_photo_that_was_reduced_for_the_search_is_measured_as_it_was():
    data = photo(size=640)
    whole, reduced = (measured(data, max_side=side) for side in (2048, 128))
    assert reduced["eye_distance"] == pytest.approx(whole["eye_distance"], rel=0.1)
    assert reduced["sharpness"] == pytest.approx(whole["sharpness"], rel=0.5)


@pytest.mark.parametrize("quality", [1, 10, 35, 50, 75, 92, 100])
def test_jpeg_quality_is_the_one_that_the_file_was_saved_with(quality):
    tables = Image.open(io.BytesIO(saved(flat(9, 99, 9), "JPEG", quality=quality))).quantization
    assert BY_NAME["jpeg_quality"].of(seen(flat(0, 0, 0), quantisation=tables)) == quality


def test_a_worker_reads_the_tables_of_the_file():
    assert measured(photo(jpeg_quality=62))["jpeg_quality"] == 62


def test_other_files_have_no_jpeg_quality():
    assert np.isnan(measured(saved(opened(photo())))["jpeg_quality"])


def test_light_of_known_pixels():
    half = flat(255, 255, 255)
    half[: SIDE // 2] = 0
    of = {name: BY_NAME[name].of(seen(half)) for name in ("brightness", "contrast", "over_exposed", "under_exposed")}
    assert of == pytest.approx({"brightness": 0.5, "contrast": 0.5, "over_exposed": 0.5, "under_exposed": 0.5})
    assert BY_NAME["brightness"].of(seen(flat(51, 51, 51))) == pytest.approx(0.2)


def test_grey_has_no_colour():
    assert BY_NAME["colourfulness"].of(seen(flat(80, 80, 80))) == 0
    assert BY_NAME["colourfulness"].of(seen(flat(200, 40, 90))) > 30


def test_the_share_of_a_face_outside_its_image():
    def outside(*box: float) -> float:
        return BY_NAME["outside"].of(seen(flat(0, 0, 0), box=box))

    assert outside(10, 10, 50, 50) == 0
    assert outside(-20, 10, 20, 50) == pytest.approx(0.5)
    assert outside(SIDE - 10, SIDE - 10, SIDE + 10, SIDE + 10) == pytest.approx(0.75)
    assert outside(-30, 0, -10, 20) == 1


def test_every_value_of_a_photo_lies_in_its_range():
    for name, value in measured(photo(3)).items():
        assert BY_NAME[name].low <= value <= BY_NAME[name].high, name


def test_a_crop_has_the_same_scale_whatever_the_size_of_the_face():
    points = (STANDARD_FACE[:, :2] + 8) * 6
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (120, 120, 3), dtype=np.uint8))
    pixels = np.array(noise.filter(ImageFilter.GaussianBlur(3)))
    for factor in (1, 3):
        picture = np.array(Image.fromarray(pixels).resize((120 * factor, 120 * factor), Image.Resampling.BILINEAR))
        crop = face_crop(picture, None, points * factor).astype(float)
        assert crop.shape == (SIDE, SIDE, 3)
        if factor == 1:
            first = crop
    assert np.abs(crop - first).mean() < 2 < first.std()
