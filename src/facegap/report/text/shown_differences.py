"""The rows of `Evaluation.differences`: which to show, in which order, and from which end."""

import polars as pl

from facegap.data.evaluation import Evaluation
from facegap.metrics.registry import metric

SHOWN_FIRST = (("auc", ""), ("fmr", "shipped"), ("fnmr", "shipped"), ("fnmr", "fmr=0.001"), ("fnmr", "fmr=0.01"))
"""The metrics that decide which model to take and at which threshold, the most general first."""

_ENDS = {"models": ("model", "value"), "cohorts": ("cohort", "value"), "gaps": ("model", "value")}
"""What the two ends of a difference differ in; a gap keeps its cohorts, in which order decides its sign."""


def level_of(evaluation: Evaluation) -> float:
    """Return the confidence level of an evaluation's intervals, 0.95 unless it says otherwise."""
    return float(evaluation.provenance.get("level", "0.95"))


def has_intervals(evaluation: Evaluation) -> bool:
    """Return whether any number has an interval or could be compared."""
    metrics = evaluation.metrics
    return evaluation.differences.height > 0 or metrics["high"].null_count() < metrics.height


def kinds_of(evaluation: Evaluation) -> list[tuple[str, str]]:
    """Return the kinds of differences that were measured and over which images, in the order they are shown."""
    order = ("cohorts", "models", "gaps")
    present = evaluation.differences.select(pl.col("kind", "images")).unique(maintain_order=True).rows()
    return sorted(present, key=lambda entry: order.index(entry[0]))


def significant(row: dict, level: float) -> bool:
    """Return whether a row of `differences` shows a difference: its adjusted p-value is below 1 minus the level."""
    return row["value"] is not None and row["p_holm"] is not None and row["p_holm"] < round(1 - level, 9)


def compared(evaluation: Evaluation, kind: str, images: str) -> list[dict]:
    """Return the rows of `differences` of one kind over one set of images, each comparison once.

    A ratio says more of error rates than a difference does, so a pair of cohorts that has one is judged by it. TAR
    stands back where FNMR at the same FMR is there: the two are one number.
    """
    rows = evaluation.differences.filter(kind=kind, images=images).to_dicts()
    ratios = {_comparison(row) for row in rows if row["scale"] == "ratio" and row["value"] is not None}
    there = {(row["metric"], row["at"]) for row in rows}
    return [
        row
        for row in rows
        if (row["scale"] == "ratio") == (_comparison(row) in ratios)
        and (metric(row["metric"]).complement, row["at"]) not in there
    ]


def ranked(rows: list[dict]) -> list[dict]:
    """Return the rows that were tested, those about the metrics that matter most first, then by adjusted p-value."""
    order = {place: i for i, place in enumerate(SHOWN_FIRST)}
    known = [row for row in rows if row["p_holm"] is not None]
    return sorted(known, key=lambda row: (order.get((row["metric"], row["at"]), len(order)), row["p_holm"]))


def turned(row: dict) -> dict:
    """Return the same difference seen from its other end."""
    other = dict(row)
    for end in _ENDS[row["kind"]]:
        other[f"{end}_a"], other[f"{end}_b"] = row[f"{end}_b"], row[f"{end}_a"]
    turn = _inverse if row["scale"] == "ratio" else _negative
    return {**other, "value": turn(row["value"]), "low": turn(row["high"]), "high": turn(row["low"])}


def in_order(row: dict) -> dict:
    """Return the row with the end first that the sentence starts with: the better model, the worse cohort."""
    if row["kind"] == "gaps":
        return row if abs(row["value_a"]) <= abs(row["value_b"]) else turned(row)
    above = row["value"] > (1 if row["scale"] == "ratio" else 0)
    first_is_better = above == metric(row["metric"]).higher_is_better
    return row if first_is_better == (row["kind"] == "models") else turned(row)


def _comparison(row: dict) -> tuple:
    return tuple(row[key] for key in ("metric", "at", "model_a", "model_b", "cohort_a", "cohort_b"))


def _negative(value: float | None) -> float | None:
    return None if value is None else -value


def _inverse(value: float | None) -> float | None:
    return None if value is None or value == 0 else 1 / value
