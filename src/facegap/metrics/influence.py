"""The numbers of a population, each with what it is without each subject.

All follow from sums over subjects. A rate at a threshold is a function of four of them (see `formulas`), so it is known
exactly without a subject; so is the distance of the score means. Of an area under the curve only those comparisons are
not known that pit a subject's genuine scores against its own impostor scores.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, cast

import numpy as np

from facegap.data.subject_tally import SubjectCounts
from facegap.data.tally import MOMENT_UNIT
from facegap.metrics.formulas import Formula, gradient
from facegap.metrics.pair_influence import PairInfluence, PairTerm
from facegap.metrics.rates import Rates
from facegap.metrics.registry import PointMetric, point_metric
from facegap.stats import LOG, LOGIT, PLAIN, Estimate, Scale

HIGH_AUC = 0.995
"""Two AUCs above it are not told apart: what they lack to 1 hangs on few comparisons, often of wrong labels.

On Labeled Faces in the Wild 5 of 1,670 subjects make most of it, and most studies hold none of them.
"""

TOO_HIGH = "untested_high_aucs"
"""Why two such AUCs are not compared."""


@dataclass(frozen=True)
class IfShare:
    """A rate if so large a share of the right decisions were wrong; where none is right, of the wrong ones.

    `counts`: TP, FP, G and I, of which `formula` makes the `value`.
    """

    formula: Formula
    counts: tuple[float, ...]
    value: float

    def __call__(self, share: float) -> float:
        """Return the rate at a share from 0 to 1."""
        tp, fp, g, i = map(np.float64, self.counts)
        worse = float(self.formula(tp * (1 - share), fp + share * (i - fp), g, i))
        return worse if worse != self.value else float(self.formula(tp + share * (g - tp), fp * (1 - share), g, i))


@dataclass(frozen=True)
class SubjectRates:
    """The rates of one population with the part of its n subjects.

    `counts`: by subject. `rates`: of the same comparisons. `rejected`: failed comparisons count as rejected, in
    `rates` already, and here too. `sides`: subjects on the smaller side, where two cohorts are compared with each
    other.
    """

    counts: SubjectCounts
    rates: Rates
    rejected: bool = False
    sides: int | None = None

    @cached_property
    def made(self) -> "SubjectRates":
        """The comparisons that were made, each counted once: what a number stands on, where they were drawn."""
        return (
            self if self.counts.evidence is None else replace(self, counts=self.counts.evidence, rates=self.rates.made)
        )

    @cached_property
    def totals(self) -> tuple[np.ndarray, np.ndarray]:
        """(n,) genuine and (n,) impostor comparisons of each subject: an impostor comparison counts for both of its."""
        genuine, impostor = self.counts.genuine.sum(axis=1), self.counts.impostor.sum(axis=1)
        if self.rejected:
            genuine, impostor = genuine + self.counts.failed[:, 0], impostor + self.counts.failed[:, 1]
        return genuine.astype(np.float64), impostor.astype(np.float64)

    @property
    def sizes(self) -> tuple[int, int]:
        """G and I."""
        return self.rates.counts.n_genuine, self.rates.counts.n_impostor

    @property
    def share(self) -> float:
        """Share of genuine comparisons."""
        return self.sizes[0] / sum(self.sizes)

    @cached_property
    def taking_part(self) -> tuple[int, int]:
        """Subjects with genuine and with impostor comparisons; of two cohorts, those of the smaller one."""
        genuine, impostor = (int((total > 0).sum()) for total in self.totals)
        return genuine, impostor if self.sides is None else min(impostor, self.sides)

    def accepted(self, similarity: float) -> tuple[np.ndarray, np.ndarray]:
        """Return (n,) genuine and impostor comparisons accepted at an evaluated threshold."""
        genuine, impostor = self.counts.accepted(similarity)
        return genuine.astype(np.float64), impostor.astype(np.float64)

    def fmr(self, similarity: float) -> Estimate:
        """False match rate at an evaluated threshold."""
        return self.at(point_metric("fmr"), similarity)

    def fnmr(self, similarity: float) -> Estimate:
        """False non-match rate at an evaluated threshold."""
        return self.at(point_metric("fnmr"), similarity)

    def at(self, metric: PointMetric, similarity: float, share: float | None = None) -> Estimate:
        """Return a function of the four counts at an evaluated threshold.

        A number that hangs on the share of genuine comparisons is that at a given `share`, by default the one that
        there is. The share is kept without a subject too: it hangs on how many subjects there are, not on who they are.
        """
        formula = metric.formula
        if metric.at_share is not None:
            formula = metric.at_share(self.share if share is None else share)
        return self._rate(metric, formula, similarity)

    def auc(self) -> Estimate:
        """Area under the ROC curve, ties one half.

        Without a subject its genuine and its impostor scores are gone. What it lacks to 1 is taken to lose both shares
        one after the other: which of a subject's own genuine scores lie below its own impostor scores is not counted.
        """
        genuine, impostor = self.sizes
        value = self.rates.auc()
        below, above = self._ranks()
        own = (below / (2 * impostor) - value * self.totals[0]) / genuine
        shared = (above / (2 * genuine) - value * self.totals[1]) / impostor
        error, (part_g, part_i) = 1 - value, (self.totals[0] / genuine, self.totals[1] / impostor)
        with np.errstate(divide="ignore", invalid="ignore"):
            of_own = 1 - (part_g - below / (2 * genuine * impostor)) / error
            of_shared = 1 - (part_i - above / (2 * genuine * impostor)) / error
            left = error * of_own * of_shared / ((1 - part_g) * (1 - part_i)) if error else np.zeros(len(part_g))
        found = self._estimate(value, 1 - left, own, shared, None)
        return replace(found, unclaimed=TOO_HIGH if value > HIGH_AUC else "")

    def tail_begins_at(self, fmr: float) -> bool:
        """Return whether the tails were counted from the threshold at `fmr`, as the partial area needs it."""
        return self.rates.defined and self.counts.tail == self.similarity(self.rates.loosest_within(fmr).threshold)

    def partial_auc(self, limit: float) -> Estimate:
        """Area under the ROC curve below FMR = `limit`, McClish's scale; `counts.tail` is the threshold at `limit`."""
        (genuine, impostor), value = self.sizes, self.rates.partial_auc(limit)
        least = limit**2 / 2
        area = (2 * value - 1) * (limit - least) + least
        true, false = self.accepted(self.counts.tail)
        below, above = self.counts.ranks[:, :, 1].astype(np.float64).T
        if self.rejected:
            below = below + 2.0 * self.rates.counts.failed_impostor * true
        tar, scale = true.sum() / genuine, 1 / (2 * (limit - least))
        own = scale * (below / (2 * impostor) - (1 - limit) * true - area * self.totals[0]) / genuine
        shared = scale * (above / (2 * genuine) - tar * false - (area - limit * tar) * self.totals[1]) / impostor
        return self._estimate(value, self._first_order(value, own, shared), own, shared, None)

    def d_prime(self) -> Estimate:
        """Distance of the two score means in units of the root mean variance."""
        made = [counts.sum(axis=1).astype(np.float64) for counts in (self.counts.genuine, self.counts.impostor)]
        moments = self.counts.moments / MOMENT_UNIT
        parts = [column for kind in (0, 1) for column in (made[kind], moments[:, kind, 0], moments[:, kind, 1])]
        whole = tuple(float(part.sum()) / (1 if k < 3 else 2) for k, part in enumerate(parts))
        sign = 1 if whole[1] / whole[0] >= whole[4] / whole[3] else -1

        def distance(n, total, squares, m, other_total, other_squares):
            mean, other = total / n, other_total / m
            spread = squares / n - mean**2 + other_squares / m - other**2
            return sign * (mean - other) / np.sqrt(spread / 2)

        with np.errstate(divide="ignore", invalid="ignore"):
            left = distance(*(total - part for total, part in zip(whole, parts, strict=True)))
        slopes = gradient(distance, whole)
        own, shared = (np.tensordot(slopes[k : k + 3], parts[k : k + 3], 1) for k in (0, 3))
        return replace(self._estimate(self.rates.d_prime(), left, own, shared, None), scale=LOG, compared=PLAIN)

    def similarity(self, threshold: float) -> float:
        """Return the evaluated threshold of a native threshold that was chosen on these comparisons."""
        return float(self.rates.counts.comparator.cut(threshold))

    def weighted(
        self, value: float, parts: list[tuple[float, Estimate]], errors: int | None = None, scale: Scale = LOGIT
    ) -> Estimate:
        """Return a number that moves with others of this population, each after its weight."""
        subject = np.unique(np.concatenate([one.subject for _, one in parts]))
        left_out, own, shared = np.full(len(subject), value), np.zeros(len(subject)), np.zeros(len(subject))
        terms: list[PairTerm] | None = []
        for weight, one in parts:
            at = np.searchsorted(subject, one.subject)
            left_out[at] += weight * (one.left_out - one.value)
            own[at] += weight * one.own
            shared[at] += weight * one.shared
            terms = None if terms is None or one.pairs is None else [*terms, *cast(Any, one.pairs).times(weight).terms]
        participants = min(one.participants for _, one in parts)
        pairs = None if terms is None else PairInfluence(tuple(terms))
        left_out = left_out.clip(scale.low, scale.high)
        return Estimate(value, subject, left_out, own, shared, pairs, errors, participants, scale=scale)

    def _rate(self, metric: PointMetric, formula: Formula, similarity: float) -> Estimate:
        """Return a function of the four counts at an evaluated threshold."""
        parts, whole = (*self.accepted(similarity), *self.totals), self._whole(similarity)
        with np.errstate(divide="ignore", invalid="ignore"):
            value = float(formula(*map(np.float64, whole)))
            left = formula(*(total - part for total, part in zip(whole, parts, strict=True)))
            slopes = gradient(formula, whole) if np.isfinite(value) else [0.0] * 4
        own, shared = (slopes[k] * parts[k] + slopes[k + 2] * parts[k + 2] for k in (0, 1))
        fmr = whole[1] / whole[3] if whole[3] else 0.0
        pairs = PairInfluence((PairTerm(slopes[1], self.counts, similarity, fmr),) if slopes[1] else ())
        errors = int(metric.errors(*(whole if self.made is self else self.made._whole(similarity))))
        found = self._estimate(value, left, own, shared, pairs, errors, slopes)
        if_share = IfShare(formula, whole, value)
        return replace(found, if_share=if_share, scale=metric.scale, compared=metric.compared)

    def _whole(self, similarity: float) -> tuple[float, ...]:
        """Return TP, FP, G and I at an evaluated threshold."""
        parts = (*self.accepted(similarity), *self.totals)
        return tuple(float(part.sum()) / (1 + k % 2) for k, part in enumerate(parts))

    def _estimate(
        self,
        value: float,
        left_out: np.ndarray,
        own: np.ndarray,
        shared: np.ndarray,
        pairs: PairInfluence | None,
        errors: int | None = None,
        slopes: list[float] | None = None,
    ) -> Estimate:
        """Return an estimate over the subjects who have the comparisons that it depends on.

        `slopes`: its derivatives by TP, FP, G and I, where it is a function of them; else it depends on all.
        """
        of_kind = [True, True] if slopes is None else [bool(slopes[k] or slopes[k + 2]) for k in (0, 1)]
        if not any(of_kind):  # it is undefined
            of_kind = [True, True]
        part = np.any([total > 0 for total, asked in zip(self.totals, of_kind, strict=True) if asked], axis=0)
        participants = min(n for n, asked in zip(self.taking_part, of_kind, strict=True) if asked)
        kept = np.where(np.isfinite(left_out), left_out, value)[part]
        return Estimate(
            value,
            self.counts.subject if part.all() else self.counts.subject[part],
            kept,
            _centred(own[part]),
            _centred(shared[part]),
            pairs,
            errors,
            participants,
        )

    def _first_order(self, value: float, own: np.ndarray, shared: np.ndarray) -> np.ndarray:
        """Return (n,) a number without each subject, by its influences and its leverage: its part of all comparisons.

        An influence alone takes a subject with many comparisons for too light (MacKinnon, Nielsen & Webb, arXiv
        2406.08880, 2024).
        """
        (genuine, impostor), (of_genuine, of_impostor) = self.sizes, self.totals
        with np.errstate(divide="ignore", invalid="ignore"):
            left_out = value - own / (1 - of_genuine / genuine) - shared / (1 - of_impostor / impostor)
        return left_out.clip(0.0, 1.0)

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


def _centred(influence: np.ndarray) -> np.ndarray:
    """Return the influences less their mean.

    A precision or an F1 also depends on how many subjects there are; what is left out in turn keeps their number.
    """
    return influence - influence.mean() if len(influence) else influence
