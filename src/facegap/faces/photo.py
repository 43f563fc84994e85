"""A photo as it is searched for a face, and as it is cut."""

import math
from dataclasses import dataclass

import numpy as np

from facegap.data.image_file import MAX_PIXELS
from facegap.faces.decode import load
from facegap.faces.face import Face, GivenFace

MAX_SIDE = 2048
"""Longer sides are reduced to this before a face is looked for. Photos of two or three megapixels stay as they are; one
of 48 is searched within seconds, where all its pixels would take half a minute and gigabytes."""


@dataclass(frozen=True, eq=False)
class Photo:
    """An upright photo, reduced where it is large.

    `pixels`: (height, width, 3) uint8 RGB, to be searched. `width`, `height`: of the original in pixels. `data`: the
    image file, to look more closely at a face that the reduction made small; b"" where `pixels` are the original.
    `max_pixels`: see `load`. `given`: the face that was given with the photo, in pixels of the original, if any.
    """

    pixels: np.ndarray
    width: int
    height: int
    data: bytes = b""
    max_pixels: int = MAX_PIXELS
    given: GivenFace | None = None

    @property
    def scale(self) -> tuple[float, float]:
        """How much larger the original is, in x and y."""
        height, width = self.pixels.shape[:2]
        return self.width / width, self.height / height

    def closer(self, face: Face, size: int) -> tuple[np.ndarray, Face]:
        """Return pixels to cut a face to `size` pixels from, and the face in them.

        The searched pixels serve where they were never reduced or show the face at `size` pixels or more. Else the
        face's surroundings, three times as wide as its box, are read again with as many pixels as the crop can use or
        the original has, for a crop stretched from fewer would have lost what the photo shows.

        Raises:
            Unreadable: the image file is damaged.
        """
        left, top, right, bottom = face.box
        side = max(right - left, bottom - top)
        if not self.data or side >= size:
            return self.pixels, face
        longer = max(self.pixels.shape[:2])
        picture, _ = load(self.data, max_side=math.ceil(longer * size / side), max_pixels=self.max_pixels)
        height, width = self.pixels.shape[:2]
        nearer = face.moved((picture.width / width, picture.height / height))
        left, top, right, bottom = nearer.box
        margin = max(right - left, bottom - top)
        left, top = max(0, math.floor(left - margin)), max(0, math.floor(top - margin))
        right, bottom = min(picture.width, math.ceil(right + margin)), min(picture.height, math.ceil(bottom + margin))
        pixels = np.array(picture.crop((left, top, right, bottom)), dtype=np.uint8)
        return pixels, nearer.moved((1.0, 1.0), (-left, -top))


def read_photo(data: bytes, *, max_side: int = MAX_SIDE, max_pixels: int = MAX_PIXELS) -> Photo:
    """Return the photo in the bytes of an image file, its longer side reduced to `max_side` pixels.

    Raises:
        Unreadable: the bytes are no image, a damaged one, or one that takes too much; see `load`.
    """
    picture, (width, height) = load(data, max_side=max_side, max_pixels=max_pixels)
    reduced = (width, height) != picture.size
    return Photo(np.array(picture, dtype=np.uint8), width, height, data if reduced else b"", max_pixels)


def as_photo(image: np.ndarray | Photo) -> Photo:
    """Return pixels (height, width, 3) uint8 RGB as a photo that was never reduced."""
    if isinstance(image, Photo):
        return image
    height, width = image.shape[:2]
    return Photo(image, width, height)
