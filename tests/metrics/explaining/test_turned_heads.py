"""A gap that comes of turned heads is named by what is measured of their landmarks, and by nothing else."""

import numpy as np
import pytest

from facegap.data.comparator import Comparator
from facegap.measures import Combine, Measure, image_measures
from facegap.measures.pose import STANDARD_FACE, pose, rotation
from facegap.metrics.explaining import Columns, Decomposition, Number, decompose
from facegap.metrics.explaining.drawing import scores_within
from facegap.metrics.explaining.two import Two, Unweighted

SUBJECTS, IMAGES, DIMENSION = 120, 4, 48
USUAL, TURNED = 9.0, 21.0
"""Standard deviations of the yaw in degrees."""

EYES, MISS = 35.0, 1.0
"""Pixels between the eyes, and those by which a landmark is missed."""

Cohort = tuple[np.ndarray, np.ndarray]


def photos(rng: np.random.Generator, turn: float) -> Cohort:
    """Return embeddings that are the farther from their subject the more a head is turned, and measured yaw and luck.

    The yaw is that of landmarks as a detector gives them: of a head turned, seen from afar, each missed a little.
    """
    n = SUBJECTS * IMAGES
    yaw, other = rng.normal(0, turn, n), rng.normal(0, 5, (2, n))
    centre = np.repeat(rng.normal(size=(SUBJECTS, DIMENSION)), IMAGES, axis=0)
    side = rng.normal(size=DIMENSION)  # as a turned head looks, whosever it is
    vectors = centre + rng.normal(0, 0.8, (n, DIMENSION)) + 2.2 * np.sin(np.radians(yaw))[:, None] * side
    across = STANDARD_FACE[1, 0] - STANDARD_FACE[0, 0]
    heads = [STANDARD_FACE @ rotation(*np.radians(angles)).T for angles in zip(yaw, *other, strict=True)]
    landmarks = np.array(heads)[:, :, :2] * EYES / across + rng.normal(0, MISS, (n, 5, 2))
    measured = np.array([pose(one)[0] for one in landmarks])
    return vectors.astype(np.float32), np.column_stack([measured, rng.normal(0.5, 0.1, n)])


@pytest.fixture(scope="module")
def made() -> dict[str, Decomposition]:
    rng = np.random.default_rng(17)
    turned, usual = photos(rng, TURNED), photos(rng, USUAL)
    vectors, values = (np.concatenate(both) for both in zip(turned, usual, strict=True))
    subject = np.repeat(np.arange(2 * SUBJECTS), IMAGES)
    first = subject < SUBJECTS
    sides = (first, ~first)
    scores = [scores_within(vectors, side, subject, Comparator.COSINE, None, rng) for side in sides]
    cut = float(np.quantile(scores[1].impostor.similarity, 0.99))
    found = Unweighted(Two.of((scores[0], scores[1]), subject, sides), [Number("auc"), Number("fnmr", "cut", cut=cut)])
    yaw = next(one for one in image_measures() if one.name == "yaw")
    columns = Columns.of([yaw, Measure("luck", "luck", "", 0, 1, Combine.DIFFERENCE, "")], values)
    return {name: decompose(found, columns.chosen([name]), 0.95) for name in ("yaw", "luck")}


def test_turned_heads_differ_in_the_spread_of_their_yaw_until_they_are_weighted(made):
    before, after = made["yaw"].before, made["yaw"].after
    assert abs(before["yaw", False]) < 0.2
    assert before["yaw", True] > 0.5
    assert abs(after["yaw", True]) < 0.15


def test_the_yaw_takes_most_of_the_gap_and_another_measure_nothing(made):
    for sign, yaw, luck in zip((-1, 1), made["yaw"].gaps, made["luck"].gaps, strict=True):
        taken = yaw.with_measures
        assert min(sign * taken.low, sign * taken.high) > 0
        assert taken.value / yaw.total.value > 0.6
        assert luck.with_measures.low < 0 < luck.with_measures.high
        assert min(sign * luck.rest.low, sign * luck.rest.high) > 0
