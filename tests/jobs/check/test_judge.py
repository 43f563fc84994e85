"""Rules on one number: the interval decides, and names that are unknown are refused."""

import pytest

from facegap.errors import InputError
from facegap.jobs.check import Verdict, check
from jobs.check.judged import BOTH, ENDS, FAILS, HOLDS, UNDECIDED, judged, verdict
from jobs.check.made import difference, differential, evaluation, metric


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("auc[general] >= 0.89", HOLDS),
        ("auc[general] >= 0.9", HOLDS),
        ("auc[general] >= 0.91", UNDECIDED),
        ("auc[general] >= 0.96", UNDECIDED),
        ("auc[general] >= 0.98", UNDECIDED),
        ("auc[general] >= 0.99", FAILS),
        ("auc[general] <= 0.98", HOLDS),
        ("auc[general] <= 0.97", UNDECIDED),
        ("auc[general] <= 0.9", UNDECIDED),
        ("auc[general] <= 0.89", FAILS),
    ],
)
def test_the_interval_decides_and_not_the_value(rule: str, expected: Verdict) -> None:
    assert verdict(evaluation([metric("auc", 0.95, 0.9, 0.98)]), rule) is expected


def test_one_bound_decides_what_it_can() -> None:
    made = evaluation([metric("auc", 0.95, None, 0.98)])
    assert verdict(made, "auc[general] <= 0.98") is HOLDS
    assert verdict(made, "auc[general] >= 0.99") is FAILS
    assert verdict(made, "auc[general] >= 0.5") is UNDECIDED


def test_no_brackets_mean_all_cohorts_together_or_the_only_one() -> None:
    rows = [metric("auc", 0.95, 0.9, 0.98), metric("auc", 0.5, 0.4, 0.6, cohort="all")]
    assert verdict(evaluation(rows), "auc >= 0.9") is FAILS
    assert verdict(evaluation(rows[:1], cohorts=("general",)), "auc >= 0.9") is HOLDS


def test_comparisons_across_cohorts_and_over_common_images_are_left_alone() -> None:
    other = metric("auc", 0.1, 0.1, 0.1)
    rows = [{**other, "gallery_cohort": "young-women"}, {**other, "images": "common"}, metric("auc", 0.95, 0.9, 0.98)]
    assert verdict(evaluation(rows), "auc[general] >= 0.9") is HOLDS


def test_a_model_is_named_where_there_are_several() -> None:
    rows = [metric("auc", 0.95, 0.9, 0.98), metric("auc", 0.5, 0.4, 0.6, model="old")]
    made = evaluation(rows, models=("new", "old"))
    assert verdict(made, "auc[general, new] >= 0.9") is HOLDS
    assert verdict(made, "auc[general, old] >= 0.9") is FAILS
    with pytest.raises(InputError, match=r"several models \(new, old\): name one, auc\[COHORT, MODEL\]"):
        check(made, ["auc[general] >= 0.9"])
    with pytest.raises(InputError, match=r"'old' is a model, a cohort was expected: write METRIC\[COHORT, old\]"):
        check(made, ["auc[old] >= 0.9"])


def test_operating_points_are_the_same_however_their_numbers_are_written() -> None:
    made = evaluation([metric("fmr", 0.01, 0.005, 0.02, at="general@fmr=0.001")])
    assert verdict(made, "fmr@general@fmr=1e-3[general] <= 0.02") is HOLDS
    assert verdict(made, "fmr@general@fmr=0.0010[general] <= 0.004") is FAILS


def test_without_an_operating_point_the_shipped_threshold_is_meant() -> None:
    rows = [metric("fmr", 0.5, 0.4, 0.6, at="fmr=0.001"), metric("fmr", 0.01, 0.005, 0.02, at="shipped")]
    assert verdict(evaluation(rows), "fmr[general] <= 0.02") is HOLDS
    with pytest.raises(InputError, match=r"not measured without @: there are fmr=0\.001"):
        check(evaluation(rows[:1]), ["fmr[general] <= 0.02"])


def test_fnmr_at_a_false_match_rate_is_what_tar_leaves() -> None:
    made = evaluation([metric("tar", 0.9375, 0.875, 0.96875, at="fmr=0.001")])
    one = judged(made, "fnmr@fmr=1e-3[general] <= 0.125")
    assert (one.measured.value, one.measured.low, one.measured.high) == (0.0625, 0.03125, 0.125)
    assert one.verdict is HOLDS
    assert verdict(made, "fnmr@fmr=1e-3[general] <= 0.12") is UNDECIDED
    assert verdict(made, "fnmr@fmr=1e-3[general] <= 0.03") is FAILS


def test_counts_are_judged_as_they_are() -> None:
    made = evaluation([metric("subjects", 20.0)])
    assert verdict(made, "subjects[general] >= 20") is HOLDS
    one = judged(made, "subjects[general] >= 21")
    assert one.verdict is FAILS
    assert "not at least 21" in one.reason


