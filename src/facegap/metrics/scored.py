"""One model's comparisons, and the numbers of each population among them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

import numpy as np

from facegap.data.across import Ends, sharing
from facegap.data.embeddings import Embeddings
from facegap.data.finding import Finding
from facegap.data.manifest import POOLED, Manifest
from facegap.data.spec import FaceSpec, ModelSpec
from facegap.data.statement import Statement
from facegap.data.subject_tally import SubjectCounts, SubjectTally
from facegap.data.tally import Counts, ScoreTally
from facegap.metrics.asked import Questions, ThresholdFrom, ask
from facegap.metrics.bounds import Estimates, Intervals, bounded, estimates_of, threshold_rows
from facegap.metrics.concentration import concentration_rows
from facegap.metrics.folds import FoldAccuracy
from facegap.metrics.influence import SubjectRates
from facegap.metrics.rates import Rates
from facegap.metrics.registry import Metric
from facegap.metrics.rows import Population, population_rows
from facegap.metrics.subject_means import per_subject_rows
from facegap.stats import Estimate

Failures = Literal["excluded", "rejected"]

Weigh = Literal["comparisons", "subjects"]
"""What counts the same in rates."""
"""What becomes of a comparison with a failed image: left out, or counted as rejected at every threshold."""

REJECTED = Statement("failures_rejected")
"""Stands with every number that such comparisons count in."""


@dataclass(frozen=True)
class Scored:
    """One model's comparisons on one set of images.

    `images`: `own`, every image the model could embed, or `common`, those that all models could. `rows`: (N,) bool,
    which they are. `subjects`: the same comparisons by subject; without it there are no intervals. `accuracy`: over
    the folds of an official list, if it has any. `listed`: only listed comparisons were made; else every image was
    compared with every other.
    """

    spec: ModelSpec
    faces: FaceSpec
    images: Literal["own", "common"]
    rows: np.ndarray
    embeddings: Embeddings
    tally: ScoreTally
    subjects: SubjectTally | None = None
    accuracy: FoldAccuracy | None = None
    listed: bool = False


@dataclass(frozen=True)
class PopulationPart:
    """One population of a model: its rows of `metrics` without intervals, and what gives them one, if anything."""

    population: Population
    rates: Rates
    subjects: SubjectRates | None
    rows: list[dict]
    estimates: Estimates

    def sure_rows(self, intervals: Intervals | None) -> list[dict]:
        """Return the rows with their intervals, and a row for each threshold that was chosen on the data."""
        if intervals is None:
            return self.rows
        rows = bounded(self.rows, self.estimates, intervals)
        if self.subjects is None or not self.rates.defined or not self.population.shown:
            return rows
        return [*rows, *threshold_rows(self.population.row, self.subjects, self.rows, intervals.level)]


@dataclass(frozen=True)
class MeasuredModel:
    """The numbers of one `Scored`: `parts` are each cohort, all together, and each pair of cohorts."""

    one: Scored
    asked: Questions
    unresolved: list[Finding]
    parts: list[PopulationPart]

    @classmethod
    def of(
        cls,
        one: Scored,
        manifest: Manifest,
        *,
        failures: Failures,
        genuine_share: float | None,
        threshold_from: Sequence[ThresholdFrom],
        metrics: tuple[Metric, ...] = (),
        fmrs: Sequence[float] = (),
    ) -> "MeasuredModel":
        """Measure every population of a model."""
        # On the common images a failure is another model's: it must not count against this one.
        rejected = failures == "rejected" and one.images == "own"
        asked, unresolved = ask(
            one.tally,
            model=one.spec.name,
            shipped=one.spec.threshold,
            threshold_from=threshold_from,
            genuine_share=genuine_share,
            metrics=metrics,
            fmrs=fmrs,
        )
        parts = [
            _part(one, manifest, asked, population, counts, of_subjects, rejected)
            for population, counts, of_subjects in _populations(one, manifest, REJECTED if rejected else None)
        ]
        return cls(one, asked, unresolved, parts)

    def shown(self) -> dict[str, PopulationPart]:
        """Return the parts that are shown by their name: each cohort, all together, and pairs that share subjects."""
        return {part.population.name: part for part in self.parts if part.population.shown}

    def across(self) -> dict[str, Ends]:
        """Return the pairs of cohorts that are shown, by their name."""
        shown = {name: part.population for name, part in self.shown().items() if part.population.across}
        return {name: (one.probe_cohort, one.gallery_cohort) for name, one in shown.items()}


def _part(
    one: Scored,
    manifest: Manifest,
    asked: Questions,
    population: Population,
    counts: Counts,
    of_subjects: SubjectCounts | None,
    rejected: bool,
) -> PopulationPart:
    rates = Rates(counts.with_failures_rejected() if rejected else counts)
    rows = [*_head_rows(one, manifest, population), *population_rows(population, rates, asked)]
    if one.accuracy is not None:
        rows.append(_fold_row(population, one.accuracy))
    sides = _smaller_side(one, manifest, population) if population.across else None
    subjects = None if of_subjects is None else SubjectRates(of_subjects, rates, rejected, sides)
    if subjects is not None and population.shown:
        rows += list(per_subject_rows(population.row, subjects, rows, asked.named))
        rows += list(concentration_rows(population.row, subjects))
    estimates = {} if subjects is None else estimates_of(subjects, rows, asked.metrics, shown=population.shown)
    if subjects is not None and (fta := _fta(one, manifest, population)) is not None:
        estimates["fta", ""] = fta
    return PopulationPart(population, rates, subjects, rows, estimates)


def _populations(
    one: Scored, manifest: Manifest, method: Statement | None
) -> Iterator[tuple[Population, Counts, SubjectCounts | None]]:
    """Yield each cohort, all together where there are several, and each pair of cohorts, with its comparisons."""
    by_subject, tally, cohort, subject = one.subjects, one.tally, manifest.cohort_codes, manifest.subject_codes
    across = sharing(subject, cohort, tally.cohorts)

    def population(probe: str, gallery: str, rows: np.ndarray) -> Population:
        subjects = len(np.unique(subject[rows & one.rows]))
        shown = probe == gallery or ((probe, gallery) in across.values() and tally.has_genuine(probe, gallery))
        return Population(one.spec.name, manifest.name, one.images, probe, gallery, subjects, method, shown)

    def between(probe: str, gallery: str) -> tuple[Counts, SubjectCounts | None]:
        return tally.between(probe, gallery), by_subject and by_subject.between(probe, gallery)

    for code, name in enumerate(tally.cohorts):
        yield population(name, name, cohort == code), *between(name, name)
    if len(tally.cohorts) > 1:
        yield population(POOLED, POOLED, cohort >= 0), tally.pooled(), by_subject and by_subject.pooled()
    for (p, probe), (q, gallery) in combinations(enumerate(tally.cohorts), 2):
        yield population(probe, gallery, (cohort == p) | (cohort == q)), *between(probe, gallery)


def _head_rows(one: Scored, manifest: Manifest, population: Population) -> list[dict]:
    """Return images, subjects and failures to acquire of a population that is shown."""
    if not population.shown or not len(manifest):
        return []
    inside = _inside(manifest, population)
    rows = [population.row("subjects", population.n_subjects)]
    if one.images == "common":
        return [population.row("images", int((inside & one.rows).sum())), *rows]
    images, failed = int(inside.sum()), int((inside & ~one.rows).sum())
    fta = failed / images if images else None
    return [
        population.row("images", images),
        *rows,
        population.row("fta", fta, n_comparisons=images, n_errors=failed),
    ]


def _fold_row(population: Population, accuracy: FoldAccuracy) -> dict:
    """Return the accuracy over folds; it says itself how failures count in it."""
    plain = replace(population, method=None)
    return plain.row("fold_accuracy", accuracy.value, n_comparisons=accuracy.judged, method=accuracy.method)


def _inside(manifest: Manifest, population: Population) -> np.ndarray:
    """Return (N,) bool, the images of a population: of its cohorts, or of all together."""
    if population.probe_cohort == POOLED:
        return np.ones(len(manifest), bool)
    ends = [manifest.cohorts.index(name) for name in (population.probe_cohort, population.gallery_cohort)]
    return np.isin(manifest.cohort_codes, ends)


def _smaller_side(one: Scored, manifest: Manifest, population: Population) -> int:
    """Return the subjects of the cohort with fewer, of two that are compared with each other."""
    codes = [manifest.cohorts.index(name) for name in (population.probe_cohort, population.gallery_cohort)]
    return min(len(np.unique(manifest.subject_codes[one.rows & (manifest.cohort_codes == code)])) for code in codes)


def _fta(one: Scored, manifest: Manifest, population: Population) -> Estimate | None:
    """Return the failure to acquire with its subjects as clusters: a ratio of sums over subjects."""
    if not population.shown or one.images == "common":
        return None
    inside = _inside(manifest, population)
    if not inside.any():
        return None
    members, subject = np.unique(manifest.subject_codes[inside], return_inverse=True)
    images = np.bincount(subject).astype(np.float64)
    failed = np.bincount(subject, ~one.rows[inside])
    value = float(failed.sum() / images.sum())
    left = (failed.sum() - failed) / np.maximum(images.sum() - images, 1)
    errors = int(min(failed.sum(), images.sum() - failed.sum()))
    own = (failed - value * images) / images.sum()
    return Estimate(value, members, left, own, np.zeros(len(members)), errors=errors, participants=len(members))
