"""Bands of the error curves: intervals at many thresholds, which rise or fall as the curves do."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from facegap.metrics import chosen
from facegap.metrics.bounds import Intervals
from facegap.metrics.evaluated import band_thresholds, step_thresholds
from facegap.metrics.influence import SubjectRates
from facegap.metrics.operating_points import fmr_of
from facegap.metrics.rates import Rates
from facegap.metrics.registry import PointMetric, point_metric, standing_points
from facegap.stats import Estimate


def band_rows(subjects: SubjectRates, pooled: Rates, fmrs: tuple[float, ...], intervals: Intervals) -> list[dict]:
    """Return the bands of the error curves of one population; `pooled` sets the thresholds, the same for all."""
    rows = []
    for fmr in fmrs:
        if subjects.rates.resolvable(fmr):
            rows.append(_band("roc", fmr, chosen.tar(subjects, fmr), intervals))
    if rows and not subjects.rejected:  # where every impostor is accepted, so is every genuine one: that is certain
        rows.append({"curve": "roc", "x": 1.0, "value": 1.0, "low": 1.0, "high": 1.0})
    sure = [row for row in rows if row["low"] is not None]
    return [*sure, *_along(subjects, band_thresholds(pooled), standing_points(), intervals)]


def impostor_band_rows(subjects: SubjectRates, pooled: Rates, intervals: Intervals) -> list[dict]:
    """Return the band of the FMR alone, of two cohorts that have no genuine comparison between them."""
    return list(_along(subjects, band_thresholds(pooled), [point_metric("fmr")], intervals))


def _along(
    subjects: SubjectRates, similarities: np.ndarray, metrics: Sequence[PointMetric], intervals: Intervals
) -> Iterator[dict]:
    for similarity in similarities.tolist():
        threshold = subjects.rates.counts.comparator.sign * similarity
        for metric in metrics:
            estimate = subjects.at(metric, similarity)
            if not np.isnan(estimate.value):
                row = _band(metric.name, threshold, estimate, intervals)
                if row["low"] is not None:
                    yield row


def steps(subjects: SubjectRates, pooled: Rates, intervals: Intervals) -> list[dict]:
    """Return bands of FMR and FNMR at the thresholds that `pooled` steps through: a common one is among them.

    Even steps over the scores are too far apart where FMR is low: from one to the next it falls by a power of ten.
    """
    others = np.setdiff1d(step_thresholds(pooled), band_thresholds(pooled))
    return list(_along(subjects, others, [point_metric("fmr"), point_metric("fnmr")], intervals))


def _band(curve: str, x: float, estimate: Estimate, intervals: Intervals) -> dict:
    low, high = intervals.bounds(estimate)
    return {"curve": curve, "x": x, "value": estimate.value, "low": low, "high": high}


def monotone(rows: list[dict], bands: list[dict], sign: int) -> tuple[list[dict], list[dict]]:
    """Return the rows of one population and its bands with bounds that rise and fall as the curves do.

    `sign`: of similarity over the native threshold. At a stricter threshold no more comparisons are accepted. So the
    upper bound of a rate that is higher elsewhere bounds it here too, and the lower bound of one that is lower: where
    few errors make an interval wide, that of the next threshold, with more of them, narrows it.
    """
    rows, bands = [dict(row) for row in rows], [dict(row) for row in bands]
    for metric in standing_points():
        if not (direction := metric.monotone * sign):
            continue
        along = [(direction * row["threshold"], row) for row in rows if row["metric"] == metric.name and _sure(row)]
        along += [(direction * row["x"], row) for row in bands if row["curve"] == metric.name]
        _put_in_order(along)
    along = [(fmr_of(row["at"]), row) for row in rows if row["metric"] == "tar" and _sure(row)]
    _put_in_order([*along, *((row["x"], row) for row in bands if row["curve"] == "roc")])
    return rows, bands


def with_steps(rows: list[dict], bands: list[dict], found: list[dict], sign: int) -> list[dict]:
    """Return the bands with the steps among them, each within the bounds of what lies on both its sides.

    `rows`, `bands`: in order already, and left as they are, so that no number hangs on where the steps are.
    """
    made = []
    for metric in (point_metric("fmr"), point_metric("fnmr")):
        direction = metric.monotone * sign
        fixed = [(direction * row["threshold"], row) for row in rows if row["metric"] == metric.name and _sure(row)]
        fixed += [(direction * row["x"], row) for row in bands if row["curve"] == metric.name]
        fixed.sort(key=lambda place: (place[0], place[1]["value"]))
        places = np.array([place for place, _ in fixed])
        along = [(direction * row["x"], row) for row in found if row["curve"] == metric.name]
        kept = {end: np.array([0.0, *(row[end] for _, row in fixed), 1.0]) for end in ("low", "high")}
        steps = []
        for place, row in along:
            below, above = np.searchsorted(places, place, "right"), np.searchsorted(places, place, "left") + 1
            ends = {end: float(np.clip(row[end], bounds[below], bounds[above])) for end, bounds in kept.items()}
            steps.append((place, {**row, **ends}))
        _put_in_order(steps)
        made += [row for _, row in steps]
    return [*bands, *made]


def _sure(row: dict) -> bool:
    return row["low"] is not None and row["high"] is not None and (row["threshold"] is not None or row["at"] != "")


def _put_in_order(along: Iterable[tuple[float, dict]]) -> None:
    """Let the bounds of rows along a rising curve rise too: each as tight as the others make certain."""
    rows = [row for _, row in sorted(along, key=lambda place: (place[0], place[1]["value"]))]
    if rows:
        low, high = (np.array([row[end] for row in rows]) for end in ("low", "high"))
        ends = np.maximum.accumulate(low), np.minimum.accumulate(high[::-1])[::-1]
        for row, least, most in zip(rows, *(end.tolist() for end in ends), strict=True):
            row["low"], row["high"] = least, most
