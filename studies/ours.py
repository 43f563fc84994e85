"""facegap's own intervals on one draw, by the path that every user takes.

All that the study knows of facegap's insides stands in this file.
"""

from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from math import hypot
from unittest import mock

import numpy as np
import polars as pl

from facegap import Comparator, Embeddings, Manifest, ModelSpec, Scored, measure, score
from facegap.data.manifest import POOLED
from facegap.metrics.asked import Questions
from facegap.metrics.bounds import Intervals, bounded, estimates_of
from facegap.metrics.differences import difference_rows
from facegap.metrics.influence import SubjectRates
from facegap.metrics.rates import Rates
from facegap.metrics.rows import Population as Cell
from facegap.metrics.rows import population_rows
from facegap.metrics.scored import PopulationPart
from facegap.run.executor import Serial
from facegap.scoring import Kept
from studies.populations import COHORTS, MODELS, Draw
from studies.reading import (
    AT_LEVELS,
    COHORT_DIFFERENCES,
    GAPS,
    LEVEL,
    METRICS,
    MODEL_DIFFERENCES,
    OTHER_LEVELS,
    SINGLE,
    Quantity,
    Reading,
    Readings,
)

METHOD = "facegap"
UNPAIRED = "facegap, unpaired"

ALL = frozenset({"models", "cohorts", "gaps"})
JUDGED = frozenset((q.metric, q.at) for q in SINGLE)
COMPARED = frozenset((q.metric, q.at) for q in (*COHORT_DIFFERENCES, *GAPS))


def scored(drawn: Draw, shipped: float | Sequence[float], *, histograms: bool = False) -> tuple[list[Scored], Manifest]:
    """Compare all images of the draw with both models.

    `shipped`: the threshold of both models, or of each, in its native unit. `histograms`: count as in a large study,
    where the scores do not fit into memory.
    """
    manifest = _manifest(drawn.subject, [COHORTS[c] for c in drawn.cohort], COHORTS)
    thresholds = np.broadcast_to(shipped, len(MODELS)).tolist()
    each = zip(MODELS, drawn.vectors, drawn.comparators, thresholds, strict=True)
    # A study so small need not wait for a thread.
    with mock.patch("facegap.jobs.comparing.Kept", partial(Kept, room=0)) if histograms else nullcontext():
        return [_score(*one, manifest) for one in each], manifest


def whole_readings(made: Sequence[Scored], manifest: Manifest) -> Readings:
    """Measure everything that a study measures and read what this study judges."""
    measured = [measure(made, manifest, level=level) for level in (LEVEL, *OTHER_LEVELS)]
    metrics = {
        level: one.metrics.filter((pl.col("probe_cohort") == POOLED) & (pl.col("gallery_cohort") == POOLED)).to_dicts()
        for level, one in zip((LEVEL, *OTHER_LEVELS), measured, strict=True)
    }
    return _read(metrics, measured[0].differences.iter_rows(named=True), ALL)


def readings(
    made: Sequence[Scored], *, levels: Sequence[float] = OTHER_LEVELS, kinds: frozenset[str] = ALL
) -> Readings:
    """Return the same as `whole_readings` in a fraction of the time: only what this study judges is measured.

    `levels`: those of the single numbers besides `LEVEL`. `kinds`: the differences that are wanted. The steps are those
    of `measure` for the populations asked about; curves, bands and the rest are left out.
    """
    first, second = made
    asked = [(first, POOLED), (second, POOLED)]
    asked += [(first, cohort) for cohort in COHORTS if kinds & {"cohorts", "gaps"}]
    asked += [(second, cohort) for cohort in COHORTS if "gaps" in kinds]
    parts = {
        (one.spec.name, cohort): _part(one, cohort, wanted=JUDGED if cohort == POOLED else COMPARED)
        for one, cohort in asked
    }
    intervals = Intervals(LEVEL)
    a, b = (parts[one.spec.name, POOLED] for one in made)
    metrics = {LEVEL: [*a.sure_rows(intervals), *bounded(b.rows, b.estimates, intervals)]}
    metrics |= {level: bounded(a.rows, a.estimates, Intervals(level)) for level in levels}
    cells = {key: part.estimates for key, part in parts.items()}
    rows = []
    if "models" in kinds:
        rows += difference_rows(cells, MODELS, (POOLED,), intervals, images="own", kinds={"models"})
    if "cohorts" in kinds:
        rows += difference_rows(cells, MODELS[:1], COHORTS, intervals, images="own", kinds={"cohorts"})
    if "gaps" in kinds:
        rows += difference_rows(cells, MODELS, COHORTS, intervals, images="own", kinds={"gaps"})
    return _read(metrics, rows, kinds)


