"""A weighted sum of numbers on one scale: its standard error and degrees of freedom, with subjects as the unit."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import add

import numpy as np
from scipy import special

from facegap.stats.estimate import Estimate
from facegap.stats.leave_out import degrees_of_freedom, jackknife_bias, jackknife_variance
from facegap.stats.scale import PLAIN, Scale

TINY = 1e-24
"""Variance that is mere rounding: every subject agrees."""

Parts = Sequence[tuple[float, Estimate]]
"""Numbers, each after its weight."""


@dataclass(frozen=True)
class Combination:
    """A weighted sum of estimates on one scale, such as a difference (`PLAIN`) or the logarithm of a ratio (`LOG`).

    `parts`: may share subjects; what a subject does to all of them is added up. `exchangeable`: the parts over the same
    subjects measure the same thing, like two models, so that it is chance which of them a subject favours.
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
        placed = all(one.enough and self.scale.inside(one.value) for _, one in self.parts)
        return placed and self.variance > TINY

    @cached_property
    def variance(self) -> float:
        """Variance of the sum."""
        return sum(group.variance for group in self._groups)

    @cached_property
    def counted_twice(self) -> float:
        """What was taken off the variance, since pairs of subjects are counted for both."""
        return sum(group.taken_off for group in self._groups)

    @property
    def se(self) -> float:
        """Standard error of the sum."""
        return float(np.sqrt(self.variance))

    @cached_property
    def df(self) -> float:
        """Degrees of freedom of the variance: Welch & Satterthwaite's over parts that share no subject."""
        spread = sum(group.variance**2 / group.df for group in self._groups)
        return self.variance**2 / spread if spread else 1.0

    @cached_property
    def centre(self) -> float:
        """The sum less its bias, known or as the jackknife shows it, of at most one standard error."""
        bias = sum(
            weight * jackknife_bias(self.scale.forward(one.value), _left_out(one, self.scale))
            + weight * self.scale.slope(one.value) * one.bias
            for weight, one in self.parts
        )
        return self.value - float(np.clip(bias, -self.se, self.se))

    def quantile(self, level: float) -> float:
        """Return Student's two-sided quantile for a confidence `level`."""
        return float(special.stdtrit(self.df, (1 + level) / 2))

    def interval(self, level: float) -> tuple[float, float]:
        """Return the bounds of the sum, on the scale."""
        half = self.quantile(level) * self.se
        return self.centre - half, self.centre + half

    def p_value(self) -> float:
        """Return the two-sided p-value of the sum being 0."""
        return float(2 * special.stdtr(self.df, -abs(self.centre) / self.se))

    @cached_property
    def _groups(self) -> list["_Group"]:
        """The parts in groups of those that share subjects."""
        groups: list[list[tuple[float, Estimate]]] = []
        for weight, one in self.parts:
            sharing = [g for g in groups if any(_share(one, other) for _, other in g)]
            groups = [g for g in groups if g not in sharing] + [[*(part for g in sharing for part in g), (weight, one)]]
        return [_Group.of(parts, self.scale, self.exchangeable) for parts in groups]


@dataclass(frozen=True)
class _Group:
    """Parts over some subjects: `variance` of their sum, what was `taken_off` it, and its degrees of freedom."""

    variance: float
    taken_off: float
    df: float

    @classmethod
    def of(cls, parts: Parts, scale: Scale, exchangeable: bool) -> "_Group":
        """Return what parts that share subjects come to.

        A difference of two numbers over the same subjects that could as well have the other sign has, by Student's t
        with n - 1 degrees of freedom, a test that errs on the safe side however heavy its tails are (Efron, JASA 64,
        1969); else the degrees of freedom come from the kurtosis.
        """
        subject = parts[0][1].subject if _same(parts) else np.unique(np.concatenate([one.subject for _, one in parts]))
        moves, own, shared = (np.zeros(len(subject)) for _ in range(3))
        for weight, one in parts:
            at, slope = np.searchsorted(subject, one.subject), weight * scale.slope(one.value)
            moves[at] += weight * (scale.forward(one.value) - _left_out(one, scale))
            own[at] += slope * one.own
            shared[at] += slope * one.shared
        variance, square = jackknife_variance(moves), _square(parts, scale)
        if variance <= TINY and square > 0:  # every subject does the same, so that pairs are all that varies
            return cls(square, 0.0, max(len(moves) - 1.0, 1.0))
        once = _once(own, shared, square)
        paired = exchangeable and len(parts) > 1 and _same(parts)
        df = max(len(moves) - 1.0, 1.0) if paired else degrees_of_freedom(moves)
        return cls(variance * once, variance * (1 - once), df)


def _left_out(one: Estimate, scale: Scale) -> np.ndarray:
    """Return (n,) a number without each subject, on a scale."""
    return scale.forward(scale.kept_inside(one.value, one.left_out))


def _once(own: np.ndarray, shared: np.ndarray, square: float) -> float:
    """Return the share of the variance that is left when what pairs of subjects do is counted once.

    A comparison of two subjects is in the moves of both: of the sum A of the squared shared influences, B, the sum of
    squares over pairs, is counted twice and taken off once (Snijders & Borgatti, Connections 22, 1999; Fogliato, Patil
    & Perona, IJCV 2024). Were there nothing but pairs, A would be 2 B, so less than B cannot be left. Where B is not
    known, nothing is taken off.
    """
    squares, twice = float(((own + shared) ** 2).sum()), float((shared**2).sum())
    if not squares or np.isnan(square):
        return 1.0
    return (squares - twice + max(twice - square, square)) / squares


def _square(parts: Parts, scale: Scale) -> float:
    """Return the sum of squares over pairs of subjects of what each adds to the weighted sum, on the scale."""
    found = []
    for weight, one in parts:
        if one.pairs is None and one.shared.any():
            return float("nan")
        if one.pairs is not None:
            found.append(one.pairs.times(weight * scale.slope(one.value)))
    return reduce(add, found).square() if found else 0.0


def _same(parts: Parts) -> bool:
    return all(np.array_equal(one.subject, parts[0][1].subject) for _, one in parts)


def _share(a: Estimate, b: Estimate) -> bool:
    return a.subject is b.subject or bool(np.isin(a.subject, b.subject, assume_unique=True).any())
