"""Error versus discard: a figure for each model, cohort and error rate, with the measures that help most."""

from collections.abc import Iterator

import altair as alt
import polars as pl

from facegap.data.evaluation import Evaluation
from facegap.report.charts.charts import HEIGHT, Chart, colours, data
from facegap.report.charts.figure import Figure
from facegap.report.text.language import _
from facegap.report.text.measure_names import measure_name
from facegap.report.text.names import cohort_name, file_stem
from facegap.report.text.phrases import metric_words

SHOWN = 5
"""Measures that are drawn: those with the least area below their curve."""


def figures(evaluation: Evaluation, stems: set[str]) -> Iterator[Figure]:
    """Yield a figure for each model, cohort and error rate."""
    keys = ("model", "cohort", "metric", "at")
    for (model, cohort, metric, at), rows in evaluation.explanation.discards.group_by(keys, maintain_order=True):
        best = rows.filter(kind="area").sort("value", maintain_order=True)["measure"].head(SHOWN).to_list()
        points = rows.filter(pl.col("measure").is_in(best), kind="point")
        words = metric_words(str(metric), str(at))
        place = cohort_name(str(cohort))
        title = _("{model} in {cohort}: {metric} versus discard", model=model, cohort=place, metric=words)
        caption = _("{metric} in {cohort}", metric=words, cohort=place)
        stem = file_stem(stems, "discard", str(model), str(cohort), str(metric))
        yield Figure(stem, title, caption, {"": versus(points, best, words)}, str(model), str(cohort))


def versus(points: pl.DataFrame, best: list[str], words: str) -> Chart:
    """Return the error rate over the share of comparisons that are discarded, a line for each measure."""
    names = {name: measure_name(name) for name in best}
    rows = points.select("discarded", "value", pl.col("measure").replace(names))
    lines = (
        alt.Chart(data(rows))
        .mark_line(interpolate="step-after", strokeWidth=2)
        .encode(
            alt.X("discarded:Q", title=_("share of comparisons discarded"), axis=alt.Axis(format="~%")),
            alt.Y("value:Q", title=words, axis=alt.Axis(format="~%"), scale=alt.Scale(zero=True)),
            alt.Color("measure:N", title=None, scale=colours(list(names.values())), legend=alt.Legend(columns=1)),
        )
    )
    return alt.LayerChart(layer=[lines], height=HEIGHT)
