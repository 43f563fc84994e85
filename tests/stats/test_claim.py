"""One claim, one p-value, one verdict: whatever the two numbers are, and however they are looked at."""

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from facegap.stats import LOG, PLAIN, Method, compare, compare_gaps
from stats.made import estimate, interval, moves

UNTESTED = {
    Method.UNTESTED_FEW_ERRORS,
    Method.UNTESTED_FEW_ERRORS_IN_PART,
    Method.UNTESTED_ONE_CARRIES,
    Method.UNTESTED_FEW_SUBJECTS,
    Method.UNTESTED_NO_VARIANCE,
    Method.UNTESTED_SIDE_WITHOUT_INTERVAL,
    Method.RATIO_WITHOUT_ERRORS,
}
LEVELS = st.sampled_from([0.8, 0.9, 0.95, 0.99])


@st.composite
def pairs(draw, compared=None):
    """Return two numbers of one kind, of the same subjects or of different ones, with many errors or few."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    scale = draw(st.sampled_from([PLAIN, LOG])) if compared is None else compared
    paired, sizes = draw(st.booleans()), [draw(st.integers(3, 60)) for _ in range(2)]
    found = []
    for side in (0, 1):
        value = draw(st.floats(0.001, 0.5))
        n, errors = sizes[0 if paired else side], draw(st.sampled_from([0, 1, 3, 9, 10, 40, 5000]))
        value = 0.0 if errors == 0 else value
        drawn = moves(rng, n, value * draw(st.floats(0.05, 1.5)), draw(st.booleans()))
        drawn = np.clip(drawn, value - 1, value)
        first = 0 if paired or side == 0 else sizes[0]
        found.append(estimate(value, drawn, first=first, errors=errors, compared=scale, shared=draw(st.booleans())))
    return found


@settings(max_examples=150, deadline=None)
@given(pairs(), LEVELS)
def test_difference_and_ratio_have_one_p_value_and_one_verdict(two, level):
    a, b = two
    plain, ratio = compare(a, b, level, view=PLAIN), compare(a, b, level, view=LOG)
    for claim, none in ((plain, 0.0), (ratio, 1.0)):
        if np.isnan(claim.p):
            assert np.isnan([claim.low, claim.high, claim.detectable]).all()
            assert claim.method in UNTESTED
            continue
        assert 0 <= claim.p <= 1
        assert claim.low <= claim.high
        told = not claim.low <= none <= claim.high
        assume(abs(claim.p - (1 - level)) > 1e-6)
        assert told == (claim.p < 1 - level)
    if not np.isnan(ratio.p):
        assert ratio.p == plain.p
        assert (plain.low > 0) == (ratio.low > 1)
        assert (plain.high < 0) == (ratio.high < 1)
    if not np.isnan(plain.p):
        assert -1 <= plain.low <= plain.high <= 1


@settings(max_examples=150, deadline=None)
@given(pairs(), LEVELS)
def test_from_the_other_end_a_claim_is_the_same(two, level):
    a, b = two
    for view, turned in ((PLAIN, lambda x: -x), (LOG, lambda x: 1 / x if x else np.inf)):
        there, back = compare(a, b, level, view=view), compare(b, a, level, view=view)
        if np.isnan(there.p):
            assert np.isnan(back.p)
            continue
        assert back.p == pytest.approx(there.p, abs=1e-7)
        assert (back.low, back.high) == pytest.approx((turned(there.high), turned(there.low)), rel=1e-6, abs=1e-9)


@settings(max_examples=100, deadline=None)
@given(pairs(PLAIN), LEVELS)
def test_a_surer_level_has_a_wider_interval_and_the_same_p_value(two, level):
    narrow, wide = compare(*two, level), compare(*two, (1 + level) / 2)
    assert narrow.p == pytest.approx(wide.p, nan_ok=True)
    if not np.isnan(narrow.p):
        assert wide.low <= narrow.low + 1e-12
        assert narrow.high <= wide.high + 1e-12


@settings(max_examples=150, deadline=None)
@given(pairs(PLAIN), pairs(PLAIN), LEVELS)
@example(*[[estimate(0.1, np.zeros(5))] * 2] * 2, 0.95)
def test_a_gap_against_a_gap_has_one_verdict(first, second, level):
    claim = compare_gaps(first, second, level)
    a, b, c, d = (one.value for one in (*first, *second))
    assert claim.value == pytest.approx(a - b - (c - d))
    if not np.isnan(claim.p):
        assume(abs(claim.p - (1 - level)) > 1e-6)
        assert (claim.p < 1 - level) == (not claim.low <= 0 <= claim.high)


def test_of_the_same_subjects_what_both_share_is_set_off():
    rng = np.random.default_rng(1)
    shared, own = moves(rng, 80, 0.02), [moves(rng, 80, 0.004) for _ in range(2)]
    both = [estimate(value, shared + each) for value, each in zip((0.9, 0.89), own, strict=True)]
    apart = [both[0], estimate(0.89, shared + own[1], first=80)]
    paired, unpaired = compare(*both, 0.95), compare(*apart, 0.95)
    assert paired.high - paired.low < 0.5 * (unpaired.high - unpaired.low)
    assert paired.p < unpaired.p
    assert (paired.n_subjects, unpaired.n_subjects) == (80, 160)


def test_means_of_independent_people_are_compared_as_by_the_usual_t_tests():
    """A mean is the plainest number that people move: paired by Student's t, apart by Welch's."""
    rng = np.random.default_rng(2)
    x, y = rng.uniform(0.2, 0.6, 40), rng.uniform(0.25, 0.7, 40)

    def mean(values, first=0):
        left_out = (values.sum() - values) / (len(values) - 1)
        return estimate(values.mean(), values.mean() - left_out, first=first, errors=None)

    paired = compare(mean(x), mean(y), 0.95)
    usual = scipy_stats.ttest_rel(x, y)
    assert paired.p == pytest.approx(usual.pvalue)
    assert (paired.low, paired.high) == pytest.approx(tuple(usual.confidence_interval(0.95)))
    apart = compare(mean(x), mean(y[:15], first=40), 0.95)
    welch = scipy_stats.ttest_ind(x, y[:15], equal_var=False)
    assert apart.p == pytest.approx(welch.pvalue, rel=0.05)  # flat moves have a kurtosis under 3: n - 1, as Welch has


@pytest.mark.parametrize(("errors", "others", "tested"), [(0, 9, False), (4, 5, False), (0, 40, True), (5, 5, True)])
def test_fewer_than_ten_errors_on_both_sides_are_shown_and_not_tested(errors, others, tested):
    rng = np.random.default_rng(3)
    sides = [
        estimate(count / 1000, moves(rng, 60, count / 4000 + 1e-9), first=60 * k, errors=count)
        for k, count in enumerate((errors, others))
    ]
    claim = compare(*sides, 0.95)
    assert claim.value == pytest.approx((errors - others) / 1000)
    assert np.isnan(claim.p) != tested
    assert tested != (claim.method == Method.UNTESTED_FEW_ERRORS)


def test_a_large_difference_is_claimed_although_one_side_has_no_error():
    """FNMR 23.5 % of 68 people against none of 60: the largest gap that there could be."""
    rng = np.random.default_rng(4)
    many = estimate(0.235, moves(rng, 68, 0.05), errors=50)
    none = estimate(0.0, np.zeros(60), first=68, errors=0)
    claim = compare(many, none, 0.95)
    assert claim.p < 0.05
    assert 0 < claim.low < 0.235 < claim.high
    small = compare(estimate(0.02, moves(rng, 68, 0.01), errors=12), none, 0.95)
    assert small.p > 0.05
    assert small.low < 0


def test_a_side_without_errors_has_a_difference_and_no_ratio():
    rng = np.random.default_rng(5)
    some, none = estimate(0.2, moves(rng, 60, 0.04), compared=LOG), estimate(0.0, np.zeros(60), first=60, errors=0)
    claim = compare(some, none, 0.95, view=LOG)
    assert np.isnan(claim.value)
    assert np.isnan(claim.p)
    assert claim.method == Method.RATIO_WITHOUT_ERRORS


def test_a_cohort_of_two_subjects_is_not_tested():
    rng = np.random.default_rng(6)
    two, many = estimate(0.5, np.array([0.1, -0.1]), errors=10), estimate(0.1, moves(rng, 60, 0.02), first=2)
    for view in (PLAIN, LOG):
        assert np.isnan(compare(two, many, 0.95, view=view).p)


def test_what_may_not_be_claimed_is_not():
    rng = np.random.default_rng(7)
    barred = [estimate(0.999, moves(rng, 60, 1e-5), errors=None, unclaimed="not tested: look elsewhere") for _ in "ab"]
    claim = compare(*barred, 0.95)
    assert np.isnan(claim.p)
    assert claim.method == "not tested: look elsewhere"
    assert compare(barred[0], estimate(0.9, moves(rng, 60, 0.01), errors=None), 0.95).p < 0.05


def test_the_same_numbers_twice_are_no_difference():
    one = estimate(0.1, moves(np.random.default_rng(8), 40, 0.01))
    claim = compare(one, one, 0.95)
    assert claim.value == 0
    assert np.isnan(claim.p)


def test_bounds_never_leave_what_a_difference_can_be():
    """Four subjects who differ much: two standard errors reach beyond one."""
    wild = np.array([0.08, 0.03, -0.04, -0.07])
    claim = compare(estimate(0.9, wild), estimate(0.1, wild, first=4), 0.95)
    assert claim.method == Method.STUDENT_T
    assert 0 < claim.low < 0.8
    assert claim.high == 1


def test_where_both_sides_have_few_errors_it_is_no_surer_than_either_interval():
    rng = np.random.default_rng(10)
    a, b = (
        estimate(v, moves(rng, 50, v / 2), first=50 * k, errors=e) for k, (v, e) in enumerate([(0.02, 8), (0.005, 5)])
    )
    claim = compare(a, b, 0.95)
    (low_a, high_a), (low_b, high_b) = interval(a, 0.95), interval(b, 0.95)
    assert low_a - high_b < claim.low < claim.value < claim.high < high_a - low_b


def test_what_one_subject_makes_alone_is_no_difference_between_cohorts():
    """One person of thirty has nearly all errors of a cohort: chance put that person there."""
    carried = estimate(0.02, np.r_[0.0195, np.full(29, -0.0006)], errors=None)
    clean = estimate(1e-5, moves(np.random.default_rng(11), 30, 1e-6), first=30, errors=None)
    for two in ((carried, clean), (clean, carried), (carried.complement(), clean.complement())):
        claim = compare(*two, 0.95)
        assert np.isnan(claim.p)
        assert claim.method == Method.UNTESTED_ONE_CARRIES
    many = estimate(0.3, moves(np.random.default_rng(12), 30, 0.03), first=30)
    single = estimate(0.001, np.r_[0.001, np.zeros(29)], errors=1)
    assert compare(single, many, 0.95).p < 0.05, "on the better side one subject may have all errors there are"


def test_a_difference_that_could_not_be_found_at_all_has_no_size():
    wild = np.array([0.2, 0.1, -0.1, -0.2])
    assert np.isnan(compare(estimate(0.5, wild), estimate(0.4, wild, first=4), 0.95).detectable)
