"""At which thresholds numbers are measured: what the `at` column of `Evaluation.metrics` says."""

from enum import StrEnum


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


def kind_of(at: str, cohort: str = "") -> OperatingPoint:
    """Return the kind of an operating point, seen from a cohort; without one every chosen threshold is from elsewhere.

    >>> kind_of("general@fmr=0.001", "young")
    <OperatingPoint.ELSEWHERE: 'elsewhere'>
    """
    chosen_on, chosen, _ = at.rpartition("@fmr=")
    if chosen:
        return OperatingPoint.HERE if chosen_on == cohort else OperatingPoint.ELSEWHERE
    if at.startswith("best-"):
        return OperatingPoint.SHARE if "share=" in at else OperatingPoint.BEST
    return OperatingPoint.FMR if at.startswith("fmr=") else OperatingPoint(at if at in ("", "shipped") else "")


def fmr_of(at: str) -> float:
    """Return the false match rate of an operating point `fmr=...`."""
    return float(at.removeprefix("fmr="))
