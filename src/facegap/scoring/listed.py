"""An official list of comparisons: only these pairs are scored, each on its own."""

from collections.abc import Sequence

import numpy as np

from facegap.comparator import Comparator
from facegap.manifest import Pairs
from facegap.tally import MOMENT_UNIT, SWEEP, Extremes, ScoreTally


def score_pairs(vectors: np.ndarray, pairs: Pairs, comparator: Comparator) -> np.ndarray:
    """Return (P,) float32 closeness of the listed pairs, computed in double precision; NaN where a vector is NaN."""
    a, b = vectors[pairs.a].astype(np.float64), vectors[pairs.b].astype(np.float64)
    if comparator is Comparator.EUCLIDEAN:
        return -np.sqrt(((a - b) ** 2).sum(axis=1)).astype(np.float32)
    lengths = np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1))
    return ((a * b).sum(axis=1) / np.where(lengths == 0, 1, lengths)).astype(np.float32)


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
