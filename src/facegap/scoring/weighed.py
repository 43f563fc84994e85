"""Comparisons that count by subject: every subject the same in genuine rates, every pair of subjects in impostor rates.

They are listed one by one, for the counts of comparisons of all images know no weights.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from facegap.data.comparator import Comparator
from facegap.data.score_list import Blocks, ScoreBlock, ScoreList
from facegap.data.sizes import Sizes, SizesOfList
from facegap.data.tally import cells_of
from facegap.errors import InputError
from facegap.run.progress import Progress, silent
from facegap.scoring.listed import ListedComparisons

MOST = 100_000_000
"""Comparisons that are listed at most; so many take some minutes and 1.3 GB in a temporary file."""


def blocks_of_all(
    vectors: np.ndarray, ok: np.ndarray, subject: np.ndarray, comparator: Comparator, progress: Progress = silent
) -> Blocks:
    """Return the blocks of all pairs of images, scored once by embeddings (N, D).

    `ok` (N,) bool says which images have one, `subject` (N,) who is in them.
    """
    scores = ScoreList()
    with np.errstate(invalid="ignore"):
        for row in range(1, len(ok)):
            others = np.arange(row)
            similarity = comparator.similarity(vectors[row : row + 1], vectors[:row])
            similarity = np.where(ok[:row] & ok[row], similarity, np.float32(np.nan))
            scores.add(others, np.full(row, row), similarity, subject[:row] == subject[row])
            progress("comparing", row, len(ok) - 1)

    def blocks() -> Iterator[ScoreBlock]:
        for records in scores.records():
            a, b = (records[side].astype(np.int64) for side in "ab")
            yield ScoreBlock(a, b, records["same"], records["score"])

    return blocks


def by_subject(
    listing: ListedComparisons, rows: np.ndarray, *, failed: bool, sizes: Sizes | None = None
) -> ListedComparisons:
    """Return listed comparisons with weights: the inverse of how many comparisons their two subjects have.

    Those that could not be made count among these where `failed`, as where they count as rejected. Of comparisons that
    were drawn each counts as often, too, as the inverse of its chance says. `rows` (N,) bool: the images that take
    part. `sizes`: how many comparisons two subjects have, where it is known before they are counted.

    Raises:
        InputError: comparisons that have no score are not on the list, and should count as rejected.
    """
    drawn, cohort = listing.drawn, listing.cohort
    if listing.every and failed:
        raise InputError(
            "--weigh subjects with --failures rejected needs a list of the comparisons that should have a score: give "
            "the list of pairs as the input, or leave --failures out"
        )
    if drawn is not None:
        sizes = drawn.sizes if failed else drawn.sizes.among(rows)
    known = sizes or _counted(listing, failed=failed)

    def blocks() -> Iterator[ScoreBlock]:
        for block in listing.blocks():
            size = known.between(block.a, block.b)
            weight = np.divide(1.0, size, out=np.zeros(len(size)), where=size > 0)
            if drawn is not None:
                kind = (~block.same).astype(np.int64)
                weight *= drawn.weights[cells_of(cohort[block.a], cohort[block.b]), kind]
            yield replace(block, weight=weight)

    return replace(listing, blocks=blocks, weighed=True)


def _counted(listing: ListedComparisons, *, failed: bool) -> SizesOfList:
    """Return how many of the listed comparisons two subjects have."""

    def sides() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for block in listing.blocks():
            counted = np.full(len(block.a), True) if failed else ~np.isnan(block.similarity)
            yield block.a[counted], block.b[counted]

    return SizesOfList.of(listing.subject, listing.cohort, sides())
