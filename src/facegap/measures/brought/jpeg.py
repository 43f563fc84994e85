"""How strongly a JPEG file was compressed, as its tables say."""

import numpy as np

from facegap.measures.measure import Combine, ImageMeasure
from facegap.measures.seen import Seen
from facegap.run.text import N_

LUMINANCE = np.array(
    [
        [16, 11, 10, 16, 24, 40, 51, 61], [12, 12, 14, 19, 26, 58, 60, 55],
        [14, 13, 16, 24, 40, 57, 69, 56], [14, 17, 22, 29, 51, 87, 80, 62],
        [18, 22, 37, 56, 68, 109, 103, 77], [24, 35, 55, 64, 81, 104, 113, 92],
        [49, 64, 78, 87, 103, 121, 120, 101], [72, 92, 95, 98, 112, 100, 103, 99],
    ]
).ravel()  # fmt: skip
"""The luminance table of ITU-T T.81, annex K."""

QUALITIES = np.arange(1, 101)


def _scaled() -> np.ndarray:
    """Return (100, 64) that table as the Independent JPEG Group's `jpeg_quality_scaling` makes it of each quality."""
    percent = np.where(QUALITIES < 50, 5000 // QUALITIES, 200 - 2 * QUALITIES)
    return ((LUMINANCE * percent[:, None] + 50) // 100).clip(1, 255)


TABLES = _scaled()


def quality(seen: Seen) -> float:
    """Return the quality from 1 to 100 whose luminance table is nearest to the file's; NaN for other files."""
    table = seen.quantisation.get(0)
    if table is None or len(table) != LUMINANCE.size:
        return np.nan
    return float(QUALITIES[np.abs(TABLES - np.array(table)).sum(axis=1).argmin()])


MEASURES = (
    ImageMeasure(
        "jpeg_quality", N_("quality of the JPEG file"), "", 1.0, 100.0, Combine.LOWER,
        "ITU-T T.81, annex K, scaled as by the Independent JPEG Group", of=quality,
    ),
)  # fmt: skip
