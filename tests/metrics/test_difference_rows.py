"""What the rows of differences make of two estimates: pairing, caution, ratios, and what is not tested."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import special

from facegap.metrics.bounds import Intervals
from facegap.metrics.claims import _at_level
from facegap.metrics.differences import difference_rows
from facegap.metrics.estimate import Estimate
from facegap.metrics.pair_influence import PairInfluence, PairTerm


def estimate(value: float, subject: np.ndarray, influence: np.ndarray, errors: int | None = 50) -> Estimate:
    return Estimate(value, subject, influence, errors=errors)


def test_models_are_paired_over_the_subjects_they_share():
    """What a subject does to both models is set off; had each model its own subjects, it would count twice."""
    rng = np.random.default_rng(1)
    n = 80
    shared, own = rng.normal(size=n), rng.normal(size=(2, n))
    moved = [(shared + 0.3 * each) / 2000 for each in own]
    influence = [each - each.mean() for each in moved]
    rows = {}
    for name, places in (("paired", (np.arange(n),) * 2), ("apart", (np.arange(n), np.arange(n, 2 * n)))):
        cells = {
            (model, "c"): {("auc", ""): estimate(value, place, moves)}
            for model, value, place, moves in zip("xy", (0.9, 0.89), places, influence, strict=True)
        }
        rows[name] = difference_rows(cells, "xy", ["c"], Intervals(), images="own", kinds={"models"})[0]
    width = {name: row["high"] - row["low"] for name, row in rows.items()}
    assert width["paired"] < 0.5 * width["apart"]
    assert rows["paired"]["p"] < rows["apart"]["p"]
    assert rows["paired"]["detectable"] < rows["apart"]["detectable"]
    assert (rows["paired"]["n_subjects"], rows["apart"]["n_subjects"]) == (n, 2 * n)


def test_the_auc_of_cohorts_is_surer_the_more_alike_their_sizes():
    """What is one-sided in both cancels between cohorts of one size, towards 0; error rates get no such credit."""
    moves = np.random.default_rng(2).standard_gamma(0.5, 40)
    moves = (moves - moves.mean()) / 2000
    found = {}
    for few in (40, 20, 10):
        cells = {}
        for cohort, value, start, size in (("x", 0.9, 0, 40), ("y", 0.89, 40, few)):
            whole = estimate(value, np.arange(start, start + size), np.sqrt(40 / size) * moves[:size])
            cells["m", cohort] = {("auc", ""): whole, ("eer", ""): whole}
        rows = difference_rows(cells, ["m"], ["x", "y"], Intervals(), images="own", kinds={"cohorts"})
        towards, away = ({row["metric"]: abs(row[end] - row["value"]) for row in rows} for end in ("low", "high"))
        found[few] = towards["auc"] / towards["eer"]
        assert away["auc"] == pytest.approx(away["eer"])
    assert found[40] < found[20] < found[10] < 1


def test_the_fmr_of_cohorts_is_no_surer_than_in_its_worse_known_cohort():
    """One subject is behind most of what varies in one cohort; the many of the other cohort do not outweigh it."""
    even = np.random.default_rng(3).normal(size=200) / 300
    heavy = np.r_[0.02, np.full(19, -0.02 / 19)]
    cells = {}
    for metric in ("fmr", "fnmr"):
        known = estimate(0.05, np.arange(200), even - even.mean(), 200)
        badly = estimate(0.04, np.arange(200, 220), heavy, 40)
        for cohort, one in (("x", known), ("y", badly)):
            cells.setdefault(("m", cohort), {})[metric, "shipped"] = one
    rows = difference_rows(cells, ["m"], ["x", "y"], Intervals(), images="own", kinds={"cohorts"})
    half = {row["metric"]: row["high"] - row["value"] for row in rows if row["scale"] == "difference"}
    quantile = {metric: half[metric] / (known.variance + badly.variance) ** 0.5 for metric in half}
    assert quantile["fmr"] == pytest.approx(badly.quantile(0.95), rel=0.02)
    assert quantile["fmr"] > quantile["fnmr"] > known.quantile(0.95)


def test_other_rates_of_cohorts_are_no_surer_than_the_impostors_part_of_the_worse_known():
    """A few subjects are behind what impostors do to both; what genuine comparisons add is spread evenly."""
    rng = np.random.default_rng(4)
    half = {}
    for heavy in (False, True):
        cells = {}
        for side, cohort in enumerate("xy"):
            moves = rng.standard_gamma(0.05 if heavy else 50, 100)
            impostor = 0.03 * (moves - moves.mean()) / np.linalg.norm(moves - moves.mean())
            genuine = rng.normal(size=100) / 250
            subject = np.arange(100 * side, 100 * (side + 1))
            whole = estimate(0.8 + 0.05 * side, subject, genuine - genuine.mean() + impostor)
            cells["m", cohort] = {("tar", "fmr=0.01"): replace(whole, impostor=impostor)}
        row = difference_rows(cells, ["m"], ["x", "y"], Intervals(), images="own", kinds={"cohorts"})[0]
        both = [cells["m", cohort]["tar", "fmr=0.01"] for cohort in "xy"]
        half[heavy] = (row["high"] - row["value"]) / sum(one.variance for one in both) ** 0.5
        df = min(one.impostor_df for one in both) / np.mean([one.impostor_share for one in both])
        assert (df < 20) == heavy
        assert half[heavy] == pytest.approx(special.stdtrit(min(df, 199), 0.975), rel=0.01)
    assert half[True] > half[False]
    assert both[0].complement().impostor_df == pytest.approx(both[0].impostor_df)
    assert estimate(0.1, np.arange(9), np.ones(9)).impostor_df == np.inf


def fmr_cells(worse: float, *, paired: bool, heavy: bool) -> dict:
    """Return the FMRs of two models or cohorts; heavy: a few subjects are behind most false matches of both."""
    rng = np.random.default_rng(7)
    moves = rng.standard_gamma(0.1 if heavy else 5, 60)
    shares, cells = moves / moves.sum(), {}
    for side, (name, rate) in enumerate((("x", worse), ("y", 0.01))):
        own = shares + (0.02 * rng.normal(size=60) if paired else 0)
        influence = rate * (own - own.mean()) if paired or side == 0 else rate * rng.permutation(own - own.mean())
        subject = np.arange(60) if paired or side == 0 else np.arange(60, 120)
        key = (name, "c") if paired else ("m", name)
        cells[key] = {("fmr", "shipped"): estimate(rate, subject, influence, 500)}
    return cells


@pytest.mark.parametrize("heavy", [False, True])
@pytest.mark.parametrize("paired", [False, True])
def test_a_difference_in_fmr_is_told_by_the_ratio(paired, heavy):
    """The claim is the same, so is its p-value; the interval agrees, whatever the plain difference would have said."""
    kind, told = "models" if paired else "cohorts", []
    for worse in np.linspace(0.005, 0.06, 40):
        cells = fmr_cells(worse, paired=paired, heavy=heavy)
        models, cohorts = (["x", "y"], ["c"]) if paired else (["m"], ["x", "y"])
        row, *ratio = difference_rows(cells, models, cohorts, Intervals(), images="own", kinds={kind})
        assert (row["metric"], row["scale"]) == ("fmr", "difference")
        assert row["low"] < row["value"] < row["high"] or row["value"] == 0
        assert (row["p"] < 0.05) == (not row["low"] <= 0 <= row["high"]), worse
        assert [row["p"]] * len(ratio) == [one["p"] for one in ratio]
        turned, *_ = difference_rows(
            cells, models[::-1], cohorts[::-1], Intervals(), images="own", kinds={kind}
        )  # fmt: skip
        assert (turned["low"], turned["high"]) == pytest.approx((-row["high"], -row["low"]))
        assert turned["p"] == pytest.approx(row["p"])
        told.append(row["p"] < 0.05)
    assert {True, False} == set(told)
    assert len(ratio) == (not paired)


@pytest.mark.parametrize("heavy", [False, True])
def test_a_ratio_of_two_fnmrs_is_told_by_the_difference(heavy):
    """The claim is the same, so is its p-value; the interval agrees, whatever the plain ratio would have said."""
    rng, told, told_otherwise = np.random.default_rng(8), [], 0
    moves = rng.standard_gamma(0.2 if heavy else 5, (2, 15))
    centred = 0.008 * (moves - moves.mean(axis=1, keepdims=True)) / np.std(moves, axis=1, keepdims=True) / 15**0.5
    for worse in np.linspace(0.005, 0.15, 80):
        cells = {}
        for side, (cohort, rate) in enumerate((("x", worse), ("y", 0.04))):
            influence = rate / 0.04 * centred[side]
            cells["m", cohort] = {("fnmr", "shipped"): estimate(rate, np.arange(15) + 15 * side, influence)}
        row, ratio = difference_rows(cells, ["m"], ["x", "y"], Intervals(), images="own", kinds={"cohorts"})
        turned = difference_rows(cells, ["m"], ["y", "x"], Intervals(), images="own", kinds={"cohorts"})[1]
        assert ratio["p"] == row["p"] == pytest.approx(turned["p"])
        assert (ratio["p"] < 0.05) == (not ratio["low"] <= 1 <= ratio["high"]), worse
        assert ratio["low"] < ratio["value"] < ratio["high"]
        assert (turned["low"], turned["high"]) == pytest.approx((1 / ratio["high"], 1 / ratio["low"]))
        by_itself = cells["m", "x"]["fnmr", "shipped"].log_ratio(cells["m", "y"]["fnmr", "shipped"])
        told_otherwise += (by_itself.p_value() < 0.05) != (ratio["p"] < 0.05)
        told.append(ratio["p"] < 0.05)
    assert {True, False} == set(told)
    assert told_otherwise


def test_what_is_accepted_and_what_is_rejected_at_a_fmr_is_one_claim():
    """TAR and FNMR of two models at one FMR: the difference turns its sign, and keeps its p-value and its bounds."""
    rng = np.random.default_rng(9)
    cells = {}
    for model, tar in (("x", 0.9), ("y", 0.8)):
        genuine, impostor = rng.normal(size=60) / 300, rng.standard_gamma(0.2, 60) / 200
        genuine, impostor = genuine - genuine.mean(), impostor - impostor.mean()
        whole = estimate(tar, np.arange(60), genuine + impostor, 500)
        cells[model, "c"] = {("tar", "fmr=0.01"): replace(whole, impostor=impostor)}
    tar, fnmr = difference_rows(cells, "xy", ["c"], Intervals(), images="own", kinds={"models"})
    assert (tar["metric"], fnmr["metric"]) == ("tar", "fnmr")
    assert tar["method"] == fnmr["method"] == "paired over subjects; tested at one level"
    assert tar["p"] == pytest.approx(fnmr["p"])
    assert (tar["low"], tar["high"]) == pytest.approx((-fnmr["high"], -fnmr["low"]))
    whole, other = (cells[model, "c"]["tar", "fmr=0.01"] for model in "xy")
    assert tar["p"] != pytest.approx(replace(whole - other, symmetric=True).p_value())


def test_what_counts_twice_at_one_level_is_as_large_as_what_it_is_part_of():
    """Impostors alone move two TARs, a third of whose variance counts twice: told apart as their FNMRs' ratio is."""
    moves = np.random.default_rng(11).normal(size=(2, 60)) / 500
    cells, rejected = {}, []
    for model, tar, influence in zip("xy", (0.95, 0.9), moves - moves.mean(axis=1, keepdims=True), strict=True):
        excess = float((influence**2).sum()) / 3
        whole = replace(estimate(tar, np.arange(60), influence, 500), impostor=influence, excess=excess)
        cells[model, "c"] = {("tar", "fmr=0.01"): whole}
        rejected.append(whole.complement())
    logarithm = rejected[1].log_ratio(rejected[0])
    logarithm = replace(logarithm, bias=0.0, skew=0.0, symmetric=True, most_df=np.inf)
    row = difference_rows(cells, "xy", ["c"], Intervals(), images="own", kinds={"models"})[0]
    assert row["p"] == pytest.approx(logarithm.p_value())
    term = PairTerm(2.0, None, 0.5, 0.01)
    at_level = _at_level(replace(whole, pairs=PairInfluence((term,))), 3.0, 0.5)
    assert at_level.pairs.terms == (replace(term, weight=6.0),)


