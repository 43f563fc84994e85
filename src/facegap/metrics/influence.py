"""What each subject moves every rate of a population by.

All follow from four sums over subjects: with weights w on the subjects, TP (accepted genuine), FP (accepted impostor),
G (genuine) and I (impostor) have the derivatives that `SubjectCounts` holds, and each rate is a function of them. A
rate at a threshold that was itself estimated moves with the threshold too (delta method); slopes are secants of the
curve across about one standard error, so no density has to be estimated.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from facegap.metrics.estimate import Estimate
from facegap.metrics.pair_influence import PairInfluence, PairTerm, counted_twice
from facegap.metrics.rates import Point, Rates
from facegap.subject_tally import SubjectCounts
from facegap.tally import MOMENT_UNIT

FALL = 0.97
"""How many quantiles of its standard error F1 has to fall before a threshold is ruled out as the best one.

The best of many is not a usual estimate. Were F1 smooth in the threshold, half a quantile would do (a fall with the
square of the distance, its standard error with the distance); were it as rough as a random walk, 1.26 (the maximum of
Brownian motion with a parabola taken off; Kim & Pollard, Annals of Statistics 18, 1990). It lies between; chosen by
simulation, docs/coverage.md.
"""

OPTIMISM_DRAWS = 200
"""Normal draws by which the optimism of a best F1 is estimated."""


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
        return self._sum(value, [(by_tar, tar), (by_fmr, false)])

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
        return self.rates.defined and self.counts.tail == self._closeness(self.rates.loosest_within(fmr).threshold)

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

    def tar(self, fmr: float) -> Estimate:
        """True accept rate at the loosest threshold with FMR at most `fmr`, the threshold's uncertainty included."""
        point = self.rates.loosest_within(fmr)
        closeness = self._closeness(point.threshold)
        found, missed = self.fmr(closeness), self.fnmr(closeness)
        loose, tight = (self.rates.loosest_within(bound) for bound in self._levels(fmr, found, 1.0))
        run = loose.fmr - tight.fmr
        slope = (loose.recall - tight.recall) / run if run > 0 else 0.0
        errors = min(point.genuine - point.false_non_matches, point.false_non_matches)
        return self._sum(point.recall, [(-1.0, missed), (-slope, found)], errors)

    def tar_threshold(self, fmr: float, level: float) -> tuple[float, float]:
        """Return the closeness bounds of that threshold: those whose FMR is not told from `fmr`."""
        point = self.rates.loosest_within(fmr)
        found = self.fmr(self._closeness(point.threshold))
        if not found.known:
            return float("nan"), float("nan")
        loose, tight = (self.rates.loosest_within(b) for b in self._levels(fmr, found, found.quantile(level)))
        return self._closeness(loose.threshold), self._closeness(tight.threshold)

    @staticmethod
    def _levels(fmr: float, found: Estimate, quantile: float) -> tuple[float, float]:
        """Return the rates above and below `fmr` that lie `quantile` standard errors away on the logit scale."""
        value = min(max(found.value, 1e-12), 1 - 1e-12)
        step = min(quantile * found.se / (value * (1 - value)), 5.0) if found.known else 1.0
        odds = fmr / (1 - fmr)
        high, low = odds * np.exp(step), odds * np.exp(-step)
        return high / (1 + high), low / (1 + low)

    def eer(self) -> Estimate:
        """Equal error rate: a weighted mean of FMR and FNMR at the threshold where both are equal."""
        value, threshold = self.rates.eer()
        closeness = self._closeness(threshold)
        false, missed = self.fmr(closeness), self.fnmr(closeness)
        near, far = self._around_eer(self._sum(0.0, [(1.0, false), (-1.0, missed)]).se)
        falls, rises = near.fmr - far.fmr, far.fnmr - near.fnmr
        weight = rises / (falls + rises) if falls + rises > 0 else 0.5
        return self._sum(value, [(weight, false), (1 - weight, missed)])

    def eer_threshold(self, level: float) -> tuple[float, float]:
        """Return the closeness bounds of the threshold of equal error rates: those where both are not told apart."""
        closeness = self._closeness(self.rates.eer()[1])
        false, missed = self.fmr(closeness), self.fnmr(closeness)
        difference = replace(self._sum(false.value - missed.value, [(1.0, false), (-1.0, missed)]), scale="plain")
        if not difference.known:
            return float("nan"), float("nan")
        near, far = self._around_eer(difference.quantile(level) * difference.se)
        return self._closeness(near.threshold), self._closeness(far.threshold)

    def _around_eer(self, step: float) -> tuple[Point, Point]:
        """Return the last point where FMR - FNMR is still above `step` and the first where it is below -`step`."""
        true, false = self.rates.matches
        gap = false / self.sizes[1] - (1 - true / self.sizes[0])
        near, far = int(np.argmax(gap <= step)), int(np.argmax(gap <= -step)) if gap[-1] <= -step else len(gap) - 1
        return self.rates.point(near), self.rates.point(far)

    def best_f1(self, candidates: np.ndarray) -> Estimate:
        """F1 at its best threshold.

        The best of many thresholds flatters, and which one is best hangs on chance. Parametric bootstrap: F1 over the
        `candidates`, knots around the best, is moved by normal noise of the covariance that the influences give. The
        mean rise of its maximum is the `bias`, and the influence is the mean of the candidates' influences, weighted
        by how often each is the best (as for a bagged estimate: Efron, JASA 109, 2014). The draws are fixed, so that
        the same data give the same interval.
        """
        best = self.f1(self._closeness(self.rates.best("f1").threshold))
        around = [self.f1(closeness) for closeness in candidates.tolist()]
        around = [one for one in around if one.n_subjects == best.n_subjects]
        if not best.known or not around:
            return best
        values, influences = np.array([one.value for one in around]), np.array([one.influence for one in around])
        kept = np.sqrt(1 - best.excess / (best.influence**2).sum())
        noise = kept * np.random.default_rng(0).standard_normal((best.n_subjects, OPTIMISM_DRAWS))
        moved = values[:, None] + influences @ noise
        share = np.bincount(moved.argmax(axis=0), minlength=len(around)) / OPTIMISM_DRAWS
        rise = max(float(moved.max(axis=0).mean()) - best.value, 0.0)
        return replace(
            best,
            influence=share @ influences,
            excess=float(share @ np.array([one.excess for one in around])),
            bias=rise,
            pairs=PairInfluence.combined([(s, one.pairs) for s, one in zip(share.tolist(), around, strict=True)]),
            impostor=share @ np.array([one.impostor for one in around]),
        )

    def best_f1_threshold(self, candidates: np.ndarray, level: float) -> tuple[float, float]:
        """Return the closeness bounds of the threshold of best F1.

        `candidates`: knots around it, rising. The interval holds the thresholds whose F1 is not clearly lower than
        the best, judged by the standard error of the fall: see `FALL`.
        """
        best = self._closeness(self.rates.best("f1").threshold)
        at_best = self.f1(best)
        if not at_best.known:
            return float("nan"), float("nan")

        def ratio(candidate: float) -> float:
            there = self.f1(candidate)
            fall = replace(self._sum(at_best.value - there.value, [(1.0, at_best), (-1.0, there)]), scale="plain")
            return fall.value / fall.se if fall.known else 0.0

        bound = FALL * at_best.quantile(level)
        below = _crossing(best, [(c, ratio(c)) for c in candidates[candidates < best][::-1].tolist()], bound)
        above = _crossing(best, [(c, ratio(c)) for c in candidates[candidates > best].tolist()], bound)
        return below, above

    def _closeness(self, threshold: float) -> float:
        return float(self.rates.counts.comparator.cut(threshold))

    def _sum(self, value: float, parts: list[tuple[float, Estimate]], errors: int | None = None) -> Estimate:
        """Return the weighted sum of estimates of this population."""
        whole = Estimate.added(value, parts)
        excess = sum(weight**2 * part.excess for weight, part in parts)
        return replace(whole, excess=excess, errors=errors, scale="logit", bias=0.0)


def _centred(influence: np.ndarray) -> np.ndarray:
    """Return the influences less their mean.

    A precision or an F1 also depends on how many subjects there are; what is resampled keeps their number.
    """
    return influence - influence.mean() if len(influence) else influence


def _crossing(start: float, found: list[tuple[float, float]], bound: float) -> float:
    """Return where a ratio, 0 at `start` and rising on the whole, passes `bound` for the last time."""
    walked = [(start, 0.0), *found]
    last = max(i for i, (_, ratio) in enumerate(walked) if ratio <= bound)
    if last == len(walked) - 1:
        return walked[last][0]
    (at, ratio), (beyond, higher) = walked[last : last + 2]
    return at + (beyond - at) * (bound - ratio) / (higher - ratio)
