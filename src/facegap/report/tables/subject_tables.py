"""The tables of who causes the errors, and of the FMR without them."""

from dataclasses import dataclass

import polars as pl

from facegap.data.evaluation import Evaluation
from facegap.report.tables.layout import Cell, Table
from facegap.report.text.formatting import ABSENT, count, percent, share_of
from facegap.report.text.language import _, in_a_row
from facegap.report.text.names import kind_name
from facegap.report.text.phrases import at_short, at_words
from facegap.run.text import N_

FIRST = 15
"""Subjects shown at once; the others are folded."""

_COLUMNS = (
    N_("Subject"),
    N_("Cohort"),
    N_("Kind"),
    N_("Images"),
    N_("False matches"),
    N_("False non-matches"),
    N_("Of what AUC lacks"),
    N_("Mean genuine"),
    N_("Mean impostor"),
)
_ERRORS = {"false_matches": N_("Most false matches {at}"), "false_non_matches": N_("Most false non-matches {at}")}


@dataclass(frozen=True)
class Causes:
    """Who causes a model's errors at one threshold: a table per kind of error, its `first` rows and the `rest`."""

    model: str
    tables: tuple[tuple[Table, Table], ...]


def causes(evaluation: Evaluation) -> list[Causes]:
    """Return the subjects with the most errors of each kind, by model and threshold."""
    groups = evaluation.subjects.select("model", "at").unique(maintain_order=True).rows()
    return [_causes(evaluation.subjects.filter(model=model, at=at), model, at) for model, at in groups]


def _causes(people: pl.DataFrame, model: str, at: str) -> Causes:
    made = []
    for errors, words in _ERRORS.items():
        worst = people.filter(pl.col(errors) > 0).sort(errors, descending=True, maintain_order=True)
        rows = tuple(map(_row, worst.iter_rows(named=True)))
        if rows:
            title, columns = _(words, at=at_words(at)), tuple(map(_, _COLUMNS))
            made.append((Table(title, columns, rows[:FIRST]), Table(title, columns, rows[FIRST:])))
    return Causes(model, tuple(made))


def _row(person: dict) -> tuple[Cell, ...]:
    return (
        Cell(person["subject"]),
        Cell(person["cohort"]),
        Cell(kind_name(person["kind"]) if person["kind"] else ABSENT, tone="" if person["kind"] else "muted"),
        Cell(count(person["images"])),
        _errors(person, "false_match_share", "false_matches", "impostor"),
        _errors(person, "false_non_match_share", "false_non_matches", "genuine"),
        _lost(person["auc_loss_share"]),
        *(_mean(person[f"{kind}_mean"]) for kind in ("genuine", "impostor")),
    )


def _errors(person: dict, share: str, errors: str, comparisons: str) -> Cell:
    """Return a subject's share of all errors of a kind, and how many of its own comparisons they are."""
    text = ABSENT if person[share] is None else _("{share} of all", share=percent(person[share]))
    return Cell(text, (share_of(person[errors], person[comparisons]),), tone="" if person[errors] else "muted")


def _lost(share: float | None) -> Cell:
    return Cell(ABSENT, tone="muted") if share is None or share <= 0 else Cell(percent(share))


def _mean(score: float | None) -> Cell:
    return Cell(ABSENT, tone="muted") if score is None else Cell(f"{score:.3f}")


def without_tables(evaluation: Evaluation) -> list[Table]:
    """Return the FMR without the subjects with the most false matches; a tip names them."""
    steps = evaluation.without["removed"].unique().sort().to_list()
    found: dict[tuple[str, str], dict[int, dict]] = {}
    for row in evaluation.without.to_dicts():
        found.setdefault((row["model"], row["at"]), {})[row["removed"]] = row
    if not found:
        return []
    columns = (
        _("Model"),
        _("At"),
        *(_("without {number}", number=k) if k else _("everyone") for k in steps),
    )
    rows = tuple(
        (Cell(model), Cell(at_short(at)), *(_left(these.get(k)) for k in steps)) for (model, at), these in found.items()
    )
    return [Table(_("FMR without the subjects with the most false matches"), columns, rows)]


def _left(row: dict | None) -> Cell:
    if row is None or row["fmr"] is None:
        return Cell(ABSENT, tone="muted")
    left = share_of(row["false_matches"], row["impostor"])
    return Cell(percent(row["fmr"]), (left,), why=in_a_row(row["subjects"] or ()))
