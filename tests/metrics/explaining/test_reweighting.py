import ast
import re
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from sklearn.linear_model import LogisticRegression

import facegap.metrics.explaining.reweighting
from facegap.metrics.explaining.reweighting import (
    Left,
    Scaling,
    Subjects,
    effective_number,
    fit_logistic,
    odds,
    overlap,
    standardised_difference,
)
from facegap.metrics.explaining.reweighting.logistic import RIDGE

ROOM = Path(facegap.metrics.explaining.reweighting.__file__).parent


def drawn(seed: int, n: int = 300, p: int = 3) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    columns = rng.normal(size=(n, p))
    return columns, rng.random(n) < 1 / (1 + np.exp(0.4 - columns @ rng.normal(size=p)))


@pytest.mark.parametrize("seed", range(3))
def test_the_regression_is_that_of_scikit_learn(seed):
    columns, truth = drawn(seed)
    other = LogisticRegression(C=1 / RIDGE, tol=1e-10, max_iter=1000).fit(columns, truth)
    fit = fit_logistic(columns, truth)
    np.testing.assert_allclose(fit.slopes, [*other.intercept_, *other.coef_[0]], atol=1e-5)
    np.testing.assert_allclose(fit.linear(columns), other.decision_function(columns), atol=1e-4)


def test_leaving_rows_out_is_near_to_a_fit_without_them():
    columns, truth = drawn(5)
    group = np.arange(len(columns)) % 60
    group[:40] = -1
    fit = fit_logistic(columns, truth)
    quick = fit.without(group, 60)
    for g in range(60):
        again = fit_logistic(columns[group != g], truth[group != g]).slopes
        moved = np.abs(again - fit.slopes).max()
        assert np.abs(quick[g] - again).max() < 0.1 * moved + 1e-3


def test_columns_that_tell_everything_leave_the_slopes_finite():
    columns = np.linspace(-2, 2, 40)[:, None]
    slopes = fit_logistic(columns, columns[:, 0] > 0).slopes
    assert np.isfinite(slopes).all()
    assert slopes[1] > 1


def test_weights_have_mean_one_and_none_stands_for_the_rest():
    linear = np.zeros(1000)
    linear[0] = 50.0
    weights = odds(linear)
    assert weights.mean() == pytest.approx(1)
    assert weights.max() == pytest.approx(1)


def test_weights_make_one_sample_like_the_other():
    rng = np.random.default_rng(0)
    first, second = rng.normal(1, 1, (4000, 1)), rng.normal(0, 1, (4000, 1))
    scaling = Scaling.of(first, second, np.array([False]))
    a, b = scaling.design(first), scaling.design(second)
    fit = fit_logistic(np.concatenate([a, b]), np.arange(8000) < 4000)
    weights = odds(-fit.linear(a))
    assert standardised_difference(first[:, 0], second[:, 0]) == pytest.approx(1, abs=0.1)
    assert abs(standardised_difference(first[:, 0], second[:, 0], weights)) < 0.1


def test_squares_stand_beside_columns_of_which_both_ends_count():
    values = np.array([[1.0, 5.0], [3.0, 7.0]])
    made = Scaling.of(values, values, np.array([False, True])).design(values)
    np.testing.assert_allclose(made, [[-1, -1, 0], [1, 1, 0]])


def test_subjects_of_equal_weight_count_fully():
    subject = np.repeat(np.arange(5), 3)
    assert effective_number(np.ones(15), subject) == pytest.approx(5)
    assert effective_number((subject == 2) * 1.0, subject) == pytest.approx(1)


def test_overlap_is_the_share_within_reach():
    linear = np.linspace(0, 1, 101)
    assert overlap(linear, linear) > 0.97
    assert overlap(linear, linear + 0.5) == pytest.approx(0.5, abs=0.02)
    assert overlap(linear, linear + 5) == 0


@pytest.mark.parametrize("sizes", [(5, 7), (150, 300), (1000, 3)])
def test_every_subject_is_left_out_once_with_others_of_its_sample(sizes):
    codes = np.random.default_rng(1).permutation(sum(sizes) + 5)
    samples = np.sort(codes[: sizes[0]]), np.sort(codes[sizes[0] : sum(sizes)])
    made = Subjects.of(samples, len(codes))
    assert made.n_groups <= 202 if sum(sizes) > 200 else made.n_groups == sum(sizes)
    for number, members in enumerate(samples):
        groups = np.unique(made.group[members])
        assert (made.sample[groups] == number).all()
        assert len(groups) >= 2
    outside = np.setdiff1d(np.arange(len(made.group)), np.concatenate(samples))
    assert (made.group[outside] == -1).all()


def test_the_interval_of_a_difference_of_means_is_welchs():
    rng = np.random.default_rng(2)
    a, b = rng.normal(3, 1, 60), rng.normal(0, 2, 40)
    subjects = Subjects.of([np.arange(60), np.arange(60, 100)], 100)
    left = np.concatenate([(a.sum() - a) / 59 - b.mean(), a.mean() - (b.sum() - b) / 39])
    low, high = Left(a.mean() - b.mean(), left, subjects).interval(0.95)
    known = stats.ttest_ind(a, b, equal_var=False).confidence_interval(0.95)
    assert (low + high) / 2 == pytest.approx(a.mean() - b.mean())
    assert high - low == pytest.approx(known.high - known.low, rel=0.03)


def test_groups_of_subjects_say_as_much_as_each_alone():
    values = np.random.default_rng(3).normal(size=2000)
    subjects = Subjects.of([np.arange(2000)], 2000)
    sums = np.bincount(subjects.group, values)
    left = (values.sum() - sums) / (2000 - np.bincount(subjects.group))
    low, high = Left(float(values.mean()), left, subjects).interval(0.95)
    assert high - low == pytest.approx(2 * 1.96 / np.sqrt(2000), rel=0.15)


def test_what_nobody_moves_has_no_interval():
    subjects = Subjects.of([np.arange(20)], 20)
    for left in (np.full(20, 0.5), np.full(20, np.nan)):
        assert np.isnan(Left(0.5, left, subjects).interval(0.95)).all()


def test_the_room_is_small_and_stands_on_numpy_and_scipy():
    outside = {"numpy", "scipy", "collections", "dataclasses", "itertools", "math"}
    ours = ("facegap.stats", facegap.metrics.explaining.reweighting.__name__)
    texts = {path.name: path.read_text() for path in ROOM.glob("*.py")}
    assert sum(text.count("\n") for text in texts.values()) < 300
    for file, text in texts.items():
        assert not re.findall(r"\b(auc|fmr|fnmr|tar|genuine|impostor|cohort|threshold)\b", text, re.IGNORECASE), file
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ImportFrom):
                module = node.module or ""
                assert module.split(".")[0] in outside or module.startswith(ours), (file, module)
