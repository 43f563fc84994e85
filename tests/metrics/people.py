"""People who differ, and their comparisons one by one: what weighted rates are tested on."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from facegap.data.comparator import Comparator
from facegap.data.manifest import Manifest
from facegap.data.score_list import ScoreBlock
from facegap.data.source import Images, Pairs
from facegap.datasets import draw_pairs
from facegap.metrics import thresholds_to_evaluate
from facegap.metrics.influence import SubjectRates
from facegap.metrics.rates import Rates
from facegap.scoring import ListedComparisons

THRESHOLD = 0.0
COHORTS = ("large", "small")


@dataclass(frozen=True)
class People:
    """Images, and the similarity of every two of them (N, N)."""

    source: Images
    similarity: np.ndarray

    @classmethod
    def drawn(cls, subjects: tuple[int, int], rng: np.random.Generator, images: tuple[int, int] = (2, 7)) -> "People":
        """Return people who differ: some are alike to many, some unlike themselves; the small cohort more so."""
        sizes = rng.integers(*images, sum(subjects))
        subject = np.repeat(np.arange(len(sizes)), sizes)
        cohort = (subject >= subjects[0]).astype(int)
        frame = pl.DataFrame(
            {
                "path": [f"{i:05d}" for i in range(len(subject))],
                "subject": [f"{s:05d}" for s in subject],
                "cohort": [COHORTS[c] for c in cohort],
            }
        )
        n = len(subject)
        noise = np.triu(rng.normal(size=(n, n)), 1)
        alike = rng.normal(scale=0.4, size=len(sizes))
        same = subject[:, None] == subject[None]
        own = 3 + rng.normal(scale=0.5, size=len(sizes))
        similarity = noise + noise.T + (alike[subject][:, None] + alike[subject][None]) - 1.8
        similarity += 0.3 * (cohort[:, None] + cohort[None]) + np.where(same, own[subject][:, None], 0.0)
        return cls(Images(Manifest(frame, COHORTS, "people")), similarity.astype(np.float32))

    def comparisons(self, pairs: Pairs) -> ListedComparisons:
        def blocks() -> Iterator[ScoreBlock]:
            yield ScoreBlock(pairs.a, pairs.b, pairs.same, self.similarity[pairs.a, pairs.b])

        manifest = self.source.manifest
        labels = manifest.subject_codes, manifest.cohort_codes, manifest.cohorts
        return ListedComparisons(blocks, Comparator.SIMILARITY, *labels, drawn=pairs.drawn)

    def all_pairs(self) -> Pairs:
        subject = self.source.manifest.subject_codes
        a, b = np.triu_indices(len(subject), 1)
        return Pairs(a, b, subject[a] == subject[b], np.zeros(len(a), np.int64))

    def some_pairs(self, most: int, rng: np.random.Generator) -> Pairs:
        source = draw_pairs(self.source, most, rng)
        assert isinstance(source, Images)
        assert source.pairs is not None
        return source.pairs


def populations(one: ListedComparisons) -> dict[str, SubjectRates]:
    tally = one.count([THRESHOLD])
    evaluated = thresholds_to_evaluate(tally, [THRESHOLD])
    counted = one.count_by_subject(
        tally, evaluated=evaluated.similarity, tails=evaluated.tails, wide_tail=evaluated.wide_tail
    )
    found = {name: SubjectRates(counted.between(name, name), Rates(tally.between(name, name))) for name in COHORTS}
    return {**found, "all": SubjectRates(counted.pooled(), Rates(tally.pooled()))}
