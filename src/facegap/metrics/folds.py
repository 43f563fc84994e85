"""Accuracy on an official list of comparisons with folds."""

import numpy as np


def fold_accuracy(closeness: np.ndarray, same: np.ndarray, fold: np.ndarray) -> tuple[float, float]:
    """Return the mean accuracy over the folds and its standard error, each threshold chosen on the other folds.

    `closeness` (P,) float32, `same` (P,) bool, `fold` (P,) int. The standard error is the standard deviation of the
    fold accuracies (divisor k - 1) over sqrt(k), as in Huang et al., Labeled Faces in the Wild, UMass Amherst TR 07-49.
    """
    accuracies = []
    for k in np.unique(fold):
        test = fold == k
        threshold = best_threshold(closeness[~test], same[~test])
        accuracies.append(((closeness[test] >= threshold) == same[test]).mean())
    return float(np.mean(accuracies)), float(np.std(accuracies, ddof=1) / np.sqrt(len(accuracies)))


def best_threshold(closeness: np.ndarray, same: np.ndarray) -> float:
    """Return the middle between the two scores that the most accurate threshold lies between."""
    order = np.argsort(-closeness, kind="stable")
    scores, genuine = closeness[order].astype(np.float64), same[order]
    right = np.r_[0, np.cumsum(genuine)] + np.r_[0, np.cumsum(~genuine)][-1] - np.r_[0, np.cumsum(~genuine)]
    separable = np.r_[True, scores[1:] < scores[:-1], True]
    k = int(np.argmax(np.where(separable, right, -1)))
    if k == 0:
        return float(np.nextafter(scores[0], np.inf))
    return float(scores[k - 1]) if k == len(scores) else float((scores[k - 1] + scores[k]) / 2)
