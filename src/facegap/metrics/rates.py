"""Error rates and summary numbers of one population of comparisons, exact at every cut of its `Counts`.

Areas and crossings are computed in whole numbers and fractions and rounded once, at the end: perfect separation has
an AUC of exactly 1.
"""

from bisect import bisect_left
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

import numpy as np

from facegap.data.tally import MOMENT_UNIT, Counts
from facegap.metrics import formulas
from facegap.metrics.formulas import Formula

RESOLVABLE = 10
"""False matches that must be expected before a rate is reported; with fewer it is noise (the "rule of ten")."""


@dataclass(frozen=True)
class Point:
    """What happens at one threshold.

    `threshold`: native unit. `false_matches` of `impostor` impostor comparisons are accepted, `false_non_matches` of
    `genuine` genuine comparisons are rejected. A rate over nothing is NaN. Of comparisons that were drawn these are
    sums of weights, and `evidence` counts the comparisons themselves.
    """

    threshold: float
    false_matches: int
    impostor: int
    false_non_matches: int
    genuine: int
    evidence: "Point | None" = None

    @property
    def made(self) -> "Point":
        """The comparisons that were made, each counted once."""
        return self.evidence or self

    def of(self, formula: Formula) -> float:
        """Return a function of the four counts here; NaN where it is over nothing."""
        try:
            return formula(self.genuine - self.false_non_matches, self.false_matches, self.genuine, self.impostor)
        except ZeroDivisionError:
            return float("nan")

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """TP, FP, G and I: accepted genuine and impostor comparisons, and all of them."""
        return self.true_matches, self.false_matches, self.genuine, self.impostor

    @property
    def true_matches(self) -> int:
        """Accepted genuine comparisons."""
        return self.genuine - self.false_non_matches

    @property
    def fmr(self) -> float:
        """False match rate."""
        return self.of(formulas.fmr)

    @property
    def fnmr(self) -> float:
        """False non-match rate."""
        return self.of(formulas.fnmr)

    @property
    def recall(self) -> float:
        """Share of the genuine comparisons that are accepted."""
        return self.of(formulas.recall)

    @property
    def accuracy(self) -> float:
        """Share of all comparisons decided rightly; mostly a matter of the share of genuine comparisons."""
        return self.of(formulas.accuracy)

    @property
    def precision(self) -> float:
        """Share of the accepted comparisons that are genuine; NaN where nothing is accepted."""
        return self.of(formulas.precision)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return self.of(formulas.f1)


