"""The order in which images are compared: rows sorted by cohort and subject, cut into blocks of one fixed shape.

A float32 matrix product rounds differently when its shape changes. So every score is computed in a block of at most
`BLOCK` x `BLOCK` at a place that depends on the data alone; tiles are lists of blocks, and neither their size nor the
number of workers can change a single count.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from facegap.data.comparator import Comparator
from facegap.data.tally import cell
from facegap.run.room import Mapped

BLOCK = 512
"""Side of a block: large enough for a matrix product near its best rate, small enough for its scores to stay cached.

Compiled into the kernels: after a change, delete their cache (`__pycache__`).
"""


SLACK = 8
"""Rows that a block may leave empty rather than part a subject's images: genuine comparisons then lie in few blocks."""

RANGE_ROWS = 512
"""Rows that the range of the scores is judged by."""

LEAST_RANGE = 1 / 16
"""Share of the range that is possible that is covered at least, so that its parts are distinct as float32."""

LANES = 16
"""Rows by which a product is rounded up: odd shapes cost more than the zeros."""


@dataclass(frozen=True)
class Blocks:
    """N rows in blocks that never mix cohorts; what is left of a block is filled up with zero rows.

    `vectors`: (M, D) float32, M a multiple of `BLOCK`, of unit length for cosine. `squares`: (M,) float32 squared
    norms before that. `row`: (M,) int64 row of the manifest, -1 in the filling. `subject`: (M,) int32. `cohort`:
    (M / BLOCK,) cohort of each block. `filled`: (M / BLOCK,) rows that are no filling.
    """

    comparator: Comparator
    vectors: np.ndarray
    squares: np.ndarray
    row: np.ndarray
    subject: np.ndarray
    cohort: np.ndarray
    filled: np.ndarray

    def __len__(self) -> int:
        return len(self.cohort)

    def __reduce__(self) -> tuple[Any, ...]:
        """Another process maps the file of vectors that lie in one."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        if isinstance(self.vectors, np.memmap):
            values["vectors"] = Mapped(str(self.vectors.filename), self.vectors.shape)
        return _blocks, (values,)

    def rows(self, block: int) -> slice:
        """Return where the rows of a block lie, without the filling."""
        return slice(block * BLOCK, block * BLOCK + int(self.filled[block]))

    def multiplied(self, block: int) -> np.ndarray:
        """Return the vectors of a block, with as much of the filling as makes for a fast product."""
        return self.vectors[block * BLOCK : block * BLOCK + -(-int(self.filled[block]) // LANES) * LANES]


def _blocks(values: dict[str, Any]) -> Blocks:
    vectors = values["vectors"]
    return Blocks(**{**values, "vectors": vectors.array() if isinstance(vectors, Mapped) else vectors})


def lay_out(
    vectors: np.ndarray,
    subject: np.ndarray,
    cohort: np.ndarray,
    rows: np.ndarray,
    comparator: Comparator,
    zeros: Callable[[tuple[int, int]], np.ndarray] | None = None,
) -> Blocks:
    """Lay the manifest's `rows` out in blocks.

    `vectors` (N, D) float32, `subject` and `cohort` (N,) int32 are aligned with the manifest; `rows` (R,) says which
    of them take part. `zeros`: makes the float32 array that they are laid out in.
    """
    row, cohorts, filled = _order(subject, cohort, rows)
    real = row >= 0
    shape = len(row), vectors.shape[1]
    placed, squares = np.zeros(shape, np.float32) if zeros is None else zeros(shape), np.zeros(len(row))
    for block in (slice(start, start + BLOCK) for start in range(0, len(row), BLOCK)):  # while it is in the cache
        placed[block][real[block]] = vectors[row[block][real[block]]]
        squares[block] = np.einsum("ij,ij->i", placed[block], placed[block], dtype=np.float64)
        if comparator is Comparator.COSINE:
            placed[block] /= np.sqrt(np.where(squares[block] > 0, squares[block], 1))[:, None].astype(np.float32)
    return Blocks(
        comparator=comparator,
        vectors=placed,
        squares=squares.astype(np.float32),
        row=row,
        subject=np.where(real, subject[row], -1).astype(np.int32),
        cohort=np.array(cohorts, np.int64),
        filled=np.array(filled, np.int64),
    )


def _order(subject: np.ndarray, cohort: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, list[int], list[int]]:
    """Return the `row` of `Blocks`, int64, and for each block its cohort and how many of its rows are filled."""
    rows = rows[np.lexsort((rows, subject[rows], cohort[rows]))]
    order: list[np.ndarray] = []
    cohorts: list[int] = []
    filled: list[int] = []
    for code in np.unique(cohort[rows]):
        members = rows[cohort[rows] == code]
        for part in np.split(members, _borders(subject[members])):
            order.append(np.pad(part, (0, BLOCK - len(part)), constant_values=-1))
            cohorts.append(int(code))
            filled.append(len(part))
    return np.concatenate([np.empty(0, np.int64), *order]), cohorts, filled


def _borders(subject: np.ndarray) -> list[int]:
    """Return where a new block begins among rows in the order of their subjects (n,)."""
    starts = np.flatnonzero(np.diff(subject)) + 1
    borders, end = [], BLOCK
    while end < len(subject):
        begins = int(starts[np.searchsorted(starts, end, side="right") - 1]) if len(starts) and starts[0] <= end else 0
        end = begins if end - begins <= SLACK else end
        borders.append(end)
        end += BLOCK
    return borders


def block_pairs(blocks: Blocks) -> Iterator[tuple[int, np.ndarray]]:
    """Yield, cell by cell, the index of the cell and its (n, 2) block pairs: the upper triangle of all."""
    codes = np.unique(blocks.cohort)
    for q in codes:
        for p in codes[codes <= q]:
            a, b = np.flatnonzero(blocks.cohort == p), np.flatnonzero(blocks.cohort == q)
            pairs = np.stack(np.meshgrid(a, b, indexing="ij"), axis=-1).reshape(-1, 2)
            yield cell(int(p), int(q)), pairs[pairs[:, 0] <= pairs[:, 1]]


def genuine_block_pairs(blocks: Blocks) -> np.ndarray:
    """Return the (n, 2) block pairs, upper triangle, that share a subject: only they hold genuine comparisons."""
    place = blocks.subject.astype(np.int64) * len(blocks) + np.arange(len(blocks.subject)) // BLOCK
    subject, block = np.divmod(np.unique(place[blocks.subject >= 0]), max(len(blocks), 1))
    pairs = [np.stack([block, block], axis=1)]
    apart = 1
    while (same := subject[apart:] == subject[:-apart]).any():
        pairs.append(np.stack([block[:-apart][same], block[apart:][same]], axis=1))
        apart += 1
    return np.unique(np.concatenate(pairs), axis=0).astype(np.int64)


def by_cell(blocks: Blocks, pairs: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Yield the index of each cell and those of the (n, 2) block pairs that belong to it."""
    cells = np.array([cell(int(p), int(q)) for p, q in blocks.cohort[pairs]])
    for at in np.unique(cells):
        yield int(at), pairs[cells == at]


def members_of(subject: np.ndarray, cohort: np.ndarray, p: int, q: int) -> np.ndarray:
    """Return the codes, rising, of the subjects with images in cohorts p or q; `subject`, `cohort` (N,)."""
    return np.unique(subject[(cohort == p) | (cohort == q)])


def score_range(blocks: Blocks) -> tuple[float, float]:
    """Return between what the similarity of the comparisons lies, but for some that may lie lower.

    Most of what is possible holds no score. So the lower end is that of some rows, spread over all.
    """
    rows = np.flatnonzero(blocks.row >= 0)
    rows = rows[:: -(-len(rows) // RANGE_ROWS) or 1]
    dots = blocks.vectors[rows] @ blocks.vectors[rows].T
    if blocks.comparator is Comparator.COSINE:
        return min(float(dots.min(initial=1.0)), 1 - 2 * LEAST_RANGE), 1.0
    squares = blocks.squares[rows]
    farthest2 = (squares[:, None] + squares - 2 * dots).max(initial=0.0)
    possible = 2 * float(np.sqrt(blocks.squares.max(initial=0.0)))
    return -max(float(np.sqrt(farthest2)), possible * LEAST_RANGE, 1e-6), 0.0
