"""The charts: each function takes a frame of `frames` and returns an Altair chart without width, title or font."""

from typing import Any

import altair as alt
import numpy as np
import polars as pl

from facegap.data.comparator import Comparator
from facegap.report.text.language import _, pgettext
from facegap.report.text.names import field_name, kind_name, unit_name

PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#5F5F5F")
"""Okabe and Ito's colours, told apart with any colour vision; the yellow is left out, it vanishes on white."""

DASHES = ([1, 0], [7, 3], [2, 2], [9, 3, 2, 3], [4, 2])
RULE = "#444444"
HEIGHT = 300
BAND = 0.16
"""Opacity of an interval's area."""

HOVER = "hover"
"""Name of the invisible layer that answers the pointer; drawings that nobody points at leave it out."""

Chart = alt.LayerChart
"""What every function here returns."""


def roc(curves: pl.DataFrame, bands: pl.DataFrame, series: list[str]) -> Chart:
    """Return TAR over FMR on linear axes, with the line of pure chance."""
    chance = alt.Chart({"values": [{"x": 0, "y": 0}, {"x": 1, "y": 1}]})
    diagonal = chance.mark_line(color="#9a9a9a", strokeDash=[3, 3], strokeWidth=1).encode(
        alt.X("x:Q", scale=alt.Scale(domain=[0, 1])), alt.Y("y:Q", scale=alt.Scale(domain=[0, 1]))
    )
    x = alt.X("fmr:Q", title=_("FMR"), scale=alt.Scale(domain=[0, 1]))
    y = alt.Y("tar:Q", title=_("TAR (1 − FNMR)"), scale=alt.Scale(domain=[0, 1]))
    shaded = _shaded(bands, series, x, y, "low", "high")
    return alt.LayerChart(layer=[diagonal, *shaded, *_curves(curves, series, x, y)], height=HEIGHT)


def roc_log(curves: pl.DataFrame, bands: pl.DataFrame, series: list[str]) -> Chart:
    """Return TAR over FMR with a logarithmic FMR axis that ends at the smallest FMR the data resolve."""
    x = _log_fmr(curves)
    y = alt.Y("tar:Q", title=_("TAR (1 − FNMR)"), scale=alt.Scale(domain=[0, 1]))
    shaded = _shaded(bands, series, x, y, "low", "high")
    return alt.LayerChart(layer=[*shaded, *_curves(curves, series, x, y)], height=HEIGHT)


def det(curves: pl.DataFrame, bands: pl.DataFrame, series: list[str]) -> Chart:
    """Return the detection error trade-off: FNMR over FMR, both axes logarithmic."""
    shown = curves.filter(pl.col("resolved_fmr").is_not_null())
    x = _log_fmr(curves)
    y = alt.Y("seen_fnmr:Q", title=_("FNMR (log)"), **decades(lowest_decade(shown["seen_fnmr"])))
    shaded = _shaded(bands, series, x, y, "fnmr_low", "fnmr_high")
    return alt.LayerChart(layer=[*shaded, *_curves(curves, series, x, y)], height=HEIGHT)


def sweep(
    swept: pl.DataFrame, bands: pl.DataFrame, rates: pl.DataFrame, marks: pl.DataFrame, comparator: Comparator
) -> Chart:
    """Return accuracy, precision, recall and F1 over the threshold; stricter thresholds lie to the right.

    `swept`, `bands`: one row per threshold and rate. `rates`: one row per threshold. `marks`: thresholds drawn as
    rules.
    """
    names = swept["rate"].unique(maintain_order=True).to_list()
    domain = _domain(swept["threshold"], marks["threshold"])
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
            alt.StrokeDash("rate:N", title=None, scale=_dashes(names), legend=legend),
        )
    )
    tips = [alt.Tooltip(f"{field}:Q", title=field_name(field), format=".4~g") for field in rates.columns]
    hover = alt.Chart(data(rates), name=HOVER).mark_rule(strokeWidth=6, opacity=0).encode(x, tooltip=tips)
    shaded = _shaded(bands, names, x, y, "low", "high", by="rate")
    return alt.LayerChart(layer=[*shaded, lines, *_rules(marks, domain, comparator), hover], height=HEIGHT)


def scores(shares: pl.DataFrame, marks: pl.DataFrame, comparator: Comparator) -> Chart:
    """Return the score histograms of genuine and impostor comparisons, each as shares of its own kind.

    Closer faces lie to the right, as in `sweep`.
    """
    kinds = [kind_name("genuine"), kind_name("impostor")]
    domain = _domain(shares["left"], shares["right"], marks["threshold"])
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
    return alt.LayerChart(layer=[bars, *_rules(marks, domain, comparator)], height=220)


