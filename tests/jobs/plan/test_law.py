from dataclasses import replace

import numpy as np
import pytest

from facegap.jobs.plan.law import Reading, fit
from facegap.stats import Combination
from stats.made import estimate, moves


def readings(images, subjects=50, *, a=(0.4, 1.0, 0.6), b=(0.2, 3.0, 5.0), wide=False, scale=1.0):
    found = []
    for m in images:
        subject = a[0] + a[1] / m + a[2] / (m * max(m - 1, 1))
        pair = b[0] + b[1] / m + b[2] / m**2
        found.append(Reading(m, subjects, 0.9, scale * subject, scale * pair, 30.0, 30.0, wide))
    return found


def variance(subjects, m, a=(0.4, 1.0, 0.6), b=(0.2, 3.0, 5.0)):
    subject, pair = a[0] + a[1] / m + a[2] / (m * (m - 1)), b[0] + b[1] / m + b[2] / m**2
    return (subject / subjects + pair / subjects**2) * subjects / (subjects - 1)


def test_the_fit_finds_the_law_and_foretells_other_studies():
    law = fit(readings([2, 3, 5, 8]))
    assert law is not None
    for subjects, images in ((50, 5), (200, 5), (50, 16), (1000, 3)):
        assert law.variance(subjects, images) == pytest.approx(variance(subjects, images), rel=1e-6)


def test_no_term_is_negative_however_noisy_the_readings():
    law = fit([replace(r, subject=-0.1 * r.subject) for r in readings([2, 3, 5])])
    assert law is not None
    assert min(*law.subject, *law.pair) >= 0
    falling = [law.variance(100, m) for m in (2, 3, 5, 10, 100)]
    assert falling == sorted(falling, reverse=True)


def test_of_one_number_of_images_nothing_is_said_about_more():
    law = fit(readings([2]))
    assert law is not None
    assert not law.sees_images
    assert law.variance(50, 20) == pytest.approx(law.variance(50, 2))
    assert fit([]) is None


def test_all_subjects_set_the_level_and_those_with_many_images_the_shape():
    deep, law = fit(readings([2, 3, 5])), fit([*readings([2, 3, 5]), *readings([2], 400, wide=True, scale=2.0)])
    assert deep is not None
    assert law is not None
    assert law.subjects == 400
    for m in (2, 5, 10):
        assert law.variance(300, m) == pytest.approx(2 * deep.variance(300, m), rel=1e-6)


def test_two_cohorts_add_their_variances_and_their_degrees_of_freedom():
    law = fit(readings([2, 3, 5]))
    assert law is not None
    both = law + law
    assert both.variance(70, 4) == pytest.approx(2 * law.variance(70, 4))
    assert both.df == pytest.approx(2 * law.df)
    assert (law + law.times(1e-9, 1e-9)).df == pytest.approx(law.df)


def test_a_larger_study_knows_its_variance_better():
    law = fit(readings([2, 3, 5]))
    assert law is not None
    assert law.quantile(0.95, 20) > law.quantile(0.95, 50) > law.quantile(0.95, 5000) > 1.959


def test_a_reading_takes_the_second_copy_of_pairs_off():
    whole = estimate(0.5, moves(np.random.default_rng(1), 30, 0.1))
    reading = Reading.of([(1.0, whole)], 4)
    assert reading.variance == pytest.approx(Combination(((1.0, whole),)).variance)
    assert reading.pair == 0
    once = 0.2 * reading.subject / 30
    doubled = Reading.of([(1.0, whole)], 4, pairs=once, factor=2.0)
    assert doubled.pair == pytest.approx(4 * 30**2 * once)
    assert doubled.variance == pytest.approx(4 * 0.8 * reading.variance)


def test_a_difference_of_two_models_is_tested_with_all_degrees_of_freedom_and_known_with_fewer():
    rng = np.random.default_rng(2)
    parts = [(sign, estimate(0.5, moves(rng, 40, 0.1, heavy=True))) for sign in (1.0, -1.0)]
    reading = Reading.of(parts, 4)
    assert reading.test_df == 39
    assert reading.df < 20
