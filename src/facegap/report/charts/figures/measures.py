"""What was measured of the images, a figure for each measure: how it is distributed in each cohort."""

from collections.abc import Iterator

import altair as alt
import polars as pl

from facegap.data.evaluation import Evaluation
from facegap.data.manifest import POOLED
from facegap.report.charts.charts import HOVER, Chart, colours, data
from facegap.report.charts.figure import Figure
from facegap.report.text.language import _
from facegap.report.text.measure_names import measure_name
from facegap.report.text.names import field_name, file_stem, short_names

_ROW, _MARGIN = 26, 8


def figures(evaluation: Evaluation, stems: set[str]) -> Iterator[Figure]:
    """Yield a figure for each measure that differs between images."""
    known = evaluation.explanation.measures.drop_nulls("p50").filter(pl.col("cohort") != POOLED)
    for (model, measure), rows in known.group_by("model", "measure", maintain_order=True):
        if rows["p95"].max() == rows["p05"].min():
            continue
        name = measure_name(str(measure))
        caption = _("{model}: {measure}", model=model, measure=name) if model else name
        title = _("{measure} of each cohort", measure=caption)
        stem = file_stem(stems, "measure", *filter(None, (str(model), str(measure))))
        yield Figure(stem, title, caption, {"": spread(rows, name)}, str(model))


def spread(rows: pl.DataFrame, name: str) -> Chart:
    """Return for each cohort the median, the middle half and the middle nine tenths of its images' values."""
    names = short_names(rows["cohort"].to_list())
    rows = rows.with_columns(pl.col("cohort").replace(names))
    cohorts, unit = rows["cohort"].to_list(), rows["unit"][0]
    title = _("{measure} ({unit})", measure=name, unit=_(unit)) if unit else name
    scale = alt.Scale(zero=False, nice=True)
    base = alt.Chart(data(rows.select("cohort", "mean", "sd", "images", pl.selectors.starts_with("p")))).encode(
        alt.Y("cohort:N", title=None, sort=cohorts, axis=alt.Axis(labelLimit=130)),
        alt.Color("cohort:N", title=None, scale=colours(cohorts), legend=None),
    )
    tips = [alt.Tooltip("cohort:N", title=field_name("cohort"))]
    tips += [
        alt.Tooltip("p50:Q", title=_("median"), format=".4~g"),
        alt.Tooltip("mean:Q", title=_("mean"), format=".4~g"),
        alt.Tooltip("sd:Q", title=_("standard deviation"), format=".3~g"),
    ]
    whole = base.mark_rule(strokeWidth=2).encode(alt.X("p05:Q", title=title, scale=scale), alt.X2("p95:Q"))
    half = base.mark_bar(size=12, opacity=0.5).encode(alt.X("p25:Q", title=title, scale=scale), alt.X2("p75:Q"))
    middle = base.mark_tick(thickness=3, size=16).encode(alt.X("p50:Q", title=title, scale=scale))
    hover = base.mark_bar(opacity=0).encode(alt.X("p05:Q", scale=scale), alt.X2("p95:Q"), tooltip=tips)
    layers = [whole, half, middle, hover.properties(name=HOVER)]
    return alt.LayerChart(layer=layers, height=len(cohorts) * _ROW + _MARGIN)
