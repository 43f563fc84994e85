"""Small pictures of faces for the page."""

import base64
import io
import logging

from PIL import Image, ImageOps

from facegap.data.image_file import open_image, open_image_file

SIDE = 112
_QUALITY = 80
log = logging.getLogger(__name__)


def thumbnail(path: str) -> str | None:
    """Return an image as an upright JPEG data URI of at most `SIDE` pixels a side, None where it cannot be read."""
    try:
        with open_image_file(path) as file:
            image, _ = open_image(file, max_side=2 * SIDE)
            image.thumbnail((SIDE, SIDE))  # before anything is copied
            packed = io.BytesIO()
            _opaque(ImageOps.exif_transpose(image)).save(packed, "JPEG", quality=_QUALITY)
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
