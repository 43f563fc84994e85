"""From the rows of one population to their intervals."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from facegap.data.statement import Statement, cell_of
from facegap.metrics.influence import SubjectRates
from facegap.metrics.operating_points import OperatingPoint, at_best, kind_of, parse_at
from facegap.metrics.registry import Metric, PointMetric, metric
from facegap.stats import Estimate, limits, method_of
from facegap.stats import Method as IntervalMethod

Method = Literal["jackknife", "none"]
"""How intervals are made: by leaving out each subject in turn, or not at all."""

Estimates = dict[tuple[str, str], Estimate]
"""The estimates of one population by metric and `at`."""

INVERTED = Statement("inverted_test")
"""How the interval of a threshold is made."""


@dataclass(frozen=True)
class Intervals:
    """How sure every number is said to be: at the confidence `level` (0 to 1)."""

    level: float = 0.95

    def bounds(self, estimate: Estimate) -> tuple[float | None, float | None]:
        """Return the interval of an estimate; None where nothing can be said."""
        low, high = limits(estimate)(self.level)
        return (None if np.isnan(low) else low), (None if np.isnan(high) else high)

    def method(self, estimate: Estimate) -> Statement:
        """Return how the interval of an estimate came about, or why there is none."""
        made = method_of(estimate)
        if made is IntervalMethod.RULE_OF_THREE:
            return Statement.of(made, participants=estimate.participants)
        return Statement(str(made))


def estimates_of(
    subjects: SubjectRates, rows: list[dict], metrics: Sequence[Metric] = (), *, shown: bool = True
) -> Estimates:
    """Return the estimates behind the rows of one population, as far as they have one.

    `metrics`: those that were asked for besides the standing ones. `shown`: see `rows.Population`; of others only rates
    at named thresholds are judged, as what each subject does at a threshold chosen on these is not counted.
    """
    asked, found = {one.name: one for one in metrics}, {}
    for row in rows:
        one, at = asked.get(row["metric"]) or metric(row["metric"]), row["at"]
        if not shown and (
            not isinstance(one, PointMetric) or kind_of(at) in (OperatingPoint.BEST, OperatingPoint.SHARE)
        ):
            continue
        if row["value"] is not None and (made := _estimate(subjects, one, at, row["threshold"])) is not None:
            found[one.name, at] = made
    return found


def _estimate(subjects: SubjectRates, one: Metric, at: str, threshold: float | None) -> Estimate | None:
    if not isinstance(one, PointMetric):
        return one.estimate and one.estimate(subjects, at)
    if threshold is None:
        return None
    similarity = float(subjects.rates.counts.comparator.cut(threshold))
    if not subjects.counts.knows(similarity):
        return None
    if len(one.decisions) > 1 and one.lopsided(*subjects.rates.at(threshold).counts):
        return None
    if one.estimate is not None and at == at_best(one.name):
        return one.estimate(subjects, at)
    share = parse_at(at).share
    return subjects.at(one, similarity, float(share) if share else None)


def bounded(rows: list[dict], estimates: Estimates, intervals: Intervals) -> list[dict]:
    """Return the rows with their intervals."""
    return [_bounded(row, estimates.get((row["metric"], row["at"])), intervals) for row in rows]


def _bounded(row: dict, estimate: Estimate | None, intervals: Intervals) -> dict:
    if estimate is None:
        return row
    low, high = intervals.bounds(estimate)
    return {**row, "low": low, "high": high, **cell_of(intervals.method(estimate), before=row)}


def threshold_rows(population_row: Callable[..., dict], subjects: SubjectRates, rows: list[dict], level: float):
    """Yield a row for each threshold that was chosen on the data, with its interval in the native unit."""
    sign = subjects.rates.counts.comparator.sign
    for row in rows:
        at, one = row["at"], metric(row["metric"])
        chosen_here = not isinstance(one, PointMetric) or at == at_best(one.name)
        if row["value"] is None or one.threshold_bounds is None or not chosen_here:
            continue
        found = one.threshold_bounds(subjects, at, level)
        low, high = (None, None) if np.isnan(found).any() else sorted(sign * bound for bound in found)
        value, name = row["threshold"], at or one.name
        made = population_row("threshold", value, at=name, threshold=value, method=INVERTED)
        yield {**made, "low": low, "high": high}
