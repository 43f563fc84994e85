"""From counted comparisons to the tables of an `Evaluation`."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import polars as pl

from facegap.data.evaluation import Evaluation, populations
from facegap.data.evaluation_tables import TABLES
from facegap.data.finding import Finding, FindingCode
from facegap.data.input_summary import InputSummary
from facegap.data.limits import DEFAULT_LIMITS, Limits
from facegap.data.manifest import POOLED, Manifest
from facegap.data.statement import cell_of, text_of
from facegap.metrics.asked import ThresholdFrom
from facegap.metrics.bands import band_rows, impostor_band_rows, monotone, steps, with_steps
from facegap.metrics.blame import cause_tables
from facegap.metrics.bounds import Intervals, Method
from facegap.metrics.concentration import carrying_findings
from facegap.metrics.curves import histogram_rows, roc_rows, sweep_rows
from facegap.metrics.differences import difference_rows
from facegap.metrics.evaluated import BAND_FMRS
from facegap.metrics.kept_estimates import kept_estimates
from facegap.metrics.listing import cohort_rows, extreme_rows, failure_rows, model_row, sheet_rows
from facegap.metrics.rates import Rates
from facegap.metrics.registry import Metric, parse_metrics
from facegap.metrics.scored import Failures, MeasuredModel, PopulationPart, Scored
from facegap.metrics.subject_means import per_subject_findings
from facegap.run.text import N_

REJECTED = N_("Every comparison with a failed image counts as rejected in the rates over a model's own images.")
"""Stands above the numbers where failures are rejected."""

CURVES = ("roc", "sweep", "histogram")


def measure(
    scored: Sequence[Scored],
    manifest: Manifest,
    *,
    failures: Failures = "excluded",
    genuine_share: float | None = None,
    threshold_from: Sequence[ThresholdFrom] = (),
    metrics: Sequence[str] = (),
    fmrs: Sequence[float] = (),
    intervals: Method = "jackknife",
    level: float = 0.95,
    provenance: dict[str, str] | None = None,
    notice: str = "",
    limits: Limits = DEFAULT_LIMITS,
    photos: bool = True,
    rng: np.random.Generator | None = None,
) -> Evaluation:
    """Turn every model's tally into rates with their intervals, claims, curves, extremes and failures.

    `genuine_share` (0 to 1) asks for precision and F1 at that share too. `metrics`: what `--metric` takes, as it was
    given to `score`, besides the numbers of every evaluation. `fmrs`: likewise, false match rates for TAR. `intervals`:
    how they are made, at `level` (0 to 1), for every `Scored` that knows its subjects. `notice`: a sentence that must
    stand above all numbers. `limits`: the error rates that models are held to. `photos`: whether the rows of the
    manifest are files that can be shown; `rng` draws those of the contact sheets.

    Raises:
        InputError: a metric is unknown.
    """
    sheets = (rng or np.random.default_rng(0)).spawn(1)[0]
    sure = None if intervals == "none" else Intervals(level)
    wanted = parse_metrics(metrics)
    measured = [
        MeasuredModel.of(
            one, manifest,
            failures=failures, genuine_share=genuine_share, threshold_from=threshold_from, metrics=wanted, fmrs=fmrs,
        )
        for one in scored
    ]  # fmt: skip
    tables = _number_tables(measured, manifest, sure)
    unresolved = (finding for one in measured for finding in one.unresolved)
    nowhere = (_nowhere(one) for one in wanted if one.name not in {row["metric"] for row in tables["metrics"]})
    findings = [*manifest.findings, *unresolved, *nowhere, *_subject_findings(measured, manifest)]
    own = [one for one in scored if one.images == "own"]
    tables |= {
        "models": [model_row(one) for one in own],
        "cohorts": cohort_rows(manifest),
        "extremes": [row for one in own for row in extreme_rows(one, manifest)],
        "failures": [row for one in own for row in failure_rows(one, manifest)],
        "sheet": list(sheet_rows(manifest, sheets)) if photos else [],
        "sources": [_source_row(source) for source in manifest.sources],
        "findings": [_finding_row(one) for one in dict.fromkeys(findings)],
    }
    notices = " ".join(filter(None, (notice, REJECTED if failures == "rejected" else "")))
    frames: dict[str, Any] = {
        name: pl.DataFrame(tables.get(name, []), schema=schema) for name, schema in TABLES.items()
    }
    said = {"intervals": intervals, "level": f"{level:g}"}
    if wanted:
        said["metrics"] = " ".join(one.text for one in wanted)
    return Evaluation(
        name=manifest.name,
        provenance={**(provenance or {}), **said},
        notice=notices,
        seconds=0.0,
        limits=limits,
        estimates=None if sure is None else kept_estimates(measured, manifest),
        **frames,
    )


def _nowhere(metric: Metric) -> Finding:
    """Return the finding that a metric was asked for and has no threshold to be measured at."""
    return Finding.of(FindingCode.NOT_MEASURED, metric=metric.name)


def _source_row(source: InputSummary) -> dict:
    named = {"name": source.name, "path": source.path, "layout": source.layout}
    return {**named, **cell_of(*source.said, column="summary")}


def _finding_row(found: Finding) -> dict:
    said = found.said
    return {"kind": found.kind, "code": said.code, "values": text_of(said.values), "paths": list(found.paths)}


def _number_tables(
    measured: Sequence[MeasuredModel], manifest: Manifest, sure: Intervals | None
) -> dict[str, list[dict]]:
    """Return the rows of every table that holds numbers."""
    tables: dict[str, list[dict]] = {name: [] for name in ("metrics", "bands", *CURVES)}
    for one in measured:
        for part in one.parts:
            rows, bands = _sure_rows(one, part, manifest, sure)
            tables["metrics"] += rows
            tables["bands"] += [_key(part) | row for row in bands]
    for one in measured:
        for part in one.parts:
            if part.rates.defined:
                curves = (
                    roc_rows(part.rates),
                    sweep_rows(part.rates, _pooled(one, manifest)),
                    histogram_rows(part.rates),
                )
                for name, rows in zip(CURVES, curves, strict=True):
                    tables[name] += [_key(part) | row for row in rows]
    if sure is None:
        return tables
    tables["differences"] = _difference_rows(measured, manifest, sure)
    return tables | cause_tables(measured, manifest, sure.level)


def _subject_findings(measured: Sequence[MeasuredModel], manifest: Manifest) -> Iterator[Finding]:
    for one in measured:
        if one.one.images == "own":
            for cohort, part in one.shown().items():
                if cohort != POOLED:
                    yield from per_subject_findings(one.one.spec.name, cohort, part.rows)
                    yield from carrying_findings(one.one.spec.name, cohort, part.estimates)


def _key(part: PopulationPart) -> dict:
    return {k: getattr(part.population, k) for k in ("model", "images", "probe_cohort", "gallery_cohort")}


def _sure_rows(
    one: MeasuredModel, part: PopulationPart, manifest: Manifest, sure: Intervals | None
) -> tuple[list[dict], list[dict]]:
    """Return the rows of one population with their intervals, and the bands of its curves."""
    rows, pooled = part.sure_rows(sure), _pooled(one, manifest)
    if sure is None or part.subjects is None or not pooled.defined:
        return rows, []
    pooled = one.shown()[populations(manifest.cohorts)[-1]].rates
    sign = one.one.tally.comparator.sign
    if not (part.rates.defined and part.population.shown):
        bands = impostor_band_rows(part.subjects, pooled, sure) if part.rates.counts.n_impostor else []
        return monotone(rows, bands, sign)
    rows, bands = monotone(rows, band_rows(part.subjects, pooled, BAND_FMRS, sure), sign)
    return rows, with_steps(rows, bands, steps(part.subjects, pooled, sure), sign)


def _pooled(one: MeasuredModel, manifest: Manifest) -> Rates:
    """Return the rates over all comparisons of a model, which set the thresholds that all populations share."""
    return one.shown()[populations(manifest.cohorts)[-1]].rates


def _difference_rows(measured: Sequence[MeasuredModel], manifest: Manifest, sure: Intervals) -> list[dict]:
    """Compare cohorts over each model's own images, and models over those that all models could embed."""
    rows = []
    cohorts, sets = populations(manifest.cohorts), {one.one.images for one in measured}
    for images, kinds in (("own", {"cohorts"}), ("common" if "common" in sets else "own", {"models", "gaps"})):
        of_set = [one for one in measured if one.one.images == images]
        cells = {(one.one.spec.name, name): part.estimates for one in of_set for name, part in one.shown().items()}
        across = {name: ends for one in of_set for name, ends in one.across().items()}
        models = [one.one.spec.name for one in of_set]
        rows += difference_rows(cells, models, cohorts, sure, across=across, images=images, kinds=kinds)
    return rows
