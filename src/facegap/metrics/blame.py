"""Who pays and who causes: what the cohorts get at one threshold, and which subjects make the errors there."""

from collections.abc import Sequence

import numpy as np

from facegap.data.evaluation import populations
from facegap.data.manifest import Manifest
from facegap.metrics.asked import GLOBAL_FMRS
from facegap.metrics.differentials import differential_rows, price_rows
from facegap.metrics.menagerie import subject_rows, without_rows
from facegap.metrics.operating_points import at_fmr
from facegap.metrics.scored import MeasuredModel, PopulationPart

TABLES = ("differentials", "prices", "subjects", "without")


def cause_tables(measured: Sequence[MeasuredModel], manifest: Manifest, level: float) -> dict[str, list[dict]]:
    """Return the rows of `differentials`, `prices`, `subjects` and `without`, as far as subjects are known.

    The first two are made of every set of images, the last two of each model's own images.
    """
    tables: dict[str, list[dict]] = {name: [] for name in TABLES}
    for one in measured:
        within = one.shown()
        parts = {name: within[name] for name in manifest.cohorts if _has_both(within[name])}
        if len(parts) > 1:
            _compare_cohorts(one, parts, level, tables)
        pooled = within[populations(manifest.cohorts)[-1]]
        if one.one.images == "own" and not one.one.listed and _has_both(pooled):
            _blame(one, pooled, manifest, tables)
    return tables


def _has_both(part: PopulationPart) -> bool:
    return part.subjects is not None and part.rates.defined


def _compare_cohorts(
    one: MeasuredModel, parts: dict[str, PopulationPart], level: float, tables: dict[str, list[dict]]
) -> None:
    cohorts = {name: part.subjects for name, part in parts.items() if part.subjects is not None}
    for at, threshold in one.asked.named.items():
        here = {
            "model": one.one.spec.name,
            "images": one.one.images,
            "at": at,
            "threshold": threshold,
            "similarity": float(one.one.tally.comparator.cut(threshold)),
            "level": level,
        }
        tables["differentials"] += differential_rows(cohorts, **here)
        if at in one.asked.chosen:
            tables["prices"] += price_rows(cohorts, fmr=one.asked.chosen[at], **here)


def _blame(one: MeasuredModel, pooled: PopulationPart, manifest: Manifest, tables: dict[str, list[dict]]) -> None:
    """Add who causes the errors at the strictest standing rate that the data resolve, else at the shipped threshold."""
    rates, spec, code = pooled.subjects, one.one.spec, manifest.subject_codes
    assert rates is not None
    resolved = [fmr for fmr in GLOBAL_FMRS if pooled.rates.resolvable(fmr)]
    if resolved:
        at, threshold = at_fmr(resolved[0]), pooled.rates.loosest_within(resolved[0]).threshold
    elif spec.threshold is not None:
        at, threshold = "shipped", spec.threshold
    else:
        return
    here = {
        "model": spec.name,
        "at": at,
        "threshold": threshold,
        "similarity": float(one.one.tally.comparator.cut(threshold)),
    }
    names = [""] * (int(code.max()) + 1)
    cohorts: list[dict[str, None]] = [{} for _ in names]
    for i, subject, cohort in zip(code, manifest.frame["subject"], manifest.frame["cohort"], strict=True):
        names[i] = subject
        cohorts[i][cohort] = None
    images = np.bincount(code, minlength=len(names)).tolist()
    tables["subjects"] += subject_rows(rates, names, [", ".join(found) for found in cohorts], images, **here)
    tables["without"] += without_rows(rates, one.one.embeddings.vectors, code, one.one.rows, names, **here)