def data(frame: pl.DataFrame) -> dict[str, Any]:
    """Return a frame as inline data; a plain dict, because Altair's own class checks every number."""
    return {"values": frame.to_dicts()}


def colours(names: list[str]) -> alt.Scale:
    """Return the colours of some series, in their order."""
    return alt.Scale(domain=names, range=[PALETTE[i % len(PALETTE)] for i in range(len(names))])


def _dashes(names: list[str]) -> alt.Scale:
    return alt.Scale(domain=names, range=[DASHES[i % len(DASHES)] for i in range(len(names))])


def _curves(curves: pl.DataFrame, series: list[str], x: alt.X, y: alt.Y) -> list[alt.Chart]:
    """Return the curves as lines, and the points of them that answer the pointer."""
    base = alt.Chart(data(curves)).encode(x, y, alt.Color("series:N", title=None, scale=colours(series)))
    lines = base.mark_line(strokeWidth=2).encode(
        alt.StrokeDash("series:N", title=None, scale=_dashes(series)), order=alt.Order("fmr:Q")
    )
    tips = [alt.Tooltip("series:N", title=_("curve"))]
    tips += [
        alt.Tooltip(f"{field}:Q", title=field_name(field), format=".4~g")
        for field in ("fmr", "tar", "fnmr", "threshold")
    ]
    points = base.mark_point(size=60, opacity=0).encode(tooltip=tips).properties(name=HOVER)
    return [lines, points]


def _shaded(
    bands: pl.DataFrame, series: list[str], x: alt.X, y: alt.Y, low: str, high: str, by: str = "series"
) -> list[alt.Chart]:
    """Return the intervals of curves as areas in the curves' colours, or nothing where there are none."""
    if bands.is_empty():
        return []
    upper = y.copy()
    upper.shorthand = f"{high}:Q"
    colour = alt.Color(f"{by}:N", title=None, scale=colours(series))
    areas = alt.Chart(data(bands)).mark_area(fillOpacity=BAND, clip=True)
    return [areas.encode(x, upper, alt.Y2(f"{low}:Q"), colour)]


def _log_fmr(curves: pl.DataFrame) -> alt.X:
    return alt.X("resolved_fmr:Q", title=_("FMR (log)"), **decades(lowest_decade(curves["resolved_fmr"])))


def lowest_decade(rates: pl.Series) -> int:
    """Return the exponent of the power of ten at or below the smallest rate, from -6 to -1."""
    smallest = rates.filter(rates > 0).min()
    return -1 if smallest is None else max(-6, min(-1, int(pl.Series([smallest]).log10().round(9).floor()[0])))


def decades(lowest: int) -> dict[str, Any]:
    """Return scale and axis of a rate that is drawn logarithmically from 10**lowest to 1."""
    return {
        "scale": alt.Scale(type="log", domain=[10.0**lowest, 1], clamp=True),
        "axis": alt.Axis(values=[10.0**e for e in range(lowest, 1)], format=".0e"),
    }


def _domain(*scores: pl.Series) -> tuple[float, float]:
    """Return the lowest and the highest of some scores."""
    together = np.concatenate([s.to_numpy() for s in scores])
    return float(together.min()), float(together.max())


def score_axis(field: str, domain: tuple[float, float], comparator: Comparator) -> alt.X:
    """Return the axis of scores in their native unit, distances reversed: closer faces to the right."""
    reverse = comparator.sign < 0
    scale = alt.Scale(domain=list(domain), nice=False, zero=False, reverse=reverse)
    axis = alt.Axis(tickCount=7, labelFlush=False, labelOverlap=True)
    return alt.X(f"{field}:Q", title=_("{score} (stricter →)", score=unit_name(comparator)), scale=scale, axis=axis)


def _rules(marks: pl.DataFrame, domain: tuple[float, float], comparator: Comparator) -> list[alt.Chart]:
    """Return the marked thresholds as rules, each labelled in a line of its own above the plot."""
    low, high = domain
    layers = []
    for line, mark in enumerate(marks.iter_rows(named=True)):
        above_middle = mark["threshold"] > (low + high) / 2
        on_the_right = above_middle == (comparator.sign > 0)
        at = score_axis("threshold", domain, comparator)
        here = alt.Chart({"values": [mark]}).encode(at)
        layers.append(here.mark_rule(color=RULE, strokeWidth=1.5, strokeDash=DASHES[line]))
        label = {"align": "right" if on_the_right else "left", "dx": -3 if on_the_right else 3}
        text = here.mark_text(color=RULE, baseline="bottom", **label)
        layers.append(text.encode(alt.Text("label:N"), y=alt.value(-3 - 14 * line)))
    return layers
