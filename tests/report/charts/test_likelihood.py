import numpy as np
import pytest

from facegap.data.comparator import Comparator
from facegap.report.charts.drawing import svg
from facegap.report.charts.likelihood import likelihood

MAPS = {
    "logistic": (np.array([-0.8, -0.2]), np.array([-1.5, 2.3])),
    "isotonic": (np.array([-2.0, -0.6, -0.5]), np.array([-1.5, -1.5, 2.3])),
}


@pytest.mark.parametrize("comparator", Comparator)
def test_maps_are_drawn_over_the_scores_seen(comparator: Comparator) -> None:
    chart = likelihood(MAPS, comparator, np.array([-1.0, 0.0]))
    spec = chart.to_dict()
    line = next(layer for layer in spec["layer"] if layer["mark"]["type"] == "line")
    assert line["encoding"]["x"]["scale"]["reverse"] is (comparator in (Comparator.EUCLIDEAN, Comparator.DISTANCE))
    rows = line["data"]["name"].frame.to_dicts()
    for name, ends in (("logistic", (-1.5, 2.3)), ("isotonic", (-1.5, 2.3))):
        drawn = {comparator.sign * row["score"]: np.log10(row["ratio"]) for row in rows if row["map"] == name}
        assert (min(drawn), max(drawn)) == (-1.0, 0.0)
        assert (drawn[-1.0], drawn[0.0]) == pytest.approx(ends)
    assert line["encoding"]["y"]["scale"]["domain"] == [0.01, 1000]


def test_a_chart_becomes_a_picture() -> None:
    drawn = svg(likelihood(MAPS, Comparator.COSINE, np.array([-1.0, 0.0])), "m in c")
    assert "likelihood ratio" in drawn
    assert ">100<" in drawn
