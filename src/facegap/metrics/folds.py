"""Accuracy on an official list of comparisons with folds."""

from dataclasses import dataclass

import numpy as np

from facegap.data.statement import Statement


@dataclass(frozen=True)
class FoldAccuracy:
    """The mean of the accuracies in the folds of an official list.

    `value`: that mean. `error`: its standard error. `folds`: how many it is the mean of. `judged`: pairs that were
    decided on, of `listed` pairs. `rejected`: how many of them were decided "different" since an image failed; None
    where pairs with a failed image are left out.
    """

    value: float
    error: float
    folds: int
    judged: int
    listed: int
    rejected: int | None = None

    @property
    def method(self) -> Statement:
        """What stands behind the number."""
        said = {"folds": self.folds, "error": self.error, "judged": self.judged, "listed": self.listed}
        if self.rejected is None:
            return Statement.of("folds", **said)
        return Statement.of("folds_with_rejected", **said, rejected=self.rejected)


def fold_accuracy(
    similarity: np.ndarray, same: np.ndarray, fold: np.ndarray, *, rejected: bool = False
) -> FoldAccuracy | None:
    """Return the mean accuracy over the folds, each threshold chosen on the other folds.

    `similarity` (P,) float32, NaN where an image failed; `same` (P,) bool; `fold` (P,) int. `rejected`: a pair with a
    failed image is decided "different" at every threshold; else it is left out. None with fewer than two folds to
    judge. The standard error is the standard deviation of the fold accuracies (divisor k - 1) over sqrt(k), as in
    Huang et al., Labeled Faces in the Wild, UMass Amherst TR 07-49.
    """
    made = ~np.isnan(similarity)
    judged = np.ones_like(made) if rejected else made
    folds = np.unique(fold[judged])
    if len(folds) < 2:
        return None
    accuracies = []
    for k in folds:
        # A rejected pair is decided alike at every threshold, so it has no say in which threshold is the best.
        others, test = made & (fold != k), judged & (fold == k)
        accepted = made & (similarity >= best_threshold(similarity[others], same[others]))
        accuracies.append((accepted[test] == same[test]).mean())
    return FoldAccuracy(
        value=float(np.mean(accuracies)),
        error=float(np.std(accuracies, ddof=1) / np.sqrt(len(accuracies))),
        folds=len(accuracies),
        judged=int(judged.sum()),
        listed=len(judged),
        rejected=int((~made).sum()) if rejected else None,
    )


def best_threshold(similarity: np.ndarray, same: np.ndarray) -> float:
    """Return the middle between the two scores that the most accurate threshold lies between.

    Infinity, which accepts nothing, where there is no score to choose by.
    """
    if not len(similarity):
        return float("inf")
    order = np.argsort(-similarity, kind="stable")
    scores, genuine = similarity[order].astype(np.float64), same[order]
    right = np.r_[0, np.cumsum(genuine)] + np.r_[0, np.cumsum(~genuine)][-1] - np.r_[0, np.cumsum(~genuine)]
    separable = np.r_[True, scores[1:] < scores[:-1], True]
    k = int(np.argmax(np.where(separable, right, -1)))
    if k == 0:
        return float(np.nextafter(scores[0], np.inf))
    return float(scores[k - 1]) if k == len(scores) else float((scores[k - 1] + scores[k]) / 2)
