"""What one model made of the images of a manifest, in columns: an object for each would take more than its numbers."""

from dataclasses import dataclass, field

import numpy as np

from facegap.data.embeddings import Embeddings, Outcome
from facegap.data.statement import Statement
from facegap.store import Record

NOTHING = 255
"""In place of an outcome, where nothing was made yet."""


@dataclass(eq=False)
class MadeRows:
    """N rows, each with what was made of that image or with nothing; images that are the same need one row.

    `vectors`: (N, D) float32, where they are to lie. `loaded`, `stored`: (N,) bool, what came out of the store, and
    what a worker wrote to it and this process did not read yet.
    """

    vectors: np.ndarray
    outcome: np.ndarray = field(init=False)
    box: np.ndarray = field(init=False)
    loaded: np.ndarray = field(init=False)
    stored: np.ndarray = field(init=False)
    _why: dict[int, Statement] = field(default_factory=dict)

    def __post_init__(self) -> None:
        n = len(self.vectors)
        self.outcome = np.full(n, NOTHING, np.uint8)
        self.box = np.full((n, 4), np.nan, np.float32)
        self.loaded, self.stored = np.zeros(n, bool), np.zeros(n, bool)

    def put(self, row: int, record: Record) -> None:
        """Take what was made of the image in a row."""
        self.outcome[row] = record.outcome
        if record.vector is not None:
            self.vectors[row] = record.vector
        if record.box is not None:
            self.box[row] = record.box
        if record.detail is not None:
            self._why[row] = record.detail

    def lack(self, first: np.ndarray) -> np.ndarray:
        """Return (N,) bool: the images of which nothing was made; `first`: as `Gathered.first`."""
        return self._holders(first) < 0

    def embeddings(self, first: np.ndarray) -> Embeddings:
        """Return what was made of every image, as `lack` takes them; this object is not used any more."""
        holder = self._holders(first)
        rows = np.flatnonzero(holder != np.arange(len(holder)))
        holder = holder[rows]
        for column in (self.outcome, self.box, self.vectors, self.loaded, self.stored):
            column[rows] = column[holder]
        self.vectors[self.outcome != Outcome.OK] = np.nan
        detail: list[Statement | None] = [None] * len(first)
        for row, why in self._why.items():
            detail[row] = why
        for row, other in zip(rows.tolist(), holder.tolist(), strict=True):
            detail[row] = detail[other]
        found = int((self.loaded & ~self.stored).sum())
        return Embeddings(self.vectors, self.outcome, tuple(detail), self.box, found)

    def _holders(self, first: np.ndarray) -> np.ndarray:
        """Return for each row the first one, int32, that holds what was made of the same image; -1 where none does."""
        holder = np.full(len(first), -1, np.int32)
        rows = np.flatnonzero(self.outcome != NOTHING)[::-1].astype(np.int32)
        holder[first[rows]] = rows  # the last one that is assigned stays
        return holder[first]
