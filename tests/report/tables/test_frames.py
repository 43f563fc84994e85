import math

import polars as pl
import pytest

from facegap.data.evaluation import Evaluation
from facegap.report.tables import frames
from facegap.report.text.summary import metric_cells


def test_a_curve_starts_at_the_smallest_fmr_it_resolves(evaluation: Evaluation) -> None:
    cells = metric_cells(evaluation, "own")
    assert frames.finest_fmr(cells, "dlib", "general") == 0.001
    curve = frames.error_curves(evaluation, cells, "own", {("dlib", "general"): "curve"})
    resolved = curve["resolved_fmr"].drop_nulls()
    assert resolved[0] == 0.001
    assert resolved.is_sorted()
    below = curve.filter(pl.col("resolved_fmr") == 0.001)
    assert below.height == 1
    tar = evaluation.value("tar", model="dlib", cohort="general", at="fmr=0.001")
    assert below["tar"][0] == pytest.approx(tar, abs=0.02)


def test_without_resolvable_rates_a_curve_starts_at_a_tenth() -> None:
    assert frames.finest_fmr({}, "dlib", "general") == 0.1


def test_numbers_that_json_cannot_hold_become_null(evaluation: Evaluation) -> None:
    first = evaluation.roc.filter(model="dlib", images="own", probe_cohort="general").head(2)
    broken = first.with_columns(threshold=pl.Series([math.inf, math.nan]))
    assert frames.within(broken, "own", "dlib", ("general", "general"))["threshold"].to_list() == [None, None]


def test_shares_of_each_kind_add_up_to_one(evaluation: Evaluation) -> None:
    shares = frames.score_shares(frames.within(evaluation.histogram, "own", "dlib", ("general", "general")))
    totals = shares.group_by("kind").agg(pl.col("share").sum())["share"].to_list()
    assert totals == pytest.approx([1.0, 1.0], abs=1e-4)


def test_marked_thresholds_are_the_shipped_one_and_that_of_best_f1(evaluation: Evaluation) -> None:
    marks = frames.marked_thresholds(metric_cells(evaluation, "own"), "dlib", "general")
    best = evaluation.row("f1", model="dlib", cohort="general", at="best-f1")
    assert best is not None
    assert marks["mark"].to_list() == ["shipped", "best F1"]
    assert marks["threshold"].to_list() == [0.6, best["threshold"]]
    assert marks["label"][0] == "shipped 0.6"


def test_bands_are_in_order_and_stay_above_zero_for_a_log_axis(sure: Evaluation) -> None:
    cells = metric_cells(sure, "own")
    bands = frames.error_bands(sure, cells, "own", {("dlib", "general"): "curve"})
    assert bands["fmr"].is_sorted()
    assert (bands["resolved_fmr"].drop_nulls() >= 0.001).all()
    assert (bands["fnmr_low"] > 0).all()
    assert (bands["fnmr_low"] <= bands["fnmr_high"]).all()
    assert frames.swept_bands(sure, "dlib", "general")["rate"].unique().sort().to_list() == sorted(
        frames.rate_names().values()
    )


def test_without_intervals_there_are_no_bands(evaluation: Evaluation) -> None:
    cells = metric_cells(evaluation, "own")
    assert frames.error_bands(evaluation, cells, "own", {("dlib", "general"): "curve"}).is_empty()
    assert frames.swept_bands(evaluation, "dlib", "general").is_empty()
