"""The harness reads what every user gets."""

from math import sqrt

import numpy as np
import pytest
from studies.populations import CONTRASTS, POPULATIONS, draw
from studies.reading import Reading

from studies import ours


@pytest.mark.parametrize(
    ("name", "contrast"),
    [("30 x 10", "null"), ("unequal counts", "difference"), ("hubs, 50 x 6", "null"), ("rare errors", "difference")],
)
def test_the_short_way_gives_what_measure_gives(name, contrast):
    drawn = draw(POPULATIONS[name], CONTRASTS[contrast], np.random.default_rng(11))
    made, manifest = ours.scored(drawn, 0.35)
    short, whole = ours.readings(made), ours.whole_readings(made, manifest)
    assert short.keys() == whole.keys()
    for key in short:
        assert repr(short[key]) == repr(whole[key]), key


def test_unpaired_squares_and_adds_each_side():
    found = ours.unpaired(Reading(0.9, 0.87, 0.92), Reading(0.8, 0.76, 0.85))
    assert found.value == pytest.approx(0.1)
    assert found.low == pytest.approx(0.1 - sqrt(0.03**2 + 0.05**2))
    assert found.high == pytest.approx(0.1 + sqrt(0.02**2 + 0.04**2))
