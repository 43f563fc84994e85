"""NIST's detection cost: against comparisons counted one by one, and by what is known of its extremes."""

import numpy as np
import pytest

from facegap.metrics.families.detection_cost import dcf, min_dcf
from facegap.metrics.registry import LOPSIDED, parse_metrics
from facegap.metrics.scored import MeasuredModel
from facegap.report.text.methods import method_text
from metrics.asked_for import AT, COHORTS, FROM, SHIPPED, AskedStudy, asked_study

C_MISS, C_FALSE, PRIOR = 2.0, 1.0, 0.1
ASKED = [f"{name}:c_miss={C_MISS:g},c_false={C_FALSE:g},prior={PRIOR:g}" for name in ("dcf", "min_dcf")]


@pytest.fixture(scope="module")
def study() -> AskedStudy:
    return asked_study(ASKED)


def naive(study: AskedStudy, model: str, cohort: str, threshold: float, without: int = -1) -> float:
    fmr, fnmr = study.rates(model, cohort, threshold, without)
    cost = C_MISS * PRIOR * fnmr + C_FALSE * (1 - PRIOR) * fmr
    return cost / min(C_MISS * PRIOR, C_FALSE * (1 - PRIOR))


def test_it_is_the_cost_of_all_decisions_over_that_of_a_blind_system(study: AskedStudy) -> None:
    for model in ("one", "two"):
        for cohort in COHORTS:
            for at in ("shipped", AT):
                row = study.evaluation.row("dcf", model=model, cohort=cohort, at=at)
                assert row is not None
                assert row["value"] == pytest.approx(naive(study, model, cohort, row["threshold"]))
                assert row["low"] < row["value"] < row["high"]
                assert method_text(row).startswith("c_miss=2, c_false=1, prior=0.1; ")


def test_the_lowest_cost_is_the_lowest_of_all_thresholds(study: AskedStudy) -> None:
    for model in ("one", "two"):
        for cohort in COHORTS:
            row = study.evaluation.row("min_dcf", model=model, cohort=cohort)
            assert row is not None
            # The threshold is a score, which rounding may put on either side of itself.
            near = [naive(study, model, cohort, row["threshold"] + step) for step in (-1e-6, 1e-6)]
            assert row["value"] == pytest.approx(min(near))
            costs = [naive(study, model, cohort, t) for t in np.unique(study.scores[model])[::25]]
            assert row["value"] <= min(costs) + 1e-9
            assert row["value"] < (study.evaluation.value("dcf", model=model, cohort=cohort, at="shipped") or 0)
            assert row["low"] < row["high"]


def test_each_subject_is_left_out_exactly(study: AskedStudy) -> None:
    measured = MeasuredModel.of(
        study.scored["one"], study.manifest,
        failures="excluded", genuine_share=None, threshold_from=[FROM], metrics=parse_metrics(ASKED),
    )  # fmt: skip
    found = measured.shown()["hard"].estimates["dcf", "shipped"]
    expected = [naive(study, "one", "hard", SHIPPED, without=int(subject)) for subject in found.subject]
    assert found.left_out == pytest.approx(expected)


def test_accepting_or_rejecting_everyone_costs_1_at_best() -> None:
    for costs in ((1, 10, 0.01), (10, 1, 0.5), (1, 1, 0.9)):
        cost = dcf(*costs)
        accept, reject = cost.formula(50, 900, 50, 900), cost.formula(0, 0, 50, 900)
        assert min(accept, reject) == pytest.approx(1)
        assert cost.formula(50, 0, 50, 900) == 0
        assert max(cost.formula(0, 900, 50, 900), accept, reject) == pytest.approx(cost.scale.high)


def test_only_the_proportion_of_the_costs_matters() -> None:
    assert dcf(1, 10, 0.01).formula(40, 9, 50, 900) == pytest.approx(dcf(3, 30, 0.01).formula(40, 9, 50, 900))


def test_both_are_known_by_their_parameters() -> None:
    assert dcf(1, 10, 0.01).text == "dcf:c_miss=1,c_false=10,prior=0.01"
    assert min_dcf(1, 10, 0.01).parameters == dcf(1, 10, 0.01).parameters


def test_without_errors_of_one_kind_nothing_is_said_of_the_other() -> None:
    """No impostor is accepted at a threshold so strict: what one false match would cost cannot be seen."""
    evaluation = asked_study(ASKED, shipped=0.95).evaluation
    row = evaluation.row("dcf", model="two", cohort="hard", at="shipped")
    assert row is not None
    assert row["value"] > 0
    assert row["low"] is None
    assert row["method"].endswith(f"; {LOPSIDED.code}")


def test_without_any_error_the_cost_has_an_upper_bound() -> None:
    evaluation = asked_study(ASKED, noises=(0.02, 0.03), shipped=0.75).evaluation
    row = evaluation.row("dcf", model="one", cohort="plain", at="shipped")
    assert row is not None
    assert row["value"] == row["low"] == 0
    assert 0 < row["high"] < dcf(C_MISS, C_FALSE, PRIOR).scale.high
    assert method_text(row).endswith("no error seen: bound over subjects (20)")
