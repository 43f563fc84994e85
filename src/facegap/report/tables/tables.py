"""The tables of the page: words and numbers arranged, nothing computed."""

from dataclasses import replace
from itertools import groupby, product

import polars as pl

from facegap.data.across import between_name
from facegap.data.evaluation import Evaluation
from facegap.metrics.operating_points import fmr_of, parse_at
from facegap.metrics.registry import metric
from facegap.report.tables.layout import Cell, Table, caption, heads, number, plain
from facegap.report.text.formatting import ABSENT, count, fmr_text, metric_text, share_of, threshold_text, value_text
from facegap.report.text.grades import LOOSE_FMR, UNUSABLE, at_least, unusable
from facegap.report.text.language import _, capital, ngettext
from facegap.report.text.methods import method_text
from facegap.report.text.names import cohort_name, outcome_name
from facegap.report.text.phrases import at_short, metric_words
from facegap.report.text.shown_differences import has_intervals
from facegap.report.text.summary import (
    COLUMNS,
    COUNTED,
    MEASURED,
    STANDS_ON,
    Cells,
    best_text,
    image_sets,
    metric_cells,
)
from facegap.run.text import N_

_FURTHER = {
    N_("Genuine share"): ("genuine_share", ""),
    N_("Best accuracy"): ("accuracy", "best-accuracy"),
    N_("Precision at best F1"): ("precision", "best-f1"),
    N_("Recall at best F1"): ("recall", "best-f1"),
    N_("F1@shipped"): ("f1", "shipped"),
    N_("Accuracy@shipped"): ("accuracy", "shipped"),
    N_("pAUC, FMR ≤ 0.01"): ("pauc", "fmr=0.01"),
    N_("d′"): ("d_prime", ""),
    N_("AUC exact to"): ("auc_bound", ""),
    N_("Accuracy over folds"): ("fold_accuracy", ""),
}
_AT_SHARE = {
    "f1": N_("F1 at genuine share {share}"),
    "precision": N_("Precision at genuine share {share}"),
}


def summary_tables(evaluation: Evaluation) -> list[Table]:
    """Return the summary, one table per set of images: own and common rates never share a table.

    Intervals make numbers wide: with them the counts have tables of their own, which come last.
    """
    counted = {name: COLUMNS[name] for name in COUNTED} | STANDS_ON
    measured = {name: COLUMNS[name] for name in MEASURED}
    parts = [(measured, False), (counted, True)] if has_intervals(evaluation) else [(COLUMNS, False)]
    return [
        Table(
            _("{images}. Counts", images=caption(images)) if counts else caption(images),
            tuple(map(_, ("Model", "Cohort", *part))),
            tuple(
                (*heads(model, cohort), *(_summary_cell(cells, model, cohort, *place) for place in part.values()))
                for model, cohort in _cells_in_order(evaluation)
            ),
        )
        for part, counts in parts
        for images in image_sets(evaluation)
        for cells in [metric_cells(evaluation, images)]
    ]


def _summary_cell(cells: Cells, model: str, cohort: str, metric: str, at: str) -> Cell:
    row = cells.get((model, cohort, metric, at))
    return _best(row) if at == "best-f1" else number(row)


def tar_tables(evaluation: Evaluation) -> list[Table]:
    """Return TAR at each FMR, with the FMR reached and its false matches."""
    return [table for images in image_sets(evaluation) if (table := _tar_table(evaluation, images)).rows]


def _tar_table(evaluation: Evaluation, images: str) -> Table:
    cells = metric_cells(evaluation, images)
    levels = sorted({at for *_cell, metric, at in cells if metric == "tar"}, key=fmr_of, reverse=True)
    rows, reasons = [], {}
    for model, cohort in _cells_in_order(evaluation) if levels else []:
        found = [cells.get((model, cohort, "tar", at)) for at in levels]
        reached = [cells.get((model, cohort, "fmr", at)) for at in levels]
        reasons.update({method_text(row): None for row in found if row and row["value"] is None})
        rows.append((*heads(model, cohort), *map(_tar_cell, found, reached)))
    columns = (
        _("Model"),
        _("Cohort"),
        *(_("FMR ≤ {fmr}", fmr=fmr_text(fmr_of(at))) for at in levels),
    )
    return Table(caption(images), columns, tuple(rows), reasons=tuple(reasons))


def _tar_cell(tar: dict | None, fmr: dict | None) -> Cell:
    if tar is None or tar["value"] is None:
        return number(tar)
    errors = tar["n_errors"]
    matches = () if errors is None else (ngettext("{n} false match", "{n} false matches", errors, n=count(errors)),)
    reached, at = _("FMR {rate}", rate=value_text(fmr)), _("at {threshold}", threshold=threshold_text(tar["threshold"]))
    return number(tar, reached, *matches, at)


def audit_tables(evaluation: Evaluation) -> list[Table]:
    """Return what each shipped threshold does in each population; empty where no model ships one."""
    return _audit(evaluation, shown=True)


def across_tables(evaluation: Evaluation) -> list[Table]:
    """Return what each shipped threshold does to comparisons of one cohort's images with another's."""
    return _audit(evaluation, shown=False)


