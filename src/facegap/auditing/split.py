"""Which images of a subject are not alike, and probably of another person."""

from dataclasses import dataclass

import numpy as np
from scipy import special
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from facegap.auditing.strangers import NORMAL, Faces, Strangers

ORDINARY = 1.645
"""Images that are less alike than this are what strangers are 19 times in 20; see `Strangers.likeness`."""

RARE = 2.326
"""Images have to lie this many standard deviations below the middle genuine likeness: as one in a hundred does."""


@dataclass(frozen=True)
class Own:
    """How the images of each subject agree.

    `likeness`: (N,) mean likeness of an image with the other images of its subject, NaN for an only image. `margin`:
    the median margin of all genuine comparisons, NaN without any. `group`: (N,) codes; the images of a subject that are
    alike share one. `middle`, `spread`: median and robust standard deviation of `likeness`.
    """

    likeness: np.ndarray
    margin: float
    group: np.ndarray
    middle: float
    spread: float

    @classmethod
    def of(cls, faces: Faces, strangers: Strangers) -> "Own":
        """Compare the images of every subject."""
        likeness, margins = np.full(len(faces), np.nan), []
        for k in range(len(faces.starts)):
            mine = faces.of(k)
            if len(mine) > 1:
                closeness = faces.closeness(mine, mine)
                alike = strangers.likeness(closeness, mine, mine)
                likeness[mine] = (alike.sum(axis=1) - np.diag(alike)) / (len(mine) - 1)
                margins.append(strangers.margin(closeness, mine, mine)[np.triu_indices(len(mine), 1)])
        known = likeness[~np.isnan(likeness)]
        if not len(known):
            return cls(likeness, float("nan"), np.zeros(len(faces), np.int64), float("nan"), float("nan"))
        middle = float(np.median(known))
        spread = max(NORMAL * float(np.median(np.abs(known - middle))), 1e-9)
        group = _groups(faces, strangers, min(ORDINARY, middle - RARE * spread))
        return cls(likeness, float(np.median(np.concatenate(margins))), group, middle, spread)

    @property
    def n_known(self) -> int:
        """How many images have another one of their subject."""
        return int((~np.isnan(self.likeness)).sum())

    def at_most(self, likeness: float) -> float:
        """Return the share of images that are no more alike to their own subject, were the likeness normal."""
        return float(special.ndtr((likeness - self.middle) / self.spread))


def _groups(faces: Faces, strangers: Strangers, limit: float) -> np.ndarray:
    """Return the groups that average linkage finds in each subject: between any two the mean likeness is below `limit`.

    Sokal & Michener (1958).
    """
    group = np.zeros(len(faces), np.int64)
    for k in range(len(faces.starts)):
        mine = faces.of(k)
        if len(mine) > 1:
            alike = strangers.likeness(faces.closeness(mine, mine), mine, mine)
            top = float(max(alike.max(), limit))
            distance = squareform(top - (alike + alike.T) / 2, checks=False)
            group[mine] = fcluster(linkage(distance, "average"), top - limit, "distance")
    return group
