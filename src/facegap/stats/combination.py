"""A weighted sum of numbers on one scale: its standard error and degrees of freedom, with subjects as the unit."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import add

import numpy as np
import scipy  # loads its parts when they are used

from facegap.stats.estimate import Estimate
from facegap.stats.scale import PLAIN, Scale

TINY = 1e-24
"""Variance that is mere rounding: every subject agrees."""


@dataclass(frozen=True)
class Combination:
    """A weighted sum of estimates on one scale, such as a difference (`PLAIN`) or the logarithm of a ratio (`LOG`).

    `exchangeable`: parts over the same subjects measure the same thing, like two models: whom one favours is chance.
    """

    parts: tuple[tuple[float, Estimate], ...]
    scale: Scale = PLAIN
    exchangeable: bool = False

    @property
    def value(self) -> float:
        """The sum as it was measured."""
        return float(sum(weight * self.scale.forward(one.value) for weight, one in self.parts))

    @cached_property
    def known(self) -> bool:
        """Whether there is a variance to go by."""
        low, high = self.scale.low, self.scale.high
        return all(one.enough and low < one.value < high for _, one in self.parts) and self.variance > TINY

    @cached_property
    def variance(self) -> float:
        """Variance of the sum."""
        return sum(variance for variance, _, _ in self._groups)

    @property
    def double_counted(self) -> float:
        """What was taken off the variance."""
        return sum(taken for _, taken, _ in self._groups)

    @property
    def se(self) -> float:
        """Standard error of the sum."""
        return float(np.sqrt(self.variance))

    @cached_property
    def df(self) -> float:
        """Degrees of freedom of the variance: Welch & Satterthwaite's over parts that share no subject."""
        spread = sum(variance**2 / df for variance, _, df in self._groups)
        return self.variance**2 / spread if spread else 1.0

    @cached_property
    def centre(self) -> float:
        """The sum less its bias, known or of the jackknife (Quenouille, Biometrika 43, 1956), of at most one error."""
        bias = 0.0
        for weight, one in self.parts:
            moved = self.scale.without(one.value, one.left_out) - self.scale.forward(one.value)
            shown = (one.n_subjects - 1) * float(moved.mean())
            bias += weight * (shown + self.scale.slope(one.value) * one.bias)
        return self.value - float(np.clip(bias, -self.se, self.se))

    def quantile(self, level: float) -> float:
        """Return Student's two-sided quantile for a confidence `level`."""
        return float(scipy.special.stdtrit(self.df, (1 + level) / 2))

    def interval(self, level: float) -> tuple[float, float]:
        """Return the bounds of the sum, on the scale."""
        half = self.quantile(level) * self.se
        return self.centre - half, self.centre + half

    def p_value(self) -> float:
        """Return the two-sided p-value of the sum being 0."""
        return float(2 * scipy.special.stdtr(self.df, -abs(self.centre) / self.se))

    @cached_property
    def _groups(self) -> list[tuple[float, float, float]]:
        """Variance, what was taken off it, and degrees of freedom of the parts that share subjects, group by group."""
        groups: list[list[tuple[float, Estimate]]] = []
        for weight, one in self.parts:
            sharing = [g for g in groups if any(np.isin(one.subject, other.subject).any() for _, other in g)]
            groups = [g for g in groups if g not in sharing] + [[*(part for g in sharing for part in g), (weight, one)]]
        return [self._of_group(parts) for parts in groups]

    def _of_group(self, parts: Sequence[tuple[float, Estimate]]) -> tuple[float, float, float]:
        """Return them for parts that share subjects: the jackknife's variance with pairs of subjects counted once.

        Where the difference could as well have the other sign, n - 1 degrees of freedom err on the safe side, however
        heavy its tails are (Efron, JASA 64, 1969).
        """
        same = all(np.array_equal(one.subject, parts[0][1].subject) for _, one in parts)
        subject = parts[0][1].subject if same else np.unique(np.concatenate([one.subject for _, one in parts]))
        n, (moves, own, shared) = len(subject), np.zeros((3, len(subject)))
        for weight, one in parts:
            at = slice(None) if same else np.searchsorted(subject, one.subject)
            slope = weight * self.scale.slope(one.value)
            moves[at] += weight * (self.scale.forward(one.value) - self.scale.without(one.value, one.left_out))
            own[at] += slope * one.own
            shared[at] += slope * one.shared
        variance, square = (n - 1) / n * float(((moves - moves.mean()) ** 2).sum()), _square(parts, self.scale)
        if variance <= TINY and square > 0:  # every subject does the same, so that pairs are all that varies
            return square, 0.0, max(n - 1.0, 1.0)
        once, paired = _once(own, shared, square), self.exchangeable and same and len(parts) > 1
        return variance * once, variance * (1 - once), max(n - 1.0, 1.0) if paired else degrees_of_freedom(moves)


def degrees_of_freedom(moves: np.ndarray) -> float:
    """Return the degrees of freedom of the variance that (n,) moves give, from 2 (at most n - 1) to n - 1.

    Satterthwaite's match (Biometrics Bulletin 2, 1946) with the kurtosis of the moves in place of the normal one.
    """
    n, most, apart = len(moves), max(len(moves) - 1.0, 1.0), moves - moves.mean()
    squares = float((apart**2).sum())
    kurtosis = n * float((apart**4).sum()) / squares**2 if squares else 0.0
    return min(max(2 * n / (2 * n / most + max(kurtosis - 3, 0.0)), min(2.0, most)), most)


def _once(own: np.ndarray, shared: np.ndarray, square: float) -> float:
    """Return the share of the variance that is left when what pairs of subjects do is counted once.

    Of the sum A of the squared shared influences, B, the sum of squares over pairs, is counted twice and taken off once
    (Snijders & Borgatti, Connections 22, 1999; Fogliato, Patil & Perona, IJCV 2024), but no less than B is left.
    """
    squares, twice = float(((own + shared) ** 2).sum()), float((shared**2).sum())
    known = squares > 0 and not np.isnan(square)
    return (squares - twice + max(twice - square, square)) / squares if known else 1.0


def _square(parts: Sequence[tuple[float, Estimate]], scale: Scale) -> float:
    """Return the sum of squares over pairs of subjects of what each adds to the weighted sum; NaN if unknown."""
    if any(one.pairs is None and one.shared.any() for _, one in parts):
        return float("nan")
    known = [(weight * scale.slope(one.value), one.pairs) for weight, one in parts if one.pairs is not None]
    return reduce(add, [pairs.times(weight) for weight, pairs in known]).square() if known else 0.0
