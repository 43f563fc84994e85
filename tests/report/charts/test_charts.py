import polars as pl
import pytest

from facegap.data.comparator import Comparator
from facegap.report.charts import charts
from facegap.report.charts.drawing import embedded_json, page_spec, svg
from facegap.report.charts.figures import curves, subjects, sweeps

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

BANDS = pl.DataFrame(
    {
        "series": ["若年女性"] * 2,
        "fmr": [0.0, 0.002],
        "low": [0.4, 0.8],
        "high": [0.6, 1.0],
        "resolved_fmr": [None, 0.002],
        "fnmr_low": [0.4, 1e-6],
        "fnmr_high": [0.6, 0.2],
    }
)
SWEEP_BANDS = pl.DataFrame({"threshold": [0.2], "rate": ["F1"], "low": [0.0], "high": [0.3]})


@pytest.mark.parametrize("comparator", Comparator)
def test_distances_are_drawn_reversed_and_the_shipped_threshold_is_inside(comparator: Comparator) -> None:
    spec = sweeps.sweep(SWEEP, SWEEP_BANDS, RATES, MARKS, comparator).to_dict()
    scale = spec["layer"][0]["encoding"]["x"]["scale"]
    assert scale["domain"] == [0.2, 0.6]
    assert scale["reverse"] is (comparator in (Comparator.EUCLIDEAN, Comparator.DISTANCE))
    assert comparator.unit in spec["layer"][0]["encoding"]["x"]["title"]


def test_log_axes_end_at_the_decade_below_the_smallest_rate() -> None:
    x = curves.roc_log(CURVE, BANDS, ["若年女性"]).to_dict()["layer"][0]["encoding"]["x"]
    assert x["scale"] == {"type": "log", "domain": [0.001, 1], "clamp": True}
    y = curves.det(CURVE, BANDS, ["若年女性"]).to_dict()["layer"][0]["encoding"]["y"]
    assert y["scale"]["domain"] == [0.1, 1]


def test_colours_follow_the_order_of_the_legend() -> None:
    spec = curves.roc(CURVE, BANDS, ["dlib", "若年女性"]).to_dict()
    scale = spec["layer"][1]["encoding"]["color"]["scale"]
    assert scale == {"domain": ["dlib", "若年女性"], "range": list(charts.PALETTE[:2])}


def test_a_drawing_is_the_same_each_time_and_keeps_text_as_text() -> None:
    first, second = (svg(curves.roc(CURVE, BANDS, ["若年女性"]), 'Cohorts with <b>&"q"') for _ in range(2))
    assert first == second
    assert ">若年女性<" in first
    assert "<b>" not in first


def test_the_page_names_its_data_and_holds_them_once() -> None:
    spec, data = page_spec(curves.roc(CURVE, BANDS, ["若年女性"]), "sans-serif")
    other, same = page_spec(curves.roc_log(CURVE, BANDS, ["若年女性"]), "sans-serif")
    assert "datasets" not in spec
    assert {rows.text for rows in same} <= {rows.text for rows in data}
    assert {str(rows) for rows in same} <= {part["data"]["name"] for part in [spec, *spec["layer"]] if "data" in part}
    assert other["width"] == spec["width"] == "container"


def test_embedded_json_cannot_leave_its_script() -> None:
    text = embedded_json({"a": "</script><!-- & \u2028"})
    assert not set(text) & set("<>&\u2028")


def test_bands_lie_under_the_lines_in_their_colours() -> None:
    for chart in (curves.roc, curves.roc_log, curves.det):
        layers = chart(CURVE, BANDS, ["若年女性"]).to_dict()["layer"]
        kinds = [layer["mark"]["type"] for layer in layers][-3:]
        assert kinds == ["area", "line", "point"]
        assert layers[-3]["encoding"]["color"]["scale"] == layers[-2]["encoding"]["color"]["scale"]
        assert chart(CURVE, BANDS.clear(), ["若年女性"]).to_dict()["layer"][-2]["mark"]["type"] == "line"
    swept = sweeps.sweep(SWEEP, SWEEP_BANDS, RATES, MARKS, Comparator.COSINE).to_dict()["layer"]
    assert [layer["mark"]["type"] for layer in swept][:2] == ["area", "line"]
    assert swept[-1]["name"] == charts.HOVER


def test_subjects_without_a_kind_are_grey_and_distances_reversed() -> None:
    people = pl.DataFrame(
        {"subject": ["a", "b"], "cohort": ["x", "x"], "kind": ["", "worm"], "false_matches": [0, 1],
         "false_non_matches": [0, 2], "genuine_mean": [0.3, 0.5], "impostor_mean": [0.8, 0.7]}
    )  # fmt: skip
    spec = subjects.scatter(people, Comparator.EUCLIDEAN).to_dict()
    colour = spec["layer"][0]["encoding"]["color"]["scale"]
    assert colour == {"domain": ["worm", "of no special kind"], "range": [charts.PALETTE[1], subjects.GREY]}
    assert spec["layer"][0]["encoding"]["x"]["scale"]["reverse"] is True


def test_the_fmr_without_subjects_starts_at_zero() -> None:
    left = pl.DataFrame({"removed": [1, 0], "fmr": [0.01, 0.02], "false_matches": [10, 20]})
    y = subjects.without(left).to_dict()["layer"][0]["encoding"]["y"]
    assert y["scale"]["domain"][0] == 0
    assert y["scale"]["domain"][1] > 0.02
    assert subjects.without(left.with_columns(fmr=0.0)).to_dict()["layer"]
