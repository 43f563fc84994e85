"""What each subject moves every rate of a population by.

All follow from four sums over subjects: with weights w on the subjects, TP (accepted genuine), FP (accepted impostor),
G (genuine) and I (impostor) have the derivatives that `SubjectCounts` holds, and each rate is a function of them.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from facegap.metrics.estimate import Estimate
from facegap.metrics.pair_influence import PairInfluence, PairTerm, counted_twice
from facegap.metrics.rates import Rates
from facegap.subject_tally import SubjectCounts
from facegap.tally import MOMENT_UNIT


@dataclass(frozen=True)
class SubjectRates:
    """The rates of one population with the influence of its n subjects.

    `counts`: by subject. `rates`: of the same comparisons. `rejected`: failed comparisons count as rejected, in
    `rates` already, and here too.
    """

    counts: SubjectCounts
    rates: Rates
    rejected: bool = False

    @cached_property
    def totals(self) -> tuple[np.ndarray, np.ndarray]:
        """(n,) genuine and (n,) impostor comparisons of each subject: the derivatives of G and I."""
        genuine, impostor = self.counts.genuine.sum(axis=1), self.counts.impostor.sum(axis=1)
        if self.rejected:
            genuine, impostor = genuine + self.counts.failed[:, 0], impostor + self.counts.failed[:, 1]
        return genuine.astype(np.float64), impostor.astype(np.float64)

    @property
    def sizes(self) -> tuple[int, int]:
        """G and I."""
        return self.rates.counts.n_genuine, self.rates.counts.n_impostor

    def _estimate(
        self,
        value: float,
        genuine: np.ndarray,
        impostor: np.ndarray,
        pairs: PairTerm | None = None,
        errors: int | None = None,
    ) -> Estimate:
        """Return an estimate from its genuine and impostor influences, and what pairs of subjects add to the latter."""
        over_pairs = 0.0 if pairs is None else self._over_pairs(pairs)
        of_genuine, of_impostor = (total > 0 for total in self.totals)
        by_genuine, by_impostor = bool(genuine.any()), bool(over_pairs or impostor.any())
        involved = of_impostor & by_impostor | of_genuine & (by_genuine or not by_impostor)
        excess = counted_twice(float((impostor**2).sum()), over_pairs, int(involved.sum()))
        if (by_genuine and of_genuine.sum() < 2) or (by_impostor and of_impostor.sum() < 2):
            excess = float("nan")
        return Estimate(
            value,
            self.counts.subject[involved],
            _centred((genuine + impostor)[involved]),
            excess,
            errors,
            pairs=PairInfluence(() if pairs is None else (pairs,)),
            impostor=_centred(impostor[involved]),
        )

    def _term(self, closeness: float, weight: float) -> PairTerm:
        """Return what pairs of subjects add where `weight` times the false matches at a knot are added up."""
        false = self.accepted(closeness)[1].sum() / 2
        return PairTerm(weight, self.counts, closeness, float(false / self.sizes[1]) if self.sizes[1] else 0.0)

    def _over_pairs(self, term: PairTerm) -> float:
        """Return the sum over pairs of subjects of (a - FMR m)^2 times the weight squared; see `SubjectCounts`."""
        c, k, fmr = self.counts, self.counts.place(term.closeness), term.rate
        return max(float(term.weight**2 * (c.squares[k] - 2 * fmr * c.products[k] + fmr**2 * c.sizes)), 0.0)

    def accepted(self, closeness: float) -> tuple[np.ndarray, np.ndarray]:
        """Return (n,) genuine and impostor comparisons accepted: the derivatives of TP and FP."""
        genuine, impostor = self.counts.accepted(closeness)
        return genuine.astype(np.float64), impostor.astype(np.float64)

    def fmr(self, closeness: float) -> Estimate:
        """False match rate at a knot: FP / I."""
        (_, impostors), (_, false) = self.totals, self.accepted(closeness)
        total = self.sizes[1]
        value = float(false.sum() / 2 / total)
        influence = (false - value * impostors) / total
        pairs = self._term(closeness, 1 / total)
        errors = int(min(false.sum() / 2, total - false.sum() / 2))
        return self._estimate(value, np.zeros_like(influence), influence, pairs, errors)

    def fnmr(self, closeness: float) -> Estimate:
        """False non-match rate at a knot: 1 - TP / G."""
        (genuine, _), (true, _) = self.totals, self.accepted(closeness)
        total = self.sizes[0]
        value = float(1 - true.sum() / total)
        influence = ((genuine - true) - value * genuine) / total
        errors = int(min(true.sum(), total - true.sum()))
        return self._estimate(value, influence, np.zeros_like(influence), errors=errors)

    def recall(self, closeness: float) -> Estimate:
        """Recall at a knot: TP / G."""
        fnmr = self.fnmr(closeness)
        return fnmr.complement()

    def accuracy(self, closeness: float) -> Estimate:
        """Accuracy at a knot: (TP + I - FP) / (G + I)."""
        (genuine, impostors), (true, false) = self.totals, self.accepted(closeness)
        whole = sum(self.sizes)
        wrong = self.sizes[0] - true.sum() + false.sum() / 2
        value = float(1 - wrong / whole)
        of_genuine, of_impostor = (true - value * genuine) / whole, ((1 - value) * impostors - false) / whole
        pairs = self._term(closeness, -1 / whole)
        return self._estimate(value, of_genuine, of_impostor, pairs, int(min(wrong, whole - wrong)))

    def precision(self, closeness: float) -> Estimate:
        """Precision at a knot: TP / (TP + FP)."""
        true, false = self.accepted(closeness)
        matches = true.sum() + false.sum() / 2
        value = float(true.sum() / matches) if matches else float("nan")
        if not matches:
            return self._estimate(value, np.zeros_like(true), np.zeros_like(true))
        pairs = self._term(closeness, -value / matches)
        errors = int(min(true.sum(), false.sum() / 2))
        return self._estimate(value, (1 - value) * true / matches, -value * false / matches, pairs, errors)

    def f1(self, closeness: float) -> Estimate:
        """F1 at a knot: 2 TP / (TP + FP + G)."""
        (genuine, _), (true, false) = self.totals, self.accepted(closeness)
        whole = true.sum() + false.sum() / 2 + self.sizes[0]
        value = float(2 * true.sum() / whole)
        of_genuine = ((2 - value) * true - value * genuine) / whole
        pairs = self._term(closeness, -value / whole)
        return self._estimate(value, of_genuine, -value * false / whole, pairs)

    def at_share(self, metric: str, closeness: float, share: float) -> Estimate:
        """Precision or F1 at a knot if `share` of the comparisons were genuine, see `Point.precision_at`."""
        false, tar = self.fmr(closeness), self.recall(closeness)
        matches, extra = share * tar.value + (1 - share) * false.value, share if metric == "f1" else 0.0
        factor = 2 if metric == "f1" else 1
        value = factor * share * tar.value / (matches + extra)
        by_tar = share * (factor - value) / (matches + extra)
        by_fmr = -value * (1 - share) / (matches + extra)
        return self.weighted(value, [(by_tar, tar), (by_fmr, false)])

    def auc(self) -> Estimate:
        """Area under the ROC curve, ties one half."""
        genuine, impostor = self.sizes
        value = self.rates.auc()
        below, above = self._ranks()
        of_genuine = (below / (2 * impostor) - value * self.totals[0]) / genuine
        of_impostor = (above / (2 * genuine) - value * self.totals[1]) / impostor
        return self._estimate(value, of_genuine, of_impostor)

    def _ranks(self) -> tuple[np.ndarray, np.ndarray]:
        """Return `SubjectCounts.ranks` over all scores, with failed comparisons below every score where they count."""
        below, above = self.counts.ranks[:, 0, 0].astype(np.float64), self.counts.ranks[:, 1, 0].astype(np.float64)
        if not self.rejected:
            return below, above
        failed_genuine, failed_impostor = self.counts.failed.T.astype(np.float64)
        made_genuine = self.counts.genuine.sum(axis=1)
        all_genuine, all_impostor = self.rates.counts.failed_genuine, self.rates.counts.failed_impostor
        return (
            below + 2.0 * all_impostor * made_genuine + failed_genuine * all_impostor,
            above + failed_impostor * (2.0 * (self.sizes[0] - all_genuine) + all_genuine),
        )

    def tail_begins_at(self, fmr: float) -> bool:
        """Return whether the tails were counted from the threshold at `fmr`, as the partial area needs it."""
        return self.rates.defined and self.counts.tail == self.closeness(self.rates.loosest_within(fmr).threshold)

    def partial_auc(self, limit: float) -> Estimate:
        """Area under the ROC curve below FMR = `limit`, McClish's scale; `counts.tail` is the threshold at `limit`."""
        (genuine, impostor), value = self.sizes, self.rates.partial_auc(limit)
        least = limit**2 / 2
        area = (2 * value - 1) * (limit - least) + least
        true, false = self.accepted(self.counts.tail)
        below, above = self.counts.ranks[:, :, 1].astype(np.float64).T
        if self.rejected:
            below = below + 2.0 * self.rates.counts.failed_impostor * true
        tar = true.sum() / genuine
        of_genuine = (below / (2 * impostor) - (1 - limit) * true - area * self.totals[0]) / genuine
        of_impostor = (above / (2 * genuine) - tar * false - (area - limit * tar) * self.totals[1]) / impostor
        scale = 1 / (2 * (limit - least))
        return self._estimate(value, scale * of_genuine, scale * of_impostor)

    def d_prime(self) -> Estimate:
        """Distance of the two score means in units of the root mean variance."""
        means, variances, shifts, widths = [], [], [], []
        for kind, by_subject in enumerate((self.counts.genuine, self.counts.impostor)):
            n = by_subject.sum(axis=1).astype(np.float64)
            sums, squares = self.counts.moments[:, kind].T / MOMENT_UNIT
            total = n.sum()
            mean = sums.sum() / total
            variance = squares.sum() / total - mean**2
            share = total / (1 + kind)
            shifts.append((sums - mean * n) / share)
            widths.append((squares - 2 * mean * sums + mean**2 * n - variance * n) / share)
            means.append(mean)
            variances.append(variance)
        value, pooled = self.rates.d_prime(), (variances[0] + variances[1]) / 2
        sign = np.sign(means[0] - means[1])
        parts = [
            weight * sign * shift / np.sqrt(pooled) - value * width / (4 * pooled)
            for weight, shift, width in zip((1, -1), shifts, widths, strict=True)
        ]
        estimate = self._estimate(value, *parts)
        return Estimate(value, estimate.subject, estimate.influence, scale="log")

    def closeness(self, threshold: float) -> float:
        """Return the knot of a native threshold that was chosen on these comparisons."""
        return float(self.rates.counts.comparator.cut(threshold))

    def weighted(self, value: float, parts: list[tuple[float, Estimate]], errors: int | None = None) -> Estimate:
        """Return the weighted sum of estimates of this population."""
        whole = Estimate.added(value, parts)
        excess = sum(weight**2 * part.excess for weight, part in parts)
        return replace(whole, excess=excess, errors=errors, scale="logit", bias=0.0)


def _centred(influence: np.ndarray) -> np.ndarray:
    """Return the influences less their mean.

    A precision or an F1 also depends on how many subjects there are; what is resampled keeps their number.
    """
    return influence - influence.mean() if len(influence) else influence
