"""From counted comparisons to the tables of an `Evaluation`."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
import polars as pl

from facegap.embeddings import Embeddings, Outcome
from facegap.evaluation import TABLES, Evaluation, populations
from facegap.manifest import POOLED, Finding, Manifest
from facegap.metrics.curves import histogram_rows, roc_rows, sweep_rows
from facegap.metrics.rates import Rates
from facegap.metrics.table import Population, Questions, population_rows
from facegap.spec import FaceSpec, ModelSpec
from facegap.tally import Counts, ScoreTally

Failures = Literal["excluded", "rejected"]
"""What becomes of a comparison with a failed image: left out, or counted as rejected at every threshold."""

REJECTED = "Every comparison with a failed image counts as rejected in the rates over a model's own images."
"""Stands above the numbers where failures are rejected."""

SHEET = 24
"""Images per cohort on a contact sheet."""


@dataclass(frozen=True)
class Scored:
    """One model's comparisons on one set of images.

    `images`: `own`, every image the model could embed, or `common`, those that all models could. `rows`: (N,) bool,
    which they are. `accuracy`: mean and standard error over the folds of an official list, if it has any.
    """

    spec: ModelSpec
    faces: FaceSpec
    images: Literal["own", "common"]
    rows: np.ndarray
    embeddings: Embeddings
    tally: ScoreTally
    accuracy: tuple[float, float] | None = None


@dataclass(frozen=True)
class ThresholdFrom:
    """Choose each model's threshold on one cohort at a false match rate and apply it to all the others."""

    cohort: str
    fmr: float

    @property
    def label(self) -> str:
        """What stands in the `at` column."""
        return f"{self.cohort}@fmr={self.fmr:g}"


def measure(
    scored: Sequence[Scored],
    manifest: Manifest,
    *,
    failures: Failures = "excluded",
    genuine_share: float | None = None,
    threshold_from: Sequence[ThresholdFrom] = (),
    provenance: dict[str, str] | None = None,
    notice: str = "",
    rng: np.random.Generator | None = None,
) -> Evaluation:
    """Turn every model's tally into rates, curves, extremes and failures.

    `genuine_share` (0 to 1) asks for precision and F1 at that share too. `rng` draws the images of the contact
    sheets. `notice`: a sentence that must stand above all numbers.
    """
    metrics: list[dict] = []
    curves: dict[str, list[dict]] = {"roc": [], "sweep": [], "histogram": []}
    findings = list(manifest.findings)
    for one in scored:
        # On the common images a failure is another model's: it must not count against this one.
        rejected = failures == "rejected" and one.images == "own"
        method = "failures rejected" if rejected else ""
        asked, unresolved = _questions(one, genuine_share, threshold_from)
        findings += unresolved
        for population, counts in _populations(one, manifest, method):
            rates = Rates(counts.with_failures_rejected() if rejected else counts)
            metrics += _head_rows(one, manifest, population)
            metrics += population_rows(population, rates, asked)
            if one.accuracy is not None:
                metrics.append(_fold_row(population, rates, manifest, one.accuracy))
            if rates.defined:
                key = {k: getattr(population, k) for k in ("model", "images", "probe_cohort", "gallery_cohort")}
                for name, make in (("roc", roc_rows), ("sweep", sweep_rows), ("histogram", histogram_rows)):
                    curves[name] += [key | row for row in make(rates)]
    own = [one for one in scored if one.images == "own"]
    tables = {
        "metrics": metrics,
        **curves,
        "models": [_model_row(one) for one in own],
        "cohorts": _cohort_rows(manifest),
        "extremes": [row for one in own for row in _extreme_rows(one, manifest)],
        "failures": [row for one in own for row in _failure_rows(one, manifest)],
        "sheet": _sheet_rows(manifest, rng or np.random.default_rng(0)),
        "sources": [vars(source) for source in manifest.sources],
        "findings": [{"kind": f.kind, "message": f.message, "paths": list(f.paths)} for f in dict.fromkeys(findings)],
    }
    notices = " ".join(filter(None, (notice, REJECTED if failures == "rejected" else "")))
    frames = {name: pl.DataFrame(rows, schema=TABLES[name]) for name, rows in tables.items()}
    return Evaluation(name=manifest.name, provenance=provenance or {}, notice=notices, seconds=0.0, **frames)


