"""Where the comparisons of a study come from: photos that models embed, embeddings or scores that were given.

A `Manifest` says who is in which image; a source holds it with what the input brought besides. An official list of
comparisons belongs to the source, not to the study: it comes with the input, and its rows are those of the manifest.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from facegap.data.comparator import Comparator
from facegap.data.drawn import Drawn
from facegap.data.manifest import Finding, Manifest
from facegap.data.score_list import ScoreBlock, ScoreList


@dataclass(frozen=True)
class Pairs:
    """An official list of comparisons: only these are scored.

    `a`, `b`: (P,) int64 rows of the manifest. `same`: (P,) bool. `fold`: (P,) int64 fold number from 0, all 0 where
    the list has no folds. `drawn`: where they are a sample of the comparisons that there are, what each stands for.
    """

    a: np.ndarray
    b: np.ndarray
    same: np.ndarray
    fold: np.ndarray
    drawn: Drawn | None = None

    @property
    def folds(self) -> int:
        """Number of folds, 1 where the list is a single set."""
        return int(self.fold.max()) + 1 if len(self.fold) else 0


@dataclass(frozen=True)
class Source:
    """What every source has: the `manifest` that its arrays follow."""

    manifest: Manifest

    @property
    def photos(self) -> bool:
        """Whether the rows of the manifest are files that can be looked at and embedded."""
        return False

    @property
    def listed(self) -> bool:
        """Whether only listed comparisons are made; else every image is compared with every other."""
        return False

    def with_findings(self, *findings: Finding) -> Self:
        """Return the source with further findings."""
        return replace(self, manifest=self.manifest.with_findings(*findings))


@dataclass(frozen=True)
class Images(Source):
    """Photos that models embed, and `pairs` where the input is a list of comparisons."""

    pairs: Pairs | None = None

    @property
    def photos(self) -> bool:
        """They are files."""
        return True

    @property
    def listed(self) -> bool:
        """Whether the input is a list of comparisons."""
        return self.pairs is not None


@dataclass(frozen=True)
class SavedEmbeddings(Source):
    """Embeddings that were computed elsewhere: `vectors` (N, D) float32. The paths only label the rows."""

    vectors: np.ndarray


@dataclass(frozen=True)
class GivenScores(Source):
    """Scores of comparisons that somebody else made. The paths only label the rows, if there are any.

    `lists`: the scores, each list with the rows of the manifest that its images are, none where they are not known.
    `comparator`: their direction. `answered`: (N,) bool, images with at least one score.
    """

    lists: Sequence[tuple[ScoreList, np.ndarray]]
    comparator: Comparator
    answered: np.ndarray

    @property
    def listed(self) -> bool:
        """The comparisons are those that have, or should have, a score."""
        return True

    def blocks(self) -> Iterator[ScoreBlock]:
        """Go through the comparisons."""
        for scores, row in self.lists:
            for records in scores.records():
                a, b = (row[records[side]] if len(row) else records[side].astype(np.int64) for side in "ab")
                similarity = self.comparator.sign * records["score"]
                yield ScoreBlock(a, b, records["same"], similarity)
