"""The scores of two blocks, out of a matrix product, and those that are kept since they will be wanted again."""

from dataclasses import dataclass, field

import numpy as np

from facegap.comparator import Comparator
from facegap.scoring.kernel import BlockPair, to_distances
from facegap.scoring.layout import BLOCK, Blocks


@dataclass
class Kept:
    """Scores of block pairs, as many as fit `room` bytes: what one pass has computed the next need not."""

    room: int = 1 << 29
    scores: dict[tuple[int, int], np.ndarray] = field(default_factory=dict)

    def place(self, a: int, b: int) -> np.ndarray | None:
        """Return a new place for the scores of a block pair, while there is room."""
        if (len(self.scores) + 1) * BLOCK * BLOCK * 4 > self.room:
            return None
        return self.scores.setdefault((a, b), np.empty((BLOCK, BLOCK), np.float32))


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
            vectors_a, vectors_b = blocks.vectors[near], blocks.vectors[far]
            np.matmul(vectors_a, vectors_b.T, out=scores[: len(vectors_a), : len(vectors_b)])
            if blocks.comparator is Comparator.EUCLIDEAN:
                to_distances(scores, blocks.squares[near], blocks.squares[far], vectors_a, vectors_b)
        return BlockPair(scores, blocks.subject[near], blocks.subject[far], a == b)
