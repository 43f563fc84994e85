"""The forest plot: every cohort and model with its interval, one panel per number, on one look."""

from collections.abc import Iterator
from dataclasses import dataclass

import altair as alt
import polars as pl

from facegap.data.evaluation import Evaluation
from facegap.metrics.operating_points import at_fmr, fmr_of
from facegap.metrics.registry import Unit, metric
from facegap.report.charts.charts import HOVER, LIMIT, Chart, colours, data, decades, lowest_decade
from facegap.report.charts.figure import Figure
from facegap.report.charts.still import still_forest
from facegap.report.text.formatting import metric_text
from facegap.report.text.language import _
from facegap.report.text.names import cohort_names, field_name, file_stem, short_names
from facegap.report.text.phrases import metric_words
from facegap.report.text.summary import Cells, image_sets, metric_cells, set_words

_ROW, _GAP, _MARGIN = 17, 10, 8
_SHORT = 14
"""Letters of a name of which two have room beside each other on a phone."""


@dataclass(frozen=True)
class Panel:
    """One number in every cohort and model: `stem` names its file, `log` and `percent` say how its axis is drawn.

    `limit`: the one that the number is held to, if any.
    """

    stem: str
    title: str
    rows: pl.DataFrame
    log: bool = False
    percent: bool = False
    limit: float | None = None


def figures(evaluation: Evaluation, stems: set[str]) -> Iterator[Figure]:
    """Yield a figure for each number that has intervals.

    Models are compared over the images that all of them could embed, where there are such rates.
    """
    images = image_sets(evaluation)[-1]
    for panel in panels(evaluation, metric_cells(evaluation, images)):
        title = _("{metric} ({which})", metric=panel.title, which=set_words(images))
        stem = file_stem(stems, "forest", panel.stem)
        yield Figure(stem, title, panel.title, {"": forest(panel)}, still=still_forest(panel))


def panels(evaluation: Evaluation, cells: Cells) -> list[Panel]:
    """Return the panels that have an interval to show and at least two rows.

    `rows`: `cohort`, `model` (short), `value`, `low`, `high` and `text`, in report order.
    """
    wanted = [("fmr", "shipped", True), ("fnmr", "shipped", False)]
    if at := _common_fmr(cells, fmr_of(at_fmr(evaluation.limits.fmr))):
        wanted.append(("tar", at, False))
    wanted.append(("auc", "", False))
    made = []
    for name, at, log in wanted:
        shown = metric(metric(name).complement or name)
        rows, title = _rows(evaluation, cells, name, at), metric_words(shown.name, at)
        limit = evaluation.limits.of(shown.name) if shown.name in ("fmr", "fnmr") else None
        made.append(Panel(f"{shown.name}-{at}".rstrip("-"), title, rows, log, shown.unit is Unit.PERCENT, limit))
    return [panel for panel in made if panel.rows.height > 1 and panel.rows["high"].null_count() < panel.rows.height]


def forest(panel: Panel) -> Chart:
    """Return points with their intervals, a band per cohort and a colour per model.

    A rate of zero on a logarithmic axis is an arrow at its edge, its interval ends at the upper bound.
    """
    rows = panel.rows.with_columns(pl.col("low", "high").fill_null(pl.col("value")))
    models, cohorts = (rows[field].unique(maintain_order=True).to_list() for field in ("model", "cohort"))
    if panel.log:
        lowest = lowest_decade(pl.concat([rows["value"], rows["low"], rows["high"], pl.Series([panel.limit])]))
        axis = {**decades(lowest), "axis": alt.Axis(values=[10.0**e for e in range(lowest, 1)], format="~%")}
        edge = pl.lit(10.0**lowest)
        rows = rows.with_columns(zero=pl.col("value") <= edge).with_columns(
            pl.max_horizontal(end, edge).alias(end) for end in ("value", "low", "high")
        )
    else:
        axis = {"scale": alt.Scale(zero=False, nice=True), "axis": alt.Axis(tickCount=5, format="~g")}
        if panel.percent:
            axis = {"scale": alt.Scale(zero=True), "axis": alt.Axis(tickCount=5, format="~%")}
        rows = rows.with_columns(zero=pl.lit(False))
    columns = 2 if max(map(len, models)) <= _SHORT else 1
    legend = alt.Legend(columns=columns, symbolType="circle", symbolSize=80) if len(models) > 1 else None
    base = alt.Chart(data(rows)).encode(
        alt.Y("cohort:N", title=None, sort=cohorts, axis=alt.Axis(labelLimit=130), scale=alt.Scale(padding=0.3)),
        alt.YOffset("model:N", sort=models),
        alt.Color("model:N", title=None, scale=colours(models), legend=legend),
    )
    x = alt.X("value:Q", title=None, **axis)
    tips = [alt.Tooltip(f"{field}:N", title=field_name(field)) for field in ("model", "cohort", "text")]
    shape = alt.Shape("zero:N", legend=None, scale=alt.Scale(domain=[False, True], range=["circle", "triangle-left"]))
    bars = base.mark_rule(strokeWidth=2).encode(alt.X("low:Q", title=None, **axis), alt.X2("high:Q"))
    points = base.mark_point(filled=True, size=70, opacity=1).encode(x, shape)
    hover = base.mark_bar(opacity=0).encode(alt.X("low:Q", **axis), alt.X2("high:Q"), tooltip=tips)
    height = len(cohorts) * (_ROW * len(models) + _GAP) + _MARGIN
    layers = [*_limit(panel, axis), bars, points, hover.properties(name=HOVER)]
    return alt.LayerChart(layer=layers, height=height)


def _limit(panel: Panel, axis: dict) -> list[alt.Chart]:
    """Return the line that a number is held to, if there is one."""
    if panel.limit is None:
        return []
    line = alt.Chart(data(pl.DataFrame({"limit": [panel.limit]}))).mark_rule(strokeDash=[4, 3], strokeWidth=1.5)
    return [line.encode(alt.X("limit:Q", title=None, **axis), alt.ColorValue(LIMIT))]


def _rows(evaluation: Evaluation, cells: Cells, name: str, at: str) -> pl.DataFrame:
    model_names = short_names(evaluation.models["model"].to_list())
    rows = []
    for cohort, cohort_name in cohort_names(evaluation).items():
        for model, model_name in model_names.items():
            row = cells.get((model, cohort, name, at))
            if row is None or row["value"] is None:
                continue
            row = _complement_of(row, other) if (other := metric(name).complement) else row
            numbers = {end: row[end] for end in ("value", "low", "high")}
            rows.append({"cohort": cohort_name, "model": model_name, **numbers, "text": metric_text(row)})
    number = dict.fromkeys(("value", "low", "high"), pl.Float64)
    return pl.DataFrame(rows, schema={"cohort": pl.String, "model": pl.String, **number, "text": pl.String})


def _complement_of(row: dict, name: str) -> dict:
    ends = {"value": "value", "low": "high", "high": "low"}
    return {**row, "metric": name, **{end: _complement(row[other]) for end, other in ends.items()}}


def _complement(rate: float | None) -> float | None:
    return None if rate is None else 1 - rate


def _common_fmr(cells: Cells, fine: float) -> str:
    """Return the smallest FMR from `fine` up that all cells resolve, as its name in the `at` column, or ""."""
    levels: dict[str, bool] = {}
    for (*_cell, name, at), row in cells.items():
        if name == "tar":
            levels[at] = levels.get(at, True) and row["value"] is not None
    resolved = [(fmr_of(at), at) for at, every in levels.items() if every]
    return min(((fmr, at) for fmr, at in resolved if fmr >= fine), default=(0.0, ""))[1]
