"""Intervals for an evaluation that has none: made-up standard errors in the exact tables of a real one."""

from dataclasses import replace
from itertools import combinations, product
from math import erfc, exp, log, sqrt
from typing import Any

import numpy as np
import polars as pl

from facegap.data.evaluation import Evaluation
from facegap.data.evaluation_tables import TABLES
from facegap.data.manifest import POOLED
from facegap.data.statement import Statement, cell_of

RATES = ("auc", "tar", "fmr", "fnmr", "eer", "f1", "accuracy", "precision", "recall", "fta")
COMPARED = (("auc", ""), ("tar", "fmr=0.001"), ("fnmr", "fmr=0.001"), ("eer", ""), ("f1", "best-f1"),
            ("fmr", "shipped"), ("fnmr", "shipped"), ("fmr", "general@fmr=0.001"))  # fmt: skip
MEASURES = ("fmr max/min", "fmr max/geomean", "fnmr max/min", "fnmr max/geomean", "FDR", "IR", "GARBE")
KINDS = ("chameleon", "worm", "")
FEW = Statement.of("few_errors_not_resolvable", few=[("fnmr", 3, "general")], least=10)

Row = dict[str, Any]


def error_of(value: float, subjects: int) -> float:
    """Return a standard error that looks like that of a rate over `subjects` independent people."""
    return sqrt(max(value * (1 - value), 1e-6) / max(subjects, 1))


def interval(value: float, error: float) -> tuple[float, float]:
    return max(0.0, value - 2 * error), min(1.0, value + 2 * error)


def filled(evaluation: Evaluation) -> Evaluation:
    """Return the evaluation with intervals and all tables that stand on them."""
    metrics = [_with_interval(row) for row in evaluation.metrics.iter_rows(named=True)]
    evaluation = replace(evaluation, metrics=pl.DataFrame(metrics, schema=TABLES["metrics"]))
    images = "common" if "common" in set(evaluation.metrics["images"]) else "own"
    made = {
        "bands": _bands(evaluation),
        "differences": _holm([*_models(evaluation, images), *_cohorts(evaluation), *_gaps(evaluation, images)]),
        "differentials": _differentials(evaluation),
        "prices": _prices(evaluation),
        "subjects": _subjects(evaluation),
        "without": _without(evaluation),
    }
    tables = {name: pl.DataFrame(rows, schema=TABLES[name], infer_schema_length=None) for name, rows in made.items()}
    provenance = {**evaluation.provenance, "intervals": "influence", "level": "0.95"}
    return replace(evaluation, provenance=provenance, **tables)


def _with_interval(row: Row) -> Row:
    value, subjects = row["value"], row["n_subjects"] or 140
    if row["metric"] not in RATES or value is None:
        return row
    if value == 0 and row["metric"] in ("fmr", "fnmr"):
        return {**row, "low": 0.0, "high": 3 / subjects}
    low, high = interval(value, error_of(value, subjects))
    return {**row, "low": low, "high": high}


def _bands(evaluation: Evaluation) -> list[Row]:
    rows = []
    cell = ("model", "images", "probe_cohort", "gallery_cohort")
    for frame, x, curves in (
        (evaluation.roc.with_columns(roc=1 - pl.col("fnmr")), "fmr", ("roc",)),
        (evaluation.sweep, "threshold", ("accuracy", "precision", "recall", "f1", "fmr", "fnmr")),
    ):
        for key, part in frame.group_by(cell, maintain_order=True):
            some = part[np.unique(np.linspace(0, part.height - 1, 40).astype(int))]
            for curve, row in product(curves, some.iter_rows(named=True)):
                value = row[curve]
                if value is None or not np.isfinite(row[x]):
                    continue
                low, high = interval(value, error_of(value, 140))
                point = {"curve": curve, "x": row[x], "value": value, "low": low, "high": high}
                rows.append({**dict(zip(cell, key, strict=True)), **point})
    return rows


