"""Charts of subjects: whose scores are unusual, and how few people cause how many errors."""

import altair as alt
import polars as pl

from facegap.data.comparator import Comparator
from facegap.report.charts.charts import HOVER, PALETTE, Chart, data

OTHERS = "of no special kind"
GREY = "#9a9a9a"
MOST = 2000
"""Subjects drawn at most, those with the most errors."""


def scatter(subjects: pl.DataFrame, comparator: Comparator) -> Chart:
    """Return each subject's mean genuine score over its mean impostor score; closer faces lie right and up.

    `subjects`: rows of `Evaluation.subjects` of one model, those without a `kind` in grey below the others.
    """
    named = pl.when(pl.col("kind") == "").then(pl.lit(OTHERS)).otherwise("kind").alias("kind")
    drawn = subjects.head(MOST).select(
        "subject", "cohort", named, "false_matches", "false_non_matches", pl.selectors.ends_with("_mean").round(4)
    )
    kinds = [kind for kind in drawn["kind"].unique(maintain_order=True).sort() if kind != OTHERS]
    reverse = comparator.sign < 0
    scale = alt.Scale(zero=False, nice=True, reverse=reverse)
    colour = alt.Scale(domain=[*kinds, OTHERS], range=[*PALETTE[1 : len(kinds) + 1], GREY])
    tips = [alt.Tooltip(f"{field}:N") for field in ("subject", "cohort", "kind")]
    tips += [
        alt.Tooltip(f"{field}:Q", title=field.replace("_", " ")) for field in ("false_matches", "false_non_matches")
    ]
    base = alt.Chart(data(drawn.sort(pl.col("kind") != OTHERS, maintain_order=True))).encode(
        alt.X("impostor_mean:Q", title=f"mean impostor {comparator.unit} (closer →)", scale=scale),
        alt.Y("genuine_mean:Q", title=f"mean genuine {comparator.unit} (closer ↑)", scale=scale),
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
        alt.X("removed:O", title="subjects left out", axis=alt.Axis(labelAngle=0)),
        alt.Y("fmr:Q", title="FMR", axis=alt.Axis(format="~%", tickCount=5), scale=alt.Scale(domain=[0, top])),
    )
    bars = base.mark_bar(color=PALETTE[0], opacity=0.8)
    texts = base.mark_text(dy=-4, baseline="bottom").encode(alt.Text("fmr:Q", format=".3~p"))
    tips = [alt.Tooltip("removed:Q"), alt.Tooltip("fmr:Q", format=".3~p"), alt.Tooltip("false_matches:Q", format=",")]
    hover = base.mark_bar(opacity=0).encode(tooltip=tips).properties(name=HOVER)
    return alt.LayerChart(layer=[bars, texts, hover], height=300)
