"""The equal error rate."""

from collections.abc import Iterator

from facegap.metrics import chosen
from facegap.metrics.rates import Rates
from facegap.metrics.registry import SummaryMetric, SummaryValue, Unit, Word, register
from facegap.run.text import N_


def _thresholds(rates: Rates) -> Iterator[float]:
    yield float(rates.counts.comparator.cut(rates.eer()[1]))


register(
    SummaryMetric(
        name="eer",
        label=N_("EER"),
        higher_is_better=False,
        unit=Unit.PERCENT,
        word=Word(N_("EER"), "", N_("Equal error rate: where FMR and FNMR are the same.")),
        reference="ISO/IEC 19795-1",
        compared_at=frozenset({""}),
        worst=0.5,
        value=lambda rates: SummaryValue(*rates.eer()),
        estimate=lambda subjects, at: chosen.eer(subjects),
        threshold_bounds=lambda subjects, at, level: chosen.eer_threshold(subjects, level),
        thresholds=_thresholds,
    )
)
