"""Scoring against the bare product: the arithmetic, and one population in a process of its own."""

import numpy as np
import pytest
from benchmarks.product import upper_triangle
from benchmarks.scoring import Scored, exponent, measure, section
from benchmarks.sizes import COSINE, EUCLIDEAN, Case


def scored(images: int, seconds: float, dimension: int = 512) -> Scored:
    """Return what a population may have cost: memory in proportion to the images."""
    taken = {"counts": [seconds] * 3, "intervals": [1.5 * seconds] * 3, "product": [0.5 * seconds] * 3}
    return Scored(
        Case(images, dimension, COSINE, 3), taken, images * images, {"counts": 10 * images, "intervals": 20 * images}
    )


def test_rates_come_from_seconds_and_pairs():
    one = scored(1000, 2.0)
    assert one.pairs == 499_500
    assert one.rate == pytest.approx(499_500 / 2)
    assert one.share == pytest.approx((499_500 / 2) / (1_000_000 / 1))
    assert one.share_sure == pytest.approx(one.share / 1.5)
    assert one.added == pytest.approx(0.5)


def test_exponents_are_those_of_power_laws():
    assert exponent([10, 100, 1000], [3 * 10**2, 3 * 100**2, 3 * 1000**2]) == pytest.approx(2)
    found = section([scored(10_000, 1.0), scored(100_000, 100.0)])
    assert "time grows as N^2.00, memory as N^1.00" in found.notes[0]


def test_goals_are_judged_where_they_were_set():
    goals = section([scored(30_000, 1.0), scored(100_000, 59.0), scored(100_000, 70.0, dimension=128)]).goals
    assert [goal.wanted for goal in goals] == [0.75, 100, 60, 1]
    assert goals[2].met


@pytest.mark.parametrize("n", [1, 1024, 1500, 9000])
def test_the_bare_product_covers_the_upper_triangle(n):
    assert n * (n + 1) // 2 <= upper_triangle(np.ones((n, 2), np.float32)) <= n * (n + 1) // 2 + 1024 * n


def test_a_population_is_measured_in_its_own_process():
    said = []
    (one,) = measure([Case(200, 8, EUCLIDEAN, 2)], said.append)
    assert said == ["scoring 200 images, 8 dimensions, euclidean"]
    assert {name: len(seconds) for name, seconds in one.seconds.items()} == {"counts": 2, "intervals": 2, "product": 2}
    assert one.products == 200 * 200
    assert one.rate > 0
