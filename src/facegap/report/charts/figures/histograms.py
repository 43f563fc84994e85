"""Score histograms of genuine and impostor comparisons, a figure for each model and cohort."""

from collections.abc import Iterator

import altair as alt
import polars as pl

from facegap.data.comparator import Comparator
from facegap.data.evaluation import Evaluation
from facegap.report.charts.charts import Chart, colours, data, domain_of, rules, score_axis
from facegap.report.charts.figure import Figure
from facegap.report.tables import frames
from facegap.report.text.language import _, pgettext
from facegap.report.text.names import cohort_name, field_name, file_stem, kind_name
from facegap.report.text.summary import Cells, metric_cells


def figures(evaluation: Evaluation, stems: set[str]) -> Iterator[Figure]:
    """Yield a figure for each model and cohort that has comparisons."""
    own = metric_cells(evaluation, "own")
    for model in evaluation.models["model"]:
        for cohort in evaluation.populations:
            yield from _figure(evaluation, own, stems, model, cohort)


def _figure(evaluation: Evaluation, cells: Cells, stems: set[str], model: str, cohort: str) -> Iterator[Figure]:
    bins = frames.within(evaluation.histogram, "own", model, evaluation.ends(cohort))
    if bins.is_empty():
        return
    marks = frames.marked_thresholds(cells, model, cohort).filter(mark="shipped")
    chart = scores(frames.score_shares(bins), marks, evaluation.comparator(model))
    stem = file_stem(stems, "scores", model, cohort)
    title = _("{model} in {cohort}: scores", model=model, cohort=cohort_name(cohort))
    yield Figure(stem, title, cohort_name(cohort), {"": chart}, model, cohort)


def scores(shares: pl.DataFrame, marks: pl.DataFrame, comparator: Comparator) -> Chart:
    """Return the score histograms of genuine and impostor comparisons, each as shares of its own kind.

    Closer faces lie to the right, as in `sweeps`.
    """
    kinds = [kind_name("genuine"), kind_name("impostor")]
    domain = domain_of(shares["left"], shares["right"], marks["threshold"])
    x = score_axis("left", domain, comparator)
    tips = [
        alt.Tooltip("kind:N", title=field_name("kind")),
        alt.Tooltip("count:Q", title=field_name("count"), format=","),
        alt.Tooltip("share:Q", title=field_name("share"), format=".3~%"),
        alt.Tooltip("left:Q", title=pgettext("end of a range", "from"), format=".4~g"),
        alt.Tooltip("right:Q", title=pgettext("end of a range", "to"), format=".4~g"),
    ]
    bars = (
        alt.Chart(data(shares))
        .mark_rect(opacity=0.55)
        .encode(
            x,
            alt.X2("right:Q"),
            alt.Y("share:Q", title=_("share of comparisons"), axis=alt.Axis(format="~%")),
            alt.Y2(datum=0),
            alt.Color("kind:N", title=None, scale=colours(kinds), legend=alt.Legend(columns=2, symbolType="square")),
            tooltip=tips,
        )
    )
    return alt.LayerChart(layer=[bars, *rules(marks, domain, comparator)], height=220)
