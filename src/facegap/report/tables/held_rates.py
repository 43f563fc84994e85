"""FMR and FNMR at the thresholds where an evaluation holds them, and what that says of every other threshold."""

from dataclasses import dataclass
from itertools import combinations
from math import isfinite
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from facegap.data.across import Ends
from facegap.data.comparator import Comparator
from facegap.data.evaluation import Evaluation
from facegap.data.evaluation_tables import CELL
from facegap.data.manifest import POOLED
from facegap.metrics.operating_points import APPLIED, kind_of

RATES = ("fmr", "fnmr")


class Bounds(NamedTuple):
    """Between what a number lies; `exact`: whether it was evaluated at this very threshold."""

    least: float
    most: float
    exact: bool


@dataclass(frozen=True)
class HeldRate:
    """One error rate of one population.

    `cuts`: (T,) float32 similarity, rising: the evaluated thresholds. `values`: (T,) the rate there; it falls over the
    cuts, or rises where `rises`. `total`: how many comparisons it is over, None where that is not known.
    `interval_cuts`, `low`, `high`: (S,) the thresholds that have an interval, likewise, and its ends.
    """

    rises: bool
    cuts: np.ndarray
    values: np.ndarray
    total: int | None
    interval_cuts: np.ndarray
    low: np.ndarray
    high: np.ndarray

    def at(self, cut: np.float32) -> Bounds:
        """Return the rate at a threshold, or between what it lies: a rate never moves back along the thresholds."""
        return _between(self.cuts, self.values, self.values, cut, self.rises)

    def interval(self, cut: np.float32) -> Bounds | None:
        """Return the interval at a threshold, or the union of those on either side; None where there are none."""
        return _between(self.interval_cuts, self.low, self.high, cut, self.rises) if len(self.low) else None


def _between(cuts: np.ndarray, low: np.ndarray, high: np.ndarray, cut: np.float32, rises: bool) -> Bounds:
    after = int(np.searchsorted(cuts, cut))
    if after < len(cuts) and cuts[after] == cut:
        return Bounds(float(low[after]), float(high[after]), exact=True)
    lower, upper = (after - 1, after) if rises else (after, after - 1)
    least = float(low[lower]) if 0 <= lower < len(cuts) else 0.0
    return Bounds(least, float(high[upper]) if 0 <= upper < len(cuts) else 1.0, exact=False)


@dataclass(frozen=True)
class HeldModel:
    """What is held of one model over its own images.

    `stops`: the native thresholds that were looked at for all comparisons together, the loosest first. `populations`:
    the rates by name, in the order of the report; `pairs`: those of every two cohorts. A rate that is held nowhere is
    absent.
    """

    comparator: Comparator
    stops: tuple[float, ...]
    populations: dict[str, dict[str, HeldRate]]
    pairs: dict[Ends, dict[str, HeldRate]]


def held_model(evaluation: Evaluation, model: str) -> HeldModel:
    """Return the error rates of a model at a few hundred thresholds."""
    comparator = evaluation.comparator(model)
    own = {"model": model, "images": "own"}
    curves = pl.concat(
        table.filter(**own).select(*CELL, "threshold", *RATES) for table in (evaluation.roc, evaluation.sweep)
    )
    bands = evaluation.bands.filter(pl.col("curve").is_in(RATES), **own)
    rows = evaluation.metrics.filter(pl.col("metric").is_in([*RATES, "genuine", "impostor"]), **own)
    stops = _stops(evaluation, model, bands, rows)
    kept = {float(comparator.cut(stop)) for stop in stops}

    def held(ends: Ends) -> dict[str, HeldRate]:
        here = {"probe_cohort": ends[0], "gallery_cohort": ends[1]}
        found = (table.filter(**here).to_dicts() for table in (curves, bands, rows))
        tables = list(found)
        rates = {rate: _held(rate, comparator, kept, *tables) for rate in RATES}
        return {rate: one for rate, one in rates.items() if one is not None}

    populations = {name: held(evaluation.ends(name)) for name in evaluation.populations}
    cohorts = [name for name in evaluation.cohorts["cohort"] if name != POOLED]
    pairs = {ends: held(ends) for ends in combinations(cohorts, 2)}
    return HeldModel(comparator, stops, populations, pairs)


def _stops(evaluation: Evaluation, model: str, bands: pl.DataFrame, rows: pl.DataFrame) -> tuple[float, ...]:
    """Return the thresholds of the sweep over all comparisons, of the bands, and those that are applied to all."""
    every = evaluation.populations[-1]
    swept = evaluation.sweep.filter(model=model, images="own", probe_cohort=every, gallery_cohort=every)["threshold"]
    applied = [row["threshold"] for row in rows.iter_rows(named=True) if kind_of(row["at"]) in APPLIED]
    comparator = evaluation.comparator(model)
    by_cut = {comparator.cut(t): t for t in (*bands["x"], *swept, *applied) if t is not None and isfinite(t)}
    return tuple(by_cut[cut] for cut in sorted(by_cut))


def _held(
    rate: str, comparator: Comparator, stops: set[float], curves: list[dict], bands: list[dict], rows: list[dict]
) -> HeldRate | None:
    """Return one rate of one population: `curves`, `bands` and `rows` (of metrics) are its own."""
    values = {row["threshold"]: row[rate] for row in curves}
    intervals = {}
    for row in (row for row in bands if row["curve"] == rate):
        values[row["x"]], intervals[row["x"]] = row["value"], (row["low"], row["high"])
    for row in (row for row in rows if row["metric"] == rate and row["value"] is not None):
        if row["threshold"] is not None:
            values[row["threshold"]] = row["value"]
            if kind_of(row["at"]) in APPLIED and row["low"] is not None and row["high"] is not None:
                intervals[row["threshold"]] = row["low"], row["high"]
    by_cut, sure = _by_cut(values, comparator), _by_cut(intervals, comparator)
    if not by_cut:
        return None
    low, high = np.array(list(sure.values())).reshape(-1, 2).T
    kind = "genuine" if rate == "fnmr" else "impostor"
    total = next((int(row["value"]) for row in rows if row["metric"] == kind and row["value"]), None)
    cuts, numbers = np.array(list(by_cut), np.float32), np.array(list(by_cut.values()))
    kept = _telling(numbers, np.isin(cuts, np.array(list(stops), np.float32)))
    return HeldRate(rate == "fnmr", cuts[kept], numbers[kept], total, np.array(list(sure), np.float32), low, high)


def _by_cut(of_threshold: dict[float, Any], comparator: Comparator) -> dict[float, Any]:
    """Return what is held of native thresholds by their cut, the loosest first."""
    finite = {threshold: held for threshold, held in of_threshold.items() if isfinite(threshold)}
    return dict(sorted((float(comparator.cut(threshold)), held) for threshold, held in finite.items()))


def _telling(values: np.ndarray, stops: np.ndarray) -> np.ndarray:
    """Return (T,) bool, which points to keep: `stops`, both ends, and where the rate moves by a twentieth of a decade.

    A point between two of the same value says nothing that those don't say.
    """
    moved = np.diff(np.floor(20 * np.log10(np.maximum(values, 1e-9)))) != 0
    kept = np.r_[True, moved] | np.r_[moved, True] | stops
    kept[[0, -1]] = True
    changed = np.diff(values[kept]) != 0
    ends_a_run = np.r_[True, changed] | np.r_[changed, True]
    kept[kept] = ends_a_run
    return kept
