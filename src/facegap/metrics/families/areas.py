"""Areas under the ROC curve."""

from facegap.metrics.influence import HIGH_AUC, SubjectRates
from facegap.metrics.operating_points import at_fmr, fmr_of
from facegap.metrics.registry import SummaryMetric, SummaryValue, Unit, Word, register
from facegap.metrics.rows import PARTIAL
from facegap.run.text import N_
from facegap.stats import Estimate

AT = at_fmr(PARTIAL)


def _partial(subjects: SubjectRates, at: str) -> Estimate | None:
    return subjects.partial_auc(fmr_of(at)) if subjects.tail_begins_at(fmr_of(at)) else None


register(
    SummaryMetric(
        name="auc",
        label=N_("AUC"),
        higher_is_better=True,
        word=Word(
            N_("AUC"),
            N_("ROC-AUC"),
            N_("The chance that a genuine comparison scores closer than an impostor one; ties count one half."),
        ),
        reference="Hanley & McNeil, Radiology 143, 1982",
        compared_at=frozenset({""}),
        worst=0.5,
        not_told_above=HIGH_AUC,
        value=lambda rates: SummaryValue(rates.auc()),
        estimate=lambda subjects, at: subjects.auc(),
    )
)
register(SummaryMetric(name="auc_bound", unit=Unit.TINY, value=lambda rates: SummaryValue(rates.auc_bound())))
register(
    SummaryMetric(
        name="pauc",
        label=N_("pAUC"),
        higher_is_better=True,
        word=Word(
            N_("pAUC"),
            N_("partial AUC"),
            N_("Area under the ROC curve at low FMR, scaled so that chance is 0.5 and perfection 1."),
        ),
        reference="McClish, Medical Decision Making 9, 1989",
        at=AT,
        value=lambda rates: SummaryValue(rates.partial_auc(PARTIAL)),
        estimate=_partial,
    )
)
