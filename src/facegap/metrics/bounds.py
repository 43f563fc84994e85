"""From the rows of one population to their intervals."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from facegap.metrics import chosen
from facegap.metrics.influence import SubjectRates
from facegap.metrics.knots import best_f1_candidates
from facegap.metrics.rows import PARTIAL
from facegap.stats import Estimate, limits, method_of

Method = Literal["jackknife", "none"]
"""How intervals are made: by leaving out each subject in turn, or not at all."""

RATES = ("fmr", "fnmr", "accuracy", "precision", "recall", "f1")

Estimates = dict[tuple[str, str], Estimate]
"""The estimates of one population by metric and `at`."""


@dataclass(frozen=True)
class Intervals:
    """How sure every number is said to be: at the confidence `level` (0 to 1)."""

    level: float = 0.95

    def bounds(self, estimate: Estimate) -> tuple[float | None, float | None]:
        """Return the interval of an estimate; None where nothing can be said."""
        low, high = limits(estimate)(self.level)
        return (None if np.isnan(low) else low), (None if np.isnan(high) else high)

    def words(self, estimate: Estimate) -> str:
        """Return how the interval of an estimate came about."""
        said = str(method_of(estimate))
        return f"{said} ({estimate.participants})" if estimate.faultless and estimate.enough else said


def estimates_of(subjects: SubjectRates, rows: list[dict], *, across: bool = False) -> Estimates:
    """Return the estimates behind the rows of one population, as far as they have one.

    `across`: the population lies across two cohorts, where only rates at named thresholds are judged; what each subject
    does at a threshold chosen on such a population is not counted.
    """
    found: Estimates = {}
    for row in rows:
        if across and (row["metric"] not in RATES or row["at"].startswith("best-")):
            continue
        make = _maker(subjects, row)
        if row["value"] is not None and make is not None:
            found[row["metric"], row["at"]] = make()
    return found


def _maker(subjects: SubjectRates, row: dict) -> Callable[[], Estimate] | None:
    metric, at = row["metric"], row["at"]
    standing = {
        "auc": subjects.auc,
        "pauc": lambda: subjects.partial_auc(PARTIAL),
        "eer": lambda: chosen.eer(subjects),
        "d_prime": subjects.d_prime,
        "tar": lambda: chosen.tar(subjects, float(at.removeprefix("fmr="))),
    }
    if metric == "pauc" and not subjects.tail_begins_at(PARTIAL):
        return None
    if metric in standing:
        return standing[metric]
    if metric not in RATES or row["threshold"] is None:
        return None
    closeness = float(subjects.rates.counts.comparator.cut(row["threshold"]))
    if not subjects.counts.knows(closeness):
        return None
    if (metric, at) == ("f1", "best-f1"):
        return lambda: chosen.best_f1(subjects, best_f1_candidates(subjects.rates))
    if "share=" in at:
        share = float(at.partition("share=")[2])
        return lambda: subjects.at_share(metric, closeness, share)
    return lambda: getattr(subjects, metric)(closeness)


def bounded(rows: list[dict], estimates: Estimates, intervals: Intervals) -> list[dict]:
    """Return the rows with their intervals."""
    return [_bounded(row, estimates.get((row["metric"], row["at"])), intervals) for row in rows]


def _bounded(row: dict, estimate: Estimate | None, intervals: Intervals) -> dict:
    if estimate is None:
        return row
    low, high = intervals.bounds(estimate)
    method = "; ".join(filter(None, (row["method"], intervals.words(estimate))))
    return {**row, "low": low, "high": high, "method": method}


def threshold_rows(population_row: Callable[..., dict], subjects: SubjectRates, rows: list[dict], level: float):
    """Yield a row for each threshold that was chosen on the data, with its interval in the native unit."""
    sign = subjects.rates.counts.comparator.sign
    candidates = best_f1_candidates(subjects.rates)
    for row in rows:
        metric, at = row["metric"], row["at"]
        if row["value"] is None:
            continue
        if metric == "tar":
            found = chosen.tar_threshold(subjects, float(at.removeprefix("fmr=")), level)
        elif metric == "eer":
            found = chosen.eer_threshold(subjects, level)
        elif (metric, at) == ("f1", "best-f1"):
            found = chosen.best_f1_threshold(subjects, candidates, level)
        else:
            continue
        low, high = (None, None) if np.isnan(found).any() else sorted(sign * bound for bound in found)
        name = at or metric
        value = row["threshold"]
        made = population_row("threshold", value, at=name, threshold=value, method="inverted test")
        yield {**made, "low": low, "high": high}
