import dataclasses

import numpy as np
import pytest

from facegap.synthetic import Identity, draw_identity
from facegap.synthetic.identity import CLIP, Complexion, HairStyle, Shape


def drawn(*, spread: float, geometry_spread: float | None = None, seed: int = 3) -> Identity:
    return draw_identity(np.random.default_rng(seed), spread=spread, geometry_spread=geometry_spread)


def test_no_spread_gives_the_mean_face() -> None:
    subject = drawn(spread=0.0)
    for part in (subject.shape, subject.complexion, subject.hair):
        for parameter in dataclasses.fields(part):
            assert getattr(part, parameter.name) == parameter.metadata["mean"]
    assert subject.moles == ()


def test_spread_scales_the_distance_from_the_mean() -> None:
    wide, narrow, mean = (drawn(spread=spread).shape for spread in (0.8, 0.4, 0.0))
    for parameter in dataclasses.fields(Shape):
        far, near, centre = (getattr(shape, parameter.name) for shape in (wide, narrow, mean))
        assert far - centre == pytest.approx(2 * (near - centre))


def test_geometry_spread_leaves_colour_and_hair_alone() -> None:
    general, hard = drawn(spread=0.8), drawn(spread=0.8, geometry_spread=0.5)
    assert general.shape != hard.shape
    assert dataclasses.replace(general, shape=hard.shape) == hard


def test_geometry_spread_defaults_to_spread() -> None:
    assert drawn(spread=0.7) == drawn(spread=0.7, geometry_spread=0.7)


def test_values_stay_within_the_clip() -> None:
    rng = np.random.default_rng(0)
    subjects = [draw_identity(rng, spread=1.0) for _ in range(300)]
    for kind, name in ((Shape, "shape"), (Complexion, "complexion"), (HairStyle, "hair")):
        for parameter in dataclasses.fields(kind):
            values = np.array([getattr(getattr(subject, name), parameter.name) for subject in subjects])
            z = (values - parameter.metadata["mean"]) / parameter.metadata["sd"]
            assert np.abs(z).max() <= CLIP + 1e-9
            assert 0.8 < z.std() < 1.1


def test_parameters_are_python_floats_so_that_pictures_stay_float32() -> None:
    subject = drawn(spread=0.8)
    for part in (subject.shape, subject.complexion, subject.hair, *subject.moles):
        assert {type(value) for value in dataclasses.astuple(part)} == {float}
