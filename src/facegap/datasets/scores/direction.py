"""Whether a score says how alike two images are, or how far apart."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from facegap.data.comparator import Comparator
from facegap.data.finding import Finding, FindingCode
from facegap.data.score_list import ScoreList
from facegap.errors import InputError

LOOKED_AT = 1 << 20
"""So many scores of each kind, spread over the list, decide."""

CLEAR = 0.1
"""The area under the ROC curve must be so far from one half before the direction is told by it."""


def direction_of(scores: ScoreList, path: Path) -> tuple[Comparator, Finding]:
    """Return whether scores are similarities or distances, by whether genuine ones are higher, and what shows it.

    Raises:
        InputError: the scores of genuine and impostor comparisons are too much alike to tell.
    """
    genuine, impostor = (_some(scores, same=same) for same in (True, False))
    area = _area(genuine, impostor) if len(genuine) and len(impostor) else 0.5
    if abs(area - 0.5) < CLEAR:
        raise InputError(
            "{path}: genuine scores are neither clearly higher nor clearly lower than impostor scores (a genuine one "
            "is higher in {share:.0f} % of cases): say which they are, --scores similarity or --scores distance",
            path=path,
            share=100 * area,
        )
    found = Comparator.SIMILARITY if area > 0.5 else Comparator.DISTANCE
    share = max(area, 1 - area)
    return found, Finding.of(FindingCode.DIRECTION, place=str(path), comparator=str(found), share=share)


def _some(scores: ScoreList, *, same: bool) -> np.ndarray:
    """Return the scores of one kind, thinned where there are many."""
    thin = max(len(scores) // LOOKED_AT, 1)

    def kept() -> Iterator[np.ndarray]:
        left = LOOKED_AT
        for records in scores.records():
            found = records["score"][records["same"] == same]
            found = found[~np.isnan(found)]
            # Genuine comparisons are few, and lists are often sorted: all blocks have their say.
            yield found[: max(left, 0)] if same else found[::thin]
            left -= len(found)

    return np.concatenate([np.empty(0, np.float32), *kept()])


def _area(genuine: np.ndarray, impostor: np.ndarray) -> float:
    """Return the share of genuine and impostor scores of which the genuine one is higher, ties one half."""
    ordered = np.sort(impostor)
    below, reached = (np.searchsorted(ordered, genuine, side=side) for side in ("left", "right"))
    return float((below + reached).mean() / (2 * len(ordered)))
