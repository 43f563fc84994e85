"""How far the genuine and the impostor scores lie apart."""

from math import isnan

from facegap.data.statement import Statement
from facegap.metrics.rates import Rates
from facegap.metrics.registry import SummaryMetric, SummaryValue, Word, register
from facegap.run.text import N_

NO_SPREAD = Statement("scores_without_spread")
"""Why there is no d'."""


def _value(rates: Rates) -> SummaryValue:
    value = rates.d_prime()
    return SummaryValue(value, method=NO_SPREAD if isnan(value) else None)


register(
    SummaryMetric(
        name="d_prime",
        label=N_("d′"),
        higher_is_better=True,
        word=Word(
            N_("d′"),
            N_("d prime"),
            N_("Distance of the mean genuine and impostor score in units of their pooled deviation."),
        ),
        reference="Daugman, Proc. IEEE 85, 1997 (decidability)",
        value=_value,
        estimate=lambda subjects, at: subjects.d_prime(),
    )
)
