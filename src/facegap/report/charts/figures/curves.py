"""Error curves: FNMR, or TAR, over FMR, of all models in each cohort and of all cohorts with each model."""

from collections.abc import Iterator
from typing import Any

import altair as alt
import polars as pl
from scipy import special

from facegap.data.evaluation import Evaluation
from facegap.report.charts.charts import HEIGHT, HOVER, Chart, colours, dashes, data, decades, lowest_decade, shaded
from facegap.report.charts.figure import Figure
from facegap.report.tables import frames
from facegap.report.text.language import _
from facegap.report.text.names import cohort_name, cohort_names, field_name, file_stem, short_names
from facegap.report.text.summary import Cells, image_sets, metric_cells, set_words

PROBIT_RATES = (1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.05, 0.2, 0.5, 0.8, 0.95)
"""The rates that an axis of normal deviates is labelled with; it ends at the first and the last."""


def figures(evaluation: Evaluation, stems: set[str]) -> Iterator[Figure]:
    """Yield a figure for each cohort, then one for each model, with three views.

    Models are drawn together over the images that all of them could embed, where there are such rates; cohorts over the
    images that the model could embed.
    """
    yield from _by_cohort(evaluation, stems)
    yield from _by_model(evaluation, stems)


def _by_cohort(evaluation: Evaluation, stems: set[str]) -> list[Figure]:
    images = image_sets(evaluation)[-1]
    cells = metric_cells(evaluation, images)
    names = short_names(evaluation.models["model"].to_list())
    figures = []
    for cohort in evaluation.populations:
        series = {(model, cohort): name for model, name in names.items()}
        if views := _views(evaluation, cells, images, series):
            title = _("Models in {cohort} ({which})", cohort=cohort_name(cohort), which=set_words(images))
            stem, probit = file_stem(stems, "roc", "cohort", cohort), _probit(evaluation, cells, images, series)
            figures.append(Figure(stem, title, cohort_name(cohort), views, cohort=cohort, file_views=probit))
    return figures


def _by_model(evaluation: Evaluation, stems: set[str]) -> list[Figure]:
    cells = metric_cells(evaluation, "own")
    names = cohort_names(evaluation)
    figures = []
    for model in evaluation.models["model"]:
        series = {(model, cohort): name for cohort, name in names.items()}
        if views := _views(evaluation, cells, "own", series):
            title = _("Cohorts with {model} ({which})", model=model, which=set_words("own"))
            stem, probit = file_stem(stems, "roc", "model", model), _probit(evaluation, cells, "own", series)
            figures.append(Figure(stem, title, model, views, model=model, file_views=probit))
    return figures


def _views(evaluation: Evaluation, cells: Cells, images: str, series: frames.Series) -> dict[str, Chart]:
    """Return the three views of some error curves, or none where no cell has a curve."""
    named = frames.with_auc(cells, series)
    curves = frames.error_curves(evaluation, cells, images, named)
    if curves.is_empty():
        return {}
    bands = frames.error_bands(evaluation, cells, images, named)
    labels = list(named.values())
    return {
        "linear": roc(curves, bands, labels),
        "log": roc_log(curves, bands, labels),
        "det": det(curves, bands, labels),
    }


def _probit(evaluation: Evaluation, cells: Cells, images: str, series: frames.Series) -> dict[str, Chart]:
    """Return the detection error trade-off on normal deviates, as papers draw it."""
    named = frames.with_auc(cells, series)
    return {"probit": det_probit(frames.error_curves(evaluation, cells, images, named), list(named.values()))}


def roc(curves: pl.DataFrame, bands: pl.DataFrame, series: list[str]) -> Chart:
    """Return TAR over FMR on linear axes, with the line of pure chance."""
    chance = alt.Chart(data(pl.DataFrame({"x": [0, 1], "y": [0, 1]})))
    diagonal = chance.mark_line(color="#9a9a9a", strokeDash=[3, 3], strokeWidth=1).encode(
        alt.X("x:Q", scale=alt.Scale(domain=[0, 1])), alt.Y("y:Q", scale=alt.Scale(domain=[0, 1]))
    )
    x = alt.X("fmr:Q", title=_("FMR"), scale=alt.Scale(domain=[0, 1]))
    y = alt.Y("tar:Q", title=_("TAR (1 − FNMR)"), scale=alt.Scale(domain=[0, 1]))
    areas = shaded(bands, series, x, y, "low", "high")
    return alt.LayerChart(layer=[diagonal, *areas, *_curves(curves, series, x, y)], height=HEIGHT)


