"""How many images each cohort has, as bars."""

from collections.abc import Iterator

import altair as alt

from facegap.data.evaluation import Evaluation
from facegap.report.charts.charts import data
from facegap.report.charts.figure import Figure
from facegap.report.text.language import _
from facegap.report.text.names import file_stem


def figures(evaluation: Evaluation, stems: set[str]) -> Iterator[Figure]:
    """Yield one figure."""
    title = _("Images of each cohort")
    counts = alt.Chart(data(evaluation.cohorts.select("cohort", "images"))).mark_bar()
    bars = counts.encode(alt.X("cohort:N", title=_("cohort")), alt.Y("images:Q", title=_("images")))
    yield Figure(file_stem(stems, "sizes"), title, title, {"": alt.LayerChart(layer=[bars])})
