"""Charts of subjects: whose scores are unusual, and how few people cause how many errors."""

from collections.abc import Iterator

import altair as alt
import polars as pl

from facegap.data.comparator import Comparator
from facegap.data.evaluation import Evaluation
from facegap.report.charts.charts import HOVER, PALETTE, Chart, data
from facegap.report.charts.figure import Figure
from facegap.report.text.language import _, said_of
from facegap.report.text.names import field_name, file_stem, kind_name, unit_name
from facegap.report.text.phrases import at_short

GREY = "#9a9a9a"
MOST = 2000
"""Subjects drawn at most, those with the most errors."""


def figures(evaluation: Evaluation, stems: set[str]) -> Iterator[Figure]:
    """Yield the figures of who causes the errors of each model."""
    for model in evaluation.models["model"]:
        yield from _of_model(evaluation, stems, model)


def _of_model(evaluation: Evaluation, stems: set[str], model: str) -> Iterator[Figure]:
    """Yield the figures of who causes a model's errors: every subject's mean scores, and FMR without the worst."""
    people = evaluation.subjects.filter(model=model)
    means = people.drop_nulls(["genuine_mean", "impostor_mean"]).unique("subject", maintain_order=True)
    if not means.is_empty():
        chart = scatter(means, evaluation.comparator(model))
        caption = _("Mean scores of those with most errors")
        title = said_of(model, caption)
        yield Figure(file_stem(stems, "subjects", model), title, caption, {"": chart}, model)
    left = evaluation.without.filter(model=model).drop_nulls("fmr")
    for at in left["at"].unique(maintain_order=True):
        chart = without(left.filter(at=at))
        caption = _("FMR without those with most false matches, {at}", at=at_short(at))
        title = said_of(model, caption)
        yield Figure(file_stem(stems, "without", model, at), title, caption, {"": chart}, model)


def scatter(subjects: pl.DataFrame, comparator: Comparator) -> Chart:
    """Return each subject's mean genuine score over its mean impostor score; closer faces lie right and up.

    `subjects`: rows of `Evaluation.subjects` of one model, those without a `kind` in grey below the others.
    """
    present = subjects["kind"].unique().to_list()
    others = kind_name("")
    named = pl.col("kind").replace({kind: kind_name(kind) for kind in present})
    drawn = subjects.head(MOST).select(
        "subject", "cohort", named, "false_matches", "false_non_matches", pl.selectors.ends_with("_mean").round(4)
    )
    kinds = [kind for kind in drawn["kind"].unique(maintain_order=True).sort() if kind != others]
    reverse = comparator.sign < 0
    scale = alt.Scale(zero=False, nice=True, reverse=reverse)
    colour = alt.Scale(domain=[*kinds, others], range=[*PALETTE[1 : len(kinds) + 1], GREY])
    tips = [alt.Tooltip(f"{field}:N", title=field_name(field)) for field in ("subject", "cohort", "kind")]
    tips += [
        alt.Tooltip("false_matches:Q", title=_("false matches")),
        alt.Tooltip("false_non_matches:Q", title=_("false non matches")),
    ]
    base = alt.Chart(data(drawn.sort(pl.col("kind") != others, maintain_order=True))).encode(
        alt.X("impostor_mean:Q", title=_("mean impostor {score} (closer →)", score=unit_name(comparator)), scale=scale),
        alt.Y("genuine_mean:Q", title=_("mean genuine {score} (closer ↑)", score=unit_name(comparator)), scale=scale),
    )
    legend = alt.Legend(columns=2, symbolType="circle", symbolSize=80)
    points = base.mark_point(filled=True, size=40, opacity=0.75).encode(
        alt.Color("kind:N", title=None, scale=colour, legend=legend)
    )
    hover = base.mark_point(size=120, opacity=0).encode(tooltip=tips).properties(name=HOVER)
    return alt.LayerChart(layer=[points, hover], height=300)


def without(left: pl.DataFrame) -> Chart:
    """Return the FMR over the number of subjects that were left out, those with the most false matches first."""
    rows = left.select("removed", "fmr", "false_matches").sort("removed")
    top = max(rows["fmr"].to_list(), default=0.0) * 1.12 or 1.0
    base = alt.Chart(data(rows)).encode(
        alt.X("removed:O", title=_("subjects left out"), axis=alt.Axis(labelAngle=0)),
        alt.Y("fmr:Q", title=_("FMR"), axis=alt.Axis(format="~%", tickCount=5), scale=alt.Scale(domain=[0, top])),
    )
    bars = base.mark_bar(color=PALETTE[0], opacity=0.8)
    texts = base.mark_text(dy=-4, baseline="bottom").encode(alt.Text("fmr:Q", format=".3~p"))
    tips = [
        alt.Tooltip("removed:Q", title=field_name("removed")),
        alt.Tooltip("fmr:Q", title=field_name("fmr"), format=".3~p"),
        alt.Tooltip("false_matches:Q", title=field_name("false_matches"), format=","),
    ]
    hover = base.mark_bar(opacity=0).encode(tooltip=tips).properties(name=HOVER)
    return alt.LayerChart(layer=[bars, texts, hover], height=300)
