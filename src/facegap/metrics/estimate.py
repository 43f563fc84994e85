"""An estimate with what each subject moves it by, and the interval that follows.

Comparisons share subjects, so the subject is the unit. With weights w on the subjects (a genuine comparison weighs
w_s, an impostor comparison of subjects s and r weighs w_s w_r) the influence of subject s is the derivative of the
estimate by w_s at w = 1, and the variance is the sum of the squared influences times n / (n - 1).

An impostor comparison belongs to two subjects. What is peculiar to a pair of subjects enters both influences and so
is counted twice; the second copy, `excess`, is taken off again (Fogliato, Patil & Perona, IJCV 2024; for the sum over
pairs of subjects Snijders & Borgatti, Connections 22, 1999).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy import special

from facegap.metrics.pair_influence import NO_PAIRS, PairInfluence, counted_twice

LEAST_DF = 2.0
"""Degrees of freedom that are assumed at least, however few subjects carry all the variance."""

LARGEST = 700.0
"""Beyond this exponent a float is infinite."""

TINY = 1e-24
"""Variance that is mere rounding: every subject agrees."""

HIDDEN = 8.0
"""The kurtosis of n influences is taken 1 + `HIDDEN` / sqrt(n) times as far above the normal one as it shows: the
heaviest subjects of a population are mostly not among the few that were drawn. Chosen by simulation, docs/coverage.md.
"""

ALONE = 1e-6
"""Share of the variance that one subject leaves to the others at least."""

FEW = 10
"""Errors below which the logit scale is no longer trusted with a rate: Wilson's interval takes over."""


