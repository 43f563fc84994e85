"""Which images of a subject are not alike, and probably of another person."""

from dataclasses import dataclass

import numpy as np
from scipy import special
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from facegap.jobs.audit.strangers import NORMAL, Faces, Strangers

ORDINARY = 1.645
"""Images that are less alike than this are what strangers are 19 times in 20; see `Strangers.likeness`."""

RARE = 2.326
"""Images have to lie this many standard deviations below the middle genuine likeness: as one in a hundred does."""

LEAST_GENUINE = 3
"""Subjects with two images, at least, that show how alike one person's images are: of two, one may be wrong."""

SURE_GENUINE = 21
"""With so many of them the spread is known well enough to say what is expected by chance."""


@dataclass(frozen=True)
class Own:
    """How the images of each subject agree.

    `likeness`: (N,) mean likeness of an image with the other images of its subject, NaN for an only image. `margin`:
    the median margin of all genuine comparisons, NaN without any. `group`: (N,) codes; the images of a subject that are
    alike share one. `middle`, `spread`: median and robust standard deviation of `likeness`. `subjects`: how many have
    two images or more. `similarity`: the median over them of the median of each, None with too few of them.
    """

    likeness: np.ndarray
    margin: float
    group: np.ndarray
    middle: float
    spread: float
    subjects: int
    similarity: float | None

    @classmethod
    def of(cls, faces: Faces, strangers: Strangers) -> "Own":
        """Compare the images of every subject."""
        likeness, margins, middles = np.full(len(faces), np.nan), [], []
        for k in range(len(faces.starts)):
            mine = faces.of(k)
            if len(mine) > 1:
                similarity = faces.similarity(mine, mine)
                alike = strangers.likeness(similarity, mine, mine)
                likeness[mine] = (alike.sum(axis=1) - np.diag(alike)) / (len(mine) - 1)
                once = np.triu_indices(len(mine), 1)
                margins.append(strangers.margin(similarity, mine, mine)[once])
                middles.append(float(np.median(similarity[once])))
        known = likeness[~np.isnan(likeness)]
        if not len(known):
            return cls(likeness, float("nan"), np.zeros(len(faces), np.int64), float("nan"), float("nan"), 0, None)
        middle = float(np.median(known))
        spread = max(NORMAL * float(np.median(np.abs(known - middle))), 1e-9)
        enough = len(middles) >= LEAST_GENUINE
        limit = min(ORDINARY, middle - RARE * spread)
        group = _groups(faces, strangers, limit) if enough else np.zeros(len(faces), np.int64)
        margin, similarity = float(np.median(np.concatenate(margins))), float(np.median(middles)) if enough else None
        return cls(likeness, margin, group, middle, spread, len(middles), similarity)

    @property
    def n_known(self) -> int:
        """How many images have another one of their subject."""
        return int((~np.isnan(self.likeness)).sum())

    def at_most(self, likeness: float) -> float | None:
        """Return the share of images that are no more alike to their own subject, were the likeness normal.

        None where too few subjects show what is normal.
        """
        if self.subjects < SURE_GENUINE:
            return None
        return float(special.ndtr((likeness - self.middle) / self.spread))


def _groups(faces: Faces, strangers: Strangers, limit: float) -> np.ndarray:
    """Return the groups that average linkage finds in each subject: between any two the mean likeness is below `limit`.

    Sokal & Michener (1958).
    """
    group = np.zeros(len(faces), np.int64)
    for k in range(len(faces.starts)):
        mine = faces.of(k)
        if len(mine) > 1:
            alike = strangers.likeness(faces.similarity(mine, mine), mine, mine)
            top = float(max(alike.max(), limit))
            distance = squareform(top - (alike + alike.T) / 2, checks=False)
            group[mine] = fcluster(linkage(distance, "average"), top - limit, "distance")
    return group
