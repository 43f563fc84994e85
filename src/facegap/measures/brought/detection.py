"""What the search for a face says: how sure it is, how many there are, and how much of the face the image holds."""

import numpy as np

from facegap.measures.measure import Combine, ImageMeasure
from facegap.measures.seen import Seen
from facegap.run.text import N_


def outside(seen: Seen) -> float:
    """Return the share of the face's box that lies beyond the image."""
    if seen.box is None:
        return np.nan
    left, top, right, bottom = seen.box
    across = max(min(right, seen.width) - max(left, 0.0), 0.0)
    down = max(min(bottom, seen.height) - max(top, 0.0), 0.0)
    return 1 - across * down / ((right - left) * (bottom - top))


MEASURES = (
    ImageMeasure(
        "detector_score", N_("detector's score"), "", -np.inf, np.inf, Combine.LOWER, "the detector's own unit",
        of=lambda seen: seen.confidence,
    ),
    ImageMeasure(
        "faces", N_("number of faces in the image"), "", 0.0, np.inf, Combine.HIGHER,
        "ISO/IEC 29794-5, single face present", of=lambda seen: np.nan if seen.box is None else float(seen.faces),
    ),
    ImageMeasure(
        "outside", N_("share of the face outside the image"), "", 0.0, 1.0, Combine.HIGHER,
        "ISO/IEC 29794-5, margins of the face image", of=outside,
    ),
)  # fmt: skip