def _audit(evaluation: Evaluation, *, shown: bool) -> list[Table]:
    """Return the table of each set of images, of populations that are shown by their name or of the others."""
    models, cohorts = evaluation.models["model"].to_list(), evaluation.cohorts["cohort"].to_list()
    shipped = evaluation.metrics.filter(pl.col("metric").is_in(["fmr", "fnmr"]), at="shipped")
    named = [evaluation.ends(name) for name in evaluation.populations]
    tables = []
    for images in image_sets(evaluation):
        pairs: dict[tuple[str, str, str], dict[str, dict]] = {}
        for row in shipped.filter(images=images).iter_rows(named=True):
            ends = row["probe_cohort"], row["gallery_cohort"]
            if (ends in named) == shown:
                pairs.setdefault((row["model"], *ends), {})[row["metric"]] = row
        order = {ends: place for place, ends in enumerate([*product(cohorts, repeat=2), *named])}
        ordered = sorted(pairs, key=lambda pair: (models.index(pair[0]), order[pair[1:]]))
        if ordered:
            columns = (_("Model"), _("Cohort"), _("Shipped threshold"), _("FMR"), _("FNMR"))
            tables.append(Table(caption(images), columns, tuple(_audit_row(*pair, pairs[pair]) for pair in ordered)))
    return tables


def _audit_row(model: str, probe: str, gallery: str, rows: dict[str, dict]) -> tuple[Cell, ...]:
    fmr, fnmr = rows.get("fmr"), rows.get("fnmr")
    threshold = (fmr or fnmr or {}).get("threshold")
    return (
        *heads(model, between_name(probe, gallery)),
        plain(threshold_text(threshold)),
        _rate_cell(fmr, weak=LOOSE_FMR),
        _rate_cell(fnmr, weak=UNUSABLE["fnmr"]),
    )


def _rate_cell(row: dict | None, *, weak: float) -> Cell:
    if row is None or row["value"] is None:
        return Cell(ABSENT, why=method_text(row), tone="muted")
    tone = "bad" if unusable(row) else "weak" if at_least(row, weak) else ""
    counted = share_of(row["n_errors"], row["n_comparisons"])
    return number(row, counted, tone=tone)


def applied_tables(evaluation: Evaluation) -> list[Table]:
    """Return what a threshold chosen on one cohort does in the others; empty where nothing was applied."""
    cohorts = evaluation.populations
    tables = []
    for images in image_sets(evaluation):
        cells = metric_cells(evaluation, images)
        chosen = list(dict.fromkeys(at for *_cell, metric, at in cells if metric == "fmr" and parse_at(at).cohort))
        rows = [
            _applied_row(cells, model, at, cohorts)
            for model in evaluation.models["model"]
            for at in chosen
            if any((model, cohort, "fmr", at) in cells for cohort in cohorts)
        ]
        if rows:
            columns = (
                _("Model"),
                _("Chosen on"),
                _("Threshold"),
                *(_("applied to {cohort}", cohort=cohort_name(cohort)) for cohort in cohorts),
            )
            tables.append(Table(caption(images), columns, tuple(rows)))
    return tables


def _applied_row(cells: Cells, model: str, at: str, cohorts: list[str]) -> tuple[Cell, ...]:
    cohort = parse_at(at).cohort
    found = [(cells.get((model, c, "fmr", at)), cells.get((model, c, "fnmr", at))) for c in cohorts]
    threshold = next((row["threshold"] for row, _fnmr in found if row), None)
    applied = [
        Cell(
            _("FMR {rate}", rate=metric_text(accepted)),
            (_("FNMR {rate}", rate=metric_text(rejected)),),
            tone="muted" if c == cohort else "",
        )
        for c, (accepted, rejected) in zip(cohorts, found, strict=True)
    ]
    return (*heads(model, at_short(at)), plain(threshold_text(threshold)), *applied)


def further_tables(evaluation: Evaluation) -> list[Table]:
    """Return the other numbers, leaving out columns that nothing was measured for."""
    return [_further_table(evaluation, images) for images in image_sets(evaluation)]


def _further_table(evaluation: Evaluation, images: str) -> Table:
    cells = metric_cells(evaluation, images)
    present = {(metric, at) for *_cell, metric, at in cells}
    further = {_(name): place for name, place in _FURTHER.items()}
    shared = {
        _(_AT_SHARE[metric], share=share): (metric, at)
        for metric, at in sorted(present)
        if (share := parse_at(at).share) and metric in _AT_SHARE
    }
    columns = {name: place for name, place in (further | shared).items() if place in present}
    columns |= {capital(metric_words(*place)): place for place in sorted(present) if not metric(place[0]).standing}
    rows = [
        (*heads(model, cohort), *(_further_cell(cells.get((model, cohort, *place))) for place in columns.values()))
        for model, cohort in _cells_in_order(evaluation)
    ]
    return Table(caption(images), (_("Model"), _("Cohort"), *columns), tuple(rows))


def _further_cell(row: dict | None) -> Cell:
    if row is None or row["value"] is None:
        return number(row)
    if row["at"] == "best-accuracy":
        return _best(row)
    return number(row, method_text(row) if row["metric"] == "fold_accuracy" else "")


def _best(row: dict | None) -> Cell:
    """Return a rate with the threshold it is reached at."""
    return replace(number(row), text=best_text(row))


def outcome_counts(evaluation: Evaluation) -> Table:
    """Return how many images of each cohort failed at which model, and why."""
    keys = ("model", "cohort", "outcome")
    rows = sorted(evaluation.failures.select(keys).iter_rows())
    counted = [(*key, len(list(group))) for key, group in groupby(rows)]
    return Table(
        _("Images without an embedding"),
        (_("Model"), _("Cohort"), _("Reason"), _("Images")),
        tuple(
            (*heads(model, cohort), Cell(outcome_name(outcome)), Cell(count(n)))
            for model, cohort, outcome, n in counted
        ),
    )


def _cells_in_order(evaluation: Evaluation) -> list[tuple[str, str]]:
    return [(model, cohort) for model in evaluation.models["model"] for cohort in evaluation.populations]
