from datetime import date

import numpy as np
import polars as pl
import pytest

from facegap.errors import ModelError
from facegap.measures import (
    Combine,
    ImageMeasure,
    Measure,
    column_measures,
    column_values,
    image_measures,
    key,
    registration,
)


def measure(combine: Combine, **more) -> Measure:
    return Measure("x", "x", "", 0.0, 1.0, combine, "", **more)


def test_of_two_images_the_worse_or_the_difference_counts():
    a, b = np.array([1.0, 5.0, np.nan]), np.array([3.0, 2.0, 1.0])
    np.testing.assert_array_equal(measure(Combine.LOWER).of_pair(a, b), [1, 2, np.nan])
    np.testing.assert_array_equal(measure(Combine.HIGHER).of_pair(a, b), [3, 5, np.nan])
    np.testing.assert_array_equal(measure(Combine.DIFFERENCE).of_pair(a, b), [2, 3, np.nan])
    assert measure(Combine.LOWER).goodness(np.array([2.0])) > measure(Combine.LOWER).goodness(np.array([1.0]))
    assert measure(Combine.HIGHER).goodness(np.array([2.0])) < measure(Combine.HIGHER).goodness(np.array([1.0]))


def test_values_without_a_logarithm_are_missing_on_that_scale():
    scaled = measure(Combine.LOWER, logarithmic=True).scaled(np.array([np.e, 0.0, -1.0, np.nan]))
    np.testing.assert_allclose(scaled, [1, np.nan, np.nan, np.nan])


def test_every_column_that_says_something_of_the_images_is_a_measure():
    frame = pl.DataFrame(
        {
            "path": ["1", "2"], "subject": ["3", "4"], "cohort": ["a", "b"], "template": ["v1", "v1"],
            "age": [" 31 ", ""], "year": [1999, None], "camera": ["a", "2"], "day": [date(2020, 1, 2), None],
            "huge": [1e200, -np.inf],
            "x": [1, 2], "y": [1, 2], "w": [50, 60], "h": [50, 60],
        }
    )  # fmt: skip
    assert [one.name for one in column_measures(frame)] == ["age", "year", "camera", "day", "huge"]
    assert [one.name for one in column_measures(frame, taken={"year"})] == ["age", "camera", "day", "huge"]
    values = {name: column_values(frame, name).tolist() for name in ("age", "year", "camera", "day", "huge")}
    nothing = [pytest.approx(np.nan, nan_ok=True)] * 2
    assert values == {
        "age": [31, nothing[0]], "year": [1999, nothing[0]], "camera": [nothing[0], 2], "day": nothing, "huge": nothing
    }  # fmt: skip


def test_every_measure_says_what_it_is():
    every = image_measures()
    assert len({one.name for one in every}) == len(every)
    for one in every:
        assert min(len(one.label), len(one.reference)) > 0, one
        assert one.low < one.high, one


def test_another_version_or_another_search_has_another_key():
    every = image_measures()
    changed = [*every[:-1], ImageMeasure(**{**vars(every[-1]), "version": "2"})]
    assert len({key(every, "a"), key(every, "b"), key(changed, "a"), key(every[1:], "a")}) == 4


class Point:
    def __init__(self, found):
        self.value, self._found = "package:name", found

    def load(self):
        if isinstance(self._found, Exception):
            raise self._found
        return self._found


@pytest.fixture
def plugin(monkeypatch):
    def install(found) -> None:
        class Points(tuple):
            names = frozenset({"mine"})

        monkeypatch.setattr(
            registration, "entry_points", lambda group, name=None: Points([Point(found)] if name else [])
        )
        image_measures.cache_clear()

    yield install
    monkeypatch.undo()
    image_measures.cache_clear()


def test_a_package_adds_a_measure(plugin):
    mine = ImageMeasure("mine", "mine", "", 0.0, 1.0, Combine.LOWER, "mine", of=lambda seen: 0.5)
    plugin(mine)
    assert image_measures()[-1] is mine


@pytest.mark.parametrize(
    ("found", "said"),
    [(ValueError("broken"), "ValueError: broken"), (7, "gave no measure"), (image_measures()[0], "two measures")],
)
def test_a_plugin_that_cannot_be_used_is_refused(plugin, found, said):
    plugin(found)
    with pytest.raises(ModelError, match=said):
        image_measures()
