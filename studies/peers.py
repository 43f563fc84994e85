"""What others do with the same draw: intervals over comparisons, over images, over subjects, and those of cimat."""

from collections.abc import Sequence
from math import sqrt

import numpy as np
from scipy import stats

from studies.populations import Draw
from studies.reading import LEVEL, METRICS, Quantity, Reading, Readings
from studies.resampling import COLUMNS, resampled, subjects_resampled
from studies.scores import Scores

REPLICATES = 200
DELONG, WILSON, IMAGES, CIMAT = "DeLong, pairs", "Wilson, pairs", "bootstrap, images", "cimat"
SUBJECTS = "bootstrap, subjects"
_Z = float(stats.norm.ppf((1 + LEVEL) / 2))
_TAILS = [50 * (1 - LEVEL), 50 * (1 + LEVEL)]


def readings(drawn: Draw, shipped: float, rng: np.random.Generator) -> Readings:
    """Return the intervals of every peer: of model a, and of both models' difference where the method has one."""
    scores = [Scores.of(vectors, drawn.subject) for vectors in drawn.vectors]
    first = scores[0]
    areas = delong(scores)
    found: Readings = {
        (DELONG, Quantity("single", "auc", "")): areas[0],
        (DELONG, Quantity("models", "auc", "", "difference")): areas[-1],
    }
    for metric, same in (("fmr", False), ("fnmr", True)):
        errors = (first.similarity >= shipped)[first.same == same] != same
        found[WILSON, Quantity("single", metric, "shipped")] = wilson(int(errors.sum()), len(errors))
    n, people = len(drawn.subject), int(drawn.subject.max()) + 1
    weights = rng.multinomial(n, np.full(n, 1 / n), REPLICATES).astype(np.int32)
    kept = rng.integers(0, 2, (REPLICATES, people)).astype(np.int32)
    people_drawn = rng.multinomial(people, np.full(people, 1 / people), REPLICATES).astype(np.int32)
    found |= image_bootstrap(scores, shipped, weights) | cimat(first, shipped, kept)
    return found | subject_bootstrap(scores, shipped, people_drawn)


def delong(scores: Sequence[Scores]) -> list[Reading]:
    """Return the AUC of each model with DeLong's interval, then the difference of the first two, with its p-value.

    DeLong, DeLong & Clarke-Pearson, Biometrics 44 (1988): the variance over comparisons as if they were independent.
    The placements come from ranks (Sun & Xu, IEEE Signal Processing Letters 21, 2014).
    """
    areas, genuine, impostor = [], [], []
    for one in scores:
        order = np.lexsort((one.b, one.a))
        similarity, same = one.similarity[order], one.same[order]
        ranks, own = stats.rankdata(similarity), (stats.rankdata(similarity[same]), stats.rankdata(similarity[~same]))
        genuine.append((ranks[same] - own[0]) / len(own[1]))
        impostor.append(1 - (ranks[~same] - own[1]) / len(own[0]))
        areas.append(float(genuine[-1].mean()))
    covariance = np.atleast_2d(np.cov(genuine)) / len(genuine[0]) + np.atleast_2d(np.cov(impostor)) / len(impostor[0])
    found = [_normal(area, float(covariance[k, k])) for k, area in enumerate(areas)]
    if len(scores) > 1:
        found.append(_normal(areas[0] - areas[1], float(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])))
    return found


def _normal(value: float, variance: float) -> Reading:
    half = _Z * sqrt(variance)
    p = float(2 * stats.norm.sf(abs(value) / sqrt(variance))) if variance else 1.0
    return Reading(value, value - half, value + half, p)


def wilson(errors: int, n: float, *, size: float | None = None) -> Reading:
    """Return a rate with Wilson's interval; `size` stands in for the `n` independent trials where they are not.

    Wilson, JASA 22 (1927).
    """
    rate, size = errors / n, n if size is None else size
    middle = (rate + _Z**2 / 2 / size) / (1 + _Z**2 / size)
    half = _Z * sqrt((rate * (1 - rate) + _Z**2 / 4 / size) / size) / (1 + _Z**2 / size)
    return Reading(rate, middle - half, middle + half)


def image_bootstrap(scores: Sequence[Scores], shipped: float, weights: np.ndarray) -> Readings:
    """Draw images with replacement, as if they were independent, and take percentiles.

    `weights`: (R, N) int32, how often each replicate drew each image.
    """
    drawn = [resampled(one, weights, shipped) for one in scores]
    whole = [resampled(one, np.ones((1, weights.shape[1]), np.int32), shipped)[0] for one in scores]
    return _bootstrapped(IMAGES, whole, drawn)


