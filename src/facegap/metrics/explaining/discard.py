"""Error versus discard: what refusing comparisons of poor images does to an error rate (ISO/IEC 29794-1)."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Curve:
    """`discarded` (K,) rising shares of comparisons, `error` (K,) the error rate among the others.

    `limit` (K,): the goodness that the others have at least. The first point discards nothing.
    """

    discarded: np.ndarray
    error: np.ndarray
    limit: np.ndarray


def curve(goodness: np.ndarray, wrong: np.ndarray) -> Curve:
    """Return the error rate of (P,) comparisons as those of the least `goodness` are discarded, value by value.

    `wrong` (P,) bool: the decisions that are errors. Comparisons of the same goodness are discarded together; at least
    one value is kept.
    """
    order = np.argsort(goodness, kind="stable")
    limit, first = np.unique(goodness[order], return_index=True)
    errors = np.concatenate([[0], np.cumsum(wrong[order], dtype=np.int64)])
    kept = len(goodness) - first
    return Curve(first / len(goodness), (errors[-1] - errors[first]) / kept, limit)


def partial_area(made: Curve, most: float) -> float:
    """Return the area below the curve from 0 to `most`, divided by `most`: the mean error while so much is discarded.

    Between two points the error is that of the first, for a value is discarded as a whole (Schlett et al., ACM
    Computing Surveys 2023, arXiv 2303.13294).
    """
    ends = np.minimum(np.append(made.discarded[1:], 1.0), most)
    return float((np.maximum(ends - made.discarded, 0.0) * made.error).sum() / most)
