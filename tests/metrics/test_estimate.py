"""The laws of an interval, and that it agrees with other people's."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import special, stats

from facegap.comparator import Comparator
from facegap.metrics.estimate import FEW, Estimate, holm
from facegap.metrics.influence import SubjectRates
from facegap.metrics.rates import Rates
from facegap.scoring import compare_all, compare_subjects

LEVELS = st.floats(0.5, 0.99)


@st.composite
def estimates(draw, scale: str = "logit", subjects: np.ndarray | None = None) -> Estimate:
    """Draw an estimate as influences come: centred over subjects, with few subjects and many, even and skewed."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n = draw(st.integers(3, 60)) if subjects is None else len(subjects)
    value = {
        "logit": draw(st.floats(0.001, 0.999)),
        "log": draw(st.floats(0.1, 10)),
        "plain": draw(st.floats(-1, 1)),
    }[scale]
    influence = rng.standard_gamma(draw(st.floats(0.2, 5)), n) * rng.choice([-1, 1])
    influence -= influence.mean()
    assume((influence**2).sum() > 1e-9)
    # The standard error on the scale where the estimate is nearly normal.
    slope = {"logit": value * (1 - value), "log": value, "plain": 1}[scale]
    influence *= slope * draw(st.floats(0.001, 0.5)) / np.sqrt((influence**2).sum())
    errors = draw(st.none() | st.integers(1, 100)) if scale == "logit" else None
    subject = np.sort(rng.permutation(2 * n)[:n]) if subjects is None else subjects
    excess = draw(st.floats(0, 0.5)) * float((influence**2).sum())
    bias = draw(st.floats(-0.5, 0.5)) * float(np.sqrt((influence**2).sum() - excess))
    return Estimate(value, subject, influence, excess, errors, scale, bias)


ANY = st.one_of(estimates("logit"), estimates("log"), estimates("plain"))


@settings(deadline=None)
@given(ANY, LEVELS)
def test_a_value_lies_inside_its_interval(estimate, level):
    low, high = estimate.interval(level)
    assert low < estimate.value < high
    if estimate.scale == "logit":
        assert low >= 0
        assert high <= 1
    if estimate.scale == "log":
        assert low > 0


@settings(deadline=None)
@given(ANY, LEVELS, LEVELS)
def test_an_interval_is_wider_at_a_higher_level(estimate, one, other):
    assume(abs(one - other) > 1e-3)
    (low, high), (lower, higher) = (estimate.interval(level) for level in sorted((one, other)))
    assert lower <= low < high <= higher
    assert higher - lower > high - low


@settings(deadline=None)
@given(ANY, LEVELS)
def test_what_subjects_agree_on_more_has_a_narrower_interval(estimate, level):
    calm = replace(estimate, influence=estimate.influence / 2, excess=estimate.excess / 4, bias=estimate.bias / 2)
    assert np.diff(calm.interval(level)) < np.diff(estimate.interval(level))


@settings(deadline=None)
@given(estimates(), LEVELS)
def test_a_complement_has_the_mirrored_interval(estimate, level):
    low, high = estimate.interval(level)
    mirrored = estimate.complement()
    assert mirrored.value == pytest.approx(1 - estimate.value)
    assert mirrored.interval(level) == pytest.approx((1 - high, 1 - low), abs=1e-9)
    assert mirrored.complement().interval(level) == pytest.approx((low, high), abs=1e-9)


@settings(deadline=None)
@given(estimates(), estimates(), LEVELS)
def test_a_difference_can_be_turned_round(a, b, level):
    there, back = a - b, b - a
    low, high = there.interval(level)
    assert there.value == -back.value
    assert back.interval(level) == pytest.approx((-high, -low), nan_ok=True)
    assert back.p_value() == pytest.approx(there.p_value(), nan_ok=True)


@settings(deadline=None)
@given(estimates(), estimates(), LEVELS)
def test_a_ratio_can_be_turned_round(a, b, level):
    there, back = a.log_ratio(b), b.log_ratio(a)
    low, high = np.exp(there.interval(level))
    assert np.exp(there.value) == pytest.approx(a.value / b.value)
    assert np.exp(back.interval(level)) == pytest.approx((1 / high, 1 / low), nan_ok=True)
    assert back.p_value() == pytest.approx(there.p_value(), nan_ok=True)


