from dataclasses import replace

import polars as pl
import pytest

from facegap.data.evaluation import Evaluation
from facegap.report.text.shown_differences import (
    compared,
    has_intervals,
    in_order,
    level_of,
    ranked,
    significant,
    turned,
)
from report.filled import difference

YOUNG, GENERAL = ("dlib", "young"), ("dlib", "general")


def row(metric: str = "auc", at: str = "", **more) -> dict:
    ends = {"value_a": 0.979, "value_b": 0.914, "p": 0.001, "p_holm": 0.002, **more}
    return difference("cohorts", "own", metric, at, GENERAL, YOUNG, **ends)


def test_a_difference_is_told_by_its_adjusted_p_value() -> None:
    assert significant(row(p=0.001, p_holm=0.049), 0.95)
    assert not significant(row(p=0.001, p_holm=0.05), 0.95)
    assert not significant(row(p_holm=0.049), 0.99)
    assert not significant(row(p_holm=None), 0.95)
    assert not significant(row(value=None, p_holm=0.001), 0.95)


def test_turning_a_difference_swaps_its_ends_and_its_sign() -> None:
    other = turned(row(value=0.065, low=0.04, high=0.09))
    assert (other["cohort_a"], other["cohort_b"]) == ("young", "general")
    assert (other["value_a"], other["value_b"]) == (0.914, 0.979)
    assert (other["value"], other["low"], other["high"]) == (-0.065, -0.09, -0.04)
    assert turned(other) == row(value=0.065, low=0.04, high=0.09)


def test_turning_a_ratio_inverts_it() -> None:
    other = turned(row("fmr", "shipped", scale="ratio", value=0.5, low=0.25, high=0.8))
    assert (other["value"], other["low"], other["high"]) == (2, 1.25, 4)
    assert turned(row("fmr", "shipped", scale="ratio", value=0.5, low=0.0, high=None))["high"] is None


def test_a_gap_is_turned_between_models_and_keeps_its_cohorts() -> None:
    gap = difference("gaps", "own", "auc", "", ("a", "x"), ("b", "y"), value_a=0.06, value_b=0.01)
    other = turned(gap)
    assert (other["model_a"], other["model_b"], other["cohort_a"], other["cohort_b"]) == ("b", "a", "x", "y")
    assert other["value"] == pytest.approx(-0.05)


@pytest.mark.parametrize(
    ("metric", "value", "worse"), [("auc", 0.1, "young"), ("auc", -0.1, "general"), ("eer", 0.1, "general"),
                                   ("fnmr", -0.1, "young"), ("tar", -0.1, "general")],
)  # fmt: skip
def test_of_two_cohorts_the_worse_comes_first(metric: str, value: float, worse: str) -> None:
    assert in_order(row(metric, value=value))["cohort_a"] == worse


def test_of_two_models_the_better_comes_first() -> None:
    models = difference("models", "own", "fmr", "shipped", ("a", "x"), ("b", "x"), value_a=0.3, value_b=0.1)
    assert in_order(models)["model_a"] == "b"


def test_each_comparison_is_shown_once_a_ratio_before_a_difference(sure: Evaluation) -> None:
    rows = compared(sure, "cohorts", "own")
    keys = [(r["metric"], r["at"], r["model_a"], r["cohort_a"], r["cohort_b"]) for r in rows]
    assert len(keys) == len(set(keys))
    assert {r["scale"] for r in rows if r["metric"] == "fmr"} == {"ratio"}
    assert {r["scale"] for r in rows if r["metric"] == "auc"} == {"difference"}
    assert ("tar", "fmr=0.001") not in {(r["metric"], r["at"]) for r in rows}


def test_a_ratio_without_a_number_stands_back(sure: Evaluation) -> None:
    broken = pl.when(pl.col("scale") != "ratio").then("value").alias("value")
    without = replace(sure, differences=sure.differences.with_columns(broken))
    assert {r["scale"] for r in compared(without, "cohorts", "own")} == {"difference"}


def test_rows_are_ranked_by_what_matters_and_then_by_p() -> None:
    rows = [row("eer", p_holm=0.001), row("fmr", "shipped", p_holm=0.03), row(p_holm=0.02), row(p_holm=0.01)]
    assert [(r["metric"], r["p_holm"]) for r in ranked([*rows, row(p_holm=None)])] == [
        ("auc", 0.01), ("auc", 0.02), ("fmr", 0.03), ("eer", 0.001),
    ]  # fmt: skip


def test_an_evaluation_says_its_level_and_whether_it_has_intervals(evaluation: Evaluation, sure: Evaluation) -> None:
    assert has_intervals(sure)
    assert not has_intervals(evaluation)
    assert level_of(evaluation) == 0.95
    assert level_of(replace(sure, provenance={"level": "0.9"})) == 0.9
