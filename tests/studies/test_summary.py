"""From readings to coverage, and from coverage to what is held against facegap."""

from math import nan

import polars as pl
import pytest
from studies.reading import Quantity, Reading
from studies.summary import SCHEMA, summarise
from studies.truth import Truth

from studies import bounds, ours

AUC = Quantity("single", "auc", "")
MODELS = Quantity("models", "auc", "", "difference")
RATIO = Quantity("cohorts", "fmr", "shipped", "ratio")
KNOWN = Truth(
    0.3,
    {
        ("a", "all", "auc", ""): 0.95,
        ("b", "all", "auc", ""): 0.9,
        ("a", "x", "fmr", "shipped"): 0.01,
        ("a", "y", "fmr", "shipped"): 0.02,
    },
)


def row(quantity, *readings):
    return summarise("p", "null", KNOWN, [{("m", quantity): one} for one in readings]).row(0, named=True)


def test_sides_shares_and_widths():
    found = row(
        AUC, Reading(0.94, 0.93, 0.96), Reading(0.9, 0.88, 0.94), Reading(0.97, 0.96, 0.98), Reading(0.95, 0.9, 1)
    )
    assert (found["cover"], found["above"], found["below"], found["none"]) == (0.5, 0.25, 0.25, 0)
    assert found["width"] == pytest.approx(0.045)
    assert found["truth"] == 0.95
    assert found["rejects"] is None


def test_an_open_side_never_misses_and_a_withheld_interval_counts_for_neither():
    found = row(AUC, Reading(0.9, 0.8, nan), Reading(0.9, nan, 0.94), Reading(nan, nan, nan), Reading(0.9, nan, nan))
    assert (found["cover"], found["above"], found["none"]) == (0.5, 0.5, 0.5)
    assert found["width"] is None


def test_a_method_without_any_interval_fails_loudly():
    with pytest.raises(ValueError, match="gave no interval for"):
        row(AUC, Reading(0.9, nan, nan), Reading(0.9, nan, nan))


def test_the_truth_of_differences_and_ratios_and_what_rejects_them():
    found = row(MODELS, Reading(0.05, 0.01, 0.09), Reading(0.05, -0.01, 0.11), Reading(0.05, -0.01, 0.1, p=0.04))
    assert found["truth"] == pytest.approx(0.05)
    assert found["rejects"] == pytest.approx(2 / 3)
    found = row(RATIO, Reading(0.5, 0.3, 0.9), Reading(0.9, 0.6, 1.2), Reading(nan, nan, nan))
    assert found["truth"] == 0.5
    assert found["rejects"] == pytest.approx(1 / 3)


def frame(**changes):
    plain = {
        "population": "60 x 5", "contrast": "null", "method": ours.METHOD, "kind": "single", "metric": "auc", "at": "",
        "scale": "", "label": "AUC", "truth": 0.9, "draws": 1000, "cover": 0.95, "above": 0.02, "below": 0.03,
        "none": 0.0, "width": 0.1, "bias": 0.0, "rejects": None,
    }  # fmt: skip
    return pl.DataFrame([plain | changes], schema=SCHEMA)


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({}, False),
        ({"cover": 0.93}, False),
        ({"cover": 0.929}, True),
        ({"cover": 0.971}, True),
        ({"cover": 0.91, "population": "hubs, 50 x 6"}, False),
        ({"cover": 0.99, "population": "hubs, 50 x 6"}, False),
        ({"cover": 0.899, "population": "hubs, 50 x 6"}, True),
        ({"cover": 0.5, "method": "DeLong, pairs"}, False),
        ({"cover": 0.5, "metric": "threshold", "at": "eer"}, False),
        ({"cover": 0.5, "metric": "threshold", "at": "best-f1"}, True),
    ],
)
def test_what_counts_as_uncovered(changes, wrong):
    assert bounds.uncovered(frame(**changes)).height == wrong


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"rejects": 0.05}, False),
        ({"rejects": 0.02}, True),
        ({"rejects": 0.08}, True),
        ({"rejects": 0.8, "contrast": "difference"}, False),
        ({"rejects": 0.0, "method": ours.UNPAIRED}, False),
    ],
)
def test_what_counts_as_misleading(changes, wrong):
    assert bounds.misleading(frame(kind="models", scale="difference", **changes)).height == wrong


def test_power_sets_the_paired_test_beside_the_unpaired_one():
    both = {"kind": "models", "contrast": "difference"}
    found = bounds.power(pl.concat([frame(rejects=0.8, **both), frame(rejects=0.1, method=ours.UNPAIRED, **both)]))
    assert found.rows() == [("60 x 5", "AUC", 0.8, 0.1)]


@pytest.mark.parametrize(
    ("changes", "moved"),
    [
        ({}, False),
        ({"cover": 0.955}, False),
        ({"cover": 0.944}, True),
        ({"rejects": 0.06}, True),
        ({"rejects": None}, True),
        ({"population": "30 x 10"}, True),
    ],
)
def test_what_counts_as_moved(changes, moved):
    same = {"kind": "models", "scale": "difference", "cover": 0.95, "rejects": 0.05}
    assert bounds.moved(frame(**{**same, **changes}), frame(**same)).height == moved
