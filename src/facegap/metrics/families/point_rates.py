"""Error rates and others at a threshold."""

from facegap.metrics import chosen, formulas
from facegap.metrics.evaluated import best_f1_candidates
from facegap.metrics.influence import SubjectRates
from facegap.metrics.operating_points import EVERYWHERE, OperatingPoint
from facegap.metrics.registry import Metric, PointMetric, Unit, Word, point_metric, register
from facegap.run.text import N_
from facegap.stats import LOG, Estimate

COMMON = frozenset({OperatingPoint.SHIPPED, OperatingPoint.ELSEWHERE})
"""Where two cohorts, or two models, are compared by their error rates."""

WITH_SHARES = EVERYWHERE | {OperatingPoint.SHARE}


def _best_f1(subjects: SubjectRates, at: str) -> Estimate:
    return chosen.best(subjects, point_metric("f1"), best_f1_candidates(subjects.rates))


def _best_f1_bounds(subjects: SubjectRates, at: str, level: float) -> tuple[float, float]:
    return chosen.best_f1_threshold(subjects, best_f1_candidates(subjects.rates), level)


register(
    PointMetric(
        name="fmr",
        label=N_("FMR"),
        higher_is_better=False,
        unit=Unit.PERCENT,
        word=Word(
            N_("FMR"), N_("FAR, FPR"), N_("False match rate: the share of impostor comparisons that are accepted.")
        ),
        reference="ISO/IEC 19795-1",
        formula=formulas.fmr,
        decisions=(formulas.of_impostors,),
        compared=LOG,
        compared_at=COMMON,
        act=N_("accepts impostor comparisons"),
        monotone=-1,
    )
)
register(
    PointMetric(
        name="fnmr",
        label=N_("FNMR"),
        higher_is_better=False,
        unit=Unit.PERCENT,
        word=Word(
            N_("FNMR"),
            N_("FRR, 1 − TPR"),
            N_("False non-match rate: the share of genuine comparisons that are rejected."),
        ),
        reference="ISO/IEC 19795-1",
        formula=formulas.fnmr,
        decisions=(formulas.of_genuine,),
        compared_at=COMMON,
        act=N_("rejects genuine comparisons"),
        worst=1.0,
        monotone=1,
    )
)
register(
    PointMetric(
        name="accuracy",
        label=N_("accuracy"),
        higher_is_better=True,
        formula=formulas.accuracy,
        at_share=formulas.accuracy_at,
        compared_at=frozenset({"best-accuracy"}),
        of_prevalence=True,
    )
)
register(
    PointMetric(
        name="precision",
        higher_is_better=True,
        formula=formulas.precision,
        at_share=formulas.precision_at,
        decisions=(formulas.of_accepted,),
        points=WITH_SHARES,
    )
)
register(
    PointMetric(
        name="recall",
        higher_is_better=True,
        formula=formulas.recall,
        decisions=(formulas.of_genuine,),
        monotone=-1,
    )
)
register(
    PointMetric(
        name="f1",
        label=N_("F1"),
        higher_is_better=True,
        word=Word(
            N_("Best F1"),
            "",
            N_(
                "The highest F1 over all thresholds, tuned on the very comparisons it is judged on. It falls with the "
                "share of genuine comparisons, so it cannot be set beside an F1 from other data."
            ),
        ),
        reference="van Rijsbergen, Information Retrieval, 1979",
        formula=formulas.f1,
        at_share=formulas.f1_at,
        compared_at=frozenset({"best-f1", OperatingPoint.SHARE}),
        of_prevalence=True,
        points=WITH_SHARES,
        estimate=_best_f1,
        threshold_bounds=_best_f1_bounds,
    )
)
for name in ("fmr_per_subject", "fnmr_per_subject"):
    register(Metric(name=name, unit=Unit.PERCENT))
