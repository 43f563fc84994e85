"""Two AUCs are told apart by the influences that subjects would have if both were the same."""

from dataclasses import replace

import numpy as np
import pytest

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


def standard_errors(told: dict) -> float:
    """Return how many standard errors the difference lies from 0, by the half of its interval that lies towards 0."""
    return told["value"] / (told["value"] - told["low"])


def test_where_impostors_alone_move_the_auc_its_logarithm_is_tested():
    """The area above the curve, where influences grow with it; then a difference is as sure as the ratio is."""
    a, b = auc(0.97, 1, impostors=1.0), auc(0.94, 2, impostors=1.0, first=60)
    above, beside = (replace(one, value=1 - one.value, influence=-one.influence) for one in (a, b))
    most_df = min(a.impostor_df, b.impostor_df)
    logarithm = replace(beside.log_ratio(above), bias=0.0, skew=0.0, most_df=most_df)
    told = row(a, b)
    assert told["p"] == pytest.approx(logarithm.p_value())
    assert standard_errors(told) == pytest.approx(logarithm.value / (logarithm.quantile(0.95) * logarithm.se))
    assert told["value"] == pytest.approx(0.03)


def test_what_genuine_comparisons_move_stays_as_it_is():
    a, b = auc(0.97, 1, impostors=0.0), auc(0.94, 2, impostors=0.0, first=60)
    plain = replace(a - b, skew=0.0)
    assert row(a, b)["p"] == pytest.approx(plain.p_value())
    assert standard_errors(row(a, b)) == pytest.approx(plain.value / (plain.quantile(0.95) * plain.se))


def test_an_area_that_is_large_where_its_error_is_counts_for_more():
    """The plain difference would not be found: the worse cohort's own hubs make its standard error large."""
    a, b = auc(0.985, 3, impostors=0.6), auc(0.95, 4, impostors=0.6, first=60)
    b = replace(b, influence=1.5 * b.influence, impostor=1.5 * b.impostor)
    plain = replace(a - b, skew=0.0)
    assert row(a, b)["p"] < 0.05 < plain.p_value()


@pytest.mark.parametrize("impostors", [0.0, 0.3, 1.0])
def test_a_claim_can_be_turned_round(impostors):
    a, b = auc(0.97, 5, impostors=impostors), auc(0.93, 6, impostors=impostors, first=60)
    one, other = row(a, b), row(b, a)
    assert one["p"] == pytest.approx(other["p"])
    assert (one["low"], one["high"]) == pytest.approx((-other["high"], -other["low"]))


def test_areas_that_hardly_differ_share_their_level():
    """The difference of two numbers that nearly agree has few digits: the level must not hang on them."""
    a = auc(0.97, 7, impostors=0.5)
    width = {}
    for apart in (0.0, 1e-16, 2e-16, 1e-15, 1e-9, 1e-6):
        told = row(a, replace(auc(0.97, 8, impostors=0.5, first=60), value=0.97 - apart))
        width[apart] = told["high"] - told["low"]
    assert np.ptp(list(width.values())) < 1e-3 * width[0.0]


def test_an_auc_of_one_is_not_tested():
    perfect = replace(auc(0.97, 9, impostors=0.5), value=1.0)
    told = row(perfect, auc(0.9, 10, impostors=0.5, first=60))
    assert told["p"] is None
    assert told["value"] == pytest.approx(0.1)
