"""The coverage of every method in one picture."""

import altair as alt
import polars as pl
import vl_convert

from facegap.report.charts.drawing import FILE_FONTS, PNG_SCALE, VEGA_LITE
from studies import ours, peers
from studies.bounds import COVERAGE
from studies.reading import LEVEL

PANELS = ("AUC", "FMR(t)", "FNMR(t)", "TAR@FMR=0.01", "EER", "best F1")
COLOURS = {
    ours.METHOD: "#0b6e4f",
    peers.SUBJECTS: "#2a6fb0",
    peers.CIMAT: "#e0a100",
    peers.IMAGES: "#7a5195",
    peers.WILSON: "#d1495b",
    peers.DELONG: "#d1495b",
}
SHAPES = {
    ours.METHOD: "circle",
    peers.SUBJECTS: "triangle-down",
    peers.CIMAT: "diamond",
    peers.IMAGES: "triangle-up",
    peers.WILSON: "square",
    peers.DELONG: "cross",
}


def picture(found: pl.DataFrame) -> tuple[str, bytes]:
    """Return the picture as SVG and as PNG: one panel per quantity of one model.

    It shows the populations that other methods saw.
    """
    compared = found.filter(~pl.col("method").str.starts_with(ours.METHOD))["population"].unique().to_list()
    rows = found.filter(
        (pl.col("contrast") == "null")
        & (pl.col("kind") == "single")
        & (pl.col("level") == LEVEL)
        & pl.col("population").is_in(compared)
        & pl.col("label").is_in(PANELS)
    ).select("population", "label", "method", percent=100 * pl.col("cover"))
    rows = rows.sort(pl.col("method") == ours.METHOD, maintain_order=True)  # the last one lies on top
    data = alt.Data(values=[*rows.iter_rows(named=True)])
    methods = [name for name in COLOURS if name in set(rows["method"])]
    x = alt.X("percent:Q", title="draws whose interval held the truth, %", scale=alt.Scale(domain=[0, 100]))
    y = alt.Y("population:N", title=None, sort=rows["population"].unique(maintain_order=True).to_list())
    points = alt.Chart(data).mark_point(filled=True, size=70, opacity=0.9).encode(
        x=x,
        y=y,
        color=alt.Color(
            "method:N", title=None, sort=methods, scale=alt.Scale(domain=methods, range=[COLOURS[m] for m in methods])
        ),
        shape=alt.Shape(
            "method:N", title=None, sort=methods, scale=alt.Scale(domain=methods, range=[SHAPES[m] for m in methods])
        ),
    )  # fmt: skip
    once = alt.Chart(data).transform_aggregate(groupby=["label"])
    aim = once.mark_rect(color=COLOURS[ours.METHOD], opacity=0.12).encode(
        x=alt.datum(100 * COVERAGE[LEVEL][0]), x2=alt.datum(100 * COVERAGE[LEVEL][1])
    )
    nominal = once.mark_rule(color="#333333", strokeDash=[3, 3], size=0.7).encode(x=alt.datum(100 * LEVEL))
    panels = alt.layer(aim, nominal, points).properties(width=250, height=22 * rows["population"].n_unique())
    chart = panels.facet(
        facet=alt.Facet("label:N", title=None, sort=list(PANELS), header=alt.Header(labelFontSize=13)), columns=3
    ).properties(title="How often a 95 % interval held the truth")
    config = {
        "background": "white",
        "font": FILE_FONTS,
        "axis": {"labelFontSize": 11, "titleFontSize": 11, "titleFontWeight": "normal", "gridColor": "#ececec"},
        "legend": {"orient": "bottom", "labelFontSize": 12},
        "title": {"anchor": "start", "fontSize": 15, "fontWeight": "normal", "offset": 12},
    }
    drawn = vl_convert.vegalite_to_svg(
        {**chart.to_dict(), "config": config, "padding": 12}, vl_version=VEGA_LITE, allowed_base_urls=[]
    )
    return drawn, vl_convert.svg_to_png(drawn, scale=PNG_SCALE)
