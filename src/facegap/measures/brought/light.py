"""Light and colour of the face."""

import numpy as np

from facegap.measures.measure import Combine, ImageMeasure
from facegap.measures.seen import Seen
from facegap.run.text import N_

DARK, BRIGHT = 25.0, 247.0
"""Brightness up to which, and from which on, a pixel holds no detail: ISO/IEC 29794-5."""


def colourfulness(seen: Seen) -> float:
    """Return Hasler & Süsstrunk's M3 of the face: 0 for grey, 15 for a little colour, 60 for much."""
    red, green, blue = np.moveaxis(seen.face.astype(np.float64), 2, 0)
    across, along = red - green, (red + green) / 2 - blue
    return float(np.hypot(across.std(), along.std()) + 0.3 * np.hypot(across.mean(), along.mean()))


MEASURES = (
    ImageMeasure(
        "brightness", N_("brightness of the face"), "", 0.0, 1.0, Combine.DIFFERENCE,
        "ISO/IEC 29794-5, luminance mean", of=lambda seen: float(seen.luma.mean() / 255),
    ),
    ImageMeasure(
        "contrast", N_("contrast of the face"), "", 0.0, 0.5, Combine.LOWER,
        "Peli, JOSA A 7 (1990): standard deviation of the brightness", of=lambda seen: float(seen.luma.std() / 255),
    ),
    ImageMeasure(
        "over_exposed", N_("over-exposed share of the face"), "", 0.0, 1.0, Combine.HIGHER,
        "ISO/IEC 29794-5, over-exposure", of=lambda seen: float((seen.luma >= BRIGHT).mean()),
    ),
    ImageMeasure(
        "under_exposed", N_("under-exposed share of the face"), "", 0.0, 1.0, Combine.HIGHER,
        "ISO/IEC 29794-5, under-exposure", of=lambda seen: float((seen.luma <= DARK).mean()),
    ),
    ImageMeasure(
        "colourfulness", N_("colourfulness of the face"), "", 0.0, np.inf, Combine.DIFFERENCE,
        "Hasler & Süsstrunk, SPIE 5007 (2003)", of=colourfulness,
    ),
)  # fmt: skip
