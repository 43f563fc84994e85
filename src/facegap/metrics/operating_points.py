"""At which thresholds numbers are measured: what the `at` column of `Evaluation.metrics` says."""

from enum import StrEnum
from functools import cache
from typing import NamedTuple


class OperatingPoint(StrEnum):
    """A kind of operating point; `kind_of` tells it from the text of the `at` column."""

    NONE = ""
    """No threshold, or the one that the metric finds by itself."""
    BEST = "best"
    """The threshold that is best for a metric on the same comparisons: `best-f1`."""
    SHARE = "share"
    """The same, with another share of genuine comparisons: `best-f1, share=0.01`."""
    FMR = "fmr"
    """The loosest threshold within a false match rate on the same comparisons: `fmr=0.001`."""
    SHIPPED = "shipped"
    """The model's own threshold."""
    HERE = "here"
    """A threshold that was chosen on these comparisons and is applied to all: `general@fmr=0.001`, in `general`."""
    ELSEWHERE = "elsewhere"
    """The same on any other comparisons than those that it was chosen on."""


APPLIED = frozenset({OperatingPoint.SHIPPED, OperatingPoint.HERE, OperatingPoint.ELSEWHERE})
"""Thresholds that are the same for all cohorts."""

EVERYWHERE = frozenset({*APPLIED, OperatingPoint.BEST})
"""All thresholds at which the usual rates are measured."""


BEST, SHARE, CHOSEN, RATE = "best-", ", share=", "@fmr=", "fmr="
"""What the text of an operating point is made of."""


class MeasuredAt(NamedTuple):
    """An operating point.

    `kind`: a threshold chosen on a cohort is `ELSEWHERE`. `metric`: whose best threshold it is. `share`: of genuine
    comparisons. `cohort`: on which the threshold was chosen. `fmr`: the false match rate it was chosen for. Numbers are
    written as in the `at` column; what does not belong to the kind is "".
    """

    kind: OperatingPoint
    metric: str = ""
    share: str = ""
    cohort: str = ""
    fmr: str = ""

    @property
    def rate(self) -> float:
        """The false match rate as a number.

        Raises:
            ValueError: there is none.
        """
        return float(self.fmr)


@cache
def parse_at(at: str) -> MeasuredAt:
    """Return what the text of an `at` column says; one that is not known is of the kind `NONE`.

    >>> parse_at("general@fmr=0.001")
    MeasuredAt(kind=<OperatingPoint.ELSEWHERE: 'elsewhere'>, metric='', share='', cohort='general', fmr='0.001')
    """
    cohort, chosen, fmr = at.rpartition(CHOSEN)
    if chosen and cohort:
        return MeasuredAt(OperatingPoint.ELSEWHERE, cohort=cohort, fmr=fmr)
    if at.startswith(BEST):
        metric, _, share = at.removeprefix(BEST).partition(SHARE)
        return MeasuredAt(OperatingPoint.SHARE if share else OperatingPoint.BEST, metric=metric, share=share)
    if at.startswith(RATE):
        return MeasuredAt(OperatingPoint.FMR, fmr=at.removeprefix(RATE))
    return MeasuredAt(OperatingPoint.SHIPPED if at == OperatingPoint.SHIPPED else OperatingPoint.NONE)


def kind_of(at: str, cohort: str = "") -> OperatingPoint:
    """Return the kind of an operating point, seen from a cohort; without one every chosen threshold is from elsewhere.

    >>> kind_of("general@fmr=0.001", "young")
    <OperatingPoint.ELSEWHERE: 'elsewhere'>
    """
    found = parse_at(at)
    return OperatingPoint.HERE if found.cohort and found.cohort == cohort else found.kind


def fmr_of(at: str) -> float:
    """Return the false match rate of an operating point `fmr=...`."""
    return parse_at(at).rate


def at_fmr(fmr: float, cohort: str = "") -> str:
    """Return the text of the loosest threshold within a false match rate, on a cohort for all if one is given."""
    return f"{cohort}{CHOSEN}{fmr:g}" if cohort else f"{RATE}{fmr:g}"


def at_best(metric: str, share: float | None = None) -> str:
    """Return the text of the best threshold for a metric, at another share of genuine comparisons if one is given."""
    return f"{BEST}{metric}" if share is None else f"{BEST}{metric}{SHARE}{share:g}"
