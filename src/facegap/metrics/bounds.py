"""From the rows of one population to their intervals."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from facegap.metrics import chosen
from facegap.metrics.bootstrap import Replicates
from facegap.metrics.estimate import FEW, Estimate
from facegap.metrics.influence import SubjectRates
from facegap.metrics.knots import band_thresholds, best_f1_candidates
from facegap.metrics.rates import Rates
from facegap.metrics.table import PARTIAL

Method = Literal["influence", "bootstrap", "none"]
"""How intervals are made: from the influence of each subject, from resampled subjects, or not at all."""

NOTHING_TO_GO_BY = "no interval: too few subjects, or no overlap"
"""Why an estimate without a variance has none."""

RATES = ("fmr", "fnmr", "accuracy", "precision", "recall", "f1")

Estimates = dict[tuple[str, str], Estimate]
"""The estimates of one population by metric and `at`."""


@dataclass(frozen=True)
class Intervals:
    """How sure every number is said to be: `level` (0 to 1), and `replicates` for the bootstrap."""

    level: float = 0.95
    replicates: Replicates | None = None

    def bounds(self, estimate: Estimate) -> tuple[float, float]:
        """Return the interval of an estimate; NaN where nothing can be said."""
        if self.replicates is not None and estimate.errors != 0 and estimate.known:
            return self.replicates.interval(estimate, self.level)
        return estimate.interval(self.level)

    def words(self, estimate: Estimate) -> str:
        """Return how the interval of an estimate came about."""
        if estimate.errors == 0:
            return f"no error seen: bound from {estimate.n_subjects} subjects"
        if not estimate.known:
            return NOTHING_TO_GO_BY
        if self.replicates is not None:
            return "bootstrap over subjects"
        few = estimate.errors is not None and estimate.errors < FEW
        return "Wilson over effective comparisons" if few else "influence of subjects"


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
    low, high = (None if np.isnan(bound) else bound for bound in intervals.bounds(estimate))
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


def band_rows(subjects: SubjectRates, pooled: Rates, fmrs: tuple[float, ...], intervals: Intervals) -> list[dict]:
    """Return the bands of the error curves of one population; `pooled` sets the thresholds, the same for all."""
    rows = []
    for fmr in fmrs:
        if subjects.rates.resolvable(fmr):
            rows.append(_band("roc", fmr, chosen.tar(subjects, fmr), intervals))
    if rows and not subjects.rejected:  # where every impostor is accepted, so is every genuine one: that is certain
        rows.append({"curve": "roc", "x": 1.0, "value": 1.0, "low": 1.0, "high": 1.0})
    for closeness in band_thresholds(pooled).tolist():
        threshold = subjects.rates.counts.comparator.sign * closeness
        for metric in RATES:
            estimate = getattr(subjects, metric)(closeness)
            if not np.isnan(estimate.value):
                rows.append(_band(metric, threshold, estimate, intervals))
    return [row for row in rows if row["low"] is not None]


def _band(curve: str, x: float, estimate: Estimate, intervals: Intervals) -> dict:
    low, high = (None if np.isnan(bound) else bound for bound in intervals.bounds(estimate))
    return {"curve": curve, "x": x, "value": estimate.value, "low": low, "high": high}
