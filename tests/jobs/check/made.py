"""Small evaluations written by hand, with just the rows that a rule asks for."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from facegap.data.evaluation import Evaluation, populations
from facegap.data.evaluation_tables import TABLES

COHORTS = ("general", "young-women", "若年女性")

Row = dict[str, Any]


def metric(name: str, value: float | None, low: float | None = None, high: float | None = None, **more: Any) -> Row:
    """Return a row of `metrics`, of the model `new` on `general` unless `more` says otherwise."""
    cohort = more.pop("cohort", "general")
    return {
        "model": "new", "dataset": "made", "images": "own", "probe_cohort": cohort, "gallery_cohort": cohort,
        "metric": name, "at": "", "value": value, "low": low, "high": high, "method": "jackknife", **more,
    }  # fmt: skip


def difference(value: float | None, low: float | None, high: float | None, **more: Any) -> Row:
    """Return a row of `differences`: AUC of the model `new` on general minus young-women, unless `more` differs."""
    return {
        "kind": "cohorts", "images": "own", "metric": "auc", "at": "", "model_a": "new", "cohort_a": "general",
        "model_b": "new", "cohort_b": "young-women", "scale": "difference", "value": value, "low": low, "high": high,
        "method": "student_t", **more,
    }  # fmt: skip


def models(value: float | None, low: float | None, high: float | None, **more: Any) -> Row:
    """Return a row of `differences`: AUC of new minus old on `cohort`."""
    cohort = more.pop("cohort", "general")
    ends = {"model_a": "new", "cohort_a": cohort, "model_b": "old", "cohort_b": cohort}
    return difference(value, low, high, **{"kind": "models", **ends, **more})


def differential(measure: str, value: float | None, low: float | None, high: float | None, **more: Any) -> Row:
    """Return a row of `differentials` of the model `new` at its shipped threshold."""
    made = {"model": "new", "images": "own", "at": "shipped", "threshold": 0.6, "measure": measure}
    return {**made, "value": value, "low": low, "high": high, "method": "jackknife_ends_fixed", **more}


def evaluation(
    metrics: Sequence[Row] = (),
    differences: Sequence[Row] = (),
    differentials: Sequence[Row] = (),
    *,
    models: Sequence[str] = ("new",),
    cohorts: tuple[str, ...] = COHORTS,
    intervals: str = "influence",
    notice: str = "",
) -> Evaluation:
    """Return an evaluation with these rows; its other tables are empty."""
    rows: dict[str, Sequence[Row]] = {
        "metrics": metrics,
        "differences": differences,
        "differentials": differentials,
        "models": [{"model": name} for name in models],
        "cohorts": [{"cohort": name, "images": 100, "subjects": 20} for name in populations(cohorts)],
    }
    tables = {
        name: pl.DataFrame([{key: row.get(key) for key in schema} for row in rows.get(name, ())], schema=schema)
        for name, schema in TABLES.items()
    }
    return Evaluation(name="made", provenance={"intervals": intervals, "level": "0.95"}, notice=notice, **tables)
