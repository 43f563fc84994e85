"""The half total error rate: the mean of FMR and FNMR, and only at thresholds from elsewhere."""

import pytest

from facegap.report.text.findings import shown_findings
from metrics.asked_for import AT, asked_study


def test_it_is_the_mean_of_both_error_rates_where_the_threshold_was_not_chosen() -> None:
    study = asked_study(["hter"])
    row = study.evaluation.row("hter", model="two", cohort="hard", at=AT)
    assert row is not None
    assert row["value"] == pytest.approx(sum(study.rates("two", "hard", row["threshold"])) / 2)
    assert row["low"] < row["value"] < row["high"]
    assert study.evaluation.row("hter", model="two", cohort="plain", at=AT) is None
    places = set(study.evaluation.metrics.filter(metric="hter")["at"])
    assert AT in places
    assert all("@fmr=" in at for at in places)


def test_models_are_compared_by_it_where_it_is_known() -> None:
    rows = asked_study(["hter"]).evaluation.differences.filter(metric="hter", at=AT)
    assert set(rows["kind"]) == {"models"}
    assert set(rows["cohort_a"]) == {"hard", "all"}


def test_without_a_threshold_from_elsewhere_a_finding_says_so() -> None:
    evaluation = asked_study(["hter"], subjects=6, images=2, chosen=False).evaluation
    assert evaluation.metrics.filter(metric="hter").is_empty()
    (finding,) = [one.text for one in shown_findings(evaluation) if one.kind == "not-measured"]
    assert finding.startswith("HTER was asked for")
