"""The camera: from light to the bytes of a JPEG file."""

import io

import numpy as np
from PIL import Image, ImageFilter

from facegap.synthetic.fields import Field
from facegap.synthetic.shot import Shot

METERED = 0.42  # brightness that the exposure meter aims at
METERING = 0.30  # how far it gets there: 0 not at all, 1 would make every face equally bright


def photograph(picture: Field, face_brightness: float, shot: Shot, rng: np.random.Generator) -> bytes:
    """Expose, blur, add sensor noise and compress `picture` (size * size, 3); give the bytes of a JPEG file.

    The exposure is metered on the face, as a phone does: dark and badly lit faces keep their detail.
    """
    size = round(len(picture) ** 0.5)
    gain = shot.exposure * (METERED / max(face_brightness, 0.05)) ** METERING
    exposed = picture * (np.array(shot.white_balance, dtype=np.float32) * gain)
    # The shoulder keeps highlights from burning out.
    exposed = np.where(exposed > 0.75, 1.0 - 0.25 * np.exp((0.75 - exposed) * 4.0), exposed)
    sharp = Image.fromarray((np.clip(exposed, 0.0, 1.0) * 255.0).astype(np.uint8).reshape(size, size, 3))
    seen = np.asarray(sharp.filter(ImageFilter.GaussianBlur(shot.blur)), dtype=np.float32)
    grain = rng.standard_normal((size, size, 1), dtype=np.float32)
    tint = rng.standard_normal((size, size, 3), dtype=np.float32)
    seen = seen + (grain + 0.5 * tint) * (255.0 * shot.noise)
    file = io.BytesIO()
    Image.fromarray(np.clip(seen + 0.5, 0.0, 255.0).astype(np.uint8)).save(file, "JPEG", quality=shot.jpeg_quality)
    return file.getvalue()
