import numpy as np
import pytest

from facegap.metrics.explaining.matching import CALIPER, _taken


def naive(cohort: np.ndarray, reference: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    caliper = CALIPER * np.sqrt((cohort.var() + reference.var()) / 2)
    times, near = np.zeros(len(cohort)), np.zeros(len(reference))
    for k, value in enumerate(reference):
        apart = np.abs(cohort - value)
        if apart.min() <= caliper:
            near[k] = 1
            times += (apart == apart.min()) / (apart == apart.min()).sum()
    return times, near


@pytest.mark.parametrize("seed", range(4))
def test_each_comparison_of_the_reference_takes_the_nearest_within_the_caliper(seed):
    rng = np.random.default_rng(seed)
    cohort, reference = rng.normal(size=40), rng.normal(1, 1, size=60)
    if seed % 2:
        cohort, reference = np.floor(cohort * 2) / 2 + 1e-3, np.floor(reference * 2) / 2
    for made, wanted in zip(_taken(cohort, reference), naive(cohort, reference), strict=True):
        np.testing.assert_allclose(made, wanted, atol=1e-12)


def test_comparisons_that_are_all_alike_are_taken_equally():
    times, near = _taken(np.zeros(5), np.zeros(10))
    np.testing.assert_array_equal(times, 2)
    np.testing.assert_array_equal(near, 1)