@dataclass(frozen=True)
class Rates:
    """The error rates of one population at every cut.

    K cuts. `points` are numbered like the cuts: point k accepts similarity >= cut k, so the threshold tightens as k
    rises.
    """

    counts: Counts

    @cached_property
    def made(self) -> "Rates":
        """The comparisons that were made, each counted once: what a number stands on, where they were drawn."""
        return self if self.counts.evidence is None else Rates(self.counts.evidence)

    @cached_property
    def matches(self) -> np.ndarray:
        """(2, K) int64: genuine (row 0) and impostor (row 1) comparisons accepted at each cut."""
        both = np.stack([self.counts.genuine, self.counts.impostor])
        return both[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1::2]

    @cached_property
    def thresholds(self) -> np.ndarray:
        """(K,) float64: the cuts in the native unit."""
        return self.counts.comparator.sign * self.counts.cuts.astype(np.float64)

    @cached_property
    def path(self) -> tuple[np.ndarray, np.ndarray]:
        """(2K+2,) false and (2K+2,) true matches, int64: the ROC in counts, from none to all, ties as diagonals."""
        false, true = (np.r_[0, slots[::-1].cumsum()] for slots in (self.counts.impostor, self.counts.genuine))
        return false, true

    @property
    def defined(self) -> bool:
        """Whether there are both genuine and impostor comparisons, and any of them has a score."""
        scored = self._scored(self.counts.genuine) + self._scored(self.counts.impostor)
        return self.counts.n_genuine > 0 and self.counts.n_impostor > 0 and scored > 0

    def point(self, k: int) -> Point:
        """Return what happens at cut k."""
        true, false = self.matches[:, k].tolist()
        genuine, impostor = self.counts.n_genuine, self.counts.n_impostor
        evidence = None if self.made is self else self.made.point(k)
        return Point(float(self.thresholds[k]), false, impostor, genuine - true, genuine, evidence)

    def at(self, threshold: float) -> Point:
        """Return what happens at a native threshold that is among the cuts (else at the next tighter cut)."""
        cut = self.counts.comparator.cut(threshold)
        k = min(int(np.searchsorted(self.counts.cuts, cut)), len(self.counts.cuts) - 1)
        return replace(self.point(k), threshold=threshold)

    def auc(self) -> float:
        """Area under the ROC curve: the chance that a genuine score beats an impostor score, ties one half."""
        beaten = exact_sum(self.counts.impostor, self.counts.twice_beaten()[1])
        return beaten / (2 * self.counts.n_genuine * self.counts.n_impostor)

    def auc_bound(self) -> float:
        """Return how far `auc` can lie from the AUC of the unbinned scores: 0 with all genuine scores among the cuts.

        Inside an open slot with g genuine and i impostor scores the order is unknown: g i / 2 pairs at most are
        counted wrongly. The lowest slot holds only comparisons that are rejected everywhere, which tie.
        """
        unknown = exact_sum(self.counts.impostor[2::2], self.counts.genuine[2::2])
        return unknown / (2 * self.counts.n_genuine * self.counts.n_impostor)

    def partial_auc(self, limit: float) -> float:
        """Area under the ROC curve below FMR = `limit`, scaled so that chance is 0.5 and perfection 1.

        McClish (Medical Decision Making 9, 1989): (1 + (A - m) / (M - m)) / 2 with m = limit^2 / 2 and M = limit.
        """
        false, true = self.path
        most, genuine, impostor = Fraction(limit), self.counts.n_genuine, self.counts.n_impostor
        inside = int(np.searchsorted(false, int(most * impostor), side="right")) - 1
        tighter = slice(len(false) - 1 - inside, None)  # slots rise with similarity, the path falls
        twice = Fraction(exact_sum(self.counts.impostor[tighter], self.counts.twice_beaten()[1][tighter]))
        if inside < len(false) - 1:
            rest = most * impostor - int(false[inside])
            rise = Fraction(int(true[inside + 1] - true[inside]), int(false[inside + 1] - false[inside]))
            twice += rest * (2 * int(true[inside]) + rise * rest)
        area, least = twice / (2 * genuine * impostor), most**2 / 2
        return float((1 + (area - least) / (most - least)) / 2)

    def eer(self) -> tuple[float, float]:
        """Return the equal error rate, where the ROC crosses FMR = FNMR, and the cut nearest to it as threshold."""
        (false, true), genuine, impostor = self.path, self.counts.n_genuine, self.counts.n_impostor

        def excess(k: int) -> int:
            """Return FMR - FNMR at a point of the path, times the genuine and the impostor comparisons."""
            return int(false[k]) * genuine + (int(true[k]) - genuine) * impostor

        after = bisect_left(range(len(false)), 0, key=excess)
        before = after - 1
        step = Fraction(excess(before), excess(before) - excess(after))
        crossing = int(false[before]) + step * int(false[after] - false[before])
        accepted, matches = self.matches
        gap = np.abs(matches / impostor - (genuine - accepted) / genuine)
        return float(crossing / impostor), float(self.thresholds[np.argmin(gap)])

    def d_prime(self) -> float:
        """Distance of the two score means in units of the root mean variance: |mG - mI| / sqrt((vG + vI) / 2).

        NaN where a kind has no score, or where the scores vary by no more than the rounding of their moments.
        """
        if not self._scored(self.counts.genuine) or not self._scored(self.counts.impostor):
            return float("nan")
        means, variances, rounding = [], Fraction(0), Fraction(0)
        unit = int(MOMENT_UNIT)
        for kind, n in enumerate((self._scored(self.counts.genuine), self._scored(self.counts.impostor))):
            total, squares = (int(m) for m in self.counts.moments[kind])
            mean = Fraction(total, n * unit)
            means.append(mean)
            variances += Fraction(squares, n * unit) - mean**2
            rounding += (1 + 2 * abs(mean)) / unit  # one unit in each moment of each score, at most
        if variances <= rounding:
            return float("nan")
        return float(abs(means[0] - means[1])) / float(variances / 2) ** 0.5

    def _scored(self, slots: np.ndarray) -> int:
        """Return how many comparisons have a score: all but those that failures put below every cut."""
        return int(slots[1:].sum())

    def loosest_within(self, fmr: float) -> Point:
        """Return the loosest threshold whose FMR does not exceed `fmr`."""
        return self.point(int(np.argmax(self.matches[1] / self.counts.n_impostor <= fmr)))

    def resolvable(self, fmr: float) -> bool:
        """Whether at least `RESOLVABLE` false matches are expected at `fmr`, and some threshold is as strict."""
        expected = fmr * self.made.counts.n_impostor
        strict = self.matches[1, -1] <= fmr * self.counts.n_impostor
        return expected >= RESOLVABLE and bool(strict)

    def best(self, formula: Formula, *, lowest: bool = False) -> Point:
        """Return the point where a function of the counts is highest, or `lowest`; of equals the strictest."""
        value = self.along(formula)
        return self.point(len(value) - 1 - int(np.argmax((-value if lowest else value)[::-1])))

    def along(self, formula: Formula) -> np.ndarray:
        """Return (K,) float64: a function of the counts at every cut."""
        true, false = self.matches
        return formula(true, false, self.counts.n_genuine, self.counts.n_impostor)


def exact_sum(counts: np.ndarray, weights: np.ndarray) -> int:
    """Return the sum of (S,) `counts` times (S,) `weights`, both int64 and not negative, exact beyond 2^63.

    The weights are taken in pieces of so few bits that no sum of a piece leaves int64.
    """
    bits = 63 - int(counts.sum()).bit_length()
    total, place = 0, 0
    while (rest := weights >> place).any():
        total += int(np.dot(counts, rest & ((1 << bits) - 1))) << place
        place += bits
    return total