@settings(deadline=None)
@given(st.data(), st.integers(3, 40))
def test_variances_of_estimates_without_a_common_subject_add_up(data, n):
    a = data.draw(estimates(subjects=np.arange(n)))
    b = data.draw(estimates(subjects=np.arange(n, 2 * n)))
    difference = a - b
    assert difference.n_subjects == 2 * n
    parts = (a.variance + b.variance) * (n - 1) / n
    assert difference.variance * (2 * n - 1) / (2 * n) == pytest.approx(parts)
    relative = (a.variance / a.value**2 + b.variance / b.value**2) * (n - 1) / n
    assert a.log_ratio(b).variance * (2 * n - 1) / (2 * n) == pytest.approx(relative)


@settings(deadline=None)
@given(st.data(), st.integers(3, 40))
def test_what_a_subject_does_to_both_is_set_off(data, n):
    a = data.draw(estimates(subjects=np.arange(n)))
    shifted = replace(a, value=a.value / 2)
    assert (a - shifted).variance == pytest.approx(0, abs=1e-20)
    assert (a - shifted).value == pytest.approx(a.value / 2)
    assert not (a - shifted).known


@settings(deadline=None)
@given(st.data(), st.integers(3, 40))
def test_models_on_the_same_subjects_are_compared_by_students_t(data, n):
    a, b = (data.draw(estimates(subjects=np.arange(n))) for _ in range(2))
    elsewhere = data.draw(estimates(subjects=np.arange(n, 2 * n)))
    assert (a - b).df == n - 1
    assert ((a - b) - (b - a)).df == n - 1
    assert (a - elsewhere).skew == 1
    # One subject carries all of the variance: Student's t would be far too sure of it.
    alone = replace(a, influence=np.eye(n)[0], excess=0.0)
    assert n < 20 or (alone - elsewhere).df < n - 1


@settings(deadline=None)
@given(estimates(), estimates())
def test_a_ratio_over_pairs_of_subjects_is_no_better_known_than_its_worse_known_part(a, b):
    by_subject, by_pair = (
        [replace(one, excess=share * float((one.influence**2).sum())) for one in (a, b)] for share in (0.0, 0.1)
    )
    assert by_pair[0].log_ratio(by_pair[1]).df <= min(a.df, b.df)
    assert by_subject[0].log_ratio(by_subject[1]).most_df == np.inf


@settings(deadline=None)
@given(estimates())
def test_the_more_one_sided_the_less_is_the_variance_known(estimate):
    n = estimate.n_subjects
    some = [replace(estimate, skew=skew).df for skew in (0.0, 0.5, 1.0)]
    assert some[0] == n - 1
    assert some == sorted(some, reverse=True)


@settings(deadline=None)
@given(estimates("plain"))
def test_a_difference_is_told_from_0_when_its_interval_leaves_0_out(estimate):
    low, high = estimate.interval(0.95)
    assume(min(abs(low), abs(high)) > 1e-9)
    assert (estimate.p_value() < 0.05) == (low > 0 or high < 0)
    assert estimate.p_value(estimate.value - estimate.bias) == pytest.approx(1)
    assert estimate.p_value(low) == pytest.approx(0.05)


@settings(deadline=None)
@given(st.integers(1, 5000), LEVELS)
def test_no_error_is_bounded_by_the_rule_of_three_over_subjects(n, level):
    none = Estimate(0.0, np.arange(n), np.zeros(n), errors=0)
    low, high = none.interval(level)
    assert low == 0
    assert (1 - high) ** n == pytest.approx(1 - level), "so many subjects show none with this chance"
    assert none.complement().interval(level) == pytest.approx((1 - high, 1))
    if n >= 100:
        assert none.interval(0.95)[1] == pytest.approx(3 / n, rel=0.02)


def single_comparisons(rng, n: int, errors: int) -> Estimate:
    """Return the FNMR of n subjects with one genuine comparison each."""
    wrong = rng.permutation(np.arange(n) < errors)
    return Estimate(errors / n, np.arange(n), (wrong - errors / n) / n, errors=min(errors, n - errors))


def normal_level(estimate: Estimate, level: float) -> float:
    """Return the level at which Student's quantile is the normal one of `level`."""
    return float(2 * special.stdtr(estimate.df, special.ndtri((1 + level) / 2)) - 1)


