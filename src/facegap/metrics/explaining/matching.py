"""Matched comparisons: for each of one cohort the nearest of the other, if there is one near enough."""

from collections.abc import Sequence

import numpy as np

from facegap.metrics.explaining.numbers import Number
from facegap.metrics.explaining.two import Two

CALIPER = 0.2
"""How far apart matched comparisons may be, in standard deviations of the log odds (Austin, Pharmaceutical Statistics
10, 2011)."""


def matched(
    two: Two, genuine: Sequence[np.ndarray], impostor: Sequence[np.ndarray], numbers: Sequence[Number]
) -> tuple[np.ndarray, float]:
    """Return what is left of each gap between matched comparisons, and the share of genuine ones that found a match.

    `genuine`, `impostor`: the log odds of the comparisons of the cohort and of the reference. Each of the reference
    takes the nearest of the cohort, a share of each where several are; one may be taken several times. There is no
    interval: the jackknife does not hold for matching (Abadie & Imbens, Econometrica 76, 2008).
    """
    of_genuine, of_impostor = _taken(*genuine), _taken(*impostor)
    cohort, reference = (
        side.values(numbers, *weights)
        for side, weights in zip((two.cohort, two.reference), zip(of_genuine, of_impostor, strict=True), strict=True)
    )
    return cohort - reference, float(of_genuine[1].mean())


def _taken(cohort: np.ndarray, reference: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return how often each comparison of the cohort is taken, and which of the reference take some."""
    held, place, counts = np.unique(cohort, return_inverse=True, return_counts=True)
    after = np.searchsorted(held, reference).clip(0, len(held) - 1)
    before = np.maximum(after - 1, 0)
    nearest = np.where(np.abs(reference - held[before]) <= np.abs(held[after] - reference), before, after)
    caliper = CALIPER * np.sqrt((cohort.var() + reference.var()) / 2)
    near = np.abs(held[nearest] - reference) <= caliper
    times = np.bincount(nearest[near], minlength=len(held)) / counts  # those that are equally near share
    return times[place], near.astype(np.float64)
