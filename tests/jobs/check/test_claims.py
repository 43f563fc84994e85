"""Rules that compare models: better, not worse, equivalent."""

import pytest

from jobs.check.judged import BOTH, ENDS, FAILS, HOLDS, UNDECIDED, judged, verdict
from jobs.check.made import difference, evaluation, models


@pytest.mark.parametrize(
    ("low", "high", "not_worse", "equivalent", "better"),
    [
        (0.02, 0.04, HOLDS, FAILS, HOLDS),
        (0.001, 0.005, HOLDS, HOLDS, HOLDS),
        (-0.005, 0.005, HOLDS, HOLDS, UNDECIDED),
        (-0.01, 0.01, HOLDS, HOLDS, UNDECIDED),
        (-0.005, 0.02, HOLDS, UNDECIDED, UNDECIDED),
        (-0.02, 0.02, UNDECIDED, UNDECIDED, UNDECIDED),
        (-0.02, -0.005, UNDECIDED, UNDECIDED, FAILS),
        (-0.04, -0.02, FAILS, FAILS, FAILS),
        (-0.005, 0.0, HOLDS, HOLDS, FAILS),
        (0.0, 0.005, HOLDS, HOLDS, UNDECIDED),
        (None, None, UNDECIDED, UNDECIDED, UNDECIDED),
    ],
)
def test_claims_know_which_way_is_better(low, high, not_worse, equivalent, better) -> None:
    value = None if low is None else (low + high) / 2
    made = evaluation(ENDS, [models(value, low, high, method="not tested")], **BOTH)
    expected = {"not_worse(new, old, auc, 0.01)": not_worse, "equivalent(new, old, auc, 0.01)": equivalent}
    for claim, verdict_of_it in {**expected, "better(new, old, auc)": better}.items():
        assert verdict(made, f"{claim}[general]") is verdict_of_it, claim
    turned = [None if bound is None else -bound for bound in (value, high, low)]
    rates = [{**row, "metric": "eer"} for row in ENDS]
    errors = evaluation(rates, [models(*turned, metric="eer", method="not tested")], **BOTH)
    for claim, verdict_of_it in {**expected, "better(new, old, auc)": better}.items():
        assert verdict(errors, f"{claim.replace('auc', 'eer')}[general]") is verdict_of_it, claim


def test_a_claim_over_cohorts_holds_in_each_and_the_worst_decides() -> None:
    good, unsure = models(0.02, 0.01, 0.03), models(0.0, -0.05, 0.05, cohort="young-women")
    bad = models(-0.04, -0.05, -0.03, cohort="若年女性")
    one = judged(evaluation(ENDS, [good, unsure, bad], **BOTH), "not_worse(new, old, auc, 0.01)")
    assert (one.verdict, one.where, one.measured.value) == (FAILS, "若年女性", -0.04)
    assert "on 若年女性 new is worse than old by more than 0.01" in one.reason
    fair = models(0.01, 0.0, 0.02, cohort="若年女性")
    one = judged(evaluation(ENDS, [good, unsure, fair], **BOTH), "not_worse(new, old, auc, 0.01)")
    assert (one.verdict, one.where) == (UNDECIDED, "young-women")
    assert "both sides of the margin of 0.01" in one.reason
    known = models(0.01, 0.005, 0.02, cohort="young-women")
    made = evaluation(ENDS, [good, known, fair], **BOTH)
    one = judged(made, "not_worse(new, old, auc, 0.01)")
    assert (one.verdict, one.where) == (HOLDS, "若年女性")
    assert "on each of 3 cohorts" in one.reason
    assert verdict(made, "better(new, old, auc)[general, young-women]") is HOLDS
    assert verdict(made, "better(new, old, auc)") is UNDECIDED


@pytest.mark.parametrize(("high", "words"), [(-0.01, "new is worse than old"), (0.0, "new is not better than old")])
def test_a_model_whose_whole_interval_is_below_0_is_called_worse(high, words) -> None:
    made = evaluation(ENDS, [models(-0.02, -0.03, high)], **BOTH)
    assert judged(made, "better(new, old, auc)[general]").reason == f"on general {words} over the whole interval"
    rates = [{**row, "metric": "eer"} for row in ENDS]
    errors = evaluation(rates, [models(0.02, -high, 0.03, metric="eer")], **BOTH)
    assert judged(errors, "better(new, old, eer)[general]").reason == f"on general {words} over the whole interval"


def test_equivalence_is_closest_to_its_margin_on_either_side() -> None:
    rows = [models(0.0, -0.005, 0.001), models(0.0, -0.001, 0.009, cohort="young-women")]
    made = evaluation(ENDS, rows, cohorts=("general", "young-women"), **BOTH)
    assert judged(made, "equivalent(new, old, auc, 0.01)").where == "young-women"
    assert judged(made, "equivalent(old, new, auc, 0.01)").where == "young-women"
    assert judged(made, "not_worse(new, old, auc, 0.01)").where == "general"


def test_all_cohorts_together_are_judged_only_where_named() -> None:
    rows = [models(0.02, 0.01, 0.03), models(-0.04, -0.05, -0.03, cohort="all")]
    made = evaluation(ENDS, rows, cohorts=("general", "other"), **BOTH)
    assert judged(made, "better(new, old, auc)").where == "other"
    assert verdict(made, "better(new, old, auc)[all]") is FAILS


def test_models_are_compared_over_the_images_that_all_could_use() -> None:
    rows = [models(0.02, 0.01, 0.03, images="common"), difference(0.1, 0.1, 0.1)]
    assert verdict(evaluation(ENDS, rows, **BOTH), "better(new, old, auc)[general]") is HOLDS
