"""Augmentation keeps a face a face, and depends on its random numbers alone."""

import numpy as np
import pytest

from facegap.jobs.train import augment as module
from facegap.jobs.train.augment import augment

SIZE = 48


@pytest.fixture
def image() -> np.ndarray:
    y, x = np.mgrid[:SIZE, :SIZE]
    return np.stack([x * 4, y * 4, np.full_like(x, 90)], axis=2).astype(np.uint8)


@pytest.mark.parametrize("seed", range(40))
def test_what_comes_out_is_an_image_of_the_same_kind(image, seed):
    before = image.copy()
    out = augment(image, np.random.default_rng(seed))
    assert (out.shape, out.dtype) == (image.shape, np.uint8)
    assert np.array_equal(image, before), "the input is left alone"
    assert out.std() > 5, "the picture is still there"
    assert np.array_equal(out, augment(image, np.random.default_rng(seed)))


def test_different_random_numbers_give_different_images(image):
    outs = {augment(image, np.random.default_rng(seed)).tobytes() for seed in range(20)}
    assert len(outs) == 20


def test_half_of_the_images_are_mirrored(image):
    redder_on_the_left = []
    for seed in range(200):
        out = augment(image, np.random.default_rng(seed)).astype(float)[..., 0]
        redder_on_the_left.append(out[:, : SIZE // 2].mean() > out[:, SIZE // 2 :].mean())
    assert 70 < sum(redder_on_the_left) < 130


@pytest.mark.parametrize("name", ["_blur", "_compress", "_shrink"])
def test_worse_pictures_lose_detail_but_not_brightness(name):
    noisy = np.random.default_rng(0).integers(0, 256, (SIZE, SIZE, 3), dtype=np.uint8)
    out = getattr(module, name)(noisy, np.random.default_rng(1))
    assert out.shape == noisy.shape
    assert abs(float(out.mean()) - float(noisy.mean())) < 12
    assert np.abs(np.diff(out.astype(float), axis=1)).mean() < np.abs(np.diff(noisy.astype(float), axis=1)).mean()


def test_an_occlusion_covers_a_part(image):
    out = module._occlude(image.copy(), np.random.default_rng(0))
    changed = (out != image).any(axis=2).mean()
    assert 0 < changed < 0.25
