"""What is held against facegap."""

import polars as pl
import pytest
from studies.summary import SCHEMA

from studies import bounds, ours, reasons

PLAIN = {
    "group": "a", "population": "60 x 5", "contrast": "null", "method": ours.METHOD, "kind": "single", "metric": "auc",
    "at": "", "scale": "", "level": 0.95, "label": "AUC", "truth": 0.9, "draws": 1000, "cover": 0.95, "above": 0.02,
    "below": 0.03, "none": 0.0, "width": 0.1, "bias": 0.0, "rejects": None,
}  # fmt: skip
TEST = {"kind": "models", "scale": "difference", "truth": 0.0}


def frame(**changes):
    return pl.DataFrame([PLAIN | changes], schema=SCHEMA)


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({}, False),
        ({"cover": 0.93}, False),
        ({"cover": 0.929}, True),
        ({"cover": 0.971}, True),
        ({"cover": 0.91, "population": "hubs, 50 x 6"}, False),
        ({"cover": 0.899, "population": "hubs, 50 x 6"}, True),
        ({"cover": 0.991, "population": "lognormal pull, 60 x 5"}, True),
        ({"cover": 0.5, "method": "DeLong, pairs"}, False),
        ({"cover": 0.5, "metric": "threshold", "at": "eer"}, True),
        ({"cover": 0.9, "level": 0.9}, False),
        ({"cover": 0.95, "level": 0.9}, True),
        ({"cover": 0.97, "level": 0.99}, True),
        ({"cover": None}, False),
    ],
)
def test_coverage_out_of_bounds(changes, wrong):
    found = bounds.outside(frame(**changes))
    assert found["what"].to_list() == ["coverage"] * wrong


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"rejects": 0.05}, False),
        ({"rejects": 0.02}, True),
        ({"rejects": 0.08}, True),
        ({"rejects": 0.8, "truth": 0.01}, False),
        ({"rejects": 0.8, "truth": 8e-15}, True),
        ({"rejects": 0.08, "truth": 1.0, "scale": "ratio"}, True),
        ({"rejects": 0.01, "cover": 0.99, "group": "c"}, False),
        ({"rejects": 0.08, "group": "c"}, True),
        ({"rejects": 0.0, "method": ours.UNPAIRED}, False),
    ],
)
def test_tests_out_of_bounds(changes, wrong):
    found = bounds.outside(frame(**TEST | changes))
    assert found["what"].to_list() == ["size"] * wrong


@pytest.mark.parametrize(
    ("kind", "rejects", "wrong"),
    [
        ("holm", 0.05, []), ("holm", 0.06, ["claims"]), ("raw", 0.5, []),
        ("plan", 0.8, []), ("plan", 0.69, ["power"]), ("plan", 0.95, ["power"]),
    ],
)  # fmt: skip
def test_claims_and_plans_out_of_bounds(kind, rejects, wrong):
    found = bounds.outside(frame(kind=kind, rejects=rejects, cover=None, truth=None))
    assert found["what"].to_list() == wrong


def test_what_chance_may_have_done_is_out_of_bounds_but_not_clearly():
    few, many = (frame(cover=0.915, draws=draws) for draws in (100, 2000))
    assert bounds.outside(few)["clear"].to_list() == [False]
    assert bounds.outside(many)["clear"].to_list() == [True]
    assert bounds.unexplained(few).height == 0
    assert bounds.unexplained(many).height == 1


def test_chance_is_judged_by_the_draws_that_gave_an_interval():
    assert bounds.outside(frame(cover=0.85, none=0.98))["clear"].to_list() == [False]
    assert bounds.outside(frame(cover=0.85, none=0.5))["clear"].to_list() == [True]
    assert bounds.outside(frame(cover=0.5, none=0.998))["chance"].item() == pytest.approx(1 - 0.93**2)


@pytest.mark.parametrize(
    ("changes", "safe"),
    [
        ({"cover": 0.99}, True),
        ({"cover": 0.9}, False),
        ({"rejects": 0.01, **TEST}, True),
        ({"rejects": 0.1, **TEST}, False),
        ({"kind": "holm", "rejects": 0.1, "cover": None}, False),
        ({"kind": "plan", "rejects": 0.6, "cover": None}, False),
        ({"kind": "plan", "rejects": 0.95, "cover": None}, True),
    ],
)
def test_on_which_side_a_cell_errs(changes, safe):
    assert bounds.outside(frame(**changes))["safe"].to_list() == [safe]


def test_a_reason_is_given_to_all_that_begins_as_it_says_and_errs_on_its_side(monkeypatch):
    given = {("60 x 5", "one model, AUC"): "this", ("LFW, ", ""): "that"}
    monkeypatch.setattr(reasons, "UNSAFE", given)
    monkeypatch.setattr(reasons, "SAFE", {("", "one model, AUC"): "wide"})
    assert bounds.outside(frame(cover=0.5))["reason"].to_list() == ["this"]
    assert bounds.outside(frame(cover=0.5, level=0.9))["reason"].to_list() == ["this"]
    assert bounds.outside(frame(cover=0.99))["reason"].to_list() == ["wide"]
    assert bounds.outside(frame(cover=0.5, label="EER"))["reason"].to_list() == [""]
    assert bounds.outside(frame(cover=0.5, population="LFW, 300 of all"))["reason"].to_list() == ["that"]
    assert bounds.unexplained(frame(cover=0.5)).height == 0


def test_power_sets_the_paired_test_beside_the_unpaired_one():
    both = {"kind": "models", "contrast": "difference"}
    found = bounds.power(pl.concat([frame(rejects=0.8, **both), frame(rejects=0.1, method=ours.UNPAIRED, **both)]))
    assert found.rows() == [("60 x 5", "AUC", 0.8, 0.1)]