@settings(deadline=None)
@given(st.integers(20, 2000), st.integers(1, FEW - 1), LEVELS, st.booleans())
def test_few_errors_of_independent_comparisons_have_the_plain_wilson_interval(n, few, level, turned):
    """Wilson's bounds are the rates whose score test just rejects; n - 1 comparisons, as the variance is unbiased."""
    estimate = single_comparisons(np.random.default_rng(n), n, n - few if turned else few)
    assert estimate.variance == pytest.approx(estimate.value * (1 - estimate.value) / (n - 1))
    for bound in estimate.interval(level):
        score = abs(estimate.value - bound) / np.sqrt(bound * (1 - bound) / (n - 1))
        assert score == pytest.approx(estimate.quantile(level), rel=1e-6)
    plain = stats.binomtest(few, n).proportion_ci(level, method="wilson")
    if n > 500 and not turned:
        assert estimate.interval(normal_level(estimate, level)) == pytest.approx((plain.low, plain.high), rel=0.01)


@settings(deadline=None)
@given(st.integers(100, 2000), st.floats(0.1, 0.9), st.floats(0.5, 0.99))
def test_many_errors_of_independent_comparisons_have_nearly_the_wilson_interval(n, rate, level):
    estimate = single_comparisons(np.random.default_rng(n), n, round(n * rate))
    low, high = estimate.interval(normal_level(estimate, level))
    wilson = stats.binomtest(round(n * rate), n).proportion_ci(level, method="wilson")
    assert (low, high) == pytest.approx((wilson.low, wilson.high), abs=0.15 * (wilson.high - wilson.low))


@settings(deadline=None)
@given(st.integers(2, 200))
def test_degrees_of_freedom_shrink_as_fewer_subjects_carry_the_variance(n):
    even = Estimate(0.5, np.arange(n), np.resize([1.0, -1.0], n))
    assert even.df == pytest.approx(n - 1)
    heavy = replace(even, influence=np.r_[n, np.zeros(n - 1)] - 1.0)
    assert 0 < heavy.df <= even.df
    assert heavy.quantile(0.95) >= even.quantile(0.95) - 1e-12


def test_without_subjects_to_vary_nothing_is_said():
    one = Estimate(0.3, np.arange(1), np.zeros(1))
    assert np.isnan(one.variance)
    for nothing in (one, Estimate(0.3, np.arange(9), np.zeros(9)), Estimate(1.0, np.arange(9), np.ones(9))):
        assert not nothing.known
        assert np.isnan(nothing.interval(0.95)).all()
        assert np.isnan(nothing.p_value())


@settings(deadline=None)
@given(st.lists(st.floats(0, 1) | st.just(float("nan")), max_size=12))
def test_holm_equals_the_naive_steps(p):
    expected = [float("nan")] * len(p)
    left, running = [k for k, x in enumerate(p) if x == x], 0.0
    while left:
        smallest = min(left, key=lambda k: p[k])
        running = max(running, min(1.0, p[smallest] * len(left)))
        expected[smallest] = running
        left.remove(smallest)
    assert np.array_equal(holm(np.array(p)), expected, equal_nan=True)


def test_holm_of_a_worked_example():
    assert holm(np.array([0.01, 0.04, np.nan, 0.03, 0.005])) == pytest.approx(
        [0.03, 0.06, np.nan, 0.06, 0.02], nan_ok=True
    )


SUBJECTS, IMAGES = 48, 5
"""Fewer images than a block holds: the sums over pairs of subjects are whole."""


@pytest.fixture(scope="module")
def both():
    """A study for cimat and for us: the same float32 scores, and thresholds from few to many errors of each kind."""
    cimat = pytest.importorskip("cimat", reason="cimat 0.1.2 is not installed")
    rng = np.random.default_rng(3)
    subject = np.repeat(np.arange(SUBJECTS), rng.integers(2, IMAGES + 1, SUBJECTS))
    # Everybody lies towards a common point, some more than others: subjects differ in their false matches too.
    centre = rng.normal(size=(SUBJECTS, 24)) + rng.gamma(2, 0.35, (SUBJECTS, 1))
    vectors = (centre[subject] + 0.8 * rng.normal(size=(len(subject), 24))).astype(np.float32)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    scores = unit @ unit.T
    data = cimat.MTData({str(s): {str(i): i for i in np.flatnonzero(subject == s)} for s in range(SUBJECTS)})
    data.generate_similarity_scores(lambda i, j: scores[i, j])
    # Between two scores, so that neither a tie nor the last digit of a float32 matters.
    i, j = np.triu_indices(len(subject), 1)
    same = subject[i] == subject[j]
    genuine, impostor = np.sort(scores[i, j][same]), np.sort(scores[i, j][~same])[::-1]
    wanted = [*genuine[[5, 8, 30]], *impostor[[4, 8, 30, 500]]]
    everything = np.unique(scores[i, j])
    gaps = np.diff(everything)
    thresholds = []
    for score in wanted:
        near = np.flatnonzero((np.abs(everything[:-1] - score) < 0.01) & (gaps > 1e-5))
        k = near[np.argmin(np.abs(everything[near] - score))]
        thresholds.append(float(everything[k] + gaps[k] / 2))
    study = (vectors, subject.astype(np.int32), np.zeros(len(subject), np.int32), np.ones(len(subject), bool))
    tally = compare_all(*study, comparator=Comparator.COSINE, cohorts=("c",), thresholds=thresholds)
    cuts = [float(Comparator.COSINE.cut(t)) for t in thresholds]
    by_subject = compare_subjects(*study, tally, knots=np.array(cuts), tails={"c": cuts[0]}, wide_tail=cuts[0])
    return (
        cimat.UncertaintyEstimator(data.similarity_scores),
        SubjectRates(by_subject.pooled(), Rates(tally.pooled())),
        cuts,
    )


