"""How large the face is and how much detail it shows."""

import numpy as np

from facegap.measures.measure import Combine, ImageMeasure
from facegap.measures.seen import Seen
from facegap.run.text import N_

MOST_TURNED = np.cos(np.radians(75))
"""No detector finds the eyes of a head that is turned further than that."""


def eye_distance(seen: Seen) -> float:
    """Return the distance between the eyes in pixels of the original, as it were if the head was turned to the front.

    A head that is turned aside shows less of it, and is no smaller for that.
    """
    if seen.landmarks is None or seen.pose is None:
        return np.nan
    across = float(np.linalg.norm(seen.landmarks[1] - seen.landmarks[0]))
    return across / max(np.cos(np.radians(seen.pose[0])), MOST_TURNED)


def sharpness(seen: Seen) -> float:
    """Return the variance of the Laplacian of the face at `SIDE` pixels."""
    y = seen.luma
    edges = y[:-2, 1:-1] + y[2:, 1:-1] + y[1:-1, :-2] + y[1:-1, 2:] - 4 * y[1:-1, 1:-1]
    return float(edges.var())


MEASURES = (
    ImageMeasure(
        "eye_distance", N_("distance between the eyes"), N_("pixels"), 0.0, np.inf, Combine.LOWER,
        "ISO/IEC 29794-5, inter-eye distance", logarithmic=True, of=eye_distance, version="2",
    ),
    ImageMeasure(
        "sharpness", N_("sharpness of the face"), "", 0.0, np.inf, Combine.LOWER,
        "Pech-Pacheco et al., ICPR 2000: variance of the Laplacian", logarithmic=True, of=sharpness,
    ),
)  # fmt: skip
