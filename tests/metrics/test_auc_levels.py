"""Two AUCs are told apart by the influences that subjects would have if both were the same."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from facegap.metrics.bounds import Intervals
from facegap.metrics.differences import difference_rows
from facegap.metrics.estimate import Estimate


def auc(value: float, seed: int, *, impostors: float, first: int = 0) -> Estimate:
    """Return an AUC over 60 subjects, of whose variance impostor comparisons make a share of `impostors`."""
    genuine, impostor = np.random.default_rng(seed).normal(size=(2, 60))
    genuine, impostor = ((one - one.mean()) / np.linalg.norm(one - one.mean()) for one in (genuine, impostor))
    of_impostor = 0.3 * (1 - value) * np.sqrt(impostors) * impostor
    influence = 0.3 * (1 - value) * np.sqrt(1 - impostors) * genuine + of_impostor
    return Estimate(value, np.arange(first, first + 60), influence, impostor=of_impostor)


def row(a: Estimate, b: Estimate) -> dict:
    cells = {("m", "x"): {("auc", ""): a}, ("m", "y"): {("auc", ""): b}}
    return difference_rows(cells, ["m"], ["x", "y"], Intervals(), images="own", kinds={"cohorts"})[0]


def plain(a: Estimate, b: Estimate) -> Estimate:
    return replace(a - b, skew=0.0)


def test_where_impostors_alone_move_the_auc_its_logarithm_is_tested():
    """Influences then grow with the area above the curve, so that the difference is as sure as the ratio is."""
    a, b = auc(0.97, 1, impostors=1.0), auc(0.94, 2, impostors=1.0, first=60)
    above, beside = (replace(one, value=1 - one.value, influence=-one.influence) for one in (a, b))
    most_df = min(a.impostor_df, b.impostor_df)
    logarithm = replace(beside.log_ratio(above), bias=0.0, skew=0.0, most_df=most_df)
    told = row(a, b)
    assert told["p"] == pytest.approx(logarithm.p_value())
    assert told["value"] == pytest.approx(0.03)
    assert told["method"] == "paired over subjects; tested at one level"


def test_where_genuine_comparisons_alone_move_it_the_difference_is():
    a, b = auc(0.97, 1, impostors=0.0), auc(0.94, 2, impostors=0.0, first=60)
    told = row(a, b)
    assert told["p"] == pytest.approx(plain(a, b).p_value())
    assert told["low"] == pytest.approx(plain(a, b).interval(0.95)[0])
    assert told["method"] == "paired over subjects"


def test_the_interval_is_that_of_the_difference_as_far_as_it_agrees_with_the_test():
    """The worse cohort's own hubs make the plain error large: so the plain difference would not be found."""
    told, disagreed = [], 0
    for worse in np.linspace(0.93, 0.98, 60):
        a, b = auc(0.985, 3, impostors=0.6), auc(worse, 4, impostors=0.6, first=60)
        b = replace(b, influence=1.5 * b.influence, impostor=1.5 * b.impostor)
        found, (low, high) = row(a, b), plain(a, b).interval(0.95)
        assert (found["p"] < 0.05) == (not found["low"] <= 0 <= found["high"]), worse
        assert found["high"] == pytest.approx(high)
        disagreed += found["low"] != pytest.approx(low)
        assert found["low"] == pytest.approx(low) or (found["p"] < 0.05 < plain(a, b).p_value())
        told.append(found["p"] < 0.05)
    assert {True, False} == set(told)
    assert disagreed


def test_genuine_comparisons_grow_with_the_impostors_part_of_the_area():
    """By hand: the area is a product, of whose logarithm impostors move their share of the variance, here 0.6."""
    a, b = auc(0.985, 3, impostors=0.6), auc(0.95, 4, impostors=0.6, first=60)
    share = (a.impostor_share + b.impostor_share) / 2
    level = (0.05 - 0.015) / np.log(0.05 / 0.015)
    moved = [
        (level / area) ** share * (one.influence - one.impostor) + level / area * one.impostor
        for one, area in ((a, 0.015), (b, 0.05))
    ]
    error = np.sqrt(120 / 119 * sum((influence**2).sum() for influence in moved))
    df = min(a.impostor_df, b.impostor_df) / share**0.5
    assert row(a, b)["p"] == pytest.approx(2 * stats.t.sf(0.035 / error, df))


def test_few_subjects_behind_what_impostors_do_ask_for_caution_as_far_as_it_matters():
    """Two cohorts at nearly one level: Student's t, known as the worse impostors' part over its share of the error."""
    rng, both = np.random.default_rng(12), []
    for first, value in ((0, 0.97), (60, 0.9698)):
        genuine, heavy = rng.normal(size=60), rng.standard_gamma(0.1, 60)
        genuine, impostor = ((one - one.mean()) / np.linalg.norm(one - one.mean()) for one in (genuine, heavy))
        influence = 5e-5 * (genuine + impostor)
        both.append(Estimate(value, np.arange(first, first + 60), influence, impostor=5e-5 * impostor))
    a, b = both
    assert (a.impostor_share, b.impostor_share) == pytest.approx((0.5, 0.5))
    df = min(a.impostor_df, b.impostor_df) / 0.5**0.5
    assert df < 20
    assert row(a, b)["p"] == pytest.approx(2 * stats.t.sf((a - b).value / (a - b).se, df), rel=0.05)


@pytest.mark.parametrize("impostors", [0.0, 0.3, 1.0])
def test_a_claim_can_be_turned_round(impostors):
    for worse in np.linspace(0.93, 0.98, 60):
        a, b = auc(0.97, 5, impostors=impostors), auc(worse, 6, impostors=impostors, first=60)
        one, other = row(a, b), row(b, a)
        assert one["p"] == pytest.approx(other["p"])
        assert (one["low"], one["high"]) == pytest.approx((-other["high"], -other["low"]))


def test_areas_that_hardly_differ_are_not_told_apart():
    """Their ratio may be rounded to 1: the common level must not hang on it."""
    a = auc(0.97, 7, impostors=0.5)
    others = [
        replace(auc(0.97, 8, impostors=0.5, first=60), value=0.97 - apart) for apart in (2e-16, 1e-15, 1e-9, 1e-6)
    ]
    told = [row(a, other) for other in others]
    assert all(one["value"] > 0 and one["p"] > 0.99 for one in told)


def test_an_auc_of_one_is_not_tested():
    perfect = replace(auc(0.97, 9, impostors=0.5), value=1.0)
    told = row(perfect, auc(0.9, 10, impostors=0.5, first=60))
    assert told["p"] is None
    assert told["value"] == pytest.approx(0.1)
