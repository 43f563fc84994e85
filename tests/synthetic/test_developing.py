from dataclasses import replace

import numpy as np
import pytest

from facegap.synthetic import developing, draw_identity, render
from facegap.synthetic.camera import photograph
from facegap.synthetic.fields import Field
from facegap.synthetic.shot import Shot


def test_render_gives_an_rgb_image_of_the_size_asked_for() -> None:
    rng = np.random.default_rng(0)
    image = render(draw_identity(rng), rng, size=96)
    assert image.shape == (96, 96, 3)
    assert image.dtype == np.uint8
    assert image.std() > 10


def test_render_is_determined_by_identity_and_generator() -> None:
    subject = draw_identity(np.random.default_rng(5))
    first, second, other = (render(subject, np.random.default_rng(seed), size=96) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, second)
    assert (first != other).any()


@pytest.mark.parametrize("seed", range(8))
def test_pictures_are_float32_throughout(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[np.dtype] = []

    def spy(picture: Field, brightness: float, shot: Shot, rng: np.random.Generator) -> bytes:
        seen.append(picture.dtype)
        return photograph(picture, brightness, shot, rng)

    def checked(function):
        def inner(*args):
            result = function(*args)
            seen.append(result.dtype)
            return result

        return inner

    monkeypatch.setattr(developing, "photograph", spy)
    for name in ("paint_skin", "paint_features", "occlusion", "lambert", "gloss", "hairline", "skin_colour"):
        monkeypatch.setattr(developing, name, checked(getattr(developing, name)))
    rng = np.random.default_rng(seed)
    render(draw_identity(rng, spread=1.2), rng, size=96)
    assert len(seen) >= 8
    assert set(seen) == {np.dtype(np.float32)}


def test_darker_skin_gives_a_darker_picture_and_no_hair_lighter_than_the_face() -> None:
    subject = draw_identity(np.random.default_rng(7))
    dark, light = (
        replace(subject, complexion=replace(subject.complexion, tone=tone, hair_tone=1.0)) for tone in (0.1, 0.9)
    )
    dark_face, light_face = (
        render(one, np.random.default_rng(3), size=96)[45:65, 40:56].mean() for one in (dark, light)
    )
    assert dark_face < light_face
    assert developing.hair_colour(dark).mean() < developing.skin_colour(dark).mean()
