"""Rules on gaps and ratios of cohorts, and on differentials."""

import pytest

from jobs.check.judged import FAILS, HOLDS, UNDECIDED, judged, verdict
from jobs.check.made import difference, differential, evaluation, metric


def test_a_gap_between_cohorts_in_either_order() -> None:
    made = evaluation([metric("auc", 0.98), metric("auc", 0.94, cohort="young-women")], [difference(0.04, 0.01, 0.07)])
    assert verdict(made, "auc_gap(general - young-women) <= 0.07") is HOLDS
    assert verdict(made, "auc_gap(general - young-women) <= 0.02") is UNDECIDED
    assert verdict(made, "auc_gap(general - young-women) <= 0.005") is FAILS
    turned = judged(made, "auc_gap(young-women - general) >= -0.07")
    assert (turned.measured.value, turned.measured.low, turned.measured.high) == (-0.04, -0.07, -0.01)
    assert turned.verdict is HOLDS
    assert verdict(made, "auc_gap(young-women - general) >= -0.005") is FAILS


def test_a_ratio_of_cohorts_in_either_order() -> None:
    place = {"metric": "fmr", "at": "shipped"}
    rows = [difference(0.3, 0.2, 0.4, **place), difference(4.0, 2.0, 8.0, scale="ratio", **place)]
    made = evaluation([metric("fmr", 0.4, at="shipped")], rows)
    assert verdict(made, "fmr_ratio(general/young-women) <= 8") is HOLDS
    assert verdict(made, "fmr_ratio@shipped(general/young-women) <= 1.5") is FAILS
    turned = judged(made, "fmr_ratio(young-women/general) <= 0.5")
    assert (turned.measured.value, turned.measured.low, turned.measured.high) == (0.25, 0.125, 0.5)
    assert turned.verdict is HOLDS


def test_a_ratio_without_errors_cannot_be_told() -> None:
    place = {"metric": "fmr", "at": "shipped"}
    both = [metric("fmr", 0.0, at="shipped"), metric("fmr", 0.0, at="shipped", cohort="young-women")]
    why = "not resolvable: a ratio needs errors in both cohorts"
    untested = difference(None, None, None, scale="ratio", method=why, **place)
    one = judged(evaluation(both, [untested]), "fmr_ratio(general/young-women) <= 2")
    assert (one.verdict, one.reason) == (UNDECIDED, why)
    absent = judged(evaluation(both, [difference(0.0, None, None, **place)]), "fmr_ratio(general/young-women) <= 2")
    assert absent.verdict is UNDECIDED
    assert "a ratio needs errors in both cohorts" in absent.reason


def test_a_contrast_of_what_was_not_resolved_says_so() -> None:
    both = [
        metric("tar", 0.9, 0.8, 0.95, at="fmr=0.001"),
        metric("tar", None, at="fmr=0.001", cohort="young-women", method="not resolvable: too few"),
    ]
    one = judged(evaluation(both, [difference(0.0, -0.1, 0.1)]), "fnmr_gap@fmr=1e-3(general - young-women) <= 0.1")
    assert one.verdict is UNDECIDED
    assert "fnmr@fmr=0.001 of new on young-women: not resolvable: too few" in one.reason


@pytest.mark.parametrize("spelling", ["fmr_max_min", '"fmr max/min"', "fmr_max_min@shipped", "fmr_max_min[new]"])
def test_a_differential_has_a_model_in_its_brackets(spelling: str) -> None:
    made = evaluation(differentials=[differential("fmr max/min", 3.0, 1.5, 6.0)])
    assert verdict(made, f"{spelling} <= 6") is HOLDS
    assert verdict(made, f"{spelling} <= 2") is UNDECIDED
    assert verdict(made, f"{spelling} <= 1.2") is FAILS


def test_a_differential_without_interval_says_why() -> None:
    rows = [differential("GARBE", None, None, None, method="not resolvable: 3 errors"), differential("IR", 1, 1, 1)]
    made = evaluation(differentials=[rows[0], {**rows[1], "model": "old"}], models=("new", "old"))
    assert judged(made, "garbe[new] <= 1").reason == "not resolvable: 3 errors"
    assert judged(made, "ir[new] <= 1").verdict is UNDECIDED
