import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegap.measures import Combine, Measure
from facegap.metrics.explaining import CohortScores, Number, curve, partial_area
from facegap.metrics.explaining.cohort_scores import Kind
from facegap.metrics.explaining.refusing import discard_rows


def naive(goodness: list[float], wrong: list[bool]) -> list[tuple[float, float, float]]:
    points = []
    for limit in sorted(set(goodness)):
        kept = [w for g, w in zip(goodness, wrong, strict=True) if g >= limit]
        points.append((1 - len(kept) / len(goodness), sum(kept) / len(kept), limit))
    return points


def naive_area(points: list[tuple[float, float, float]], most: float, steps: int = 20_000) -> float:
    """Return the mean error while up to `most` is discarded, by small steps."""
    total = 0.0
    for step in range(steps):
        at = most * (step + 0.5) / steps
        total += next(error for discarded, error, _ in reversed(points) if discarded <= at)
    return total / steps


@given(st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=1, max_size=60))
def test_the_curve_is_the_naive_one(comparisons):
    goodness, wrong = [g / 7 for g, _ in comparisons], [w for _, w in comparisons]
    made = curve(np.array(goodness), np.array(wrong))
    points = naive(goodness, wrong)
    np.testing.assert_allclose(made.discarded, [d for d, _, _ in points], atol=1e-12)
    np.testing.assert_allclose(made.error, [e for _, e, _ in points], atol=1e-12)
    np.testing.assert_array_equal(made.limit, [limit for _, _, limit in points])


@pytest.mark.parametrize("most", [0.1, 0.25, 1.0])
def test_the_area_is_the_mean_error_while_so_much_is_discarded(most):
    rng = np.random.default_rng(0)
    goodness = rng.integers(0, 30, 400) / 30
    wrong = rng.random(400) < 0.4 - 0.3 * goodness
    points = naive(goodness.tolist(), wrong.tolist())
    assert partial_area(curve(goodness, wrong), most) == pytest.approx(naive_area(points, most), abs=2e-3)


def test_nothing_is_refused_for_a_rate_without_an_error():
    images = 12
    a, b = np.triu_indices(images, 1)
    same, quality = a // 2 == b // 2, np.linspace(0, 1, images)
    measure = Measure("quality", "quality", "", 0.0, 1.0, Combine.LOWER, "made")
    for genuine, wrong in ((0.9, []), (0.1, ["fnmr"])):
        same_people, others = (
            Kind.of(a[k], b[k], np.full(k.sum(), score, np.float32)) for k, score in ((same, genuine), (~same, 0.2))
        )
        rows = discard_rows(
            {}, CohortScores(same_people, others, len(others.a)), Number("fnmr", "cut", cut=0.5), [measure],
            quality[:, None], np.ones(images, bool), np.arange(images) // 2, 0.95,
        )  # fmt: skip
        assert sorted({row["metric"] for row in rows}) == wrong
