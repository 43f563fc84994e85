"""The comparisons of two cohorts, or of one, of one kind: numbered, so that some can be taken without a list of all.

They are numbered subject by subject, or pair of subjects by pair of subjects, in the random order of the subjects: what
is taken at equal steps is spread over all of them, and hits no pair of subjects twice before it has hit most once.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Side:
    """The images of one cohort, subject by subject.

    `rows`: (n,) of the manifest. `subject`: (n,) place of each one's subject in an order of all subjects, rising.
    """

    rows: np.ndarray
    subject: np.ndarray

    @classmethod
    def of(cls, rows: np.ndarray, subject: np.ndarray, rng: np.random.Generator) -> "Side":
        """Return the images `rows`, whose subjects have the places `subject` (n,), in random order within each."""
        mixed = rng.permutation(len(rows))
        order = mixed[np.argsort(subject[mixed], kind="stable")]
        return cls(rows[order], subject[order])

    def span(self, subject: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return where the images of subjects begin and end; at one place where there are none."""
        first, last = (np.searchsorted(self.subject, subject, side=side) for side in ("left", "right"))
        return first, last


@dataclass(frozen=True)
class Stratum:
    """All comparisons of one kind between two sides, or within one (`probe` is `gallery`)."""

    probe: Side
    gallery: Side
    genuine: bool

    @property
    def _subjects(self) -> np.ndarray:
        return np.unique(self.probe.subject)

    def _sizes(self) -> np.ndarray:
        """Return (s,) int64: how many comparisons each subject of the probe side begins."""
        first, last = self.probe.span(self._subjects)
        other_first, other_last = self.gallery.span(self._subjects)
        own, others = last - first, other_last - other_first
        if self.genuine:
            return own * (own - 1) // 2 if self.probe is self.gallery else own * others
        if self.probe is self.gallery:
            return own * (len(self.gallery.rows) - last)
        return own * (len(self.gallery.rows) - others)

    def __len__(self) -> int:
        return int(self._sizes().sum())

    def at(self, number: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the (p,) rows of both images of the comparisons with these numbers, (p,) from 0."""
        sizes = self._sizes()
        ends = np.cumsum(sizes)
        k = np.searchsorted(ends, number, side="right")
        rest = number - (ends - sizes)[k]
        first, last = (end[k] for end in self.probe.span(self._subjects))
        other_first, other_last = (end[k] for end in self.gallery.span(self._subjects))
        if self.genuine and self.probe is self.gallery:
            low, high = _pair(rest)
            return self.probe.rows[first + low], self.probe.rows[first + high]
        own = last - first
        other = rest // own  # all images of one subject before those of the next
        if self.genuine:
            other += other_first
        elif self.probe is self.gallery:
            other += last
        else:
            other += np.where(other >= other_first, other_last - other_first, 0)
        return self.probe.rows[first + rest % own], self.gallery.rows[other]


def _pair(number: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbered pairs (0, 1), (0, 2), (1, 2), (0, 3), ..."""
    high = ((1 + np.sqrt(1 + 8 * number.astype(np.float64))) // 2).astype(np.int64)
    high -= high * (high - 1) // 2 > number  # the root may be rounded
    high += high * (high + 1) // 2 <= number
    return number - high * (high - 1) // 2, high


def equal_steps(every: int, taken: int, rng: np.random.Generator) -> np.ndarray:
    """Return (taken,) int64 of the numbers 0 to every - 1, rising, at equal steps from a random start.

    Each number has the same chance, taken / every: systematic sampling (Cochran, Sampling Techniques, 1977, chapter 8).
    """
    if not taken:
        return np.empty(0, np.int64)
    start = int(rng.integers(every))
    return np.array([(k * every + start) // taken for k in range(taken)], np.int64)
