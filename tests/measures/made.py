"""Faces whose shot is known, and what is measured of them."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from unittest import mock

import numpy as np
from PIL import Image

from facegap.faces import DEFAULT_FACES, MAX_SIDE, make_finder, read_photo
from facegap.jobs.measuring import Measuring, Unmeasured
from facegap.measures import image_measures
from facegap.synthetic import draw_identity
from facegap.synthetic.developing import render_jpeg
from facegap.synthetic.shot import draw_shot

STEADY = {"noise": 0.0, "jpeg_quality": 95, "yaw": 0.0, "pitch": 0.0, "roll": 0.0, "blur": 0.4}


@contextmanager
def shots(**changes) -> Iterator[None]:
    """Take photos with these settings instead of drawn ones."""

    def taken(rng):
        return replace(draw_shot(rng), **{**STEADY, **changes})

    with mock.patch("facegap.synthetic.developing.draw_shot", taken):
        yield


def photo(seed: int = 0, *, size: int = 224, **changes) -> bytes:
    """Return the JPEG file of one photo of one subject."""
    rng = np.random.default_rng(seed)
    with shots(**changes):
        return render_jpeg(draw_identity(rng), rng, size=size)


def measured(data: bytes, *, max_side: int = MAX_SIDE) -> dict[str, float]:
    """Return the measures of an image file by name, as a worker takes them."""
    every = image_measures()
    photo = Unmeasured(0, "", read_photo(data, max_side=max_side), data)
    (made,) = Measuring(every, DEFAULT_FACES).worker(make_finder()).records([photo])
    assert made.vector is not None, made.detail
    return dict(zip([one.name for one in every], made.vector.tolist(), strict=True))


def saved(pixels: np.ndarray, form: str = "PNG", **options) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, form, **options)
    return file.getvalue()


def opened(data: bytes) -> np.ndarray:
    return np.array(Image.open(io.BytesIO(data)).convert("RGB"))