@pytest.mark.parametrize(("subjects", "fewer"), [(25, True), (150, False)])
def test_a_ratio_of_two_fmrs_asks_for_more_caution_where_subjects_are_few(subjects, fewer):
    """Two subjects make an error: what is hidden of their heaviness counts as a square, which is less for many."""
    moves = np.random.default_rng(10).standard_gamma(1.0, subjects)
    one = replace(estimate(0.01, np.arange(subjects), (moves - moves.mean()) / 1e5), excess=1e-14)
    assert (one.df_of_pairs < one.df) == fewer
    other = replace(one, subject=np.arange(subjects, 2 * subjects))
    assert one.log_ratio(other).most_df == one.df_of_pairs
    assert replace(one, excess=0.0).log_ratio(replace(other, excess=0.0)).most_df == np.inf


@pytest.mark.parametrize(("errors", "others", "tested"), [(0, 40, False), (4, 5, False), (5, 5, True), (3, 40, True)])
def test_rates_with_few_errors_are_shown_and_not_tested(errors, others, tested):
    """Ten errors in all are asked for, and one on each side: a rate of zero shows no spread."""
    rng = np.random.default_rng(2)
    cells = {}
    for model, count in (("x", errors), ("y", others)):
        influence = rng.normal(size=60) / 3000
        cells[model, "c"] = {("fnmr", "shipped"): estimate(count / 1000, np.arange(60), influence, count)}
    row = difference_rows(cells, "xy", ["c"], Intervals(), images="own", kinds={"models"})[0]
    assert row["value"] == pytest.approx((errors - others) / 1000)
    assert (row["p"] is not None) == tested
    assert tested == (row["method"] == "paired over subjects")


