"""The scores of two blocks, out of a matrix product, and those that are kept since they will be wanted again."""

import threading
from dataclasses import dataclass, field

import numpy as np

from facegap.data.comparator import Comparator
from facegap.scoring.cpu.kernel import BlockPair, to_distances
from facegap.scoring.layout import BLOCK, Blocks
from facegap.scoring.subject_histogram import SubjectHistogram

SHELF = 64
"""Block pairs whose scores take up one piece of memory."""


@dataclass
class Kept:
    """What `compare_all` keeps for `compare_subjects`: all scores, if they fit `room` bytes.

    Else only those of blocks with genuine comparisons, as many as fit, and by cell the histograms of the subjects.
    """

    room: int = 1 << 26
    scores: dict[tuple[int, int], np.ndarray] = field(default_factory=dict)
    histograms: dict[int, SubjectHistogram] = field(default_factory=dict)
    _shelf: list[np.ndarray] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __reduce__(self) -> tuple:
        """Another process gets none of it, nor room: what would be kept there could not be seen here."""
        return Kept, (0,)

    def fits(self, blocks: Blocks) -> bool:
        """Return whether there is room for all scores."""
        return len(blocks) * (len(blocks) + 1) // 2 * BLOCK * BLOCK * 4 <= self.room

    def place(self, a: int, b: int) -> np.ndarray | None:
        """Return a new place for the scores of a block pair, while there is room.

        The places come out of few large pieces of memory: the system hands those out faster than many small ones.
        """
        with self._lock:
            if (len(self.scores) + 1) * BLOCK * BLOCK * 4 > self.room:
                return None
            if not self._shelf:
                self._shelf = list(np.empty((SHELF, BLOCK, BLOCK), np.float32))
            return self.scores.setdefault((a, b), self._shelf.pop())


@dataclass(frozen=True)
class Products:
    """Scores two blocks; one per worker, with a buffer of its own.

    What `kept` holds is taken from there; what is computed is added to it where `keeps`.
    """

    blocks: Blocks
    kept: Kept
    keeps: bool
    buffer: np.ndarray

    @classmethod
    def of(cls, blocks: Blocks, kept: Kept, *, keeps: bool) -> "Products":
        """Return one with a buffer of its own."""
        return cls(blocks, kept, keeps, np.empty((BLOCK, BLOCK), np.float32))

    def __call__(self, a: int, b: int) -> BlockPair:
        """Return the scores of blocks a and b; the next call overwrites them."""
        blocks, near, far = self.blocks, self.blocks.rows(a), self.blocks.rows(b)
        scores = self.kept.scores.get((a, b))
        if scores is None:
            place = self.kept.place(a, b) if self.keeps else None
            scores = self.buffer if place is None else place
            rows, columns = blocks.multiplied(a), blocks.multiplied(b)
            if a == b:  # of a matrix and itself numpy makes half a product, then copies that over: twice as slow
                columns = columns.copy()
            np.matmul(rows, columns.T, out=scores[: len(rows), : len(columns)])
            if blocks.comparator is Comparator.EUCLIDEAN:
                vectors = blocks.vectors[near], blocks.vectors[far]
                to_distances(scores, blocks.squares[near], blocks.squares[far], *vectors, a == b)
        return BlockPair(scores, blocks.subject[near], blocks.subject[far], a == b)