def _within(evaluation: Evaluation, metric: str, at: str, model: str, cohort: str, images: str) -> float | None:
    if metric == "fnmr" and at.startswith("fmr="):
        tar = evaluation.value("tar", model=model, cohort=cohort, at=at, images=images)
        return None if tar is None else 1 - tar
    if evaluation.metrics.filter(metric=metric, at=at).is_empty():
        return None
    return evaluation.value(metric, model=model, cohort=cohort, at=at, images=images)


def difference(kind: str, images: str, metric: str, at: str, a: tuple[str, str], b: tuple[str, str], **more) -> Row:
    """Return a row of `differences` between two (model, cohort) ends; `more` overrides its numbers."""
    value_a, value_b = more["value_a"], more["value_b"]
    value = value_a - value_b
    error = sqrt(error_of(abs(value_a), 140) ** 2 + error_of(abs(value_b), 140) ** 2)
    row = {"kind": kind, "images": images, "metric": metric, "at": at, "model_a": a[0], "cohort_a": a[1],
           "model_b": b[0], "cohort_b": b[1], "scale": "difference", "value": value, "low": value - 2 * error,
           "high": value + 2 * error, "p": erfc(abs(value) / error / sqrt(2)), "detectable": 2.8 * error,
           "n_subjects": 280, "method": "student_t"}  # fmt: skip
    return {**row, "p_holm": row["p"], **more}


def _models(evaluation: Evaluation, images: str) -> list[Row]:
    rows = []
    for (one, other), cohort in product(combinations(evaluation.models["model"], 2), evaluation.cohorts["cohort"]):
        for metric, at in COMPARED:
            a, b = (_within(evaluation, metric, at, model, cohort, images) for model in (one, other))
            if a is not None and b is not None:
                rows.append(
                    difference("models", images, metric, at, (one, cohort), (other, cohort), value_a=a, value_b=b)
                )
    return rows


def _cohorts(evaluation: Evaluation) -> list[Row]:
    rows = []
    names = [cohort for cohort in evaluation.cohorts["cohort"] if cohort != POOLED]
    for model, (one, other), (metric, at) in product(evaluation.models["model"], combinations(names, 2), COMPARED):
        a, b = (_within(evaluation, metric, at, model, cohort, "own") for cohort in (one, other))
        if a is None or b is None:
            continue
        row = difference("cohorts", "own", metric, at, (model, one), (model, other), value_a=a, value_b=b)
        rows.append(row)
        if metric in ("fmr", "fnmr") and a > 0 and b > 0:
            error = sqrt((1 - a) / a / 140 + (1 - b) / b / 140)
            ends = {"value": a / b, "low": exp(log(a / b) - 2 * error), "high": exp(log(a / b) + 2 * error)}
            rows.append({**row, "scale": "ratio", **ends, "detectable": exp(2.8 * error)})
    return rows


def _gaps(evaluation: Evaluation, images: str) -> list[Row]:
    rows = []
    names = [cohort for cohort in evaluation.cohorts["cohort"] if cohort != POOLED]
    models = combinations(evaluation.models["model"], 2)
    for (one, other), (first, second), (metric, at) in product(models, combinations(names, 2), COMPARED):
        gaps = []
        for model in (one, other):
            a, b = (_within(evaluation, metric, at, model, cohort, images) for cohort in (first, second))
            gaps.append(None if a is None or b is None else a - b)
        if None not in gaps:
            a, b = gaps
            rows.append(difference("gaps", images, metric, at, (one, first), (other, second), value_a=a, value_b=b))
    return rows


def _holm(rows: list[Row]) -> list[Row]:
    families: dict[tuple, list[Row]] = {}
    for row in rows:
        families.setdefault(tuple(row[k] for k in ("kind", "images", "metric", "at", "scale")), []).append(row)
    for family in families.values():
        least = 0.0
        for rank, row in enumerate(sorted(family, key=lambda row: row["p"])):
            least = min(1.0, max(least, row["p"] * (len(family) - rank)))
            row["p_holm"] = least
    return rows


