"""Numbers under weights, and how subjects move them where a threshold follows the data too."""

from collections.abc import Sequence

import numpy as np

from facegap.metrics.chosen import REACH
from facegap.metrics.explaining.cohort_scores import CohortScores
from facegap.metrics.explaining.numbers import Number


class Smooth:
    """The numbers of a cohort under weights. Without subjects they are taken at fixed thresholds first.

    TAR at a false match rate jumps from score to score when a subject is left out, and a jackknife of jumps says
    nothing. So TAR and FMR are taken at the threshold of all subjects, and what the FMR moves there moves the TAR along
    the slope of the curve, a secant over `REACH` standard errors to each side: the delta method of `metrics/chosen.py`.
    """

    def __init__(
        self, scores: CohortScores, numbers: Sequence[Number], genuine: np.ndarray, impostor: np.ndarray
    ) -> None:
        self.values = scores.values(numbers, genuine, impostor)
        self.scores, self._numbers, self._weights = scores, numbers, (genuine, impostor)
        self._first: list[int] = []
        self.fixed: list[Number] = []
        for one in numbers:
            self._first.append(len(self.fixed))
            if one.metric == "tar":
                cut = scores.loosest(one.rate, impostor)
                self.fixed += [Number("fnmr", cut=cut), Number("fmr", cut=cut)]
            else:
                self.fixed.append(one)

    def left_out(self, fixed: np.ndarray) -> np.ndarray:
        """Return (n, numbers) without each of n groups, from those of the numbers `fixed` (n, len(fixed))."""
        made = []
        for one, k in zip(self._numbers, self._first, strict=True):
            made.append(fixed[:, k] if one.metric != "tar" else self._moved(one, fixed[:, k], fixed[:, k + 1]))
        return np.column_stack(made)

    def _moved(self, one: Number, fnmr: np.ndarray, fmr: np.ndarray) -> np.ndarray:
        with np.errstate(divide="ignore"):
            log = np.log(fmr)
        if not np.isfinite(log).all():
            return np.full(len(log), np.nan)
        n, moves = len(log), log - log.mean()
        reach = max(REACH * np.sqrt((n - 1) / n * (moves**2).sum()), 0.05)
        loose, tight = one.rate * np.exp(reach), one.rate * np.exp(-reach)
        ends = [Number("tar", rate=float(min(rate, 1.0))) for rate in (loose, tight)]
        high, low = self.scores.values(ends, *self._weights)
        slope = (high - low) / (np.log(ends[0].rate) - np.log(tight))
        fixed = self.scores.values([Number("fmr", cut=self.scores.loosest(one.rate, self._weights[1]))], *self._weights)
        return 1 - fnmr - slope * (log - np.log(fixed[0]))
