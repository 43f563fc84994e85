"""Scales on which estimates are nearly normal."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special

GUARD = 0.02
"""Share of a number, and of what it lacks to 1, that is left at least where one subject is left out.

Only a subject who carries 98 % of all errors is held back by it. It keeps logarithms finite. Set by that reasoning,
not fitted.
"""


@dataclass(frozen=True)
class Scale:
    """A smooth rising function of a number.

    `forward`, `back`: the function and its inverse. `slope`: its derivative. `low`, `high`: the ends of the numbers
    that it is made for, at which it is infinite.
    """

    name: str
    forward: Callable
    back: Callable
    slope: Callable
    low: float
    high: float

    def kept_inside(self, value: float, left_out: np.ndarray) -> np.ndarray:
        """Return numbers without each subject, kept `GUARD` of the way from the ends of the scale to `value`."""
        low = self.low + GUARD * (value - self.low) if np.isfinite(self.low) else -np.inf
        high = self.high - GUARD * (self.high - value) if np.isfinite(self.high) else np.inf
        return np.clip(left_out, low, high)

    def inside(self, value: float) -> bool:
        """Return whether a number has a finite place on the scale."""
        return self.low < value < self.high


def _exp(x):
    with np.errstate(over="ignore"):
        return np.exp(x)


LOGIT = Scale(
    "logit",
    special.logit,
    special.expit,
    lambda t: 1 / (t * (1 - t)),
    0.0,
    1.0,
)
"""For numbers between 0 and 1."""

LOG = Scale("log", np.log, _exp, lambda t: 1 / t, 0.0, float("inf"))
"""For numbers above 0; a difference on it is the logarithm of a ratio."""

PLAIN = Scale("plain", np.asarray, np.asarray, lambda t: 1.0, float("-inf"), float("inf"))
