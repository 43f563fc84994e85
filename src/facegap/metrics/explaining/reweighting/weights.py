"""Weights that make one sample like another in some columns, and how well that went."""

from dataclasses import dataclass

import numpy as np

TRIM = 0.999
"""Weights above this quantile of all are set to it: a few rows shall not stand for the rest (Cole & Hernán, American
Journal of Epidemiology 168, 2008)."""

EDGE = 0.01
"""What lies beyond this quantile of the log odds of a sample, on either side, is taken for beyond its reach."""


@dataclass(frozen=True, eq=False)
class Scaling:
    """How columns are standardised: by their mean and standard deviation over two samples of equal weight.

    `squared` (p,) bool: columns of which both ends count, so that their squares stand beside them.
    """

    mean: np.ndarray
    spread: np.ndarray
    squared: np.ndarray

    @classmethod
    def of(cls, first: np.ndarray, second: np.ndarray, squared: np.ndarray) -> "Scaling":
        """Return the scaling of two samples (n, p) and (m, p), none of whose columns is constant in both."""
        mean = (first.mean(axis=0) + second.mean(axis=0)) / 2
        spread = np.sqrt((((first - mean) ** 2).mean(axis=0) + ((second - mean) ** 2).mean(axis=0)) / 2)
        return cls(mean, spread, squared)

    def design(self, values: np.ndarray) -> np.ndarray:
        """Return (n, p + squared) standardised columns of (n, p) values."""
        plain = (values - self.mean) / self.spread
        return np.column_stack([plain, plain[:, self.squared] ** 2 - 1])


def odds(linear: np.ndarray) -> np.ndarray:
    """Return (n,) weights with mean 1 that are exp(`linear`), those above the quantile `TRIM` set to it."""
    if not len(linear):
        return np.ones(0)
    made = np.exp(linear - linear.max())
    made = np.minimum(made, np.quantile(made, TRIM, method="lower"))
    return made / made.mean()


def effective_number(weights: np.ndarray, subject: np.ndarray) -> float:
    """Return how many subjects of equal weight would be worth as much: Kish's (Σw)² / Σw² over subjects."""
    of_subject = np.bincount(subject, weights)
    return float(of_subject.sum() ** 2 / (of_subject**2).sum())


def standardised_difference(first: np.ndarray, second: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Return how far the mean of `first` (n,), weighted, lies above that of `second`, in standard deviations.

    The standard deviation is that of both, unweighted (Austin, Statistics in Medicine 28, 2009); 0 where there is none.
    """
    spread = np.sqrt((first.var() + second.var()) / 2)
    return float((np.average(first, weights=weights) - second.mean()) / spread) if spread > 0 else 0.0


def overlap(linear: np.ndarray, wanted: np.ndarray) -> float:
    """Return the share of `wanted` (m,) log odds that lie where a sample has some too, `linear` (n,) being its own."""
    low, high = np.quantile(linear, [EDGE, 1 - EDGE])
    return float(((wanted >= low) & (wanted <= high)).mean())
