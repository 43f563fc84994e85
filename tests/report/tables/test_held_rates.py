"""What is held of error rates: against comparisons counted one by one, at evaluated thresholds and between them."""

import numpy as np
import polars as pl
import pytest

from facegap.data.comparator import Comparator
from facegap.report.tables.held_rates import HeldModel, held_model
from metrics.asked_for import COHORTS, AskedStudy, asked_study


@pytest.fixture(scope="module", params=[Comparator.COSINE, Comparator.EUCLIDEAN])
def study(request: pytest.FixtureRequest) -> AskedStudy:
    shipped = 0.35 if request.param is Comparator.COSINE else 1.14
    return asked_study(noises=(0.8, 1.2), subjects=24, comparator=request.param, shipped=shipped)


@pytest.fixture(scope="module")
def held(study: AskedStudy) -> HeldModel:
    return held_model(study.evaluation, "one")


def crossed(study: AskedStudy, threshold: float) -> float:
    """Return the FMR of comparisons between the two cohorts."""
    apart = study.cohorts[:, 0] != study.cohorts[:, 1]
    return (study.scores["one"] >= study.comparator.cut(threshold))[apart].mean()


def test_at_stops_every_cohort_is_exact(study: AskedStudy, held: HeldModel) -> None:
    assert len(held.stops) > 100
    assert list(held.populations) == [*COHORTS, "all"]
    assert sorted(held.stops, reverse=study.comparator.sign < 0) == list(held.stops)
    for stop in held.stops[::7]:
        cut = study.comparator.cut(stop)
        for cohort in COHORTS:
            for rate, truth in zip(("fmr", "fnmr"), study.rates("one", cohort, stop), strict=True):
                least, most, _exact = held.populations[cohort][rate].at(cut)
                assert least == most == pytest.approx(truth, abs=1e-12)


def test_anywhere_the_truth_lies_within_the_bounds(study: AskedStudy, held: HeldModel) -> None:
    rng = np.random.default_rng(3)
    seen = study.scores["one"] * study.comparator.sign
    spread = []
    for threshold in [*rng.uniform(seen.min() - 0.1, seen.max() + 0.1, 60).tolist(), -5.0, 5.0]:
        cut = study.comparator.cut(threshold)
        counted = {cohort: study.rates("one", cohort, threshold) for cohort in COHORTS}
        truths = {(cohort, rate): two[k] for cohort, two in counted.items() for k, rate in enumerate(("fmr", "fnmr"))}
        rates = {(cohort, rate): held.populations[cohort][rate] for cohort, rate in truths}
        for key, rate in [*rates.items(), ("crossed", held.pairs[COHORTS]["fmr"])]:
            least, most, _exact = rate.at(cut)
            truth = crossed(study, threshold) if key == "crossed" else truths[key]
            assert least - 1e-12 <= truth <= most + 1e-12
            interval = rate.interval(cut)
            assert interval is not None
            assert interval.least <= most
            assert interval.most >= least
            spread.append(most - least)
    assert 0 < np.mean(spread) < 0.05


def test_an_interval_between_two_thresholds_holds_both(held: HeldModel) -> None:
    for rate in held.populations[COHORTS[1]].values():
        for k in range(1, len(rate.interval_cuts)):
            between = np.float32((rate.interval_cuts[k - 1] + rate.interval_cuts[k]) / 2)
            found = rate.interval(between)
            assert found is not None
            assert not found.exact
            ends = [rate.interval(cut) for cut in rate.interval_cuts[k - 1 : k + 1]]
            assert found.least == min(end.least for end in ends if end)
            assert found.most == max(end.most for end in ends if end)


def test_every_cohort_is_swept_at_the_same_thresholds(study: AskedStudy) -> None:
    swept = study.evaluation.sweep.filter(model="one", images="own")
    of = {cohort: set(part["threshold"]) for (cohort,), part in swept.group_by("probe_cohort")}
    assert of["all"] == of[COHORTS[0]] == of[COHORTS[1]]


def test_two_cohorts_without_common_subjects_have_a_band_of_their_fmr(study: AskedStudy) -> None:
    bands = study.evaluation.bands.filter(pl.col("probe_cohort") != pl.col("gallery_cohort"), model="one", images="own")
    assert set(bands["curve"]) == {"fmr"}
    assert bands.height > 10
    for row in bands.iter_rows(named=True):
        assert row["value"] == pytest.approx(crossed(study, row["x"]))
        assert row["low"] <= row["value"] <= row["high"]