def roc_log(curves: pl.DataFrame, bands: pl.DataFrame, series: list[str]) -> Chart:
    """Return TAR over FMR with a logarithmic FMR axis that ends at the smallest FMR the data resolve."""
    x = _log_fmr(curves)
    y = alt.Y("tar:Q", title=_("TAR (1 − FNMR)"), scale=alt.Scale(domain=[0, 1]))
    areas = shaded(bands, series, x, y, "low", "high")
    return alt.LayerChart(layer=[*areas, *_curves(curves, series, x, y)], height=HEIGHT)


def det(curves: pl.DataFrame, bands: pl.DataFrame, series: list[str]) -> Chart:
    """Return the detection error trade-off: FNMR over FMR, both axes logarithmic."""
    shown = curves.filter(pl.col("resolved_fmr").is_not_null())
    x = _log_fmr(curves)
    y = alt.Y("seen_fnmr:Q", title=_("FNMR (log)"), **decades(lowest_decade(shown["seen_fnmr"])))
    areas = shaded(bands, series, x, y, "fnmr_low", "fnmr_high")
    return alt.LayerChart(layer=[*areas, *_curves(curves, series, x, y)], height=HEIGHT)


def det_probit(curves: pl.DataFrame, series: list[str]) -> Chart:
    """Return FNMR over FMR on axes of normal deviates, where scores with normal distributions give straight lines.

    Martin, Doddington, Kamm, Ordowski & Przybocki, Eurospeech 1997. Rates beyond the ends of the axes are left out.
    """
    rates = ("resolved_fmr", "seen_fnmr")
    shown = curves.filter(pl.col(name).is_between(PROBIT_RATES[0], PROBIT_RATES[-1]) for name in rates)
    x, y = (special.ndtri(shown[name].to_numpy()) for name in rates)
    points = shown.select("series", "fmr").with_columns(x=pl.Series(x), y=pl.Series(y))
    lines = (
        alt.Chart(data(points))
        .mark_line(strokeWidth=2)
        .encode(
            _deviates("x", alt.X, _("FMR (normal deviates)")),
            _deviates("y", alt.Y, _("FNMR (normal deviates)")),
            alt.Color("series:N", title=None, scale=colours(series)),
            alt.StrokeDash("series:N", title=None, scale=dashes(series)),
            order=alt.Order("fmr:Q"),
        )
    )
    return alt.LayerChart(layer=[lines], height=HEIGHT)


def _deviates(name: str, channel: type, title: str) -> Any:
    """Return an axis of normal deviates, labelled with the rates that these are of."""
    places = special.ndtri(PROBIT_RATES).tolist()
    labels = " : ".join(
        f"abs(datum.value - ({place})) < 1e-6 ? '{100 * rate:g} %'"
        for place, rate in zip(places, PROBIT_RATES, strict=True)
    )
    axis = alt.Axis(values=places, labelExpr=f"{labels} : ''", labelOverlap=True)
    return channel(f"{name}:Q", title=title, axis=axis, scale=alt.Scale(domain=[places[0], places[-1]], nice=False))


def _curves(curves: pl.DataFrame, series: list[str], x: alt.X, y: alt.Y) -> list[alt.Chart]:
    """Return the curves as lines, and the points of them that answer the pointer."""
    base = alt.Chart(data(curves)).encode(x, y, alt.Color("series:N", title=None, scale=colours(series)))
    lines = base.mark_line(strokeWidth=2).encode(
        alt.StrokeDash("series:N", title=None, scale=dashes(series)), order=alt.Order("fmr:Q")
    )
    tips = [alt.Tooltip("series:N", title=_("curve"))]
    tips += [
        alt.Tooltip(f"{field}:Q", title=field_name(field), format=".4~g")
        for field in ("fmr", "tar", "fnmr", "threshold")
    ]
    points = base.mark_point(size=60, opacity=0).encode(tooltip=tips).properties(name=HOVER)
    return [lines, points]


def _log_fmr(curves: pl.DataFrame) -> alt.X:
    return alt.X("resolved_fmr:Q", title=_("FMR (log)"), **decades(lowest_decade(curves["resolved_fmr"])))
