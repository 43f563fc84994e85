"""What is asked of every model besides the standing numbers, and at which thresholds."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import product

from facegap.data.across import between_name
from facegap.data.finding import Finding, FindingCode
from facegap.data.manifest import POOLED
from facegap.data.tally import ScoreTally
from facegap.metrics.operating_points import at_fmr
from facegap.metrics.rates import Rates
from facegap.metrics.registry import Metric

GLOBAL_FMRS = (1e-3, 1e-2)
"""Where there are several cohorts, one threshold for all is chosen at the first of these rates that can be resolved."""


@dataclass(frozen=True)
class ThresholdFrom:
    """Choose each model's threshold on one cohort at a false match rate and apply it to all the others."""

    cohort: str
    fmr: float

    @property
    def label(self) -> str:
        """What stands in the `at` column."""
        return at_fmr(self.fmr, self.cohort)


@dataclass(frozen=True)
class Questions:
    """What is asked of every population of one model.

    `shipped`: the model's own threshold. `applied`: thresholds chosen on a cohort, by their name in the `at` column,
    and `chosen`: at which false match rate each was chosen. `genuine_share`: the share of genuine comparisons for
    which precision and F1 are wanted too. `metrics`, `fmrs`: those that are asked for besides the standing ones.
    """

    shipped: float | None = None
    applied: dict[str, float] = field(default_factory=dict)
    chosen: dict[str, float] = field(default_factory=dict)
    genuine_share: float | None = None
    metrics: tuple[Metric, ...] = ()
    fmrs: tuple[float, ...] = ()

    @property
    def named(self) -> dict[str, float]:
        """Every threshold that is applied to all populations, by its name in the `at` column."""
        return self.applied if self.shipped is None else {"shipped": self.shipped, **self.applied}


def ask(
    tally: ScoreTally,
    *,
    model: str,
    shipped: float | None,
    threshold_from: Iterable[ThresholdFrom] = (),
    genuine_share: float | None = None,
    metrics: tuple[Metric, ...] = (),
    fmrs: Iterable[float] = (),
) -> tuple[Questions, list[Finding]]:
    """Return what to ask of each population of a model, and a finding per threshold that the data cannot give."""
    applied, chosen, unresolved = {}, {}, []
    for wanted in threshold_from:
        rates = _rates(tally, wanted.cohort)
        if rates.resolvable(wanted.fmr):
            applied[wanted.label] = rates.loosest_within(wanted.fmr).threshold
            chosen[wanted.label] = wanted.fmr
        else:
            said = {
                "model": model,
                "cohort": wanted.cohort,
                "impostor": rates.made.counts.n_impostor,
                "fmr": wanted.fmr,
            }
            unresolved.append(Finding.of(FindingCode.NOT_RESOLVABLE, **said))
    if len(tally.cohorts) > 1:
        rates = _rates(tally, POOLED)
        for fmr in [fmr for fmr in GLOBAL_FMRS if rates.resolvable(fmr)][:1]:
            label = ThresholdFrom(POOLED, fmr).label
            applied[label], chosen[label] = rates.loosest_within(fmr).threshold, fmr
    return Questions(shipped, applied, chosen, genuine_share, metrics, tuple(fmrs)), unresolved


def _rates(tally: ScoreTally, cohort: str) -> Rates:
    """Return the rates of a cohort, of all together, or of a pair of cohorts, by name."""
    if cohort == POOLED:
        return Rates(tally.pooled())
    ends = next(ends for ends in product(tally.cohorts, repeat=2) if between_name(*ends) == cohort)
    return Rates(tally.between(*ends))