def test_a_cohort_of_one_subject_is_not_tested():
    """It shows no spread of its own, and the other cohort's alone would make any difference look sure."""
    influence = np.random.default_rng(4).normal(size=60) / 3000
    cells = {
        ("x", "plain"): {("fnmr", "shipped"): estimate(0.5, np.arange(1), np.zeros(1), 10)},
        ("x", "hard"): {("fnmr", "shipped"): estimate(0.1, np.arange(1, 61), influence, 40)},
    }
    for row in difference_rows(cells, ["x"], ["plain", "hard"], Intervals(), images="own", kinds={"cohorts"}):
        assert row["p"] is None
        assert row["low"] is None


def test_a_ratio_needs_errors_in_both_cohorts():
    influence = np.random.default_rng(3).normal(size=60) / 3000
    cells = {
        ("x", "plain"): {("fmr", "shipped"): estimate(0.0, np.arange(60), np.zeros(60), 0)},
        ("x", "hard"): {("fmr", "shipped"): estimate(0.01, np.arange(60, 120), influence, 40)},
    }
    rows = difference_rows(cells, ["x"], ["plain", "hard"], Intervals(), images="own", kinds={"cohorts"})
    ratio = next(row for row in rows if row["scale"] == "ratio")
    assert ratio["value"] is None
    assert (ratio["value_a"], ratio["value_b"]) == (0, 0.01)
    assert "errors in both cohorts" in ratio["method"]
