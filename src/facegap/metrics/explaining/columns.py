"""What was measured of the images, in columns that can be compared, and what cannot be used of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from facegap.measures import Combine, Measure
from facegap.metrics.explaining.reasons import MOST_MISSING, Unexplained

ONE = 1e-6
"""Values that differ by a smaller share of the largest are the same: that is how far embeddings of length 1 are off."""

ZERO = 1e-100
"""Nothing that is measured is so small, and its square could not be reckoned with."""


@dataclass(frozen=True, eq=False)
class Columns:
    """Measures of N images. `values` (N, len(measures)): on the scale on which they are compared, NaN if missing."""

    measures: Sequence[Measure]
    values: np.ndarray

    @classmethod
    def of(cls, measures: Sequence[Measure], raw: np.ndarray) -> "Columns":
        """Return the columns of raw values (N, len(measures)) in their own units."""
        finite = np.where(np.isfinite(raw), raw, np.nan)
        scaled = [one.scaled(column) for one, column in zip(measures, finite.T, strict=True)]
        return cls(tuple(measures), np.column_stack(scaled) if scaled else finite)

    @property
    def squared(self) -> np.ndarray:
        """(len(measures),) bool: measures both of whose ends are bad, as turning to the left and to the right is."""
        return np.array([one.combine is Combine.DIFFERENCE for one in self.measures], bool)

    def unusable(self, sides: Sequence[np.ndarray]) -> dict[str, Unexplained]:
        """Return why measures cannot be used between cohorts, by name; `sides`: (N,) bool of each cohort's images."""
        found: dict[str, Unexplained] = {}
        for one, column in zip(self.measures, self.values.T, strict=True):
            parts = [column[side] for side in sides]
            known = [part[np.isfinite(part)] for part in parts]
            every = np.concatenate(known)
            if any(len(has) < (1 - MOST_MISSING) * len(part) for has, part in zip(known, parts, strict=True)):
                found[one.name] = Unexplained.MISSING
            elif np.ptp(every) <= max(ONE * float(np.abs(every).max()), ZERO):
                found[one.name] = Unexplained.CONSTANT
            elif all(np.ptp(has) == 0 for has in known) or _apart(*known):
                found[one.name] = Unexplained.NO_OVERLAP
        return found

    def chosen(self, names: Sequence[str]) -> "Columns":
        """Return these columns alone."""
        at = [k for k, one in enumerate(self.measures) if one.name in names]
        return Columns([self.measures[k] for k in at], self.values[:, at])

    def complete(self) -> np.ndarray:
        """Return (N,) bool: images that have them all."""
        return np.asarray(np.isfinite(self.values).all(axis=1))


def _apart(first: np.ndarray, second: np.ndarray) -> bool:
    return first.max() < second.min() or second.max() < first.min()
