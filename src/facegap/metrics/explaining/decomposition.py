"""A gap between two cohorts, taken apart: what goes with measured differences of their images, and what does not.

The images of one cohort are weighted until they are distributed as the other's in what was measured (DiNardo, Fortin &
Lemieux, Econometrica 64, 1996; Kitagawa, JASA 50, 1955). What the weights take away from the gap goes with the
measures, what they leave does not. Nothing in this says that the measures are the cause.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from facegap.metrics.explaining.columns import Columns
from facegap.metrics.explaining.matching import matched
from facegap.metrics.explaining.numbers import Number
from facegap.metrics.explaining.reasons import LEAST_OVERLAP, LEAST_SUBJECTS, Unexplained
from facegap.metrics.explaining.reweighting import Left, effective_number
from facegap.metrics.explaining.smooth import Smooth
from facegap.metrics.explaining.two import Unweighted
from facegap.metrics.explaining.weighting import Balance, Weighting


@dataclass(frozen=True)
class Part:
    """A difference and its interval, NaN where it cannot be told."""

    value: float = np.nan
    low: float = np.nan
    high: float = np.nan


@dataclass(frozen=True)
class Gap:
    """One number of a cohort less that of the reference, taken apart.

    `measures`: what the images were made alike in. `total` = `with_measures` + `rest`. `standardised`: the cohort's
    number once its images are weighted. `matched`: what is left of the gap between matched comparisons, NaN if there
    are none. `reason`: why it cannot be told.
    """

    number: Number
    measures: tuple[str, ...]
    value: float
    reference: float
    total: Part
    with_measures: Part = Part()
    rest: Part = Part()
    standardised: float = np.nan
    matched: float = np.nan
    reason: Unexplained | None = None


@dataclass(frozen=True)
class Decomposition:
    """All gaps of a cohort to the reference, made alike in `measures`.

    `subjects`: how many the cohort has in effect once its images, or its genuine comparisons, are weighted, the fewer.
    `before`, `after`: standardised differences of each measure, and of the squares of those both of whose ends count,
    by measure and whether it is the square. `matched_share`: share of the reference's genuine
    comparisons that found a match.
    """

    measures: tuple[str, ...]
    gaps: list[Gap]
    subjects: float = np.nan
    before: Balance = field(default_factory=dict)
    after: Balance = field(default_factory=dict)
    matched_share: float = np.nan
    reason: Unexplained | None = None


def decompose(found: Unweighted, columns: Columns, level: float) -> Decomposition:
    """Return the gaps between two cohorts whose images all have `columns`, taken apart, with intervals at `level`."""
    two, names = found.two, tuple(one.name for one in columns.measures)
    total = [Left(a - b, left - right, found.subjects) for a, b, left, right in zip(
        *found.values, *(side.T for side in found.left_out), strict=True)]  # fmt: skip
    plain = [
        Gap(one, names, float(a), float(b), _part(gap, level), reason=found.reason(k))
        for k, (one, a, b, gap) in enumerate(zip(found.numbers, *found.values, total, strict=True))
    ]
    if not names or two.few:
        return _untold(names, plain, Unexplained.FEW_SUBJECTS if names else Unexplained.NO_MEASURES)
    weighting = Weighting(two, columns)
    if weighting.overlap < LEAST_OVERLAP:
        return _untold(names, plain, Unexplained.NO_OVERLAP)
    images, genuine, impostor = weighting.weights(weighting.of_images.slopes, weighting.of_genuine.slopes)
    subjects = min(
        effective_number(images, two.subject[two.images[0]]),
        effective_number(genuine, two.subject[two.cohort.genuine.a]),
    )
    if subjects < LEAST_SUBJECTS:
        return replace(_untold(names, plain, Unexplained.FEW_EFFECTIVE), subjects=subjects)
    made = Smooth(two.cohort, found.numbers, genuine, impostor)
    left_out = made.left_out(weighting.without(found, made.fixed))
    remaining, share = matched(two, weighting.linear_of_genuine(), weighting.linear_of_impostor(), found.numbers)
    gaps = []
    for k, gap in enumerate(plain):
        moved = Left(made.values[k], left_out[:, k], found.subjects)
        own, other = (
            Left(values[k], left[:, k], found.subjects)
            for values, left in zip(found.values, found.left_out, strict=True)
        )
        parts = _part(own - moved, level), _part(moved - other, level)
        reason = gap.reason or (Unexplained.NO_SPREAD if np.isnan(parts[0].low) else None)
        told = replace(gap, standardised=float(made.values[k]), matched=float(remaining[k]))
        gaps.append(replace(gap, reason=reason) if reason else replace(told, with_measures=parts[0], rest=parts[1]))
    before, after = weighting.balance(None), weighting.balance(images)
    return Decomposition(names, gaps, subjects, before, after, share)


def _untold(names: tuple[str, ...], plain: Sequence[Gap], reason: Unexplained) -> Decomposition:
    return Decomposition(names, [replace(gap, reason=gap.reason or reason) for gap in plain], reason=reason)


def _part(left: Left, level: float) -> Part:
    low, high = left.interval(level)
    return Part(float(left.value), low, high)
