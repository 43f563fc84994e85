"""Image bytes to pixels, upright and in 8-bit RGB."""

import io
from dataclasses import dataclass

import numpy as np
from PIL import ExifTags, Image

from facegap.data.failure import Failed, FailureCode
from facegap.data.image_file import MAX_PIXELS, look, open_image, open_image_file, quiet, within

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What makes an image upright, by its EXIF orientation."""

_SIDEWAYS = (5, 6, 7, 8)
"""Orientations that swap width and height."""

_COMMON_NAMES = {"MPO": "JPEG"}
"""Pillow's names of formats that people call by another: telephones hang a second picture on to a JPEG."""

_WHITE = {8: 255.0, 10: 1023.0, 12: 4095.0, 14: 16383.0, 16: 65535.0}
"""White by the bits that a camera has, whatever the bits of the file: infrared cameras write 12 into 16."""


class Unreadable(Failed):
    """The bytes are not an image that can be read."""


def decode(data: bytes, *, max_pixels: int = MAX_PIXELS) -> np.ndarray:
    """Return the picture in the bytes of an image file, (height, width, 3) uint8 RGB: see `load`."""
    picture, _ = load(data, max_pixels=max_pixels)
    return np.array(picture, dtype=np.uint8)


def load(
    data: bytes, *, max_side: int | None = None, max_pixels: int = MAX_PIXELS
) -> tuple[Image.Image, tuple[int, int]]:
    """Return the picture in the bytes of an image file, upright and in RGB, and the size it has in the file.

    Formats are those of `facegap.image_file`: the first frame of an animation, the first page of a document. The EXIF
    orientation is applied, to the size too. Transparency is dropped, not blended, as Pillow's own conversion does. Grey
    of more than 8 bits is scaled so that the white of a camera of as many bits as the image holds is white.

    A picture with a side of more than `max_side` pixels is reduced to it. JPEG is then decoded at a half, a quarter or
    an eighth already, whichever still is as large: that costs a fraction of the time and memory.

    Returns:
        A picture in RGB, and (width, height) in pixels.

    Raises:
        Unreadable: the bytes are no image, a damaged one, or one that has more than `max_pixels` pixels or takes more
            memory than so many may.
    """
    try:
        image, size = open_image(io.BytesIO(data), max_side=max_side, max_pixels=max_pixels)
        orientation = _orientation(image)
        width, height = size
        wanted = within(size, max_side)
        image.load()
        image = _to_rgb(image)
        if wanted != size:
            image = image.resize(wanted, Image.Resampling.BILINEAR)
        if orientation in _UPRIGHT:
            image = image.transpose(_UPRIGHT[orientation])
        return image, (height, width) if orientation in _SIDEWAYS else (width, height)
    except Failed as failed:
        raise Unreadable(failed.said) from None
    except Exception as error:  # decoders of hostile bytes raise anything, and a bad image must not end a run
        reason = (str(error).splitlines() or [""])[0] or type(error).__name__
        raise Unreadable.of(FailureCode.NOT_DECODED, error=reason) from None


@dataclass(frozen=True)
class Header:
    """What an image file says of itself: `format`, e.g. JPEG, `width` and `height` in pixels as they are stored.

    `bytes`: how many are held at most while it is decoded as `load` does.
    """

    format: str
    width: int
    height: int
    bytes: int = 0

    @property
    def pixels(self) -> int:
        """How many pixels there are."""
        return self.width * self.height


def header(image: str | bytes, *, max_side: int | None = None) -> Header | None:
    """Return what the beginning of an image file says, by its path or its bytes; None where it cannot be read."""
    try:
        with io.BytesIO(image) if isinstance(image, bytes) else open_image_file(image) as file:
            found, needed = look(file, max_side=max_side)
            return Header(_COMMON_NAMES.get(found.format, found.format), found.width, found.height, needed)
    except Exception:  # as in `load`, which will say what is wrong
        return None


def _orientation(image: Image.Image) -> int:
    try:
        with quiet():
            return image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # damaged metadata beside sound pixels
        return 1


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I;16"):
        values = np.asarray(image)
        image = _grey(values, _WHITE[_bits(values)])
    elif image.mode in ("I", "F"):
        values = np.nan_to_num(np.asarray(image, dtype=np.float64), posinf=0.0, neginf=0.0)
        greatest = values.max()
        image = _grey(values, next((white for white in (1.0, *_WHITE.values()) if greatest <= white), greatest))
    image.info.pop("transparency", None)  # it would not change the colours, only warn
    return image if image.mode == "RGB" else image.convert("RGB")  # Pillow would copy


def grey_bits(path: str) -> int | None:
    """Return how many of its 16 bits a grey image uses: 8, 10, 12, 14 or 16; None where it is no such image."""
    try:
        with open_image_file(path) as file:
            image, _ = open_image(file)
            if not image.mode.startswith("I;16"):
                return None
            image.load()
            return _bits(np.asarray(image))
    except Exception:  # as in `header`
        return None


def _bits(values: np.ndarray) -> int:
    greatest = values.max()
    return next(bits for bits, white in _WHITE.items() if greatest <= white)


def _grey(values: np.ndarray, white: float) -> Image.Image:
    scaled = values * (255.0 / white)
    np.clip(np.rint(scaled, out=scaled), 0, 255, out=scaled)  # in place: these are large already
    return Image.fromarray(scaled.astype(np.uint8))
