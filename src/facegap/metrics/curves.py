"""Curves of one population, thinned for drawing: every point lies on the exact curve."""

from math import isnan

import numpy as np

from facegap.data.tally import SWEEP
from facegap.metrics.rates import Rates

BINS = 80
EXTRA = 160


def roc_rows(rates: Rates) -> list[dict]:
    """Return threshold, FMR and FNMR from (0, .) to (1, .) at most a few hundred cuts.

    A cut is kept where the curve moves on by a hundredth of the unit square, or a fortieth of a decade of a rate.
    """
    true, false = rates.matches
    genuine, impostor = rates.counts.n_genuine, rates.counts.n_impostor
    fmr, fnmr = false / impostor, (genuine - true) / genuine
    cells = np.stack(
        [np.floor(fmr * 100), np.floor(fnmr * 100), np.floor(40 * _log10(fmr)), np.floor(40 * _log10(fnmr))]
    )
    moved = (np.diff(cells, axis=1) != 0).any(axis=0)
    kept = np.flatnonzero(np.r_[True, moved] | np.r_[moved, True])[::-1]
    return [
        {"threshold": float(t), "fmr": float(x), "fnmr": float(y)}
        for t, x, y in zip(rates.thresholds[kept], fmr[kept], fnmr[kept], strict=True)
    ]


def _log10(rate: np.ndarray) -> np.ndarray:
    return np.log10(np.maximum(rate, 1e-9))


def sweep_rows(rates: Rates, pooled: Rates) -> list[dict]:
    """Return the rates at the thresholds of the article's sweep, and between the lowest and the highest score.

    `pooled`: all comparisons of the model. It sets the thresholds, the same for all populations, so that one threshold
    can be read in every one.
    """
    low, high = _range(pooled)
    between = rates.thresholds[np.linspace(low, high, EXTRA).astype(int)].tolist()
    sign = rates.counts.comparator.sign
    rows = []
    for threshold in sorted({*SWEEP, *between}, key=lambda t: -sign * t):
        point = rates.at(threshold)
        rows.append(
            {
                "threshold": threshold,
                "accuracy": point.accuracy,
                "precision": None if isnan(point.precision) else point.precision,
                "recall": point.recall,
                "f1": point.f1,
                "fmr": point.fmr,
                "fnmr": point.fnmr,
            }
        )
    return rows


def histogram_rows(rates: Rates) -> list[dict]:
    """Return the genuine and impostor comparisons in bins of equal width (to within a cut) over the scores seen.

    Comparisons that were drawn stand for as many as their weights say.
    """
    low, high = _range(rates)
    edges = np.searchsorted(rates.counts.cuts, np.linspace(rates.counts.cuts[low], rates.counts.cuts[high], BINS + 1))
    edges = np.unique(np.clip(edges, low, high))
    inside = np.rint(-np.diff(rates.matches[:, edges], axis=1) / rates.counts.unit)
    thresholds = rates.thresholds[edges]
    ends = np.sort(np.stack([thresholds[:-1], thresholds[1:]]), axis=0)
    return [
        {"left": float(left), "right": float(right), "genuine": int(g), "impostor": int(i)}
        for left, right, g, i in zip(*ends, *inside, strict=True)
    ]


def _range(rates: Rates) -> tuple[int, int]:
    """Return the last cut at or below every score and the first cut above every score."""
    seen = np.flatnonzero(rates.counts.genuine[1:] + rates.counts.impostor[1:])
    last = len(rates.counts.cuts) - 1
    return int(seen[0] // 2), min(int(seen[-1] // 2) + 1, last)