def subject_bootstrap(scores: Sequence[Scores], shipped: float, weights: np.ndarray) -> Readings:
    """Draw subjects with replacement, compute every statistic anew, and take percentiles.

    `weights`: (R, S) int32, how often each replicate drew each subject. An independent check: no influence, no formula.
    """
    drawn = [subjects_resampled(one, weights, shipped) for one in scores]
    whole = [subjects_resampled(one, np.ones((1, weights.shape[1]), np.int32), shipped)[0] for one in scores]
    return _bootstrapped(SUBJECTS, whole, drawn)


def _bootstrapped(method: str, whole: Sequence[np.ndarray], drawn: Sequence[np.ndarray]) -> Readings:
    """Return percentile intervals of each model's statistics, and of the difference of two models."""
    found: Readings = {}
    for k, (metric, at) in enumerate(COLUMNS):
        found[method, Quantity("single", metric, at)] = _percentiles(whole[0][k], drawn[0][:, k])
        if len(whole) > 1 and (metric, at) in METRICS:
            difference = _percentiles(whole[0][k] - whole[1][k], drawn[0][:, k] - drawn[1][:, k])
            found[method, Quantity("models", metric, at, "difference")] = difference
    return found


def cimat(scores: Scores, shipped: float, kept: np.ndarray) -> Readings:
    """Return the intervals that cimat 0.1.2 gives by default, in array form.

    FMR and FNMR: Wilson's interval on the effective size that its plug-in variance implies. AUC and TAR@FMR:
    percentiles of its double-or-nothing bootstrap, which keeps each subject with probability one half: `kept` (R, S)
    int32 says which. Fogliato, Patil & Perona, IJCV (2024), arXiv 2306.01198.
    """
    found: Readings = {}
    people = int(scores.subject.max()) + 1
    accepted = scores.similarity > shipped
    s, r = scores.subject[scores.a], scores.subject[scores.b]
    errors = np.bincount(s[scores.same], ~accepted[scores.same], people)
    made = np.bincount(s[scores.same], minlength=people)
    rate = errors.sum() / made.sum()
    variance = ((errors - rate * made) ** 2).sum() / made.sum() ** 2
    found[CIMAT, Quantity("single", "fnmr", "shipped")] = _effective(int(errors.sum()), int(made.sum()), variance)
    pair = (s.astype(np.int64) * people + r)[~scores.same]
    errors = np.bincount(pair, accepted[~scores.same], people**2).reshape(people, people)
    made = np.bincount(pair, minlength=people**2).reshape(people, people)
    errors, made = errors + errors.T, made + made.T
    rest = errors - errors.sum() / made.sum() * made
    shared = (rest.sum(axis=1) ** 2).sum() - (rest**2).sum()
    variance = (2 * (rest**2).sum() + 4 * max(shared, 0.0)) / made.sum() ** 2
    # It holds every impostor comparison twice, once for each subject.
    found[CIMAT, Quantity("single", "fmr", "shipped")] = _effective(int(errors.sum()), int(made.sum()), variance)
    drawn = resampled(scores, kept[:, scores.subject], shipped)
    whole = resampled(scores, np.ones((1, len(scores.subject)), np.int32), shipped)[0]
    for metric, at in (("auc", ""), ("tar", "fmr=0.01")):
        k = COLUMNS.index((metric, at))
        found[CIMAT, Quantity("single", metric, at)] = _percentiles(whole[k], drawn[:, k])
    return found


def _effective(errors: int, n: int, variance: float) -> Reading:
    """Return Wilson's interval as cimat makes it, with its exact bounds at no error and at one."""
    rate = errors / n
    found = wilson(errors, n, size=rate * (1 - rate) / variance if 0 < errors < n else n)
    low, high = found.low, found.high
    if errors == 0:
        low = 0.0
    elif errors == n:
        high = 1.0
    elif errors == 1:
        low = -np.log(LEVEL) / n
    elif errors == n - 1:
        high = 1 + np.log(LEVEL) / n
    return Reading(rate, low, high)


def _percentiles(value: float, drawn: np.ndarray) -> Reading:
    low, high = np.nanpercentile(drawn, _TAILS)
    return Reading(float(value), float(low), float(high))
