"""The detection cost function of NIST's speaker recognition evaluations, normalised, at a threshold and at its minimum.

C = (c_miss prior FNMR + c_false (1 - prior) FMR) / min(c_miss prior, c_false (1 - prior))

`prior`: the share of genuine comparisons that is expected in use; the shares in the data play no part. The divisor is
the cost of the better one of two systems that look at no face, of which one accepts and the other rejects everything:
1 is worth nothing, and a bad threshold costs more than that (C_Norm of NIST's evaluation plans since 1996).
"""

from collections.abc import Iterable
from math import isfinite

from facegap.errors import InputError
from facegap.metrics import chosen, formulas
from facegap.metrics.evaluated import lowest_candidates
from facegap.metrics.influence import SubjectRates
from facegap.metrics.operating_points import APPLIED, OperatingPoint
from facegap.metrics.rates import Rates
from facegap.metrics.registry import LOPSIDED, PointMetric, SummaryMetric, SummaryValue, Word, register
from facegap.metrics.scales import logit_up_to
from facegap.run.text import N_
from facegap.stats import Estimate

REFERENCE = "Doddington, Przybocki, Martin & Reynolds, Speech Communication 31, 2000; NIST SRE evaluation plans"
BLIND = 1.0
"""The cost of a system that looks at no face."""


def dcf(c_miss: float, c_false: float, prior: float) -> PointMetric:
    """Return the normalised cost at a threshold.

    Raises:
        InputError: a cost is not above 0, or the prior is no share.
    """
    if not (c_miss > 0 and c_false > 0 and isfinite(c_miss + c_false) and 0 < prior < 1):
        raise InputError(
            "a detection cost cannot have c_miss={c_miss:g}, c_false={c_false:g}, prior={prior:g}: give costs above "
            "0 and a prior between 0 and 1",
            c_miss=c_miss,
            c_false=c_false,
            prior=prior,
        )
    blind = min(c_miss * prior, c_false * (1 - prior))
    missed, false = c_miss * prior / blind, c_false * (1 - prior) / blind
    return PointMetric(
        name="dcf",
        label=N_("DCF"),
        higher_is_better=False,
        word=Word(
            N_("DCF"),
            N_("detection cost, actual DCF"),
            N_(
                "What misses and false matches cost at a threshold, at stated costs and a stated share of genuine "
                "comparisons (prior), over the cost of the better of accepting everyone and rejecting everyone: 0 is "
                "perfect, 1 is worth nothing, and more is worse than not looking (NIST)."
            ),
        ),
        reference=REFERENCE,
        standing=False,
        parameters={"c_miss": c_miss, "c_false": c_false, "prior": prior},
        formula=lambda tp, fp, g, i: missed * ((g - tp) / g) + false * (fp / i),
        decisions=(formulas.of_impostors, formulas.of_genuine),
        scale=logit_up_to(missed + false),
        points=APPLIED,
        compared_at=frozenset({OperatingPoint.SHIPPED, OperatingPoint.ELSEWHERE}),
    )


def min_dcf(c_miss: float, c_false: float, prior: float) -> SummaryMetric:
    """Return the normalised cost at the threshold that is best on the very comparisons it is judged on.

    Raises:
        InputError: as `dcf`.
    """
    cost = dcf(c_miss, c_false, prior)

    def value(rates: Rates) -> SummaryValue:
        point = rates.best(cost.formula, lowest=True)
        return SummaryValue(point.of(cost.formula), point.threshold, LOPSIDED if cost.lopsided(*point.counts) else None)

    def thresholds(rates: Rates) -> Iterable[float]:
        return lowest_candidates(rates, cost.formula, BLIND).tolist()

    def estimate(subjects: SubjectRates, at: str) -> Estimate | None:
        if cost.lopsided(*subjects.rates.best(cost.formula, lowest=True).counts):
            return None
        return chosen.best(subjects, cost, lowest_candidates(subjects.rates, cost.formula, BLIND))

    return SummaryMetric(
        name="min_dcf",
        label=N_("minimum DCF"),
        higher_is_better=False,
        word=Word(
            N_("Minimum DCF"),
            N_("minDCF, minimum detection cost"),
            N_(
                "The lowest DCF over all thresholds, tuned on the very comparisons it is judged on: what the scores "
                "could cost at best (NIST)."
            ),
        ),
        reference=REFERENCE,
        standing=False,
        parameters=cost.parameters,
        compared_at=frozenset({""}),
        value=value,
        thresholds=thresholds,
        estimate=estimate,
    )


register(dcf(c_miss=1, c_false=10, prior=0.01), dcf)
register(min_dcf(c_miss=1, c_false=10, prior=0.01), min_dcf)
