"""Scales on which estimates are nearly normal."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy  # loads its parts when they are used

GUARD = 0.02
"""Share of a number, or of what it lacks to 1, left at least without a subject: holds back who carries 98 % of it."""


@dataclass(frozen=True)
class Scale:
    """A smooth rising function of numbers between `low` and `high`, with inverse, derivative and perhaps a name."""

    forward: Callable
    back: Callable
    slope: Callable
    low: float
    high: float
    name: str = ""

    def kept_inside(self, value: float, left_out: np.ndarray) -> np.ndarray:
        """Return numbers without each subject, kept `GUARD` of the way from the ends of the scale to `value`."""
        low = self.low + GUARD * (value - self.low) if np.isfinite(self.low) else -np.inf
        high = self.high - GUARD * (self.high - value) if np.isfinite(self.high) else np.inf
        return np.clip(left_out, low, high)

    def without(self, value: float, left_out: np.ndarray) -> np.ndarray:
        """Return (n,) the place on the scale of a number without each subject."""
        return self.forward(self.kept_inside(value, left_out))


LOGIT = Scale(
    lambda t: scipy.special.logit(t), lambda u: scipy.special.expit(u), lambda t: 1 / (t * (1 - t)), 0.0, 1.0, "logit"
)
LOG = Scale(lambda t: scipy.special.xlogy(1.0, t), np.exp, lambda t: 1 / t, 0.0, np.inf, "log")  # xlogy knows log 0
PLAIN = Scale(np.asarray, np.asarray, lambda t: 1.0, -np.inf, np.inf, "plain")