def cohort_claims(
    vectors: np.ndarray, subject: np.ndarray, cohort: np.ndarray, comparator: Comparator, shipped: float
) -> list[dict]:
    """Return the rows of `Evaluation.differences` of kind `cohorts` for one model and any number of cohorts.

    `subject` (N,) int32; `cohort` (N,) int32, codes from 0. Only comparisons within a cohort are made, one cohort after
    the other: no claim about cohorts needs the others.
    """
    names = [f"c{code}" for code in range(int(cohort.max()) + 1)]
    cells = {}
    for code, name in enumerate(names):
        rows = np.flatnonzero(cohort == code)
        manifest = _manifest(subject[rows], [name] * len(rows), (name,))
        made = _score(MODELS[0], vectors[rows], comparator, shipped, manifest)
        # The manifest numbers the subjects of one cohort from 0; no subject is in two of them.
        cells[MODELS[0], name] = _part(made, name, wanted=None, numbered_from=code * len(subject)).estimates
    return difference_rows(cells, MODELS[:1], (*names, POOLED), Intervals(LEVEL), images="own", kinds={"cohorts"})


def _manifest(subject: np.ndarray, cohort: Sequence[str], cohorts: tuple[str, ...]) -> Manifest:
    frame = {"path": [f"{i:05}" for i in range(len(subject))], "subject": [f"s{s:05}" for s in subject]}
    return Manifest(pl.DataFrame({**frame, "cohort": cohort}), cohorts, "draw")


def _score(model: str, vectors: np.ndarray, comparator: Comparator, shipped: float, manifest: Manifest) -> Scored:
    n = len(manifest)
    spec = ModelSpec(model, "saved", "", "", 0, vectors.shape[1], comparator, threshold=shipped)
    embeddings = Embeddings(vectors, np.zeros(n, np.uint8), (None,) * n, np.full((n, 4), np.nan, np.float32))
    return score(embeddings, manifest, spec, executor=Serial())


def _part(one: Scored, cohort: str, *, wanted: frozenset | None = JUDGED, numbered_from: int = 0) -> PopulationPart:
    """Return a population with the rows that are `wanted`, or all."""
    assert one.subjects is not None
    if cohort == POOLED:
        counts, by_subject = one.tally.pooled(), one.subjects.pooled()
    else:
        counts, by_subject = one.tally.between(cohort, cohort), one.subjects.between(cohort, cohort)
    if numbered_from:
        by_subject = replace(by_subject, subject=by_subject.subject + numbered_from)
    cell = Cell(one.spec.name, "draw", "own", cohort, cohort, len(by_subject.subject))
    rates = Rates(counts)
    rows = population_rows(cell, rates, Questions(one.spec.threshold))
    rows = [row for row in rows if wanted is None or (row["metric"], row["at"]) in wanted]
    subjects = SubjectRates(by_subject, rates, False)
    return PopulationPart(cell, rates, subjects, rows, estimates_of(subjects, rows))


def _read(metrics: dict[float, list[dict]], differences: Iterable[dict], kinds: frozenset[str]) -> Readings:
    """Read rows of the tables `metrics` (of all subjects, by level) and `differences`.

    Raises:
        KeyError: a row that the study judges is missing.
    """
    single = {
        (level, row["model"], row["metric"], row["at"]): Reading.of_row(row)
        for level, rows in metrics.items()
        for row in rows
    }
    between = {
        (row["kind"], row["model_a"], row["cohort_a"], row["metric"], row["at"], row["scale"]): Reading.of_row(row)
        for row in differences
        if {row["cohort_a"], row["cohort_b"]} <= {*COHORTS, POOLED}  # no pairs of cohorts that share people
    }
    found: Readings = {
        (METHOD, q): single[q.level, MODELS[0], q.metric, q.at] for q in (*SINGLE, *AT_LEVELS) if q.level in metrics
    }
    for q in (*MODEL_DIFFERENCES, *COHORT_DIFFERENCES, *GAPS):
        if q.kind in kinds:
            cohort = POOLED if q.kind == "models" else COHORTS[0]
            found[METHOD, q] = between[q.kind, MODELS[0], cohort, q.metric, q.at, q.scale]
    for metric, at in METRICS:
        a, b = (single[LEVEL, model, metric, at] for model in MODELS)
        found[UNPAIRED, Quantity("models", metric, at, "difference")] = unpaired(a, b)
    return found


def unpaired(a: Reading, b: Reading) -> Reading:
    """Return the interval of a - b as if both were measured on different subjects, from the two intervals alone.

    Square and add: Zou & Donner, Statistics in Medicine 27 (2008).
    """
    value = a.value - b.value
    low = value - hypot(a.value - a.low, b.high - b.value)
    high = value + hypot(a.high - a.value, b.value - b.low)
    return Reading(value, low, high)
