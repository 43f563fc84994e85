import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegap.data.evaluation import Evaluation
from facegap.errors import InputError
from facegap.jobs.check import Judgement, Verdict, check
from facegap.jobs.check.measured import MeasuredValue
from jobs.check.made import COHORTS, difference, differential, evaluation, metric, models

HOLDS, FAILS, UNDECIDED = Verdict.HOLDS, Verdict.FAILS, Verdict.UNDECIDED
RANK = {FAILS: 0, UNDECIDED: 1, HOLDS: 2}


def judged(made: Evaluation, rule: str) -> Judgement:
    (one,) = check(made, [rule])
    return one


def verdict(made: Evaluation, rule: str) -> Verdict:
    return judged(made, rule).verdict


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


BOTH = {"models": ("new", "old")}
ENDS = [metric("auc", 0.9, model=model, cohort=cohort) for model in ("new", "old") for cohort in COHORTS]


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


finite = st.floats(-10, 10)
bounds = st.tuples(st.none() | finite, st.none() | finite).map(
    lambda pair: pair if None in pair else tuple(sorted(pair, key=lambda bound: bound or 0.0))
)


@given(bounds, st.sampled_from(["<=", ">="]), finite, finite)
def test_a_verdict_only_gets_better_as_the_limit_gets_wider(ends, sign, one: float, other: float) -> None:
    measured = MeasuredValue(0.0, *ends, scale="plain")
    tight, wide = sorted((one, other), reverse=sign == ">=")
    assert RANK[measured.against(sign, tight)] <= RANK[measured.against(sign, wide)]


@given(bounds, finite)
def test_a_difference_says_the_same_from_either_end(ends, limit: float) -> None:
    straight = evaluation([metric("auc", 0.9)], [difference(0.0, *ends)])
    reverse = {"cohort_a": "young-women", "cohort_b": "general"}
    stored = evaluation([metric("auc", 0.9)], [difference(0.0, *ends, **reverse)])
    there, back = f"auc_gap(general - young-women) <= {limit!r}", f"auc_gap(young-women - general) >= {-limit!r}"
    assert verdict(straight, there) is verdict(straight, back)
    there, back = f"auc_gap(young-women - general) <= {limit!r}", f"auc_gap(general - young-women) >= {-limit!r}"
    assert verdict(stored, there) is verdict(stored, back)


@given(st.lists(st.integers(-6, 6), min_size=2, max_size=2).map(sorted), st.integers(-6, 6))
def test_a_ratio_says_the_same_from_either_end(exponents: list[int], limit: int) -> None:
    low, high = (2.0**power for power in exponents)
    row = difference(low, low, high, metric="fmr", at="shipped", scale="ratio")
    made = evaluation([metric("fmr", 0.1, at="shipped")], [row])
    there = verdict(made, f"fmr_ratio(general/young-women) <= {2.0**limit!r}")
    assert there is verdict(made, f"fmr_ratio(young-women/general) >= {2.0**-limit!r}")


@given(bounds, st.floats(0, 10))
def test_equivalent_is_not_worse_both_ways(ends, margin: float) -> None:
    made = evaluation(ENDS, [models(0.0, *ends)], **BOTH)
    one, other, both = (
        RANK[verdict(made, f"{claim}, auc, {margin!r})[general]")]
        for claim in ("not_worse(new, old", "not_worse(old, new", "equivalent(new, old")
    )
    assert both == min(one, other)
