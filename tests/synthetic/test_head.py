import dataclasses
import math

import numpy as np
import pytest

from facegap.synthetic.head import DEPTH, Solid, View
from facegap.synthetic.identity import draw_identity
from facegap.synthetic.relief import Relief
from facegap.synthetic.shot import Shot, draw_shot

SUBJECT = draw_identity(np.random.default_rng(1), spread=0.8)


def shot(**changes: float) -> Shot:
    frontal = {"yaw": 0.0, "pitch": 0.0, "roll": 0.0, "shift_x": 0.0, "shift_y": 0.0, "zoom": 1.0}
    return dataclasses.replace(draw_shot(np.random.default_rng(2)), **(frontal | changes))


def test_every_point_seen_lies_on_the_head() -> None:
    head, view = Solid(SUBJECT.shape), View.of(shot(yaw=0.25), 128)
    at = head.seen(view)
    width, depth = head.axes(at.y)
    np.testing.assert_allclose((at.x / width) ** 2 + (at.z / depth) ** 2, 1.0, atol=1e-3)


@pytest.mark.parametrize("pitch", [-0.19, 0.0, 0.19])
def test_points_project_back_to_the_pixel_that_sees_them(pitch: float) -> None:
    tilted = shot(yaw=-0.3, pitch=pitch)
    view = View.of(tilted, 128)
    at = Solid(SUBJECT.shape).seen(view, Relief(SUBJECT.shape, tilted))
    for point in range(0, len(at.pixels), 97):
        x, y = view.project(float(at.x[point]), float(at.y[point]), float(at.z[point]))
        assert x == pytest.approx(float(view.x[at.pixels[point]]), abs=0.02)
        assert y == pytest.approx(float(view.y[at.pixels[point]]), abs=0.02)


def test_the_middle_of_a_frontal_face_is_the_tip_of_the_nose() -> None:
    frontal = shot()
    at = Solid(SUBJECT.shape).seen(View.of(frontal, 128), Relief(SUBJECT.shape, frontal))
    nearest = np.argmax(at.z)
    assert abs(at.x[nearest]) < 0.05
    assert at.y[nearest] == pytest.approx(SUBJECT.shape.nose_y, abs=0.1)
    assert at.z[nearest] > DEPTH


def test_normals_are_unit_vectors_towards_the_viewer() -> None:
    frontal = shot()
    relief, head = Relief(SUBJECT.shape, frontal), Solid(SUBJECT.shape)
    at = head.seen(View.of(frontal, 128), relief)
    normals = head.normals(at, relief)
    np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1.0, atol=1e-4)
    assert (normals[:, 2] > 0.0).all()
    cheek = np.argmin((at.x - 0.6) ** 2 + (at.y - 0.3) ** 2)
    assert normals[cheek, 0] > 0.2


def test_directions_turn_against_the_head() -> None:
    view = View.of(shot(yaw=0.4, pitch=-0.2), 64)
    nose = (math.sin(0.4), math.cos(0.4) * math.sin(-0.2), math.cos(0.4) * math.cos(-0.2))
    assert view.to_head(*nose) == pytest.approx((0.0, 0.0, 1.0), abs=1e-6)
