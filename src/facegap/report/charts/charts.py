"""What charts are made of: colours, axes, areas and rules. A chart has neither width nor title nor font."""

from typing import Any

import altair as alt
import numpy as np
import polars as pl

from facegap.data.comparator import Comparator
from facegap.report.charts.rows import Rows
from facegap.report.text.language import _
from facegap.report.text.names import unit_name

PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#5F5F5F")
"""Okabe and Ito's colours, told apart with any colour vision; the yellow is left out, it vanishes on white."""

DASHES = ([1, 0], [7, 3], [2, 2], [9, 3, 2, 3], [4, 2])
RULE, LIMIT = "#444444", "#6b7280"
HEIGHT = 300
BAND = 0.16
"""Opacity of an interval's area."""

HOVER = "hover"
"""Name of the invisible layer that answers the pointer; drawings that nobody points at leave it out."""

Chart = alt.LayerChart
"""What every figure is drawn as."""


def data(frame: pl.DataFrame) -> dict[str, Any]:
    """Return a frame as the data of a chart, which names it."""
    return {"name": Rows.of(frame)}


def colours(names: list[str]) -> alt.Scale:
    """Return the colours of some series, in their order."""
    return alt.Scale(domain=names, range=[PALETTE[i % len(PALETTE)] for i in range(len(names))])


def dashes(names: list[str]) -> alt.Scale:
    """Return the dashes of some series, in their order."""
    return alt.Scale(domain=names, range=[DASHES[i % len(DASHES)] for i in range(len(names))])


def shaded(
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


def domain_of(*scores: pl.Series) -> tuple[float, float]:
    """Return the lowest and the highest of some scores."""
    together = np.concatenate([s.to_numpy() for s in scores])
    return float(together.min()), float(together.max())


def score_axis(field: str, domain: tuple[float, float], comparator: Comparator) -> alt.X:
    """Return the axis of scores in their native unit, distances reversed: closer faces to the right."""
    reverse = comparator.sign < 0
    scale = alt.Scale(domain=list(domain), nice=False, zero=False, reverse=reverse)
    axis = alt.Axis(tickCount=7, labelFlush=False, labelOverlap=True)
    return alt.X(f"{field}:Q", title=_("{score} (stricter →)", score=unit_name(comparator)), scale=scale, axis=axis)


def rules(marks: pl.DataFrame, domain: tuple[float, float], comparator: Comparator) -> list[alt.Chart]:
    """Return the marked thresholds as rules, each labelled in a line of its own above the plot."""
    low, high = domain
    layers = []
    for line, mark in enumerate(marks.iter_rows(named=True)):
        above_middle = mark["threshold"] > (low + high) / 2
        on_the_right = above_middle == (comparator.sign > 0)
        at = score_axis("threshold", domain, comparator)
        here = alt.Chart(data(pl.DataFrame([mark]))).encode(at)
        layers.append(here.mark_rule(color=RULE, strokeWidth=1.5, strokeDash=DASHES[line]))
        label = {"align": "right" if on_the_right else "left", "dx": -3 if on_the_right else 3}
        text = here.mark_text(color=RULE, baseline="bottom", **label)
        layers.append(text.encode(alt.Text("label:N"), y=alt.value(-3 - 14 * line)))
    return layers
