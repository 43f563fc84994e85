"""The columns of the tables that an evaluation holds, and that its files keep."""

from typing import Any

import msgspec
import polars as pl

from facegap.data.statement import text_of

METRIC_SCHEMA = pl.Schema(
    {
        "model": pl.String,
        "dataset": pl.String,
        "images": pl.String,
        "probe_cohort": pl.String,
        "gallery_cohort": pl.String,
        "metric": pl.String,
        "at": pl.String,
        "threshold": pl.Float64,
        "value": pl.Float64,
        "low": pl.Float64,
        "high": pl.Float64,
        "n_comparisons": pl.Int64,
        "n_errors": pl.Int64,
        "n_subjects": pl.Int64,
        "method": pl.String,
        "method_values": pl.String,
    }
)
"""One number a row. `images` is `own` (every image this model could embed) or `common` (the images all models could
embed); `at` says at which operating point, e.g. `fmr=0.001`, `shipped`, `best-f1`, `general@fmr=0.001`, or is "";
`value` is null where the data cannot resolve it, and `method` then says why: it holds codes, with `; ` between them,
and `method_values` their names and numbers as a JSON object; see `facegap.data.statement`."""

CELL = {"model": pl.String, "images": pl.String, "probe_cohort": pl.String, "gallery_cohort": pl.String}
"""The columns that say whose comparisons a row is about."""

TABLES: dict[str, pl.Schema] = {
    "metrics": METRIC_SCHEMA,
    "models": pl.Schema(
        {
            "model": pl.String,
            "comparator": pl.String,
            "threshold": pl.Float64,
            "crop": pl.String,
            "detector": pl.String,
            "rule": pl.String,
            "max_side": pl.Int64,
            "min_face": pl.Int64,
            "weights": pl.String,
            "dimension": pl.Int64,
            "signature": pl.String,
            "licence": pl.String,
        }
    ),
    "cohorts": pl.Schema({"cohort": pl.String, "images": pl.Int64, "subjects": pl.Int64}),
    "roc": pl.Schema({**CELL, "threshold": pl.Float64, "fmr": pl.Float64, "fnmr": pl.Float64}),
    "sweep": pl.Schema(
        {
            **CELL,
            "threshold": pl.Float64,
            "accuracy": pl.Float64,
            "precision": pl.Float64,
            "recall": pl.Float64,
            "f1": pl.Float64,
            "fmr": pl.Float64,
            "fnmr": pl.Float64,
        }
    ),
    "histogram": pl.Schema(
        {**CELL, "left": pl.Float64, "right": pl.Float64, "genuine": pl.Int64, "impostor": pl.Int64}
    ),
    "bands": pl.Schema(
        {**CELL, "curve": pl.String, "x": pl.Float64, "value": pl.Float64, "low": pl.Float64, "high": pl.Float64}
    ),
    "differences": pl.Schema(
        {
            "kind": pl.String,
            "images": pl.String,
            "metric": pl.String,
            "at": pl.String,
            "model_a": pl.String,
            "cohort_a": pl.String,
            "model_b": pl.String,
            "cohort_b": pl.String,
            "scale": pl.String,
            "value_a": pl.Float64,
            "value_b": pl.Float64,
            "value": pl.Float64,
            "low": pl.Float64,
            "high": pl.Float64,
            "p": pl.Float64,
            "p_holm": pl.Float64,
            "detectable": pl.Float64,
            "n_subjects": pl.Int64,
            "method": pl.String,
            "method_values": pl.String,
        }
    ),
    "differentials": pl.Schema(
        {
            "model": pl.String,
            "images": pl.String,
            "at": pl.String,
            "threshold": pl.Float64,
            "measure": pl.String,
            "value": pl.Float64,
            "low": pl.Float64,
            "high": pl.Float64,
            "best": pl.String,
            "worst": pl.String,
            "method": pl.String,
            "method_values": pl.String,
        }
    ),
    "prices": pl.Schema(
        {
            "model": pl.String,
            "images": pl.String,
            "cohort": pl.String,
            "at": pl.String,
            "threshold": pl.Float64,
            "fmr": pl.Float64,
            "fnmr": pl.Float64,
            "own_threshold": pl.Float64,
            "own_fmr": pl.Float64,
            "own_fnmr": pl.Float64,
            "price": pl.Float64,
            "low": pl.Float64,
            "high": pl.Float64,
        }
    ),
    "subjects": pl.Schema(
        {
            "model": pl.String,
            "at": pl.String,
            "threshold": pl.Float64,
            "subject": pl.String,
            "cohort": pl.String,
            "images": pl.Int64,
            "false_matches": pl.Int64,
            "impostor": pl.Int64,
            "false_match_share": pl.Float64,
            "false_non_matches": pl.Int64,
            "genuine": pl.Int64,
            "false_non_match_share": pl.Float64,
            "auc_loss_share": pl.Float64,
            "genuine_mean": pl.Float64,
            "impostor_mean": pl.Float64,
            "kind": pl.String,
        }
    ),
    "without": pl.Schema(
        {
            "model": pl.String,
            "at": pl.String,
            "threshold": pl.Float64,
            "removed": pl.Int64,
            "subjects": pl.List(pl.String),
            "fmr": pl.Float64,
            "false_matches": pl.Int64,
            "impostor": pl.Int64,
        }
    ),
    "extremes": pl.Schema(
        {
            "model": pl.String,
            "kind": pl.String,
            "rank": pl.Int64,
            "score": pl.Float64,
            "path_a": pl.String,
            "subject_a": pl.String,
            "cohort_a": pl.String,
            "path_b": pl.String,
            "subject_b": pl.String,
            "cohort_b": pl.String,
        }
    ),
    "failures": pl.Schema(
        {
            "model": pl.String,
            "path": pl.String,
            "subject": pl.String,
            "cohort": pl.String,
            "outcome": pl.String,
            "detail": pl.String,
            "detail_values": pl.String,
        }
    ),
    "sheet": pl.Schema({"cohort": pl.String, "path": pl.String, "subject": pl.String}),
    "sources": pl.Schema(
        {"name": pl.String, "path": pl.String, "layout": pl.String, "summary": pl.String, "summary_values": pl.String}
    ),
    "findings": pl.Schema({"kind": pl.String, "code": pl.String, "values": pl.String, "paths": pl.List(pl.String)}),
}