def plugged(estimate: Estimate, variance: float, level: float) -> tuple[float, float]:
    """Return our interval with another variance and the normal quantile."""
    n = estimate.n_subjects
    factor = np.sqrt(variance * (n - 1) / n / (estimate.influence**2).sum())
    given_variance = replace(estimate, influence=factor * estimate.influence, excess=0.0, bias=0.0)
    return given_variance.interval(normal_level(estimate, level))


def test_variances_agree_with_cimat(both):
    """cimat's plug-in variance of the FNMR is ours times (n - 1) / n: the same sum over subjects, not corrected for n.

    Its variance of the FMR is max(A - B, B) with our A, the sum of squared influences, and B, what is peculiar to
    pairs of subjects. Ours lies between B and A - B: of what A shows beyond 2 B we leave out what may be noise.
    """
    cimat, rates, cuts = both
    for cut in cuts:
        fnr, fpr, _ = cimat.compute_binerror_metrics(cut)
        missed, false = rates.fnmr(cut), rates.fmr(cut)
        assert (missed.value, false.value) == pytest.approx((fnr, fpr), abs=1e-12)
        of_fnr, of_fpr = cimat.compute_variance(cut)
        n = missed.n_subjects
        assert missed.variance * (n - 1) / n == pytest.approx(of_fnr, rel=1e-9)
        n, squares = false.n_subjects, (false.influence**2).sum()
        peculiar = false.pairs.square()
        assert max(squares - peculiar, peculiar) == pytest.approx(of_fpr, rel=1e-9)
        assert 0.7 * of_fpr < false.variance * (n - 1) / n < 1.2 * of_fpr


def test_wilson_intervals_agree_with_cimat(both):
    """With cimat's variance and normal quantile in ours, to the last digits, where both use Wilson's formula.

    Not compared: no error and a single one, where cimat uses rules of its own over comparisons, ours over subjects.
    """
    cimat, rates, cuts = both
    compared = 0
    for cut in cuts:
        cimat.compute_binerror_metrics(cut)
        variances = cimat.compute_variance(cut)
        theirs = cimat.get_binerror_ci(cut, *variances, alpha=0.05)
        for estimate, variance, interval in zip((rates.fnmr(cut), rates.fmr(cut)), variances, theirs, strict=True):
            assert estimate.errors is not None
            if 1 < estimate.errors < FEW:
                assert plugged(estimate, variance, 0.95) == pytest.approx(interval, rel=1e-9)
                compared += 1
    assert compared >= 4


def test_intervals_of_many_errors_lie_near_those_of_cimat(both):
    """A logit scale here, Wilson's formula there: with the same variance and quantile their bounds nearly agree.

    Not so where the standard error is as large as a rare rate itself: neither formula is trusted by the other then.
    """
    cimat, rates, cuts = both
    compared = 0
    for cut in cuts:
        cimat.compute_binerror_metrics(cut)
        variances = cimat.compute_variance(cut)
        theirs = cimat.get_binerror_ci(cut, *variances, alpha=0.05)
        for estimate, variance, (low, high) in zip((rates.fnmr(cut), rates.fmr(cut)), variances, theirs, strict=True):
            relative = np.sqrt(variance) / min(estimate.value, 1 - estimate.value)
            if estimate.errors is not None and estimate.errors >= FEW and relative < 0.3:
                assert plugged(estimate, variance, 0.95) == pytest.approx((low, high), abs=0.15 * (high - low))
                compared += 1
    assert compared >= 4
