from dataclasses import replace

import polars as pl
import pytest

from facegap.data.evaluation import Evaluation
from facegap.data.limits import Limits
from facegap.report.charts.figures.forest import Panel, forest, panels
from facegap.report.text.summary import metric_cells


def made(evaluation: Evaluation) -> dict[str, Panel]:
    return {panel.stem: panel for panel in panels(evaluation, metric_cells(evaluation, "own"))}


def test_a_panel_per_number_with_a_row_per_cohort_and_model(sure: Evaluation) -> None:
    found = made(sure)
    assert list(found) == ["fmr-shipped", "fnmr-shipped", "fnmr-fmr=0.001", "auc"]
    rows = found["auc"].rows
    assert rows.height == 8
    assert rows["cohort"].unique(maintain_order=True)[-1] == "all"
    assert (rows["low"] <= rows["value"]).all()


def test_fnmr_is_what_tar_leaves_with_its_interval_turned(sure: Evaluation) -> None:
    first = made(sure)["fnmr-fmr=0.001"].rows.row(0, named=True)
    tar = sure.row("tar", model="dlib", cohort="general", at="fmr=0.001")
    assert tar is not None
    assert first["value"] == pytest.approx(1 - tar["value"])
    assert (first["low"], first["high"]) == pytest.approx((1 - tar["high"], 1 - tar["low"]))
    assert first["text"].endswith("%]")


def test_fnmr_stands_at_an_fmr_that_every_cohort_resolves(sure: Evaluation) -> None:
    lost = (pl.col("at") == "fmr=0.001") & (pl.col("metric") == "tar") & (pl.col("probe_cohort") == "general")
    metrics = sure.metrics.with_columns(value=pl.when(~lost).then("value"))
    assert "fnmr-fmr=0.01" in made(replace(sure, metrics=metrics))


def test_without_intervals_there_is_no_panel(evaluation: Evaluation) -> None:
    assert made(evaluation) == {}


def test_a_rate_of_zero_lies_at_the_edge_of_a_log_axis() -> None:
    rows = pl.DataFrame(
        {"cohort": ["a", "b"], "model": ["m", "m"], "value": [0.0, 0.03], "low": [0.0, 0.02], "high": [0.02, 0.05],
         "text": ["0 %", "3 %"]}
    )  # fmt: skip
    spec = forest(Panel("fmr", "FMR", rows, log=True)).to_dict()
    drawn = spec["data"]["name"].frame.to_dicts()
    assert (drawn[0]["value"], drawn[0]["low"], drawn[0]["high"], drawn[0]["zero"]) == (0.01, 0.01, 0.02, True)
    assert (drawn[1]["value"], drawn[1]["zero"]) == (0.03, False)
    assert spec["layer"][0]["encoding"]["x"]["scale"]["domain"] == [0.01, 1]


def test_the_limit_is_a_line_that_the_axis_reaches(sure: Evaluation) -> None:
    found = made(replace(sure, limits=Limits(1e-6, 0.2)))
    assert {name: panel.limit for name, panel in found.items()} == {
        "fmr-shipped": 1e-6, "fnmr-shipped": 0.2, "fnmr-fmr=0.001": 0.2, "auc": None
    }  # fmt: skip
    spec = forest(found["fmr-shipped"]).to_dict()
    (line,) = [layer for layer in spec["layer"] if layer["encoding"].get("x", {}).get("field") == "limit"]
    assert line["data"]["name"].frame.to_dicts() == [{"limit": 1e-6}]
    assert line["encoding"]["x"]["scale"]["domain"][0] <= 1e-6
    assert "limit" not in str(forest(found["auc"]).to_dict()["layer"])
