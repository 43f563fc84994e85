"""Which numbers are taken apart."""

from dataclasses import dataclass

import numpy as np

FALSE_MATCH_RATES = (1e-2, 1e-3)
"""Where TAR is taken apart, if both cohorts resolve it."""


@dataclass(frozen=True)
class Number:
    """One number of a cohort: `auc`, `fmr` or `fnmr` at a threshold, or `tar` at a false match rate.

    `at`: the operating point as in `Evaluation.metrics`. `threshold`: in the model's unit. `cut`: the smallest
    similarity that is accepted there. `rate`: the false match rate of `tar`.
    """

    metric: str
    at: str = ""
    threshold: float | None = None
    cut: float = np.nan
    rate: float = np.nan
