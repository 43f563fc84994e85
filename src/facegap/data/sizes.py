"""How many comparisons two subjects have, so that every subject, and every pair of subjects, can count the same."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import numpy as np


class Sizes(Protocol):
    """Tells how many comparisons there are of the same two subjects, between the same two cohorts.

    Genuine comparisons have one subject on both sides.
    """

    def between(self, a: np.ndarray, b: np.ndarray, /) -> np.ndarray:
        """Return (P,) int64, for comparisons of rows `a` and `b` (P,) of the manifest."""
        ...

    def among(self, rows: np.ndarray, /) -> "Sizes":
        """Return the sizes among the images in `rows` (N,) bool, where it is known which comparisons they have."""
        ...


@dataclass(frozen=True)
class SizesOfImages:
    """Every image is compared with every other. `subject`, `cohort`: (N,) codes. `held`: (C, S) images."""

    subject: np.ndarray
    cohort: np.ndarray
    held: np.ndarray

    @classmethod
    def of(cls, subject: np.ndarray, cohort: np.ndarray, rows: np.ndarray) -> "SizesOfImages":
        """Count the images in `rows` (N,) bool."""
        held = np.zeros((int(cohort.max(initial=-1)) + 1, int(subject.max(initial=-1)) + 1), np.int64)
        np.add.at(held, (cohort[rows], subject[rows]), 1)
        return cls(subject, cohort, held)

    def between(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """See `Sizes`."""
        p, q, s, t = self.cohort[a], self.cohort[b], self.subject[a], self.subject[b]
        both = self.held[p, s] * self.held[q, t] + self.held[p, t] * self.held[q, s]
        within = self.held[p, s] * (self.held[p, s] - 1)
        alike = (p == q) & (s == t)
        return np.where(alike, within, both) // np.where((p == q) | (s == t), 2, 1)

    def among(self, rows: np.ndarray) -> "SizesOfImages":
        """See `Sizes`."""
        return SizesOfImages.of(self.subject, self.cohort, rows)


@dataclass(frozen=True)
class SizesOfList:
    """Only listed comparisons are made. `keys`: (K,) int64, rising, see `_key`; `counts`: (K,) how many each has."""

    subject: np.ndarray
    cohort: np.ndarray
    keys: np.ndarray
    counts: np.ndarray

    @classmethod
    def of(
        cls, subject: np.ndarray, cohort: np.ndarray, sides: Iterable[tuple[np.ndarray, np.ndarray]]
    ) -> "SizesOfList":
        """Count the comparisons of a list, which comes in parts: (P,) rows of one side, and of the other."""
        found = [np.unique(_key(subject, cohort, a, b), return_counts=True) for a, b in sides]
        keys, counts = (np.concatenate([np.empty(0, np.int64), *parts]) for parts in zip(*found, strict=True))
        keys, place = np.unique(keys, return_inverse=True)
        return cls(subject, cohort, keys, np.bincount(place, counts, len(keys)).astype(np.int64))

    def between(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """See `Sizes`; 0 for subjects that have none on the list."""
        wanted = _key(self.subject, self.cohort, a, b)
        place = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
        return np.where(self.keys[place] == wanted, self.counts[place], 0) if len(self.keys) else np.zeros_like(wanted)

    def among(self, rows: np.ndarray) -> "SizesOfList":
        """See `Sizes`: those of the whole list, for it is not known here which comparisons failed."""
        return self


def _key(subject: np.ndarray, cohort: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return (P,) int64 numbers that tell two subjects between two cohorts apart, in either order."""
    people, groups = int(subject.max(initial=0)) + 1, int(cohort.max(initial=0)) + 1
    (s, t), (p, q) = (np.sort(codes[np.stack([a, b])].astype(np.int64), axis=0) for codes in (subject, cohort))
    return ((p * groups + q) * people + s) * people + t
