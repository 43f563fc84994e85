"""The rules that choose a face."""

import pytest

from facegap.faces import RULES, Face
from facegap.faces.which_face import choose

SHAPE = (100, 200, 3)


def face(centre_x: float, centre_y: float, side: float) -> Face:
    half = side / 2
    return Face((centre_x - half, centre_y - half, centre_x + half, centre_y + half), 1.0)


SMALL_FIRST = face(150, 80, 6)
SMALL_CENTRAL = face(100, 50, 10)
LARGE_AT_EDGE = face(185, 50, 90)
GOOD_SIZE_NEAR_CENTRE = face(112, 50, 50)
FACES = [SMALL_FIRST, SMALL_CENTRAL, LARGE_AT_EDGE, GOOD_SIZE_NEAR_CENTRE]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("main", GOOD_SIZE_NEAR_CENTRE),
        ("largest", LARGE_AT_EDGE),
        ("central", SMALL_CENTRAL),
        ("first", SMALL_FIRST),
        ("only", None),
    ],
)
def test_rules(rule: str, expected: Face | None) -> None:
    assert choose(FACES, SHAPE, rule) is expected


@pytest.mark.parametrize("rule", RULES)
def test_one_face_or_none(rule: str) -> None:
    assert choose([LARGE_AT_EDGE], SHAPE, rule) is LARGE_AT_EDGE
    assert choose([], SHAPE, rule) is None


def test_main_weighs_area_against_distance_as_insightface_does() -> None:
    # Area 10000 at distance 0 against area 10000 + x at distance 10, which costs 2 * 10**2 = 200.
    central = face(100, 50, 100)
    assert choose([central, face(110, 50, 10_199**0.5)], SHAPE, "main") is central
    assert choose([central, other := face(110, 50, 10_201**0.5)], SHAPE, "main") is other


@pytest.mark.parametrize("rule", ["main", "largest", "central", "first"])
def test_among_equals_the_first(rule: str) -> None:
    twins = [face(90, 50, 20), face(110, 50, 20)]
    assert choose(twins, SHAPE, rule) is twins[0]
