"""Scores drawn at random, as lists and counted."""

import numpy as np

from facegap.jobs.calibrate import CountedScores


def drawn(genuine: int = 300, impostor: int = 3000, *, gap: float = 2.0, digits: int = 2, seed: int = 0):
    """Return scores (n,) and whether they are genuine (n,): two normal distributions, rounded so that some tie."""
    rng = np.random.default_rng(seed)
    score = np.r_[rng.normal(gap, 1, genuine), rng.normal(0, 1, impostor)].round(digits)
    return score, np.arange(genuine + impostor) < genuine


def counted(score: np.ndarray, same: np.ndarray) -> CountedScores:
    """Return the same scores, counted."""
    values, place = np.unique(score, return_inverse=True)
    kinds = [np.bincount(place[kind], minlength=len(values)) for kind in (same, ~same)]
    return CountedScores.of(values, *kinds)


def neutral(same: np.ndarray) -> np.ndarray:
    """Return weights (n,) that make both kinds count the same."""
    return np.where(same, 1 / same.sum(), 1 / (~same).sum())
