"""facegap's own intervals on one draw, by the path that every user takes."""

from collections.abc import Iterable, Sequence
from math import hypot

import numpy as np
import polars as pl

from facegap import Comparator, Embeddings, Manifest, ModelSpec, Scored, measure, score
from facegap.manifest import POOLED
from facegap.metrics.bounds import Intervals, estimates_of
from facegap.metrics.differences import difference_rows
from facegap.metrics.influence import SubjectRates
from facegap.metrics.questions import Questions
from facegap.metrics.rates import Rates
from facegap.metrics.scored import Part
from facegap.metrics.table import Population as Cell
from facegap.metrics.table import population_rows
from studies.populations import COHORTS, DIMENSION, MODELS, Draw
from studies.reading import COHORT_DIFFERENCES, LEVEL, METRICS, MODEL_DIFFERENCES, SINGLE, Quantity, Reading, Readings

METHOD = "facegap"
UNPAIRED = "facegap, unpaired"


def scored(drawn: Draw, shipped: float) -> tuple[list[Scored], Manifest]:
    """Compare all images of the draw with both models."""
    frame = pl.DataFrame(
        {
            "path": [f"{i:05}" for i in range(len(drawn.subject))],
            "subject": [f"s{s:04}" for s in drawn.subject],
            "cohort": [COHORTS[c] for c in drawn.cohort],
        }
    )
    manifest = Manifest(frame, COHORTS, "draw")
    n = len(manifest)
    outcome, box = np.zeros(n, np.uint8), np.full((n, 4), np.nan, np.float32)
    made = []
    for model, vectors in zip(MODELS, drawn.vectors, strict=True):
        spec = ModelSpec(model, "saved", "", "", 0, DIMENSION, Comparator.COSINE, threshold=shipped)
        embeddings = Embeddings(vectors, outcome, ("",) * n, box)
        made.append(score(embeddings, manifest, spec, workers=1))
    return made, manifest


def whole_readings(made: Sequence[Scored], manifest: Manifest) -> Readings:
    """Measure everything that a study measures and read what this study judges."""
    measured = measure(made, manifest, level=LEVEL)
    pooled = measured.metrics.filter((pl.col("probe_cohort") == POOLED) & (pl.col("gallery_cohort") == POOLED))
    return _read(pooled.iter_rows(named=True), measured.differences.iter_rows(named=True))


def readings(made: Sequence[Scored]) -> Readings:
    """Return the same as `whole_readings` in a fraction of the time: only what this study judges is measured.

    The steps are those of `measure` for the populations asked about; curves, bands and the rest are left out.
    """
    parts = {(one.spec.name, cohort): _part(one, cohort) for one, cohort in _asked(made)}
    intervals = Intervals(LEVEL)
    rows = [row for (_, cohort), part in parts.items() if cohort == POOLED for row in part.sure_rows(intervals)]
    cells = {key: part.estimates for key, part in parts.items()}
    models = difference_rows(cells, MODELS, (POOLED,), intervals, images="own", kinds={"models"})
    cohorts = difference_rows(cells, MODELS[:1], (*COHORTS, POOLED), intervals, images="own", kinds={"cohorts"})
    return _read(rows, [*models, *cohorts])


def _asked(made: Sequence[Scored]) -> list[tuple[Scored, str]]:
    first, second = made
    return [(first, POOLED), (second, POOLED), *((first, cohort) for cohort in COHORTS)]


def _part(one: Scored, cohort: str) -> Part:
    assert one.subjects is not None
    if cohort == POOLED:
        counts, by_subject = one.tally.pooled(), one.subjects.pooled()
    else:
        counts, by_subject = one.tally.between(cohort, cohort), one.subjects.between(cohort, cohort)
    cell = Cell(one.spec.name, "draw", "own", cohort, cohort, len(by_subject.subject))
    rates = Rates(counts)
    rows = population_rows(cell, rates, Questions(one.spec.threshold))
    subjects = SubjectRates(by_subject, rates, False)
    return Part(cell, rates, subjects, rows, estimates_of(subjects, rows))


def _read(metrics: Iterable[dict], differences: Iterable[dict]) -> Readings:
    """Read rows of the tables `metrics` (of all subjects) and `differences`.

    Raises:
        KeyError: a row that the study judges is missing.
    """
    single = {(row["model"], row["metric"], row["at"]): Reading.of_row(row) for row in metrics}
    between = {
        (row["kind"], row["model_a"], row["cohort_a"], row["metric"], row["at"], row["scale"]): Reading.of_row(row)
        for row in differences
    }
    found: Readings = {(METHOD, q): single[MODELS[0], q.metric, q.at] for q in SINGLE}
    for q in MODEL_DIFFERENCES:
        found[METHOD, q] = between[q.kind, MODELS[0], POOLED, q.metric, q.at, q.scale]
    for q in COHORT_DIFFERENCES:
        found[METHOD, q] = between[q.kind, MODELS[0], COHORTS[0], q.metric, q.at, q.scale]
    for metric, at in METRICS:
        a, b = (single[model, metric, at] for model in MODELS)
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
