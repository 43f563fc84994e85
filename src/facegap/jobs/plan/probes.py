"""What is looked at in every sample of a pilot, so that its variance can be foretold."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from facegap.errors import InputError
from facegap.jobs.plan.law import Reading
from facegap.jobs.plan.questions import Gap
from facegap.metrics.influence import SubjectRates
from facegap.metrics.registry import metric, whole_of
from facegap.stats import Estimate


@dataclass(frozen=True)
class FmrProbe:
    """One model's FMR at the threshold where a sample shows `fmr`, as a share of itself."""

    model: int
    fmr: float

    def look(self, rates: Sequence[SubjectRates], images: int) -> Reading | None:
        """Return what a sample shows, or None where its comparisons are too few; `rates`: one per model."""
        own = rates[self.model]
        if not own.rates.resolvable(self.fmr):
            return None
        similarity = _similarity(own, self.fmr)
        found = own.fmr(similarity)
        if found.value == 0:
            return None
        counts, k = own.counts, own.counts.place(similarity)
        pairs = counts.squares[k] - 2 * found.value * counts.products[k] + found.value**2 * counts.sizes
        total = own.rates.counts.n_impostor
        return Reading.of([(1.0, found)], images, float(pairs) / total**2, 1 / found.value)


@dataclass(frozen=True)
class MetricProbe:
    """One model's value of the metric of a gap."""

    model: int
    gap: Gap

    @property
    def fmr(self) -> float | None:
        """The false match rate whose threshold is needed, if any."""
        return self.gap.fmr

    def look(self, rates: Sequence[SubjectRates], images: int) -> Reading | None:
        """See `FmrProbe.look`."""
        found = _metric(rates[self.model], self.gap)
        return None if found is None else Reading.of([(1.0, found)], images)


@dataclass(frozen=True)
class PairedProbe:
    """The difference of two models on the same subjects, the worse one as bad as the gap makes it."""

    models: tuple[int, int]
    gap: Gap

    @property
    def fmr(self) -> float | None:
        """See `MetricProbe.fmr`."""
        return self.gap.fmr

    def look(self, rates: Sequence[SubjectRates], images: int) -> Reading | None:
        """See `FmrProbe.look`."""
        a, b = (_metric(rates[model], self.gap) for model in self.models)
        if a is None or b is None:
            return None
        a, b = sorted((a, b), key=lambda one: one.value, reverse=self.gap.lower_is_worse)
        factor = float(np.sqrt(worsening(self.gap, a.value, b.value)))
        return Reading.of([(1.0, a), (-1.0, _moved(b, factor))], images)


def _moved(estimate: Estimate, factor: float) -> Estimate:
    """Return an estimate that every subject moves by `factor` times as much."""
    return replace(
        estimate,
        left_out=estimate.value + factor * (estimate.left_out - estimate.value),
        own=factor * estimate.own,
        shared=factor * estimate.shared,
        pairs=None if estimate.pairs is None else estimate.pairs.times(factor),
    )


Probe = FmrProbe | MetricProbe | PairedProbe


def worsening(gap: Gap, better: float, worse: float) -> float:
    """Return by how much the variance of the worse side grows once the two lie as far apart as the gap.

    The variance of a rate p goes with p (1 - p), and so, about, does that of an AUC. Where the pilot shows a gap as
    large already, nothing is added.

    Raises:
        InputError: nothing can be so much worse, or both sides would be AUCs that no study tells apart.
    """
    target = gap.worse(better)
    target = min(target, worse) if gap.lower_is_worse else max(target, worse)
    asked = metric(gap.metric)
    if asked.not_told_above is not None and target > asked.not_told_above:
        raise InputError(
            "a {gap} cannot be planned for where the pilot shows {better:.4g}: {metric}s above {most:g} are not told "
            "apart; ask for a gap in FNMR at a FMR",
            gap=gap.said,
            better=better,
            metric=asked.label,
            most=asked.not_told_above,
        )
    spread = worse * (1 - worse)
    return target * (1 - target) / spread if spread else 1.0


def _metric(rates: SubjectRates, gap: Gap) -> Estimate | None:
    if not rates.rates.defined:
        return None
    if gap.fmr is not None and not rates.rates.resolvable(gap.fmr):
        return None
    whole, at = whole_of(gap.metric), "" if gap.fmr is None else f"fmr={gap.fmr!r}"
    estimate = (whole or metric(gap.metric)).estimate
    found = estimate and estimate(rates, at)
    return found.complement() if found and whole else found


def _similarity(rates: SubjectRates, fmr: float) -> float:
    return float(rates.rates.counts.comparator.cut(rates.rates.loosest_within(fmr).threshold))