VALUES = {
    *((table, "method_values") for table in ("metrics", "differences", "differentials")),
    ("failures", "detail_values"),
    ("sources", "summary_values"),
    ("findings", "values"),
}
"""Columns, by table, whose text is a JSON object, or null; in evaluation.json it is that object."""

ADDED = {("subjects", "auc_loss_share"), ("findings", "code"), *VALUES}
"""Columns, by table, that were added without a new version: a file may lack them, and they are null then.

In the place of `code` the findings of an older file have a `message`, which is taken for the code."""


def known_columns(table: str, columns: dict[str, list]) -> pl.DataFrame:
    """Return a table of a file without the columns that it does not know.

    Raises:
        KeyError: a column is missing.
    """
    rows = len(next(iter(columns.values()), []))
    lacking = {column: [None] * rows for name, column in ADDED if name == table}
    all_columns = {**lacking, **columns}
    for name, column in VALUES:
        if name == table:
            objects = msgspec.convert(all_columns[column], list[dict[str, Any] | None])
            all_columns[column] = [text_of(one) if one else None for one in objects]
    return pl.DataFrame({column: all_columns[column] for column in TABLES[table]}, schema=TABLES[table])


def with_codes(findings: dict[str, Any]) -> dict[str, Any]:
    """Return the table of findings with codes: an older one holds a `message`, which then is the code."""
    if "message" not in findings or "code" in findings:
        return findings
    return {"code": findings["message"], **{name: column for name, column in findings.items() if name != "message"}}
