"""Many claims at once."""

import numpy as np


def holm(p: np.ndarray) -> np.ndarray:
    """Return Holm's adjusted p-values (Scandinavian Journal of Statistics 6, 1979); NaN stays NaN, and counts not."""
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    adjusted = np.full(len(p), np.nan)
    steps = p[order] * np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return adjusted