def test_what_is_not_resolved_cannot_be_told_and_says_why() -> None:
    why = "not resolvable: 0.3 false matches expected"
    made = evaluation(
        [
            metric("tar", None, at="fmr=0.001", method=why),
            metric("auc", 1.0, method="no interval: too few subjects"),
            metric("auc", 0.9, 0.8, 0.95, cohort="all"),
        ]
    )
    for rule in ("tar@fmr=1e-3[general] >= 0", "fnmr@fmr=1e-3[general] <= 1"):
        assert (judged(made, rule).verdict, judged(made, rule).reason) == (UNDECIDED, why)
    one = judged(made, "auc[general] >= 0.5")
    assert (one.verdict, one.reason) == (UNDECIDED, "no interval: too few subjects")
    missing = judged(made, "auc[young-women] >= 0.5")
    assert missing.verdict is UNDECIDED
    assert "was not measured for new on young-women" in missing.reason


def test_without_intervals_nothing_can_be_told() -> None:
    rows = [metric("auc", 0.99, method=""), metric("auc", 0.99, cohort="young-women", method="")]
    rows += [{**row, "model": "old"} for row in rows]
    made = evaluation(rows, intervals="none", models=("new", "old"))
    for rule in ("auc[general, new] >= 0.1", "auc_gap(general - young-women)[new] <= 1", "better(new, old, auc)"):
        assert verdict(made, rule) is UNDECIDED
        assert "--intervals none" in judged(made, rule).reason


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("auk >= 1", "nothing is called 'auk': the metrics are auc, fmr; the differentials are garbe"),
        ("auc[nobody] >= 1", "no cohort 'nobody': there are general, young-women, 若年女性, all"),
        ("auc[general, third] >= 1", "no model 'third': there are new, old"),
        ("auc[a, b, c] >= 1", "3 names"),
        ("fmr@shiped[general, new] >= 1", "fmr is not measured at 'shiped': there are shipped"),
        ("auc@shipped[general, new] >= 1", "there are auc without @"),
        ("garbe@fmr=1[new] >= 1", "there are shipped"),
        ("garbe[general, new] >= 1", "write garbe@AT[MODEL]"),
        ("auk_gap(general - young-women) >= 1", "no metric is called 'auk'"),
        ("auc_gap(general - young-women) >= 1", "several models"),
        ("auc_gap(all - young-women)[new] >= 1", "no cohort 'all'"),
        ("auc_gap(general - general)[new] >= 1", "both cohorts are 'general'"),
        ("auc_gap(general - young-women)[new, old] >= 1", "2 names"),
        ("auc_ratio(general/young-women)[new] >= 1", "write fmr or fnmr"),
        ("fmr_gap(general - young-women)[new] >= 1", "fmr@shipped is not compared: there are auc"),
        ("better(new, new, auc)", "both models are 'new'"),
        ("better(new, third, auc)", "no model 'third'"),
        ("better(new, old, subjects)", "no model is better by 'subjects'"),
        ("better(new, old, tar@fmr=1)", "no metric is called 'tar'"),
        ("better(new, old, auc)[nobody]", "no cohort 'nobody'"),
    ],
)
def test_an_unknown_name_is_an_error_that_says_what_there_is(rule: str, says: str) -> None:
    rates = [metric("fmr", 0.1, at="shipped", model=row["model"], cohort=row["probe_cohort"]) for row in ENDS]
    made = evaluation([*ENDS, *rates], [difference(0, 0, 0)], [differential("GARBE", 0.1, 0.1, 0.1)], **BOTH)
    with pytest.raises(InputError) as caught:
        check(made, ["auc[general, new] >= 0", rule])
    assert says in str(caught.value)
    assert rule in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_claim_needs_two_models_and_a_check_needs_a_rule() -> None:
    with pytest.raises(InputError, match="better compares two models, and one was evaluated: new"):
        check(evaluation(ENDS), ["better(new, old, auc)"])
    with pytest.raises(InputError, match="no rule was given"):
        check(evaluation(ENDS), [])
    with pytest.raises(InputError, match="rules takes a list"):
        check(evaluation(ENDS), "auc >= 0.9")


def test_equal_letters_are_equal_however_they_are_composed() -> None:
    composed, decomposed = "が", "か\u3099"
    made = evaluation([metric("auc", 0.9, 0.8, 1.0, cohort=composed)], cohorts=(composed,))
    assert verdict(made, f"auc[{decomposed}] >= 0.8") is HOLDS


def test_what_cannot_be_told_stops_unless_it_is_allowed() -> None:
    made = evaluation([metric("auc", 0.95, 0.9, 0.98)])
    holds, unsure, fails = check(made, [f"auc[general] >= {limit}" for limit in (0.8, 0.95, 0.99)])
    assert [one.stops(allow_undecided=False) for one in (holds, unsure, fails)] == [False, True, True]
    assert [one.stops(allow_undecided=True) for one in (holds, unsure, fails)] == [False, False, True]
