"""The numbers behind the charts: tidy frames, one row per mark."""

import polars as pl

from facegap.data.across import Ends
from facegap.data.evaluation import Evaluation
from facegap.metrics.operating_points import OperatingPoint, fmr_of, kind_of
from facegap.report.text.formatting import threshold_text, value_text
from facegap.report.text.language import _
from facegap.report.text.names import kind_name
from facegap.report.text.summary import Cells
from facegap.run.text import N_

RATES = ("accuracy", "precision", "recall", "f1")
"""The columns of a threshold sweep that are drawn."""

Series = dict[tuple[str, str], str]
"""Curves drawn together: the name of each (model, cohort) cell, in the order of the legend."""

_DRAWN_DIGITS = 6
_ABOVE_ZERO = 1e-6


def within(frame: pl.DataFrame, images: str, model: str, ends: Ends) -> pl.DataFrame:
    """Return the rows of `roc`, `sweep`, `histogram` or `bands` of one model between two cohorts, for drawing.

    Numbers are rounded, and null where they are not finite: JSON knows no infinite threshold.
    """
    rows = frame.filter(images=images, model=model, probe_cohort=ends[0], gallery_cohort=ends[1])
    number = pl.selectors.float()
    return rows.drop("images", "model", "probe_cohort", "gallery_cohort").with_columns(
        pl.when(number.is_finite()).then(number.round_sig_figs(_DRAWN_DIGITS))
    )


def finest_fmr(cells: Cells, model: str, cohort: str) -> float:
    """Return the smallest FMR at which TAR can be resolved, 0.1 where there is none."""
    levels = [
        fmr_of(at)
        for (m, c, metric, at), row in cells.items()
        if (m, c, metric) == (model, cohort, "tar") and kind_of(at) is OperatingPoint.FMR and row["value"] is not None
    ]
    return min(levels, default=0.1)


def error_curves(evaluation: Evaluation, cells: Cells, images: str, series: Series) -> pl.DataFrame:
    """Return the error curves of some (model, cohort) cells under the names they are drawn with.

    Columns: `series`, `threshold`, `fmr`, `tar`, `fnmr`; `resolved_fmr` is null below the smallest FMR the cell can
    resolve and starts exactly there; `seen_fnmr` is null where no genuine comparison is rejected. Both suit a log axis.
    """
    parts = []
    for (model, cohort), name in series.items():
        floor = finest_fmr(cells, model, cohort)
        fmr = pl.col("fmr")
        starts = (fmr <= floor) & (fmr.shift(-1) > floor)
        parts.append(
            within(evaluation.roc, images, model, evaluation.ends(cohort)).select(
                pl.lit(name).alias("series"),
                "threshold",
                "fmr",
                (1 - pl.col("fnmr")).round_sig_figs(_DRAWN_DIGITS).alias("tar"),
                "fnmr",
                pl.when(starts).then(floor).when(fmr > floor).then(fmr).alias("resolved_fmr"),
                pl.when(pl.col("fnmr") > 0).then("fnmr").alias("seen_fnmr"),
            )
        )
    return pl.concat(parts)


def error_bands(evaluation: Evaluation, cells: Cells, images: str, series: Series) -> pl.DataFrame:
    """Return the intervals of TAR along error curves: `series`, `fmr`, `low`, `high`, in order of FMR.

    `resolved_fmr` is null below the smallest FMR the cell can resolve. `fnmr_low` and `fnmr_high` are the intervals of
    FNMR, kept above zero for a log axis.
    """
    parts = []
    for (model, cohort), name in series.items():
        seen = pl.col("fmr") >= finest_fmr(cells, model, cohort)
        parts.append(
            _bands_within(evaluation, images, model, cohort)
            .filter(curve="roc")
            .select(pl.lit(name).alias("series"), pl.col("x").alias("fmr"), "low", "high")
            .with_columns(
                pl.when(seen).then("fmr").alias("resolved_fmr"),
                *(
                    pl.max_horizontal(1 - pl.col(tar), pl.lit(_ABOVE_ZERO)).round_sig_figs(_DRAWN_DIGITS).alias(fnmr)
                    for fnmr, tar in (("fnmr_low", "high"), ("fnmr_high", "low"))
                ),
            )
        )
    return pl.concat(parts)


def swept_bands(evaluation: Evaluation, model: str, cohort: str) -> pl.DataFrame:
    """Return the intervals of the rates of a sweep: `threshold`, `rate`, `low`, `high`."""
    return (
        _bands_within(evaluation, "own", model, cohort)
        .filter(pl.col("curve").is_in(RATES))
        .select(pl.col("x").alias("threshold"), pl.col("curve").replace(rate_names()).alias("rate"), "low", "high")
    )


def _bands_within(evaluation: Evaluation, images: str, model: str, cohort: str) -> pl.DataFrame:
    return within(evaluation.bands, images, model, evaluation.ends(cohort)).drop_nulls(["x", "low", "high"]).sort("x")


def with_auc(cells: Cells, series: Series) -> Series:
    """Return the series with each cell's AUC before its name, where a narrow legend does not cut it off."""
    return {
        (model, cohort): _("AUC {auc} · {name}", auc=value_text(cells.get((model, cohort, "auc", ""))), name=name)
        for (model, cohort), name in series.items()
    }


def marked_thresholds(cells: Cells, model: str, cohort: str) -> pl.DataFrame:
    """Return the thresholds to draw as rules, `shipped` and `best F1`: `mark`, `threshold`, `label`."""
    places = {"shipped": ("accuracy", "shipped"), "best F1": ("f1", "best-f1")}
    words = {"shipped": N_("shipped {threshold}"), "best F1": N_("best F1 {threshold}")}
    rows = {mark: cells.get((model, cohort, *place)) for mark, place in places.items()}
    marks = [
        {
            "mark": mark,
            "threshold": row["threshold"],
            "label": _(words[mark], threshold=threshold_text(row["threshold"])),
        }
        for mark, row in rows.items()
        if row is not None and row["threshold"] is not None
    ]
    return pl.DataFrame(marks, schema={"mark": pl.String, "threshold": pl.Float64, "label": pl.String})


def score_shares(histogram: pl.DataFrame) -> pl.DataFrame:
    """Return the bins of one cell in long form: `left`, `right`, `kind`, `count`, and `share` of its kind."""
    kinds = ["genuine", "impostor"]
    bins = histogram.unpivot(kinds, index=["left", "right"], variable_name="kind", value_name="count")
    share = pl.col("count") / pl.col("count").sum().over("kind")
    names = pl.col("kind").replace({kind: kind_name(kind) for kind in kinds})
    return bins.with_columns(share.fill_nan(0.0).round_sig_figs(_DRAWN_DIGITS).alias("share"), kind=names)


def rate_names() -> dict[str, str]:
    """Return what each of `RATES` is called."""
    return {"accuracy": _("accuracy"), "precision": _("precision"), "recall": _("recall (TAR)"), "f1": _("F1")}


def swept_rates(sweep: pl.DataFrame) -> pl.DataFrame:
    """Return the rates of one cell in long form: `threshold`, `rate`, `value`."""
    return (
        sweep.rename(rate_names())
        .unpivot(list(rate_names().values()), index="threshold", variable_name="rate", value_name="value")
        .drop_nulls("value")
    )
