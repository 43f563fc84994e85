"""The chart of a calibration: likelihood ratios over the score."""

from collections.abc import Mapping
from math import ceil, floor

import altair as alt
import numpy as np
import polars as pl

from facegap.data.comparator import Comparator
from facegap.report.charts.charts import DASHES, HEIGHT, HOVER, RULE, Chart, colours, data, score_axis
from facegap.report.text.language import _
from facegap.report.text.names import field_name


def likelihood(maps: Mapping[str, tuple[np.ndarray, np.ndarray]], comparator: Comparator, ends: np.ndarray) -> Chart:
    """Return likelihood ratios over the score, on a logarithmic axis, closer faces to the right.

    `maps`: by name, the points of each map: similarity (n,) rising and log10 likelihood ratios (n,). `ends` (2,): the
    lowest and the highest similarity seen.
    """
    shown = {name: _between(*points, ends) for name, points in maps.items()}
    rows = [
        {"map": name, "score": comparator.sign * x, "ratio": 10.0**y}
        for name, points in shown.items()
        for x, y in points
    ]
    names, domain = list(maps), sorted((comparator.sign * ends).tolist())
    x = score_axis("score", (domain[0], domain[1]), comparator)
    exponents = [y for points in shown.values() for _, y in points]
    decades = [10.0**e for e in range(floor(min(exponents)), ceil(max(exponents)) + 1)]
    scale = alt.Scale(type="log", domain=[decades[0], decades[-1]])
    y = alt.Y("ratio:Q", title=_("likelihood ratio (log)"), scale=scale, axis=alt.Axis(values=decades, format=",~g"))
    legend = alt.Legend(columns=2)
    base = alt.Chart(data(pl.DataFrame(rows))).encode(
        x, y, alt.Color("map:N", title=None, scale=colours(names), legend=legend)
    )
    dash = alt.StrokeDash("map:N", title=None, scale=alt.Scale(domain=names, range=list(DASHES[: len(names)])))
    lines = base.mark_line(strokeWidth=2).encode(dash, order=alt.Order("score:Q"))
    tips = [
        alt.Tooltip("map:N", title=field_name("map")),
        *(alt.Tooltip(f"{field}:Q", title=field_name(field), format=".4~g") for field in ("score", "ratio")),
    ]
    points = base.mark_point(size=60, opacity=0).encode(tooltip=tips).properties(name=HOVER)
    even = alt.Chart(data(pl.DataFrame({"ratio": [1]}))).mark_rule(color=RULE, strokeDash=DASHES[2]).encode(y)
    return alt.LayerChart(layer=[even, lines, points], height=HEIGHT)


def _between(similarity: np.ndarray, log10_lr: np.ndarray, ends: np.ndarray) -> list[tuple[float, float]]:
    """Return the points of a map between two ends, the ends themselves among them."""
    inside = similarity[(similarity > ends[0]) & (similarity < ends[1])]
    x = np.r_[ends[0], inside, ends[1]]
    return list(zip(x.tolist(), np.interp(x, similarity, log10_lr).tolist(), strict=True))