@dataclass(frozen=True)
class Estimate:
    """One number, and what each subject moves it by.

    `subject`: (n,) int64 codes, rising. `influence`: (n,) float64. `excess`: variance that the influences count
    twice. `errors`: the smaller of the errors and the right decisions behind a rate, None where there is no such count.
    `scale`: where the estimate is nearly normal, `logit` for numbers from 0 to 1, else `log` or `plain`.
    `bias`: how far the estimate is expected to lie above the truth. `skew`: how one-sided the influences
    are taken to be, from 0, as heavy on one side as on the other, to 1. `symmetric`: whether each of them might as well
    have the other sign, were the truth 0. `most_df`: degrees of freedom of the variance at most. `impostor`: (n,)
    float64, what of `influence` comes from impostor comparisons; `pairs`: what pairs of subjects move the estimate by.
    """

    value: float
    subject: np.ndarray
    influence: np.ndarray
    excess: float = 0.0
    errors: int | None = None
    scale: str = "logit"
    bias: float = 0.0
    skew: float = 1.0
    symmetric: bool = False
    most_df: float = float("inf")
    pairs: PairInfluence = NO_PAIRS
    impostor: np.ndarray | None = None

    @property
    def n_subjects(self) -> int:
        """How many subjects take part."""
        return len(self.influence)

    @cached_property
    def variance(self) -> float:
        """Variance of the estimate; NaN with fewer than two subjects."""
        n = self.n_subjects
        if n < 2:
            return float("nan")
        return max(float((self.influence**2).sum()) - self.excess, 0.0) * n / (n - 1)

    @property
    def known(self) -> bool:
        """Whether there is a variance to go by: a value at the end of its scale, such as an AUC of 1, shows none."""
        at_end = {"logit": self.value in (0.0, 1.0), "log": self.value == 0, "plain": False}[self.scale]
        return self.variance > TINY and not at_end

    @property
    def se(self) -> float:
        """Standard error of the estimate."""
        return float(np.sqrt(self.variance))

    @cached_property
    def df(self) -> float:
        """Degrees of freedom of the variance, n - 1 at most."""
        return min(_degrees_of_freedom(self.influence, self.skew), self.most_df)

    @property
    def df_of_pairs(self) -> float:
        """Degrees of freedom of the variance of a rate over pairs of subjects, see `log_sum`."""
        return min(_degrees_of_freedom(self.influence, self.skew, order=2), self.most_df)

    @property
    def impostor_df(self) -> float:
        """Degrees of freedom of the variance that impostor comparisons make, infinite where they make none."""
        if self.impostor is None or not self.impostor.any():
            return float("inf")
        return _degrees_of_freedom(self.impostor, self.skew)

    @property
    def impostor_share(self) -> float:
        """Share of the variance that impostor comparisons make, from 0 to 1, as far as they go by themselves."""
        if self.impostor is None or not self.impostor.any():
            return 0.0
        of_impostor, of_genuine = (float((one**2).sum()) for one in (self.impostor, self.influence - self.impostor))
        return of_impostor / (of_impostor + of_genuine)

    @property
    def _signs(self) -> float:
        """Return d: the square of a symmetric estimate over its standard error has F's distribution, d and d (n - 1).

        It is judged by what all choices of signs would give (Box & Andersen, JRSS B 17, 1955, match the moments). With
        d = 1 that is Student's t; where a few subjects carry most of the variance it is narrower.
        """
        n, shares = self.n_subjects, self.influence + (self.value - self.bias) / self.n_subjects
        alone = float((shares**4).sum()) / float((shares**2).sum()) ** 2
        return max(((n - 1) / max(1 - alone, ALONE) - 2) / n, 1.0)

    def quantile(self, level: float) -> float:
        """Return Student's two-sided quantile for a confidence `level`, or what takes its place if `symmetric`."""
        if self.symmetric:
            return float(np.sqrt(special.fdtri(self._signs, self._signs * (self.n_subjects - 1), level)))
        return float(special.stdtrit(self.df, (1 + level) / 2))

    def interval(self, level: float) -> tuple[float, float]:
        """Return the bounds of the value; NaN where there is nothing to judge them by.

        On the logit (or log) scale the estimate is first centred anew by what the curvature of that scale and its own
        `bias` do to it (second-order delta method), which rare, clustered errors need. Few errors: Wilson's interval
        with the effective number of comparisons p (1 - p) / variance. None: the rule of three over subjects,
        1 - (1 - level)^(1 / n) for the upper bound.

        A difference has little `skew` because what is one-sided in two estimates cancels, as far as they are alike. It
        does not where they differ: so towards 0, and in `p_value`, that is taken as it is, and away from 0 not at all.
        """
        if self.errors == 0:
            beyond = 1 - (1 - level) ** (1 / max(self.n_subjects, 1))
            return (0.0, beyond) if self.value < 0.5 else (1 - beyond, 1.0)
        if not self.known:
            return float("nan"), float("nan")
        quantile = self.quantile(level)
        if self.errors is not None and self.errors < FEW:
            return wilson(self.value, self.value * (1 - self.value) / self.variance, quantile)
        slope, curvature = _derivatives(self.scale, self.value)
        shift = -(curvature * self.variance / 2 + slope * self.bias) / (slope * self.se)
        shift = float(np.clip(shift, -quantile / 2, quantile / 2))
        beyond = replace(self, skew=1.0, symmetric=False).quantile(level)
        down = quantile if self.value > self.bias else beyond
        up = quantile if self.value < self.bias else beyond
        return self.stretched(shift - down, shift + up)

    def stretched(self, low: float, high: float) -> tuple[float, float]:
        """Return the values that lie `low` and `high` standard errors from this one on its scale."""
        forward, back = _SCALES[self.scale]
        slope, _ = _derivatives(self.scale, self.value)
        ends = forward(self.value) + slope * self.se * np.array([low, high])
        bottom, top = back(np.clip(ends, -LARGEST, LARGEST))
        return float(bottom), float(top)

    def p_value(self, null: float = 0.0) -> float:
        """Return the two-sided p-value of the value being `null`, as `quantile` has it; NaN without a variance."""
        if not self.known:
            return float("nan")
        errors = abs(self.value - self.bias - null) / self.se
        if self.symmetric:
            return float(special.fdtrc(self._signs, self._signs * (self.n_subjects - 1), errors**2))
        return float(2 * special.stdtr(self.df, -errors))

    def complement(self) -> "Estimate":
        """Return 1 - this rate."""
        turned = Estimate.added(1 - self.value, [(-1.0, self)])
        return replace(turned, excess=self.excess, errors=self.errors, scale=self.scale)

    def __sub__(self, other: "Estimate") -> "Estimate":
        """Return the difference; what the same subject does to both is set off against each other.

        On the same subjects it has no skew: nothing but chance decides which of the two a subject favours more.
        """
        found = Estimate.combined(self.value - other.value, [(1.0, self), (-1.0, other)])
        return replace(found, skew=0.0 if np.array_equal(self.subject, other.subject) else 1.0)

    def log_ratio(self, other: "Estimate") -> "Estimate":
        """Return log(self / other) on the plain scale; both values are above 0."""
        return Estimate.log_sum([(1.0, self), (-1.0, other)])

    @classmethod
    def log_sum(cls, parts: Sequence[tuple[float, "Estimate"]]) -> "Estimate":
        """Return the weighted sum of logarithms of values above 0, on the plain scale.

        The logarithm of a noisy value lies too low by half its relative variance: that is the `bias`. A variance that
        is known badly shows too small where the value is low, which a logarithm magnifies. Of rates over pairs of
        subjects, where a few subjects may be behind most errors, the sum therefore has no more degrees of freedom than
        the worst known of its parts (the safe end of Welch's range; Scheffé, JASA 65, 1970). Two subjects make an error
        there, and what is hidden of their heaviness counts as a square. Chosen by simulation, docs/coverage.md.
        """
        value = float(sum(weight * np.log(part.value) for weight, part in parts))
        found = cls.combined(value, [(weight / part.value, part) for weight, part in parts])
        bias = -sum(weight * part.variance / part.value**2 / 2 for weight, part in parts)
        over_pairs = [part for _, part in parts if part.excess]
        least = min((part.df_of_pairs for part in over_pairs), default=float("inf"))
        return replace(found, bias=float(np.clip(bias, -found.se, found.se)), most_df=least)

    @classmethod
    def combined(cls, value: float, parts: Sequence[tuple[float, "Estimate"]]) -> "Estimate":
        """Return an estimate on the plain scale that moves with other estimates, each given after its weight.

        Of parts over the same subjects it is known what each pair of subjects does to all of them, and so what is
        counted twice; but no greater share of it is taken off than of the parts, since heavy subjects, who ask for
        caution, may not show in a difference. Where it is not known, the excess is taken as the same share of the
        variance as in the parts, which is exact for parts that share no subject. Where a part is not known, nor is
        the whole.
        """
        whole = cls.added(value, parts)
        return replace(whole, excess=whole._excess_of(parts))

    @classmethod
    def added(cls, value: float, parts: Sequence[tuple[float, "Estimate"]]) -> "Estimate":
        """Return an estimate on the plain scale from the weighted influences of others, without their excess."""
        subject = np.unique(np.concatenate([part.subject for _, part in parts]))
        influence, impostor = np.zeros(len(subject)), np.zeros(len(subject))
        for weight, part in parts:
            at = np.searchsorted(subject, part.subject)
            influence[at] += weight * part.influence
            impostor[at] += weight * (0.0 if part.impostor is None else part.impostor)
        bias = sum(weight * part.bias for weight, part in parts)
        pairs = PairInfluence.combined([(weight, part.pairs) for weight, part in parts])
        return cls(value, subject, influence, scale="plain", bias=bias, pairs=pairs, impostor=impostor)

    def _excess_of(self, parts: Sequence[tuple[float, "Estimate"]]) -> float:
        """Return the excess of this weighted sum of estimates."""
        if not all(part.known for _, part in parts):
            return float("nan")
        if not any(part.excess for _, part in parts):
            return 0.0
        of_pairs = [(weight, part) for weight, part in parts if part.pairs.terms]
        if all(np.array_equal(part.subject, self.subject) for _, part in parts):
            squares = sum(weight**2 * part.pairs.square() for weight, part in of_pairs)
            if squares > 0:  # not so where scores so low were not listed
                taken = sum(weight**2 * part._counted_twice() for weight, part in of_pairs)
                return min(taken / squares * self.pairs.square(), self._counted_twice())
        squares = sum(weight**2 * float((part.influence**2).sum()) for weight, part in parts)
        share = sum(weight**2 * part.excess for weight, part in parts) / squares if squares else 0.0
        return float(share * (self.influence**2).sum())

    def _counted_twice(self) -> float:
        """Return what of the variance over pairs of subjects is taken off, by the centred influences."""
        square = 0.0 if self.impostor is None else float((self.impostor**2).sum())
        return counted_twice(square, self.pairs.square(), self.n_subjects)


