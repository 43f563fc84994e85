"""Which subjects are so alike that they are probably one person."""

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, log

import numpy as np

from facegap.jobs.audit.strangers import Faces, Strangers
from facegap.run.progress import Progress, silent

TAIL = 2
"""Pairs of subjects, those most alike, whose likeness says how the rest of the tail would go on: so many for every
subject (but half of all pairs at most), so that the middle one is a chance pair even if most subjects have a wrong
label."""


Measure = Callable[[np.ndarray | slice, np.ndarray | slice], np.ndarray]
"""How much alike some images (n,) and others (m,) are: (n, m)."""


@dataclass(frozen=True)
class Alike:
    """The pairs of subjects that are most alike: `a`, `b` (n,) places of the subjects, `likeness` (n,) falling.

    `likeness`: of their closest comparison, by some measure.
    """

    a: np.ndarray
    b: np.ndarray
    likeness: np.ndarray

    @classmethod
    def of(cls, faces: Faces, measure: Measure, wanted: int, *, progress: Progress = silent) -> "Alike":
        """Find so many pairs among all pairs of subjects; memory grows with the images only."""
        subjects = len(faces.starts)
        place = np.repeat(np.arange(subjects), np.diff(np.r_[faces.starts, len(faces)]))
        kept = cls(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
        bar = -np.inf
        for rows in faces.blocks("comparing subjects", progress):
            first = place[rows.start]
            begin = int(faces.starts[first])
            likeness = measure(rows, slice(begin, None))
            likeness = np.maximum.reduceat(likeness, faces.starts[first:] - begin, axis=1)
            mine, starts = np.unique(place[rows], return_index=True)
            likeness = np.maximum.reduceat(likeness, starts, axis=0)
            likeness[np.arange(subjects)[first:] <= mine[:, None]] = -np.inf
            i, j = np.nonzero(likeness > bar)
            kept = cls(np.r_[kept.a, mine[i]], np.r_[kept.b, first + j], np.r_[kept.likeness, likeness[i, j]])._closest(
                wanted
            )
            if len(kept.likeness) == wanted:
                bar = kept.likeness[-1]
        return kept

    @classmethod
    def tail(cls, faces: Faces, strangers: Strangers, *, progress: Progress = silent) -> "Alike":
        """Find the tail among all pairs of subjects, by `Strangers.margin`."""
        subjects = len(faces.starts)
        wanted = min(TAIL * subjects, subjects * (subjects - 1) // 4)
        return cls.of(faces, lambda a, b: strangers.margin(faces.similarity(a, b), a, b), wanted, progress=progress)

    def _closest(self, wanted: int) -> "Alike":
        """Return the `wanted` pairs that are most alike, each pair once."""
        order = np.lexsort((self.b, self.a, -self.likeness))
        pair = np.stack([self.a[order], self.b[order]])
        _, first = np.unique(pair, axis=1, return_index=True)
        order = order[np.sort(first)][:wanted]
        return Alike(self.a[order], self.b[order], self.likeness[order])

    def expected(self, margin: float) -> float:
        """Return how many pairs of subjects would have at least this margin by chance.

        The tail is taken to fall off exponentially, as those of normal scores nearly do (a generalised Pareto tail of
        shape 0; Coles, An Introduction to Statistical Modeling of Extreme Values, 2001, ch. 4). Its scale comes from
        the median, which a few wrong labels cannot move.
        """
        n, lowest = len(self.likeness), float(self.likeness[-1])
        scale = max(float(np.median(self.likeness - lowest)) / log(2), 1e-12)
        return n * exp(-max(margin - lowest, 0.0) / scale)
