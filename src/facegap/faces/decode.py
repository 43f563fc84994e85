"""Image bytes to pixels, upright and in 8-bit RGB."""

import io
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from PIL import ExifTags, Image

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

_FULL_SCALES = (1.0, 255.0, 65535.0)
"""The values that images of floating-point or 32-bit numbers use for white."""

_header_lock = threading.Lock()


class Unreadable(Exception):
    """The bytes are not an image that can be read; the message is the reason, in one line."""


def decode(data: bytes) -> np.ndarray:
    """Return the picture in the bytes of an image file, (height, width, 3) uint8 RGB: see `load`."""
    picture, _ = load(data)
    return np.array(picture, dtype=np.uint8)


def load(data: bytes, *, max_side: int | None = None) -> tuple[Image.Image, tuple[int, int]]:
    """Return the picture in the bytes of an image file, upright and in RGB, and the size it has in the file.

    Whatever Pillow reads is read: the first frame of an animation, the first page of a document. The EXIF orientation
    is applied, to the size too. Transparency is dropped, not blended, as Pillow's own conversion does. Grey of more
    than 8 bits is scaled so that white stays white.

    A picture with a side of more than `max_side` pixels is reduced to it. JPEG is then decoded at a half, a quarter or
    an eighth already, whichever still is as large: that costs a fraction of the time and memory.

    Returns:
        A picture in RGB, and (width, height) in pixels.

    Raises:
        Unreadable: the bytes are no image, a damaged one, or one too large to be trusted.
    """
    try:
        image, orientation = _open(data)
        if image.format == "EPS":
            raise ValueError("EPS is a program, and programs from strangers are not run")
        width, height = size = image.size
        wanted = _within(size, max_side)
        if wanted != size:
            image.draft(None, wanted)
        image.load()
        image = _to_rgb(image)
        if wanted != size:
            image = image.resize(wanted, Image.Resampling.BILINEAR)
        if orientation in _UPRIGHT:
            image = image.transpose(_UPRIGHT[orientation])
        return image, (height, width) if orientation in _SIDEWAYS else (width, height)
    except Image.DecompressionBombError:
        raise Unreadable(f"more than {2 * (Image.MAX_IMAGE_PIXELS or 0)} pixels, which may be an attack") from None
    except Image.UnidentifiedImageError:
        raise Unreadable("not an image" if data else "the file is empty") from None
    except Exception as error:  # decoders of hostile bytes raise anything, and a bad image must not end a run
        reason = (str(error).splitlines() or [""])[0] or type(error).__name__
        raise Unreadable(f"cannot be decoded: {reason}") from None


@dataclass(frozen=True)
class Header:
    """What an image file says of itself: `format`, e.g. JPEG, `width` and `height` in pixels as they are stored."""

    format: str
    width: int
    height: int


def header(path: str) -> Header | None:
    """Return what the beginning of an image file says, None where it cannot be read."""
    try:
        with _quiet(), Image.open(path) as image:
            name = image.format or "?"
            return Header(_COMMON_NAMES.get(name, name), image.width, image.height)
    except Exception:  # as in `load`, which will say what is wrong
        return None


def pixel_count(path: str) -> int:
    """Return how many pixels an image file says it has, 0 where it cannot be read."""
    found = header(path)
    return 0 if found is None else found.width * found.height


def _within(size: tuple[int, int], max_side: int | None) -> tuple[int, int]:
    """Return the size of a picture whose longer side is brought down to `max_side`."""
    longer = max(size)
    if max_side is None or longer <= max_side:
        return size
    width, height = (max(1, round(side * max_side / longer)) for side in size)
    return width, height


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Pillow from warning about large images and odd metadata, which concerns nobody."""
    with _header_lock, warnings.catch_warnings():  # filters belong to the whole process: one thread at a time
        warnings.simplefilter("ignore")
        yield


def _open(data: bytes) -> tuple[Image.Image, int]:
    """Read the header only."""
    with _quiet():
        image = Image.open(io.BytesIO(data))
        try:
            orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
        except Exception:  # damaged metadata beside sound pixels
            orientation = 1
    return image, orientation


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I;16"):
        image = _grey(np.asarray(image), 65535.0)
    elif image.mode in ("I", "F"):
        values = np.nan_to_num(np.asarray(image, dtype=np.float64), posinf=0.0, neginf=0.0)
        greatest = values.max()
        image = _grey(values, next((white for white in _FULL_SCALES if greatest <= white), greatest))
    image.info.pop("transparency", None)  # it would not change the colours, only warn
    return image if image.mode == "RGB" else image.convert("RGB")  # Pillow would copy


def _grey(values: np.ndarray, white: float) -> Image.Image:
    scaled = values * (255.0 / white)
    np.clip(np.rint(scaled, out=scaled), 0, 255, out=scaled)  # in place: these are large already
    return Image.fromarray(scaled.astype(np.uint8))
