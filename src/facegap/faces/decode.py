"""Image bytes to pixels, upright and in 8-bit RGB."""

import io
import threading
import warnings

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

_FULL_SCALES = (1.0, 255.0, 65535.0)
"""The values that images of floating-point or 32-bit numbers use for white."""

_header_lock = threading.Lock()


class Unreadable(Exception):
    """The bytes are not an image that can be read; the message is the reason, in one line."""


def decode(data: bytes) -> np.ndarray:
    """Return the picture in the bytes of an image file.

    Whatever Pillow reads is read: the first frame of an animation, the first page of a document. The EXIF orientation
    is applied. Transparency is dropped, not blended, as Pillow's own conversion does. Grey of more than 8 bits is
    scaled so that white stays white.

    Returns:
        (height, width, 3) uint8 RGB.

    Raises:
        Unreadable: the bytes are no image, a damaged one, or one too large to be trusted.
    """
    try:
        image, orientation = _open(data)
        if image.format == "EPS":
            raise ValueError("EPS is a program, and programs from strangers are not run")
        image.load()
        if orientation in _UPRIGHT:
            image = image.transpose(_UPRIGHT[orientation])
        return np.array(_to_rgb(image), dtype=np.uint8)
    except Image.DecompressionBombError:
        raise Unreadable(f"more than {2 * (Image.MAX_IMAGE_PIXELS or 0)} pixels, which may be an attack") from None
    except Image.UnidentifiedImageError:
        raise Unreadable("not an image" if data else "the file is empty") from None
    except Exception as error:  # decoders of hostile bytes raise anything, and a bad image must not end a run
        reason = (str(error).splitlines() or [""])[0] or type(error).__name__
        raise Unreadable(f"cannot be decoded: {reason}") from None


def _open(data: bytes) -> tuple[Image.Image, int]:
    """Read the header only; Pillow warns there about large images and odd metadata, which concerns nobody."""
    with _header_lock, warnings.catch_warnings():  # filters belong to the whole process: one thread at a time
        warnings.simplefilter("ignore")
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
    return image.convert("RGB")


def _grey(values: np.ndarray, white: float) -> Image.Image:
    return Image.fromarray(np.clip(np.rint(values * (255.0 / white)), 0, 255).astype(np.uint8))
