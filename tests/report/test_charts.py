import polars as pl
import pytest

from facegap.comparator import Comparator
from facegap.report import charts
from facegap.report.drawing import embedded_json, page_spec, svg

SWEEP = pl.DataFrame({"threshold": [0.2, 0.4], "rate": ["F1", "F1"], "value": [0.1, 0.9]})
RATES = pl.DataFrame({"threshold": [0.2, 0.4], "f1": [0.1, 0.9]})
MARKS = pl.DataFrame({"mark": ["shipped"], "threshold": [0.6], "label": ["shipped 0.6"]})
CURVE = pl.DataFrame(
    {
        "series": ["若年女性"] * 3,
        "threshold": [0.2, 0.4, 0.6],
        "fmr": [0.0, 0.002, 1.0],
        "tar": [0.5, 0.9, 1.0],
        "fnmr": [0.5, 0.1, 0.0],
        "resolved_fmr": [None, 0.002, 1.0],
        "seen_fnmr": [0.5, 0.1, None],
    }
)


@pytest.mark.parametrize("comparator", Comparator)
def test_distances_are_drawn_reversed_and_the_shipped_threshold_is_inside(comparator: Comparator) -> None:
    spec = charts.sweep(SWEEP, RATES, MARKS, comparator).to_dict()
    scale = spec["layer"][0]["encoding"]["x"]["scale"]
    assert scale["domain"] == [0.2, 0.6]
    assert scale["reverse"] is (comparator is Comparator.EUCLIDEAN)
    assert comparator.unit in spec["layer"][0]["encoding"]["x"]["title"]


def test_log_axes_end_at_the_decade_below_the_smallest_rate() -> None:
    x = charts.roc_log(CURVE, ["若年女性"]).to_dict()["layer"][0]["encoding"]["x"]
    assert x["scale"] == {"type": "log", "domain": [0.001, 1], "clamp": True}
    y = charts.det(CURVE, ["若年女性"]).to_dict()["layer"][0]["encoding"]["y"]
    assert y["scale"]["domain"] == [0.1, 1]


def test_colours_follow_the_order_of_the_legend() -> None:
    spec = charts.roc(CURVE, ["dlib", "若年女性"]).to_dict()
    scale = spec["layer"][1]["encoding"]["color"]["scale"]
    assert scale == {"domain": ["dlib", "若年女性"], "range": list(charts.PALETTE[:2])}


def test_a_drawing_is_the_same_each_time_and_keeps_text_as_text() -> None:
    first, second = (svg(charts.roc(CURVE, ["若年女性"]), 'Cohorts with <b>&"q"') for _ in range(2))
    assert first == second
    assert ">若年女性<" in first
    assert "<b>" not in first


def test_the_page_names_its_data_and_holds_them_once() -> None:
    spec, data = page_spec(charts.roc(CURVE, ["若年女性"]), "sans-serif")
    other, same = page_spec(charts.roc_log(CURVE, ["若年女性"]), "sans-serif")
    assert "datasets" not in spec
    assert set(same) <= set(data)
    assert other["width"] == spec["width"] == "container"


def test_embedded_json_cannot_leave_its_script() -> None:
    text = embedded_json({"a": "</script><!-- & \u2028"})
    assert not set(text) & set("<>&\u2028")
