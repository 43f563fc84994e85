"""From readings to coverage."""

from math import nan

import pytest
from studies.reading import Quantity, Reading
from studies.summary import share_row, summarise, wired
from studies.truth import Truth

AUC = Quantity("single", "auc", "")
MODELS = Quantity("models", "auc", "", "difference")
RATIO = Quantity("cohorts", "fmr", "shipped", "ratio")
GAP = Quantity("gaps", "auc", "", "difference")
KNOWN = Truth(
    (0.3, 0.3),
    {
        ("a", "all", "auc", ""): 0.95,
        ("b", "all", "auc", ""): 0.9,
        ("a", "x", "fmr", "shipped"): 0.01,
        ("a", "y", "fmr", "shipped"): 0.02,
        ("a", "x", "auc", ""): 0.99,
        ("a", "y", "auc", ""): 0.95,
        ("b", "x", "auc", ""): 0.98,
        ("b", "y", "auc", ""): 0.91,
    },
)


def row(quantity, *readings):
    return rows(quantity, *readings).row(0, named=True)


def rows(quantity, *readings):
    return summarise("b", "p", "null", KNOWN, [{("m", quantity): one} for one in readings])


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


def test_a_method_without_any_interval_fails_loudly_where_there_must_be_one():
    found = rows(AUC, Reading(0.9, nan, nan), Reading(0.9, nan, nan))
    assert found.select("cover", "none").rows() == [(None, 1.0)]
    with pytest.raises(ValueError, match=r"m gave no interval for single AUC at 0\.95 in any of 2 draws of p"):
        wired(found)
    one = rows(AUC, Reading(0.9, nan, nan), Reading(0.9, 0.8, nan))
    assert wired(one) is one


def test_the_truth_of_differences_and_ratios_and_what_rejects_them():
    found = row(MODELS, Reading(0.05, 0.01, 0.09), Reading(0.05, -0.01, 0.11), Reading(0.05, -0.01, 0.1, p=0.04))
    assert found["truth"] == pytest.approx(0.05)
    assert found["rejects"] == pytest.approx(2 / 3)
    found = row(RATIO, Reading(0.5, 0.3, 0.9), Reading(0.9, 0.6, 1.2), Reading(nan, nan, nan))
    assert found["truth"] == 0.5
    assert found["rejects"] == pytest.approx(1 / 3)


def test_the_truth_of_a_gap_of_gaps():
    assert row(GAP, Reading(0.0, -0.1, 0.1, p=0.9))["truth"] == pytest.approx(0.04 - 0.07)


def test_an_interval_of_a_finite_universe_is_pulled_in_and_judged_without_its_p_value():
    found = Reading(0.5, 0.3, 0.9, p=0.2).pulled_in(0.5)
    assert (found.low, found.high) == (0.4, 0.7)
    assert found.rejects(0.0)
    assert not found.rejects(0.6)


def test_a_share_alone_is_a_row_without_coverage():
    found = share_row("d", "p", "null", "m", Quantity("holm", "auc", ""), [True, False, False, False])
    assert (found["rejects"], found["draws"], found["cover"], found["label"]) == (0.25, 4, None, "AUC")
