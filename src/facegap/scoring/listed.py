"""An official list of comparisons: only these pairs are scored, each on its own."""

from collections.abc import Sequence

import numpy as np

from facegap.data.comparator import Comparator
from facegap.data.source import Pairs
from facegap.data.subject_tally import Listed, SubjectCounts, SubjectTally
from facegap.data.tally import MOMENT_UNIT, SWEEP, Extremes, ScoreTally
from facegap.scoring.subject_sums import rank_in_pair


def score_pairs(vectors: np.ndarray, pairs: Pairs, comparator: Comparator) -> np.ndarray:
    """Return (P,) float32 closeness of the listed pairs, computed in double precision; NaN where a vector is NaN."""
    return comparator.closeness(vectors[pairs.a], vectors[pairs.b])


def compare_pairs(
    vectors: np.ndarray,
    ok: np.ndarray,
    pairs: Pairs,
    *,
    comparator: Comparator,
    cohort: str,
    thresholds: Sequence[float] = (),
) -> ScoreTally:
    """Compare the listed pairs and nothing else; every score is a cut, so every threshold is exact."""
    made = ok[pairs.a] & ok[pairs.b]
    closeness = score_pairs(vectors, pairs, comparator)
    named = np.array([comparator.cut(t) for t in (*SWEEP, *thresholds)], np.float32)
    scores = closeness[made]
    beyond = [np.nextafter(scores.max(), np.float32(np.inf))] if made.any() else []
    cuts = np.unique(np.concatenate([scores, named, np.array(beyond, np.float32)]))
    tally = ScoreTally.empty(comparator, (cohort,), cuts)
    for kind, counts in ((0, tally.genuine), (1, tally.impostor)):
        of_kind = pairs.same == (kind == 0)
        chosen = closeness[made & of_kind].astype(np.float64)
        counts[0] = np.bincount(2 * np.searchsorted(cuts, chosen) + 1, minlength=2 * len(cuts) + 1)
        tally.moments[0, kind] = [round(x * MOMENT_UNIT) for x in (chosen.sum(), (chosen**2).sum())]
        tally.failed[0, kind] = (of_kind & ~made).sum()
    rows = [Extremes(closeness[m], pairs.a[m], pairs.b[m]) for m in (made & ~pairs.same, made & pairs.same)]
    highest, lowest = rows[0].keep(highest=True), rows[1].keep(highest=False)
    return ScoreTally(
        comparator, (cohort,), cuts, tally.genuine, tally.impostor, tally.failed, tally.moments, highest, lowest
    )


def pairs_by_subject(
    vectors: np.ndarray,
    subject: np.ndarray,
    ok: np.ndarray,
    pairs: Pairs,
    tally: ScoreTally,
    *,
    knots: np.ndarray,
    tail: float,
) -> SubjectTally:
    """Count the listed pairs for their subjects; see `compare_subjects`."""
    made = ok[pairs.a] & ok[pairs.b]
    a, b = subject[pairs.a].astype(np.int64), subject[pairs.b].astype(np.int64)
    members = np.unique(np.r_[a, b])
    place = np.searchsorted(members, np.stack([a, b]))
    knots = np.unique(np.asarray(knots, np.float32))
    closeness = score_pairs(vectors, pairs, tally.comparator)
    bins = np.searchsorted(knots, closeness, side="right")
    slot = 2 * np.searchsorted(tally.cuts, closeness) + 1
    counts = np.zeros((2, len(members), len(knots) + 1), np.int64)
    ranks, moments = np.zeros((len(members), 2, 2), np.int64), np.zeros((len(members), 2, 2), np.int64)
    failed = np.zeros((len(members), 2), np.int64)
    worth = tally.pooled().twice_beaten()
    for kind, of_kind in enumerate((pairs.same, ~pairs.same)):
        sides = place[:1] if kind == 0 else place
        chosen, missing = of_kind & made, of_kind & ~made
        value = worth[kind][slot[chosen]]
        units = [np.rint(closeness[chosen].astype(np.float64) ** power * MOMENT_UNIT) for power in (1, 2)]
        for side in sides:
            np.add.at(counts[kind], (side[chosen], bins[chosen]), 1)
            np.add.at(ranks[:, kind, 0], side[chosen], value)
            np.add.at(ranks[:, kind, 1], side[chosen], np.where(closeness[chosen] >= np.float32(tail), value, 0))
            for power in range(2):
                np.add.at(moments[:, kind, power], side[chosen], units[power].astype(np.int64))
            np.add.at(failed[:, kind], side[missing], 1)
    chosen = ~pairs.same & made
    squares, products, sizes = _over_pairs(
        np.sort(place[:, chosen], axis=0), closeness[chosen], bins[chosen], len(knots)
    )
    genuine, impostor = counts
    first, second = place[:, chosen]
    listed = Listed(closeness[chosen], first, second, float("-inf")).among(members)
    found = SubjectCounts(
        members, knots, tail, genuine, impostor, ranks, moments, failed, squares, products, sizes, listed
    )
    return SubjectTally(tally.cohorts, (found,), (ranks,), tail)


def _over_pairs(
    sides: np.ndarray, closeness: np.ndarray, bins: np.ndarray, knots: int
) -> tuple[np.ndarray, np.ndarray, float]:
    """Return what `SubjectCounts` calls squares, products and sizes; `sides` (2, n) are the subjects of each pair."""
    _, which, size = np.unique(sides, axis=1, return_inverse=True, return_counts=True)
    weights = (2.0 * rank_in_pair(sides, closeness) - 1, size[which].astype(np.float64))
    squares, products = (np.bincount(bins, some, knots + 1)[::-1].cumsum()[::-1][1:] for some in weights)
    return squares, products, float((size.astype(np.float64) ** 2).sum())
