"""The jackknife over subjects of independent samples, group by group where there are many subjects."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan

import numpy as np
from scipy import special

from facegap.stats.combination import TINY, degrees_of_freedom

MOST_GROUPS = 200
"""So many groups are left out in turn at most: more narrow no interval."""


@dataclass(frozen=True, eq=False)
class Subjects:
    """Which subjects are left out together.

    `group`: (n_codes,) int64 number of the group of each subject code, -1 for codes of nobody. `sample`: (n_groups,)
    which of the independent samples a group is of.
    """

    group: np.ndarray
    sample: np.ndarray

    @classmethod
    def of(cls, samples: Sequence[np.ndarray], n_codes: int) -> "Subjects":
        """Deal the subjects of each sample, rising codes below `n_codes` that no other has, to groups of their own.

        Where there are more than `MOST_GROUPS` subjects, several are in a group, chosen by the order of their codes.
        """
        group, sample, every = np.full(n_codes, -1), [], sum(len(codes) for codes in samples)
        for number, codes in enumerate(samples):
            n = len(codes) if every <= MOST_GROUPS else max(min(len(codes), MOST_GROUPS * len(codes) // every), 2)
            group[codes] = len(sample) + np.arange(len(codes)) % n if n else 0
            sample += [number] * n
        return cls(group, np.array(sample, np.int64))

    @property
    def n_groups(self) -> int:
        """How many groups there are."""
        return len(self.sample)


@dataclass(frozen=True, eq=False)
class Left:
    """A number, and `left_out` (n_groups,) what it is without each group of subjects."""

    value: float
    left_out: np.ndarray
    subjects: Subjects

    def __sub__(self, other: "Left") -> "Left":
        return Left(self.value - other.value, self.left_out - other.left_out, self.subjects)

    def interval(self, level: float) -> tuple[float, float]:
        """Return the bounds of the number at a confidence level, by Student's t; NaN where nothing can be said.

        Variances of independent samples add up, and so do their jackknife biases; degrees of freedom are Welch and
        Satterthwaite's. As everywhere, the bias that is taken off is one standard error at most.
        """
        parts, bias = [], 0.0
        for sample in np.unique(self.subjects.sample):
            moves = self.value - self.left_out[self.subjects.sample == sample]
            n = len(moves)
            if n < 2 or not np.isfinite(moves).all():
                return nan, nan
            variance = (n - 1) / n * float(((moves - moves.mean()) ** 2).sum())
            bias -= (n - 1) * float(moves.mean())
            parts.append((variance, degrees_of_freedom(moves) if variance > TINY else 1.0))
        variance = sum(one for one, _ in parts)
        if not variance > TINY:
            return nan, nan
        se, df = np.sqrt(variance), variance**2 / sum(one**2 / df for one, df in parts)
        centre, half = self.value - np.clip(bias, -se, se), special.stdtrit(df, (1 + level) / 2) * se
        return float(centre - half), float(centre + half)
