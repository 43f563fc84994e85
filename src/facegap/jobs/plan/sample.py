"""A part of a pilot, measured as a study would measure it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from facegap.data.comparator import Comparator
from facegap.data.tally import ScoreTally
from facegap.jobs.plan.pilot import LEAST_SUBJECTS
from facegap.metrics.influence import SubjectRates
from facegap.metrics.rates import Rates
from facegap.run.executor import Executor
from facegap.scoring import compare_all, compare_subjects

LADDER = (1, 2, 3, 5, 8, 12, 20, 30, 50)
"""Images per subject at which a pilot is looked at, as far as it goes."""

DRAWS = 6
"""Random choices of so many images of each subject that are averaged."""

MOST_SUBJECTS = 1000
"""Subjects that are looked at: more tell hardly more of how much they differ, and take long."""

COHORT = "pilot"


def depths(subject: np.ndarray) -> list[int]:
    """Return the images per subject, rising, at which the pilot can be looked at.

    Half the subjects with two images or more, and `LEAST_SUBJECTS`, have the last of them.
    """
    images = np.unique(subject, return_counts=True)[1]
    needed = max(LEAST_SUBJECTS, int((images > 1).sum()) // 2)
    deepest = int(np.sort(images)[::-1][needed - 1])
    return sorted({m for m in LADDER if m < deepest} | {deepest})


def most_impostors(subject: np.ndarray) -> int:
    """Return the impostor comparisons of a sample with the most images of each subject."""
    deepest = depths(subject)[-1]
    able = int((np.unique(subject, return_counts=True)[1] >= deepest).sum())
    n = min(able, MOST_SUBJECTS)
    return deepest * deepest * n * (n - 1) // 2


@dataclass(frozen=True)
class Sample:
    """`rows` (n,): so many random `images` of each subject.

    `wide`: all subjects who have them take part, else only those who have the most that are looked at: what more
    images do must be seen on the same subjects.
    """

    images: int
    rows: np.ndarray
    wide: bool


def samples(subject: np.ndarray, rng: np.random.Generator) -> Iterator[Sample]:
    """Yield the deep samples of a pilot, and wide ones with one image or two where those hold more subjects."""
    held = np.unique(subject, return_counts=True)[1]
    looked_at = depths(subject)
    deepest = looked_at[-1]
    wider = [m for m in (1, 2) if (held >= m).sum() > (held >= deepest).sum()]
    for m, wide in [*((m, False) for m in looked_at), *((m, True) for m in wider)]:
        for _ in range(DRAWS):
            order = rng.permutation(len(subject))
            order = order[np.argsort(subject[order], kind="stable")]
            first = np.r_[0, np.cumsum(held)[:-1]]
            able = first[held >= (m if wide else deepest)]
            if len(able) > MOST_SUBJECTS:
                able = rng.choice(able, MOST_SUBJECTS, replace=False)
            yield Sample(m, np.sort(order[np.add.outer(able, np.arange(m)).ravel()]), wide)
            if len(able) * m == len(subject):
                break


def compared(vectors: np.ndarray, subject: np.ndarray, comparator: Comparator, executor: Executor | None) -> ScoreTally:
    """Compare all pairs of (n, D) vectors of (n,) subjects, as one cohort."""
    alike, ok = np.zeros(len(subject), np.int32), np.ones(len(subject), bool)
    return compare_all(vectors, subject, alike, ok, comparator=comparator, cohorts=(COHORT,), executor=executor)


def rates_of(tally: ScoreTally) -> Rates:
    """Return the rates of what `compared` counted."""
    return Rates(tally.between(COHORT, COHORT))


def by_subject(
    vectors: np.ndarray,
    subject: np.ndarray,
    comparator: Comparator,
    fmrs: Sequence[float],
    executor: Executor | None,
) -> SubjectRates:
    """Return the rates with the influence of each subject, known at the EER and at each resolvable one of `fmrs`."""
    tally = compared(vectors, subject, comparator, executor)
    rates = rates_of(tally)
    thresholds = [rates.loosest_within(fmr).threshold for fmr in fmrs if rates.resolvable(fmr)]
    if rates.defined:
        thresholds.append(rates.eer()[1])
    counted = compare_subjects(
        vectors,
        subject,
        np.zeros(len(subject), np.int32),
        np.ones(len(subject), bool),
        tally,
        evaluated=np.array([comparator.cut(threshold) for threshold in thresholds], np.float32),
        tails={COHORT: np.inf},
        wide_tail=np.inf,
        executor=executor,
    )
    return SubjectRates(counted.between(COHORT, COHORT), rates)
