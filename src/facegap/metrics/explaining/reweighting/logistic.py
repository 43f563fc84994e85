"""Logistic regression with a ridge, and what it would be without each group of its rows."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy import special

RIDGE = 1.0
"""The ridge is that of a normal prior with standard deviation 1 on the slope of each standardised column."""

STEPS = 50
"""Newton's method takes fewer than ten steps; more are taken where nothing but the ridge holds a slope back."""

SETTLED = 1e-10
"""A step this small changes no digit that is shown."""


@dataclass(frozen=True, eq=False)
class LogisticFit:
    """A fitted regression: `slopes` (p + 1,), the intercept first, and what taking rows away does to them."""

    slopes: np.ndarray
    _design: np.ndarray
    _truth: np.ndarray

    def linear(self, columns: np.ndarray) -> np.ndarray:
        """Return (n,) the log odds of rows with `columns` (n, p)."""
        return self.slopes[0] + columns @ self.slopes[1:]

    def without(self, group: np.ndarray, n_groups: int) -> np.ndarray:
        """Return (n_groups, p + 1) the slopes without the rows of each group, `group` (n,) being its number or -1.

        It is one Newton step from the fit on all rows, which is exact to the second order (Pregibon, Annals of
        Statistics 9, 1981).
        """
        expected = special.expit(self._design @ self.slopes)
        spread, missed = expected * (1 - expected), self._truth - expected
        whole = _information(self._design, spread)
        order = np.argsort(group, kind="stable")
        bounds = np.searchsorted(group[order], np.arange(n_groups + 1))
        made = np.empty((n_groups, len(self.slopes)))
        for one, (start, end) in enumerate(pairwise(bounds)):
            rows = order[start:end]
            design = self._design[rows]
            lost = (design * spread[rows, None]).T @ design
            made[one] = self.slopes - np.linalg.solve(whole - lost, design.T @ missed[rows])
        return made


def fit_logistic(columns: np.ndarray, truth: np.ndarray) -> LogisticFit:
    """Return the regression of `truth` (n,) bool on standardised `columns` (n, p), by Newton's method.

    A ridge of `RIDGE` holds the slopes back, so that they stay finite where the columns tell the two apart.
    """
    design = np.column_stack([np.ones(len(columns)), columns])
    slopes, hit = np.zeros(design.shape[1]), truth.astype(np.float64)
    share = float(hit.mean())
    slopes[0] = special.logit(share) if 0 < share < 1 else 0.0
    for _ in range(STEPS):
        expected = special.expit(design @ slopes)
        gradient = design.T @ (hit - expected)
        gradient[1:] -= RIDGE * slopes[1:]
        step = np.linalg.solve(_information(design, expected * (1 - expected)), gradient)
        slopes = slopes + step * min(1.0, 5.0 / max(float(np.abs(step).max()), 1e-300))
        if np.abs(step).max() < SETTLED:
            break
    return LogisticFit(slopes, design, hit)


def _information(design: np.ndarray, spread: np.ndarray) -> np.ndarray:
    information = (design * spread[:, None]).T @ design
    at = np.arange(1, len(information))
    information[at, at] += RIDGE
    information[0, 0] += 1e-9
    return information
