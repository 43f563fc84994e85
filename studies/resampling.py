"""Every statistic of a draw under many sets of weights, in one pass over the sorted scores each."""

import numba
import numpy as np

from studies.scores import Scores

COLUMNS = (
    ("auc", ""),
    ("fmr", "shipped"),
    ("fnmr", "shipped"),
    ("tar", "fmr=0.01"),
    ("threshold", "fmr=0.01"),
    ("eer", ""),
    ("threshold", "eer"),
    ("f1", "best-f1"),
    ("threshold", "best-f1"),
)
"""What a replicate gives, by metric and operating point."""


def resampled(scores: Scores, weights: np.ndarray, shipped: float) -> np.ndarray:
    """Return (R, len(COLUMNS)) statistics; a comparison weighs the product of its images' `weights` (R, N) int32.

    A replicate without genuine or without impostor comparisons is NaN.
    """
    people = _by_subject(weights, scores.subject)
    genuine = ((people**2).sum(axis=1) - (weights.astype(np.int64) ** 2).sum(axis=1)) // 2
    return _statistics(scores, weights, genuine, people, shipped, once=False)


def subjects_resampled(scores: Scores, weights: np.ndarray, shipped: float) -> np.ndarray:
    """Return (R, len(COLUMNS)) statistics under `weights` (R, S) int32 on the subjects.

    A genuine comparison weighs what its subject does, an impostor comparison the product of its two subjects' weights.
    """
    of_images = weights[:, scores.subject]
    held = np.bincount(scores.subject, minlength=weights.shape[1])
    genuine = weights.astype(np.int64) @ (held * (held - 1) // 2)
    people = _by_subject(of_images, scores.subject)
    return _statistics(scores, of_images, genuine, people, shipped, once=True)


def _by_subject(weights: np.ndarray, subject: np.ndarray) -> np.ndarray:
    """Return (R, S) int64: the weights of all images of each subject."""
    people = np.zeros((len(weights), int(subject.max()) + 1), np.int64)
    np.add.at(people.T, subject, weights.T)
    return people


def _statistics(scores, weights, genuine, people, shipped: float, *, once: bool) -> np.ndarray:
    out = np.full((len(weights), len(COLUMNS)), np.nan)
    impostor = (people.sum(axis=1) ** 2 - (people**2).sum(axis=1)) // 2
    _resample(scores.similarity, scores.same, scores.a, scores.b, weights, genuine, impostor, shipped, once, out)
    return out


@numba.njit(cache=True)
def _resample(similarity, same, a, b, weights, all_genuine, all_impostor, shipped, once, out):
    for r in range(len(weights)):
        weight, genuine, impostor = weights[r], all_genuine[r], all_impostor[r]
        if genuine == 0 or impostor == 0:
            continue
        most = int(0.01 * impostor)
        true = false = area = 0
        tar, tar_at = 0, similarity[0]
        best, best_at = 0.0, similarity[0]
        shipped_true = shipped_false = 0
        crossed = False
        for k in range(len(similarity)):
            w = weight[a[k]] if once and same[k] else weight[a[k]] * weight[b[k]]
            if same[k]:
                true += w
                f1 = 2 * true / (true + false + genuine)
                if f1 > best:
                    best, best_at = f1, similarity[k]
            else:
                area += w * true
                false += w
            if false <= most:
                tar, tar_at = true, similarity[k]
            if similarity[k] >= shipped:
                shipped_true, shipped_false = true, false
            if not crossed and false * genuine >= (genuine - true) * impostor:
                crossed = True
                out[r, 5], out[r, 6] = (false / impostor + 1 - true / genuine) / 2, similarity[k]
        out[r, 0] = area / genuine / impostor
        out[r, 1], out[r, 2] = shipped_false / impostor, 1 - shipped_true / genuine
        out[r, 3], out[r, 4] = tar / genuine, tar_at
        out[r, 7], out[r, 8] = best, best_at