def _degrees_of_freedom(influence: np.ndarray, skew: float, *, order: int = 1) -> float:
    """Return what a variance out of (n,) influences has, n - 1 at most.

    Satterthwaite's match with the kurtosis of the influences in place of the normal one: where a few subjects carry
    most of the variance, the variance itself is known badly. Influences without `skew` need no such match, for with
    them Student's t errs on the safe side, however heavy their tails (Efron, JASA 64, 1969). `order`: of how many
    subjects' heaviness a comparison's error is made.
    """
    n, squares = len(influence), float((influence**2).sum())
    most = max(n - 1.0, 1.0)
    if n < 2 or squares == 0 or skew == 0:
        return most
    hidden = (HIDDEN / np.sqrt(n)) ** order
    beyond = max(n * float((influence**4).sum()) / squares**2 - 3, 0.0) * (1 + hidden) * skew
    return float(min(max(2 * n / (2 * n / (n - 1) + beyond), min(LEAST_DF, n - 1)), most))


_SCALES = {
    "logit": (special.logit, special.expit),
    "log": (np.log, np.exp),
    "plain": (np.asarray, np.asarray),
}


def _derivatives(scale: str, value: float) -> tuple[float, float]:
    """Return the first and second derivative of a scale."""
    if scale == "plain":
        return 1.0, 0.0
    if scale == "log":
        return 1 / value, -1 / value**2
    spread = value * (1 - value)
    return 1 / spread, (2 * value - 1) / spread**2


def wilson(rate: float, n: float, quantile: float) -> tuple[float, float]:
    """Return Wilson's score interval (JASA 22, 1927) for a rate over n independent comparisons."""
    square = quantile**2 / n
    centre, half = rate + square / 2, quantile * np.sqrt(rate * (1 - rate) / n + square / (4 * n))
    return float((centre - half) / (1 + square)), float((centre + half) / (1 + square))


def holm(p: np.ndarray) -> np.ndarray:
    """Return Holm's adjusted p-values (Scandinavian Journal of Statistics 6, 1979); NaN stays NaN, and counts not."""
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    adjusted = np.full(len(p), np.nan)
    steps = p[order] * np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return adjusted
