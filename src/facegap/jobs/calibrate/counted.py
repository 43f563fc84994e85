"""Genuine and impostor scores, counted: what a calibration is fitted on and judged by."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from facegap.data.evaluation import Evaluation
from facegap.data.tally import Counts


@dataclass(frozen=True)
class CountedScores:
    """The comparisons of one population by their score.

    `similarity` (n,) float64, rising; `genuine`, `impostor` (n,) int64: how many of each kind have it, some of either.
    """

    similarity: np.ndarray
    genuine: np.ndarray
    impostor: np.ndarray

    @classmethod
    def of(cls, similarity: np.ndarray, genuine: np.ndarray, impostor: np.ndarray) -> "CountedScores":
        """Return the scores that occur among those given, which rise."""
        occurs = genuine + impostor > 0
        return cls(similarity[occurs], genuine[occurs].astype(np.int64), impostor[occurs].astype(np.int64))

    @classmethod
    def of_counts(cls, counts: Counts) -> "CountedScores":
        """Return the scores of a tally: those between two cuts are taken to lie half way."""
        cuts = counts.cuts.astype(np.float64)
        similarity = np.empty(2 * len(cuts) + 1)
        similarity[1::2] = cuts
        similarity[::2] = _middles(cuts)
        return cls.of(similarity, counts.genuine, counts.impostor)

    @classmethod
    def of_report(cls, evaluation: Evaluation, *, model: str, cohort: str) -> "CountedScores":
        """Return the scores behind the error curve of a report: those between two of its thresholds lie half way.

        Comparisons that count as rejected since an image failed have no score and are left out.
        """
        curve = evaluation.error_curve(model=model, cohort=cohort)
        made = [evaluation.value(kind, model=model, cohort=cohort) or 0 for kind in ("genuine", "impostor")]
        accepted = np.rint(np.stack([1 - curve["fnmr"].to_numpy(), curve["fmr"].to_numpy()]) * np.array(made)[:, None])
        similarity = evaluation.comparator(model).sign * curve["threshold"].to_numpy()
        between = -np.diff(accepted, axis=1, append=0)
        return cls.of(_middles(similarity)[1:], *between)

    @cached_property
    def n_genuine(self) -> int:
        """Genuine comparisons."""
        return int(self.genuine.sum())

    @cached_property
    def n_impostor(self) -> int:
        """Impostor comparisons."""
        return int(self.impostor.sum())

    @cached_property
    def shares(self) -> tuple[np.ndarray, np.ndarray]:
        """(n,) share of the genuine and (n,) share of the impostor comparisons that have each score."""
        return self.genuine / self.n_genuine, self.impostor / self.n_impostor


def _middles(edges: np.ndarray) -> np.ndarray:
    """Return (K+1,) what lies half way between K edges, and the two outermost edges themselves."""
    return np.r_[edges[:1], (edges[1:] + edges[:-1]) / 2, edges[-1:]]
