"""Accuracy, precision, recall and F1 over the threshold, a figure for each model and cohort."""

from collections.abc import Iterator

import altair as alt
import polars as pl

from facegap.data.comparator import Comparator
from facegap.data.evaluation import Evaluation
from facegap.report.charts.charts import (
    HEIGHT,
    HOVER,
    Chart,
    colours,
    dashes,
    data,
    domain_of,
    rules,
    score_axis,
    shaded,
)
from facegap.report.charts.figure import Figure
from facegap.report.tables import frames
from facegap.report.text.language import _
from facegap.report.text.names import cohort_name, field_name, file_stem
from facegap.report.text.summary import Cells, metric_cells


def figures(evaluation: Evaluation, stems: set[str]) -> Iterator[Figure]:
    """Yield a figure for each model and cohort that was swept."""
    own = metric_cells(evaluation, "own")
    for model in evaluation.models["model"]:
        for cohort in evaluation.populations:
            yield from _figure(evaluation, own, stems, model, cohort)


def _figure(evaluation: Evaluation, cells: Cells, stems: set[str], model: str, cohort: str) -> Iterator[Figure]:
    rates = frames.within(evaluation.sweep, "own", model, evaluation.ends(cohort)).select(
        "threshold", *frames.RATES, "fmr", "fnmr"
    )
    if rates.is_empty():
        return
    marks = frames.marked_thresholds(cells, model, cohort)
    bands = frames.swept_bands(evaluation, model, cohort)
    chart = sweep(frames.swept_rates(rates), bands, rates, marks, evaluation.comparator(model))
    stem = file_stem(stems, "thresholds", model, cohort)
    title = _("{model} in {cohort}: rates over the threshold", model=model, cohort=cohort_name(cohort))
    yield Figure(stem, title, cohort_name(cohort), {"": chart}, model, cohort)


def sweep(
    swept: pl.DataFrame, bands: pl.DataFrame, rates: pl.DataFrame, marks: pl.DataFrame, comparator: Comparator
) -> Chart:
    """Return accuracy, precision, recall and F1 over the threshold; stricter thresholds lie to the right.

    `swept`, `bands`: one row per threshold and rate. `rates`: one row per threshold. `marks`: thresholds drawn as
    rules.
    """
    names = swept["rate"].unique(maintain_order=True).to_list()
    domain = domain_of(swept["threshold"], marks["threshold"])
    x = score_axis("threshold", domain, comparator)
    y = alt.Y("value:Q", title=_("rate"), scale=alt.Scale(domain=[0, 1]))
    legend = alt.Legend(columns=2)
    lines = (
        alt.Chart(data(swept))
        .mark_line(strokeWidth=2)
        .encode(
            x,
            y,
            alt.Color("rate:N", title=None, scale=colours(names), legend=legend),
            alt.StrokeDash("rate:N", title=None, scale=dashes(names), legend=legend),
        )
    )
    tips = [alt.Tooltip(f"{field}:Q", title=field_name(field), format=".4~g") for field in rates.columns]
    hover = alt.Chart(data(rates), name=HOVER).mark_rule(strokeWidth=6, opacity=0).encode(x, tooltip=tips)
    areas = shaded(bands, names, x, y, "low", "high", by="rate")
    return alt.LayerChart(layer=[*areas, lines, *rules(marks, domain, comparator), hover], height=HEIGHT)
