"""What the data of an evaluation cannot tell: rates they do not resolve, differences they would not see."""

import polars as pl

from facegap.data.evaluation import Evaluation
from facegap.data.manifest import POOLED
from facegap.metrics.operating_points import OperatingPoint, fmr_of, kind_of
from facegap.report.tables.layout import Table, heads, plain, titled
from facegap.report.text.formatting import ABSENT, fmr_text, percent
from facegap.report.text.language import _, in_a_row, listed
from facegap.report.text.methods import method_text
from facegap.report.text.names import names_of
from facegap.report.text.phrases import ends_short, metric_words, size_text
from facegap.report.text.shown_differences import compared, has_intervals, kinds_of
from facegap.report.text.summary import image_sets, metric_cells

SEEN = (("auc", ""), ("fnmr", "fmr=0.01"), ("fnmr", "fmr=0.001"), ("fmr", "shipped"))
"""The numbers for which a reader learns how large a difference had to be."""

_KINDS = ("cohorts", "models")


def limit_tables(evaluation: Evaluation) -> list[Table]:
    """Return which FMRs are out of reach, then the differences found with 80 % power; none without intervals."""
    if not has_intervals(evaluation):
        return []
    unresolved = [table for images in image_sets(evaluation) if (table := _unresolved(evaluation, images)).rows]
    detectable = [_detectable(evaluation, kind, images) for kind, images in kinds_of(evaluation) if kind in _KINDS]
    return [*unresolved, *(table for table in detectable if table.rows)]


def unseen_sentence(evaluation: Evaluation) -> str:
    """Return which kinds of people no interval can know of, or "" without intervals.

    Of a kind with a share of 3 / n or less, n random subjects hold nobody with a probability of 5 % or more.
    """
    if not has_intervals(evaluation):
        return ""
    cohorts = evaluation.cohorts.filter((pl.col("cohort") != POOLED) & (pl.col("subjects") > 3)).rows(named=True)
    shares = [_("{share} of {cohort}", share=percent(3 / row["subjects"]), cohort=row["cohort"]) for row in cohorts]
    if not shares:
        return ""
    return _(
        "No interval can know who was not drawn: kinds of people that make up less than {shares} (3 in the number of "
        "subjects) may be missing altogether.",
        shares=listed(shares),
    )


def _unresolved(evaluation: Evaluation, images: str) -> Table:
    levels: dict[tuple[str, str], dict[bool, list[float]]] = {}
    reasons: dict[str, None] = {}
    for (model, cohort, metric, at), row in metric_cells(evaluation, images).items():
        if metric == "tar" and kind_of(at) is OperatingPoint.FMR:
            resolved = row["value"] is not None
            levels.setdefault((model, cohort), {}).setdefault(resolved, []).append(fmr_of(at))
            if not resolved:
                reasons[method_text(row)] = None
    rows = tuple(
        (*heads(*cell), plain(_fmrs(found.get(True, [])[-1:])), plain(_fmrs(found[False])))
        for cell, found in levels.items()
        if False in found
    )
    columns = (_("Model"), _("Cohort"), _("Lowest FMR resolved"), _("Not resolvable"))
    return Table(titled(_("FMRs out of reach"), images), columns, rows, reasons=tuple(reasons))


def _fmrs(levels: list[float]) -> str:
    return in_a_row([fmr_text(level) for level in levels]) or ABSENT


def _detectable(evaluation: Evaluation, kind: str, images: str) -> Table:
    short = names_of(evaluation)
    found: dict[tuple[str, str], dict[tuple[str, str], str]] = {}
    models = evaluation.models["model"].to_list()
    for row in sorted(compared(evaluation, kind, images), key=lambda row: models.index(row["model_a"])):
        found.setdefault(ends_short(row, short), {})[row["metric"], row["at"]] = size_text(row)
    places = [place for place in SEEN if any(place in sizes for sizes in found.values())]
    rows = tuple(
        (*heads(*ends), *(plain(sizes.get(place, ABSENT)) for place in places))
        for ends, sizes in found.items()
        if places
    )
    columns = (_("Model"), _("Cohort"), *(metric_words(*place) for place in places))
    title = (
        _("Between cohorts: differences found with 80 % power")
        if kind == "cohorts"
        else _("Between models: differences found with 80 % power")
    )
    return Table(titled(title, images), columns, rows)
