"""Error rates and summary numbers of one population of comparisons, exact at every cut of its `Counts`."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from facegap.tally import MOMENT_UNIT, Counts

RESOLVABLE = 10
"""False matches that must be expected before a rate is reported; with fewer it is noise (the "rule of ten")."""


@dataclass(frozen=True)
class Point:
    """What happens at one threshold.

    `threshold`: native unit. `false_matches` of `impostor` impostor comparisons are accepted, `false_non_matches` of
    `genuine` genuine comparisons are rejected. A rate over nothing is NaN.
    """

    threshold: float
    false_matches: int
    impostor: int
    false_non_matches: int
    genuine: int

    @property
    def fmr(self) -> float:
        """False match rate: accepted impostor comparisons over impostor comparisons."""
        return _ratio(self.false_matches, self.impostor)

    @property
    def fnmr(self) -> float:
        """False non-match rate: rejected genuine comparisons over genuine comparisons."""
        return _ratio(self.false_non_matches, self.genuine)

    @property
    def true_matches(self) -> int:
        """Accepted genuine comparisons."""
        return self.genuine - self.false_non_matches

    @property
    def accuracy(self) -> float:
        """Share of all comparisons decided rightly; mostly a matter of the share of genuine comparisons."""
        right = self.true_matches + self.impostor - self.false_matches
        return _ratio(right, self.genuine + self.impostor)

    @property
    def precision(self) -> float:
        """Share of the accepted comparisons that are genuine; NaN where nothing is accepted."""
        return _ratio(self.true_matches, self.true_matches + self.false_matches)

    @property
    def recall(self) -> float:
        """Share of the genuine comparisons that are accepted: 1 - FNMR."""
        return _ratio(self.true_matches, self.genuine)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall: 2 TP / (2 TP + FP + FN)."""
        return _ratio(2 * self.true_matches, self.true_matches + self.false_matches + self.genuine)

    def precision_at(self, share: float) -> float:
        """Return the precision if `share` (0 to 1) of the comparisons were genuine: p TAR / (p TAR + (1-p) FMR)."""
        return _ratio(share * self.recall, share * self.recall + (1 - share) * self.fmr)

    def f1_at(self, share: float) -> float:
        """Return F1 if `share` (0 to 1) of the comparisons were genuine: 2 p TAR / (p TAR + (1-p) FMR + p)."""
        return _ratio(2 * share * self.recall, share * self.recall + (1 - share) * self.fmr + share)


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")


