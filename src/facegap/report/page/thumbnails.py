"""Small pictures of faces for the page."""

import base64
import io
import logging
import warnings

from PIL import Image, ImageOps

SIDE = 112
_QUALITY = 80
log = logging.getLogger(__name__)


def thumbnail(path: str) -> str | None:
    """Return an image as an upright JPEG data URI of at most `SIDE` pixels a side, None where it cannot be read."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path) as image:
                image.draft("RGB", (2 * SIDE, 2 * SIDE))
                small = ImageOps.exif_transpose(image)
                small.thumbnail((SIDE, SIDE))
                packed = io.BytesIO()
                _opaque(small).save(packed, "JPEG", quality=_QUALITY)
    except Exception as error:  # decoders raise anything at all for a damaged file, and a bad image is data
        log.debug("no thumbnail of %s: %s", path, error)
        return None
    return f"data:image/jpeg;base64,{base64.b64encode(packed.getvalue()).decode()}"


def _opaque(image: Image.Image) -> Image.Image:
    """Return the image in RGB, on white where it is transparent."""
    if not image.has_transparency_data:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")
