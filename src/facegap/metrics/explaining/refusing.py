"""Rows of error versus discard: which error is left where poor images are refused, with intervals over subjects."""

from collections.abc import Iterator, Sequence

import numpy as np

from facegap.measures import Combine, Measure
from facegap.metrics.explaining.cohort_scores import CohortScores, Kind
from facegap.metrics.explaining.discard import Curve, curve, partial_area
from facegap.metrics.explaining.numbers import Number
from facegap.metrics.explaining.reasons import MOST_MISSING
from facegap.metrics.explaining.reweighting import Left, Subjects
from facegap.stats import Estimate, limits

LEVELS = np.linspace(0, 0.5, 21)
"""Shares of comparisons at which a curve is kept."""

MOST_DISCARDED = 0.2
"""Up to this share the area is taken: hardly anybody refuses more."""


def discard_rows(
    key: dict,
    scores: CohortScores,
    at: Number,
    measures: Sequence[Measure],
    values: np.ndarray,
    side: np.ndarray,
    subject: np.ndarray,
    level: float,
) -> Iterator[dict]:
    """Yield rows of `Explanation.discards` for FNMR and FMR at the threshold of `at`, measure by measure.

    There are none of a rate without an error, and none of a measure that too many of the cohort's images lack: the
    others' error rates are not its own.
    `values` (N, len(measures)); `side` (N,) bool: the cohort's images; `subject` (N,) codes.
    """
    subjects = Subjects.of([np.unique(subject[side])], int(subject.max()) + 1)
    group = subjects.group[subject]
    for metric, kind in (("fnmr", scores.genuine), ("fmr", scores.impostor)):
        wrong = (kind.similarity < np.float32(at.cut)) == (metric == "fnmr")
        if not wrong.any():
            continue
        for one, column in zip(measures, values.T, strict=True):
            if (~np.isfinite(column[side])).mean() > MOST_MISSING:
                continue
            goodness = one.goodness(one.of_pair(column[kind.a], column[kind.b]))
            known = np.isfinite(goodness)
            if not known.any() or np.ptp(goodness[known]) == 0:
                continue
            some = Kind(kind.a[known], kind.b[known], kind.similarity[known])
            made = curve(goodness[known], wrong[known])
            left = _Left(made, goodness[known], wrong[known], some, group, subjects, level)
            head = {**key, "metric": metric, "at": at.at, "threshold": at.threshold, "measure": one.name}
            refused = _refused(one, column[side])
            for row in left.rows():
                shown = row["limit"] if one.combine is Combine.LOWER else -row["limit"]
                yield {**head, **row, "kind": "point", "limit": shown, "refused": refused(row["limit"])}
            low, high = left.area()
            area = partial_area(made, MOST_DISCARDED)
            yield {**head, "kind": "area", "discarded": MOST_DISCARDED, "value": area, "low": low, "high": high}


def _refused(one: Measure, column: np.ndarray):
    """Return what gives the share of images that a limit refuses, None where it is no limit on one image."""
    if one.combine is Combine.DIFFERENCE:
        return lambda limit: None
    goodness = one.goodness(column[np.isfinite(column)])
    return lambda limit: float((goodness < limit).mean())


class _Left:
    """A curve at some limits, and what it is there without each group of subjects."""

    def __init__(
        self,
        made: Curve,
        goodness: np.ndarray,
        wrong: np.ndarray,
        kind: Kind,
        group: np.ndarray,
        subjects: Subjects,
        level: float,
    ) -> None:
        self.at = np.unique(np.searchsorted(made.discarded, LEVELS, "right") - 1)
        self.made, self.subjects, self.level = made, subjects, level
        bins = np.searchsorted(made.limit[self.at], goodness, "right") - 1
        self.errors, self.kept = (self._from(bins, wrong * 1.0, kind, group), self._from(bins, None, kind, group))

    def _from(self, bins: np.ndarray, weight: np.ndarray | None, kind: Kind, group: np.ndarray) -> np.ndarray:
        """Return (n_groups + 1, limits) sums over the comparisons at least as good: of each group, then of all."""
        n, k = self.subjects.n_groups, len(self.at)
        a, b = group[kind.a], group[kind.b]
        apart = a != b
        every = np.bincount(bins, weight, k)[None]
        sums = np.bincount(a * k + bins, weight, n * k)
        sums = sums + np.bincount(b[apart] * k + bins[apart], None if weight is None else weight[apart], n * k)
        return np.concatenate([sums.reshape(n, k), every])[:, ::-1].cumsum(axis=1)[:, ::-1]

    def _left_out(self) -> np.ndarray:
        """Return (n_groups, limits) the error rates without each group."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return (self.errors[-1] - self.errors[:-1]) / (self.kept[-1] - self.kept[:-1])

    def rows(self) -> Iterator[dict]:
        """Yield the points with their intervals."""
        left = self._left_out()
        for k, at in enumerate(self.at):
            value, kept = float(self.made.error[at]), self.kept[:-1, k]
            part = kept > 0
            wrong = int(self.errors[-1, k])
            own = self.errors[:-1, k] - value * kept
            estimate = Estimate(
                value, np.flatnonzero(part), np.where(np.isfinite(left[:, k]), left[:, k], value)[part], own[part],
                np.zeros(int(part.sum())), errors=min(wrong, int(self.kept[-1, k]) - wrong),
                participants=int(part.sum()),
            )  # fmt: skip
            low, high = limits(estimate)(self.level)
            yield {
                "discarded": float(self.made.discarded[at]),
                "limit": float(self.made.limit[at]),
                "value": value,
                **_known(low, high),
            }

    def area(self) -> tuple[float | None, float | None]:
        """Return the bounds of the area below the curve."""
        whole = self._area(self.kept[-1], self.errors[-1])
        exact = partial_area(self.made, MOST_DISCARDED)
        left = [
            self._area(self.kept[-1] - kept, self.errors[-1] - errors)
            for kept, errors in zip(self.kept[:-1], self.errors[:-1], strict=True)
        ]
        low, high = Left(exact, exact + np.array(left) - whole, self.subjects).interval(self.level)
        return (None, None) if np.isnan(low) else (max(low, 0.0), high)

    def _area(self, kept: np.ndarray, errors: np.ndarray) -> float:
        some = kept > 0
        if not some.any():
            return np.nan
        return partial_area(Curve(1 - kept[some] / kept[0], errors[some] / kept[some], kept[some]), MOST_DISCARDED)


def _known(low: float, high: float) -> dict[str, float | None]:
    return {"low": None if np.isnan(low) else low, "high": None if np.isnan(high) else high}