@dataclass(frozen=True)
class Rates:
    """The error rates of one population at every cut.

    K cuts. `points` are numbered like the cuts: point k accepts closeness >= cut k, so the threshold tightens as k
    rises.
    """

    counts: Counts

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
    def polyline(self) -> tuple[np.ndarray, np.ndarray]:
        """(2K+2,) false match rate and (2K+2,) true accept rate: the ROC from (0, 0) to (1, 1), ties as diagonals."""
        fmr = np.r_[0, self.counts.impostor[::-1].cumsum()] / self.counts.n_impostor
        tar = np.r_[0, self.counts.genuine[::-1].cumsum()] / self.counts.n_genuine
        return fmr, tar

    @property
    def defined(self) -> bool:
        """Whether there are both genuine and impostor comparisons."""
        return self.counts.n_genuine > 0 and self.counts.n_impostor > 0

    def point(self, k: int) -> Point:
        """Return what happens at cut k."""
        true, false = self.matches[:, k].tolist()
        genuine, impostor = self.counts.n_genuine, self.counts.n_impostor
        return Point(float(self.thresholds[k]), false, impostor, genuine - true, genuine)

    def at(self, threshold: float) -> Point:
        """Return what happens at a native threshold that is among the cuts (else at the next tighter cut)."""
        cut = self.counts.comparator.cut(threshold)
        k = min(int(np.searchsorted(self.counts.cuts, cut)), len(self.counts.cuts) - 1)
        found = self.point(k)
        return Point(threshold, found.false_matches, found.impostor, found.false_non_matches, found.genuine)

    def auc(self) -> float:
        """Area under the ROC curve: the chance that a genuine score beats an impostor score, ties one half."""
        fmr, tar = self.polyline
        return float(np.trapezoid(tar, fmr))

    def auc_bound(self) -> float:
        """Return how far `auc` can lie from the AUC of the unbinned scores: 0 with all genuine scores among the cuts.

        Inside an open slot with g genuine and i impostor scores the order is unknown: g i / 2 pairs at most are
        counted wrongly. The lowest slot holds only comparisons that are rejected everywhere, which tie.
        """
        unknown = (self.counts.genuine[2::2].astype(np.float64) * self.counts.impostor[2::2]).sum() / 2
        return float(unknown / self.counts.n_genuine / self.counts.n_impostor)

    def partial_auc(self, limit: float) -> float:
        """Area under the ROC curve below FMR = `limit`, scaled so that chance is 0.5 and perfection 1.

        McClish (Medical Decision Making 9, 1989): (1 + (A - m) / (M - m)) / 2 with m = limit^2 / 2 and M = limit.
        """
        fmr, tar = self.polyline
        inside = int(np.searchsorted(fmr, limit, side="right"))
        if inside < len(fmr):
            step = (limit - fmr[inside - 1]) / (fmr[inside] - fmr[inside - 1])
            edge = tar[inside - 1] + step * (tar[inside] - tar[inside - 1])
            fmr, tar = np.r_[fmr[:inside], limit], np.r_[tar[:inside], edge]
        area, least = np.trapezoid(tar, fmr), limit**2 / 2
        return float((1 + (area - least) / (limit - least)) / 2)

    def eer(self) -> tuple[float, float]:
        """Return the equal error rate, where the ROC crosses FMR = FNMR, and the cut nearest to it as threshold."""
        fmr, tar = self.polyline
        excess = fmr + tar - 1
        after = int(np.argmax(excess >= 0))
        before = after - 1
        step = excess[before] / (excess[before] - excess[after])
        value = fmr[before] + step * (fmr[after] - fmr[before])
        true, false = self.matches
        gap = np.abs(false / self.counts.n_impostor - (1 - true / self.counts.n_genuine))
        return float(value), float(self.thresholds[np.argmin(gap)])

    def d_prime(self) -> float:
        """Distance of the two score means in units of the root mean variance: |mG - mI| / sqrt((vG + vI) / 2)."""
        if not self._scored(self.counts.genuine) or not self._scored(self.counts.impostor):
            return float("nan")
        mean, variance = np.empty(2), np.empty(2)
        for kind, n in enumerate((self._scored(self.counts.genuine), self._scored(self.counts.impostor))):
            total, squares = (int(m) for m in self.counts.moments[kind])
            mean[kind] = total / n / MOMENT_UNIT
            variance[kind] = squares / n / MOMENT_UNIT - mean[kind] ** 2
        return _ratio(float(abs(mean[0] - mean[1])), float(np.sqrt(max(variance.sum(), 0) / 2)))

    def _scored(self, slots: np.ndarray) -> int:
        """Return how many comparisons have a score: all but those that failures put below every cut."""
        return int(slots[1:].sum())

    def loosest_within(self, fmr: float) -> Point:
        """Return the loosest threshold whose FMR does not exceed `fmr`."""
        return self.point(int(np.argmax(self.matches[1] / self.counts.n_impostor <= fmr)))

    def resolvable(self, fmr: float) -> bool:
        """Whether at least `RESOLVABLE` false matches are expected at `fmr`."""
        return fmr * self.counts.n_impostor >= RESOLVABLE

    def best(self, measure: str) -> Point:
        """Return the point with the highest `f1` or `accuracy`; of equals the one with the fewest false matches."""
        true, false = self.matches
        genuine, impostor = self.counts.n_genuine, self.counts.n_impostor
        if measure == "f1":
            value = 2 * true / (true + false + genuine)
        else:
            value = (true + impostor - false) / (genuine + impostor)
        return self.point(len(value) - 1 - int(np.argmax(value[::-1])))
