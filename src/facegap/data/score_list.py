"""Comparisons that are listed one by one, with their scores, in blocks: a list may be longer than memory."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from weakref import finalize

import numpy as np

BLOCK = 1 << 20
"""Comparisons that are looked at together."""

IN_MEMORY = 1 << 28
"""Bytes that a list may take in memory; a longer one lies in a temporary file, which goes with it."""

RECORD = np.dtype([("a", "<i4"), ("b", "<i4"), ("score", "<f4"), ("same", "?")])


@dataclass(frozen=True)
class ScoreBlock:
    """Some comparisons of a list.

    `a`, `b`: (P,) int64 rows of the manifest, -1 where it is not known which images were compared. `same`: (P,) bool.
    `similarity`: (P,) float32, NaN where the comparison could not be made. `weight`: (P,) float64, how much each counts
    in rates; None where each counts once. It is the same for all comparisons of two subjects between two cohorts.
    """

    a: np.ndarray
    b: np.ndarray
    same: np.ndarray
    similarity: np.ndarray
    weight: np.ndarray | None = None


Blocks = Callable[[], Iterator[ScoreBlock]]
"""Goes through a list from its beginning, as often as it is called."""


class ScoreList:
    """Scores in their native unit, float32, in the order in which they were read; NaN for a missing score."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 (it lives as long as the list)
        finalize(self, self._file.close)
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def add(self, a: np.ndarray, b: np.ndarray, score: np.ndarray, same: np.ndarray) -> None:
        """Add comparisons at the end: (P,) images, numbered in any way, scores, and whether they are genuine."""
        records = np.empty(len(a), RECORD)
        for name, values in (("a", a), ("b", b), ("score", score), ("same", same)):
            records[name] = values
        self._file.seek(0, 2)
        self._file.write(records.tobytes())
        self._length += len(records)

    def records(self) -> Iterator[np.ndarray]:
        """Yield the comparisons in arrays of `RECORD`, at most `BLOCK` at once."""
        for start in range(0, self._length, BLOCK):
            self._file.seek(start * RECORD.itemsize)
            yield np.frombuffer(self._file.read(BLOCK * RECORD.itemsize), RECORD)
