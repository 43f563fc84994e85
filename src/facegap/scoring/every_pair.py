"""Every image compared with every other, by their embeddings."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from facegap.data.comparator import Comparator
from facegap.data.subject_tally import SubjectTally
from facegap.data.tally import ScoreTally
from facegap.run.executor import Executor
from facegap.run.progress import Progress, silent
from facegap.scoring.compare import compare_all
from facegap.scoring.cpu.products import Kept
from facegap.scoring.keeping import Keeper
from facegap.scoring.per_subject import compare_subjects


@dataclass(frozen=True)
class EveryPair:
    """All comparisons that N embeddings allow; the fields are what `compare_all` and `compare_subjects` take."""

    vectors: np.ndarray
    ok: np.ndarray
    comparator: Comparator
    subject: np.ndarray
    cohort: np.ndarray
    cohorts: tuple[str, ...]
    executor: Executor | None = None
    progress: Progress = silent
    device: str = "cpu"
    precision: str = "float32"
    kept: Kept | None = field(default_factory=Kept)
    keeper: Keeper | None = None

    def count(self, thresholds: Sequence[float] = ()) -> ScoreTally:
        """See `compare_all`."""
        return compare_all(
            self.vectors, self.subject, self.cohort, self.ok,
            comparator=self.comparator, cohorts=self.cohorts, thresholds=thresholds, executor=self.executor,
            progress=self.progress, kept=self.kept, device=self.device, precision=self.precision, keeper=self.keeper,
        )  # fmt: skip

    def count_by_subject(
        self, tally: ScoreTally, *, evaluated: np.ndarray, tails: dict[str, float], wide_tail: float
    ) -> SubjectTally:
        """See `compare_subjects`."""
        return compare_subjects(
            self.vectors, self.subject, self.cohort, self.ok, tally,
            evaluated=evaluated, tails=tails, wide_tail=wide_tail, executor=self.executor,
            progress=self.progress, kept=self.kept, device=self.device, precision=self.precision, keeper=self.keeper,
        )  # fmt: skip
