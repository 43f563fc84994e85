from dataclasses import replace

import numpy as np
import pytest
from studies.causes import CAUSES, LEVEL, NUMBERS, drawn

from facegap.measures import Combine, Measure
from facegap.metrics.explaining import Columns, Number, Unexplained, decompose
from facegap.metrics.explaining.two import Two, Unweighted
from facegap.metrics.explaining.weighting import Weighting

BY_NAME = {cause.name: cause for cause in CAUSES}
CAMERA, PEOPLE = (BY_NAME[name] for name in ("same people, worse camera", "other people, same camera"))


def found(cause, seed: int, **changes):
    return drawn(replace(cause, **changes), np.random.default_rng(seed))


def alone(values: np.ndarray, combine: Combine = Combine.LOWER) -> Columns:
    return Columns.of([Measure("x", "x", "", -np.inf, np.inf, combine, "")], values[:, None])


@pytest.mark.parametrize("seed", [11, 12])
def test_the_parts_add_up_and_name_the_cause(seed):
    for cause, there, absent in ((CAMERA, "with_measures", "rest"), (PEOPLE, "rest", "with_measures")):
        gaps = decompose(*found(cause, seed, subjects=150), LEVEL).gaps
        assert [gap.reason for gap in gaps] == [None] * len(NUMBERS)
        for gap in gaps:
            assert gap.with_measures.value + gap.rest.value == pytest.approx(gap.total.value)
            assert gap.value - gap.reference == pytest.approx(gap.total.value)
        auc = gaps[0]
        assert getattr(auc, there).high < 0
        assert abs(getattr(auc, absent).value) < 0.4 * abs(auc.total.value)
        assert abs(auc.matched - auc.rest.value) < 0.6 * abs(auc.total.value)


def test_leaving_a_subject_out_is_near_to_doing_all_without_it():
    whole, columns = found(BY_NAME["both"], 3, subjects=40, camera=0.5)
    two = whole.two
    gaps = decompose(whole, columns, LEVEL).gaps
    left_out = Weighting(two, columns).without(whole, NUMBERS)
    for code in (0, 7, 39, 40, 65):
        rows = two.subject != code
        fewer = Two.of((two.cohort, two.reference), two.subject, tuple(side & rows for side in two.images))
        again = decompose(Unweighted(fewer, NUMBERS), columns, LEVEL).gaps
        for k in (0, 1):
            moved = abs(again[k].standardised - gaps[k].standardised)
            quick = left_out[whole.subjects.group[code], k]
            assert quick == pytest.approx(again[k].standardised, abs=0.25 * moved + 2e-3)


def test_one_measure_that_does_nothing_explains_nothing():
    whole, columns = found(CAMERA, 5, subjects=150)
    gap = decompose(whole, columns.chosen(["idle"]), LEVEL).gaps[0]
    assert gap.with_measures.low < 0 < gap.with_measures.high
    assert gap.rest.high < 0


def test_what_cannot_be_told_has_a_word_and_no_number():
    whole, columns = found(CAMERA, 1, subjects=30)
    first, second = whole.two.images
    rng = np.random.default_rng(0)
    noise = rng.normal(size=len(first))
    assert alone(np.where(first & (noise > 1), np.nan, noise)).unusable((first, second)) == {"x": Unexplained.MISSING}
    assert alone(np.full(len(first), np.nan)).unusable((first, second)) == {"x": Unexplained.MISSING}
    assert alone(np.full(len(first), 0.1)).unusable((first, second)) == {"x": Unexplained.CONSTANT}
    assert alone(first * 1.0).unusable((first, second)) == {"x": Unexplained.NO_OVERLAP}
    assert alone(first * 9.0 + noise.clip(-1, 1)).unusable((first, second)) == {"x": Unexplained.NO_OVERLAP}
    assert alone(1e-200 * noise).unusable((first, second)) == {"x": Unexplained.CONSTANT}
    assert alone(noise).unusable((first, second)) == alone(1e-9 * noise).unusable((first, second)) == {}
    untold = {
        Unexplained.NO_OVERLAP: decompose(whole, alone(first * 4.0 + noise), LEVEL),
        Unexplained.NO_MEASURES: decompose(whole, columns.chosen([]), LEVEL),
        Unexplained.FEW_SUBJECTS: decompose(*found(CAMERA, 1, subjects=8), LEVEL),
    }
    for reason, made in untold.items():
        assert {gap.reason for gap in made.gaps} == {reason}
        for gap in made.gaps:
            assert np.isnan([gap.with_measures.value, gap.rest.low, gap.standardised, gap.matched]).all()
            assert np.isfinite(gap.total.value)


def test_few_errors_are_said():
    whole, columns = found(CAMERA, 1)
    strict = Unweighted(whole.two, [Number("fmr", cut=0.95), Number("fnmr", cut=0.35)])
    reasons = [gap.reason for gap in decompose(strict, columns, LEVEL).gaps]
    assert reasons == [Unexplained.FEW_ERRORS, None]


def test_turning_to_either_side_is_what_counts_of_a_difference():
    """Images of cohort x are turned as far to the left as to the right: on average as much as those of y."""
    whole, _ = found(CAMERA, 2, subjects=60)
    rng = np.random.default_rng(4)
    turned = rng.normal(size=len(whole.two.subject)) * np.where(whole.two.images[0], 1.5, 1.0)
    made = decompose(whole, alone(turned, Combine.DIFFERENCE), LEVEL)
    plain = decompose(whole, alone(turned, Combine.LOWER), LEVEL)
    assert made.subjects < 0.97 * plain.subjects


@pytest.mark.parametrize("images", ["one of each subject", "one subject"])
def test_a_cohort_without_comparisons_of_a_kind_has_a_word(images):
    whole, columns = found(CAMERA, 1, subjects=20)
    first, second = whole.two.images
    subject = whole.two.subject
    kept = np.arange(len(subject)) % 4 == 0 if images == "one of each subject" else subject == 0
    two = Two.of((whole.two.cohort, whole.two.reference), subject, (first & kept, second))
    made = decompose(Unweighted(two, NUMBERS), columns, LEVEL)
    assert {gap.reason for gap in made.gaps} == {Unexplained.FEW_SUBJECTS}
    assert all(np.isnan(gap.total.low) for gap in made.gaps)