def _thresholds(evaluation: Evaluation) -> list[tuple[str, str, float]]:
    """Return every (model, at, threshold) that was set without looking at the cohort it is judged on."""
    found = evaluation.metrics.filter(
        (pl.col("metric") == "fmr") & ((pl.col("at") == "shipped") | pl.col("at").str.contains("general@"))
    )
    return list(found.select("model", "at", "threshold").unique(maintain_order=True).iter_rows())


def _differentials(evaluation: Evaluation) -> list[Row]:
    names = [cohort for cohort in evaluation.cohorts["cohort"] if cohort != POOLED]
    if len(names) < 2:
        return []
    return [
        {"model": model, "images": "own", "at": at, "threshold": threshold, "measure": measure, "value": value,
         "low": None if value is None else value * 0.8, "high": None if value is None else value * 1.3,
         "best": names[0] if "max" in measure else "", "worst": names[1] if "max" in measure else "",
         **cell_of(Statement("jackknife_ends_fixed") if value is not None else FEW)}
        for model, at, threshold in _thresholds(evaluation)
        for measure, value in zip(MEASURES, (3.1, 1.7, None, 1.2, 0.71, 1.44, 0.31), strict=True)
    ]  # fmt: skip


def _prices(evaluation: Evaluation) -> list[Row]:
    rows = []
    for model, at, threshold in _thresholds(evaluation):
        for cohort in evaluation.cohorts["cohort"]:
            fmr = evaluation.value("fmr", model=model, cohort=cohort, at=at)
            fnmr = evaluation.value("fnmr", model=model, cohort=cohort, at=at)
            own = evaluation.row("tar", model=model, cohort=cohort, at="fmr=0.001")
            if "@" not in at or cohort == POOLED or None in (fmr, fnmr) or own is None or own["value"] is None:
                continue
            price = fnmr - (1 - own["value"])
            rows.append({"model": model, "images": "own", "cohort": cohort, "at": at, "threshold": threshold,
                         "fmr": fmr, "fnmr": fnmr, "own_threshold": own["threshold"], "own_fmr": 0.001,
                         "own_fnmr": 1 - own["value"], "price": price,
                         "low": price - 0.02, "high": price + 0.02})  # fmt: skip
    return rows


def _subjects(evaluation: Evaluation) -> list[Row]:
    rng = np.random.default_rng(5)
    cohorts = [cohort for cohort in evaluation.cohorts["cohort"] if cohort != POOLED]
    rows = []
    for model, at, threshold in _thresholds(evaluation):
        if at != "shipped" and any(row["model"] == model for row in rows):
            continue
        sign = -1 if evaluation.models.filter(model=model)["comparator"][0] == "euclidean" else 1
        for i in range(60):
            matches, misses = int(400 / (i + 1)), int(30 / (60 - i)) if i > 40 else 0
            kind = KINDS[0] if i < 5 else KINDS[1] if i > 55 else KINDS[2]
            rows.append({"model": model, "at": at, "threshold": threshold, "subject": f"山田 {i} <i>",
                         "cohort": cohorts[i % len(cohorts)], "images": 5, "false_matches": matches, "impostor": 5000,
                         "false_match_share": matches / 1860, "false_non_matches": misses, "genuine": 10,
                         "false_non_match_share": misses / 90, "kind": kind,
                         "genuine_mean": 0.5 + sign * (0.1 + 0.03 * rng.normal() - (0.1 if i > 55 else 0)),
                         "impostor_mean": 0.5 + sign * (0.03 * rng.normal() - (0.1 if i < 5 else 0.2))})  # fmt: skip
    return rows


def _without(evaluation: Evaluation) -> list[Row]:
    rows = []
    subjects = _subjects(evaluation)
    for model, at in dict.fromkeys((row["model"], row["at"]) for row in subjects):
        these = [row for row in subjects if (row["model"], row["at"]) == (model, at)]
        for k in (0, 1, 2, 5, 10):
            left = sum(row["false_matches"] for row in these[k:])
            rows.append({"model": model, "at": at, "threshold": these[0]["threshold"], "removed": k,
                         "subjects": [row["subject"] for row in these[:k]], "fmr": left / 300_000,
                         "false_matches": left, "impostor": 300_000})  # fmt: skip
    return rows