def _questions(
    one: Scored, genuine_share: float | None, threshold_from: Iterable[ThresholdFrom]
) -> tuple[Questions, list[Finding]]:
    """Return what to ask of each population, and a finding per threshold that the data cannot give."""
    applied, unresolved = {}, []
    for wanted in threshold_from:
        pooled = wanted.cohort == POOLED
        counts = one.tally.pooled() if pooled else one.tally.between(wanted.cohort, wanted.cohort)
        rates = Rates(counts)
        if rates.resolvable(wanted.fmr):
            applied[wanted.label] = rates.loosest_within(wanted.fmr).threshold
        else:
            message = (
                f"{one.spec.name}: {counts.n_impostor} impostor comparisons in {wanted.cohort} are too few for a "
                f"threshold at FMR {wanted.fmr:g}; ask for a higher FMR or add subjects"
            )
            unresolved.append(Finding("not-resolvable", message))
    return Questions(one.spec.threshold, applied, genuine_share), unresolved


def _populations(one: Scored, manifest: Manifest, method: str) -> Iterator[tuple[Population, Counts]]:
    """Yield each cohort, all together where there are several, and each pair of cohorts, with its comparisons."""
    tally, cohort, subject = one.tally, manifest.cohort_codes, manifest.subject_codes

    def population(probe: str, gallery: str, rows: np.ndarray) -> Population:
        subjects = len(np.unique(subject[rows & one.rows]))
        return Population(one.spec.name, manifest.name, one.images, probe, gallery, subjects, method)

    for code, name in enumerate(tally.cohorts):
        yield population(name, name, cohort == code), tally.between(name, name)
    if len(tally.cohorts) > 1:
        yield population(POOLED, POOLED, cohort >= 0), tally.pooled()
    for (p, probe), (q, gallery) in combinations(enumerate(tally.cohorts), 2):
        yield population(probe, gallery, (cohort == p) | (cohort == q)), tally.between(probe, gallery)


def _head_rows(one: Scored, manifest: Manifest, population: Population) -> list[dict]:
    """Return images, subjects and failures to acquire of a cohort; there are none of a pair of cohorts."""
    if population.probe_cohort != population.gallery_cohort:
        return []
    whole = population.probe_cohort == POOLED
    inside = np.array([whole or name == population.probe_cohort for name in manifest.frame["cohort"]], bool)
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


def _fold_row(population: Population, rates: Rates, manifest: Manifest, accuracy: tuple[float, float]) -> dict:
    assert manifest.pairs is not None
    method = f"{manifest.pairs.folds} folds, standard error {accuracy[1]:.4f}"
    made = rates.counts.n_genuine + rates.counts.n_impostor
    return population.row("fold_accuracy", accuracy[0], n_comparisons=made, method=method)


def _model_row(one: Scored) -> dict:
    spec = one.spec
    return {
        "model": spec.name,
        "comparator": str(spec.comparator),
        "threshold": spec.threshold,
        "crop": spec.crop,
        "detector": one.faces.detector,
        "rule": one.faces.rule,
        "weights": spec.weights,
        "dimension": one.embeddings.vectors.shape[1],
        "signature": spec.signature,
        "licence": spec.licence,
    }


def _cohort_rows(manifest: Manifest) -> list[dict]:
    rows = []
    for name in populations(manifest.cohorts):
        chosen = manifest.frame if name == POOLED else manifest.frame.filter(pl.col("cohort") == name)
        rows.append({"cohort": name, "images": chosen.height, "subjects": chosen["subject"].n_unique()})
    return rows


def _extreme_rows(one: Scored, manifest: Manifest) -> Iterator[dict]:
    frame = manifest.frame.select("path", "subject", "cohort")
    for kind, found in (("impostor", one.tally.highest_impostors), ("genuine", one.tally.lowest_genuines)):
        for rank, (closeness, a, b) in enumerate(zip(found.closeness, found.a, found.b, strict=True), 1):
            sides = zip("ab", (frame.row(int(a), named=True), frame.row(int(b), named=True)), strict=True)
            yield {
                "model": one.spec.name,
                "kind": kind,
                "rank": rank,
                "score": one.tally.comparator.sign * float(closeness),
                **{f"{column}_{side}": value for side, row in sides for column, value in row.items()},
            }


def _failure_rows(one: Scored, manifest: Manifest) -> Iterator[dict]:
    for i in np.flatnonzero(~one.rows):
        row = manifest.frame.select("path", "subject", "cohort").row(int(i), named=True)
        outcome = Outcome(int(one.embeddings.outcome[i])).label
        yield {"model": one.spec.name, **row, "outcome": outcome, "detail": one.embeddings.detail[i]}


def _sheet_rows(manifest: Manifest, rng: np.random.Generator) -> Iterator[dict]:
    """Yield up to `SHEET` random images per cohort; embeddings read from a file have none."""
    for name in manifest.cohorts if manifest.vectors is None else ():
        chosen = manifest.frame.filter(pl.col("cohort") == name)
        picked = np.sort(rng.permutation(chosen.height)[:SHEET])
        yield from chosen[picked].select("cohort", "path", "subject").iter_rows(named=True)
