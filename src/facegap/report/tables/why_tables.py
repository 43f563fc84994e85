"""Tables of the section "Why"."""

from collections.abc import Iterator

import polars as pl

from facegap.data.evaluation import Evaluation
from facegap.report.tables.layout import Cell, Table, plain
from facegap.report.text.formatting import ABSENT, bracketed, count, digits_for, percent, percent_bound, signed
from facegap.report.text.language import _
from facegap.report.text.measure_names import measure_name
from facegap.report.text.phrases import metric_words
from facegap.report.text.why import amount, reason_words, value_and_interval

MANY = 0.01
"""Share of the images that lack a measure above which it is worth a note."""

SHOWN_DISCARD = 0.1
"""The share of comparisons at which the table shows what discarding does."""


def gap_tables(evaluation: Evaluation) -> Iterator[Table]:
    """Yield for each model its gaps with all measures together."""
    for model, rows in _by_model(evaluation.explanation.gaps):
        together = rows.unique(["cohort", "metric", "at"], keep="first", maintain_order=True)
        cells = [_gap_row(row) for row in together.iter_rows(named=True)]
        columns = (
            _("cohort less reference"), _("number"), _("gap"), _("goes with the measures"), _("does not"),
            _("left between matched comparisons"), _("subjects in effect"),
        )  # fmt: skip
        yield Table(_("Gaps with {model}", model=model), columns, tuple(cells), heads=1, filters=(1,))


def _gap_row(row: dict) -> tuple[Cell, ...]:
    head = (
        Cell(_("{cohort} − {reference}", cohort=row["cohort"], reference=row["reference"])),
        # No name of the row, for long names are cut short, and thresholds stand at the end of these.
        Cell(metric_words(row["metric"], row["at"]), prose=True),
        _part(row, "total"),
    )
    if row["reason"]:
        why = reason_words(row["reason"])
        return (*head, Cell(why, prose=True), *(plain(ABSENT) for _unused in range(3)))
    matched = amount(row, "matched")
    return (
        *head,
        _part(row, "with_measures"),
        _part(row, "rest"),
        Cell(matched, notes=(_("{share} matched", share=percent(row["matched_share"])),)) if matched else plain(ABSENT),
        Cell(count(round(row["subjects"]))),
    )


def _part(row: dict, part: str) -> Cell:
    value, interval = value_and_interval(row, part)
    return Cell(value, notes=(interval,) if interval else ()) if value else plain(ABSENT)


def measure_tables(evaluation: Evaluation) -> Iterator[Table]:
    """Yield for each model, cohort and reference how they differ in each measure, and what goes with it alone."""
    why = evaluation.explanation
    for key in why.balance.select("model", "cohort", "reference").unique(maintain_order=True).iter_rows(named=True):
        gaps = why.gaps.filter(**key)
        told = gaps.filter(pl.col("reason") == "")
        first = (told if told.height else gaps).row(0, named=True)
        alone = gaps.filter(pl.col("measures").list.len() == 1, metric=first["metric"], at=first["at"])
        parts = {row["measures"][0]: row for row in alone.iter_rows(named=True)}
        rows = tuple(_measure_row(evaluation, key, row, parts) for row in why.balance.filter(**key).to_dicts())
        columns = (
            _("measure"), key["cohort"], key["reference"], _("difference in standard deviations"),
            _("after weighting"), _("part of the gap in {metric}", metric=metric_words(first["metric"], first["at"])),
        )  # fmt: skip
        title = _("{model}: measures of {cohort} and {reference}, each alone", **key)
        yield Table(title, columns, rows, heads=1)


def _measure_row(evaluation: Evaluation, key: dict, row: dict, parts: dict[str, dict]) -> tuple[Cell, ...]:
    described = evaluation.explanation.measures.filter(
        pl.col("model").is_in(["", key["model"]]), measure=row["measure"]
    )
    by_cohort = {one["cohort"]: one for one in described.iter_rows(named=True)}
    means = [_mean(by_cohort.get(key[side])) for side in ("cohort", "reference")]
    if row["reason"]:
        why = Cell(reason_words(row["reason"]), prose=True)
        return Cell(measure_name(row["measure"])), *means, plain(ABSENT), plain(ABSENT), why
    differences = (_difference(row, end) for end in ("before", "after"))
    part = parts.get(row["measure"])
    shown = _part(part, "with_measures") if part else plain(ABSENT)
    if part and part["reason"]:
        shown = Cell(reason_words(part["reason"]), prose=True)
    return Cell(measure_name(row["measure"])), *means, *differences, shown


def _difference(row: dict, end: str) -> Cell:
    mean, spread = row[end], row[f"{end}_spread"]
    notes = () if spread is None else (_("spread {number}", number=signed(spread, 2, plus=True)),)
    return plain(ABSENT) if mean is None else Cell(signed(mean, 2, plus=True), notes)


def _mean(row: dict | None) -> Cell:
    if row is None or row["mean"] is None:
        return plain(ABSENT)
    missing = (
        (_("{n} of {all} lack it", n=row["missing"], all=row["images"]),)
        if row["missing"] > MANY * row["images"]
        else ()
    )
    unit = f" {_(row['unit'])}" if row["unit"] else ""
    digits = digits_for(row["sd"], least=0) if row["sd"] > 0 else 0 if float(row["mean"]).is_integer() else 3
    return Cell(f"{signed(row['mean'], digits)} ± {signed(row['sd'], digits)}{unit}", notes=missing)


def discard_tables(evaluation: Evaluation) -> Iterator[Table]:
    """Yield for each model and error rate what refusing the worst images of each measure does."""
    for model, rows in _by_model(evaluation.explanation.discards):
        for metric, at in rows.select("metric", "at").unique(maintain_order=True).iter_rows():
            some = rows.filter(metric=metric, at=at)
            pairs = some.select("measure", "cohort").unique(maintain_order=True).sort("measure", maintain_order=True)
            made = tuple(_discard_row(some.filter(**pair).to_dicts()) for pair in pairs.iter_rows(named=True))
            columns = (
                _("measure"), _("cohort"), _("all comparisons"), _("without the worst"), _("refuse an image beyond"),
                _("images refused"), _("mean over discarding up to 20 %"),
            )  # fmt: skip
            title = _(
                "{model}: {metric} while the worst comparisons are discarded",
                model=model,
                metric=metric_words(metric, at),
            )
            yield Table(title, columns, made)


def _discard_row(rows: list[dict]) -> tuple[Cell, ...]:
    points = [row for row in rows if row["kind"] == "point"]
    area = next(row for row in rows if row["kind"] == "area")
    last = [row for row in points if row["discarded"] <= SHOWN_DISCARD][-1]
    beyond = ABSENT if last["refused"] is None or last is points[0] else f"{last['limit']:.3g}"
    refused = ABSENT if last["refused"] is None or last is points[0] else percent(last["refused"])
    return (
        Cell(measure_name(rows[0]["measure"])),
        Cell(rows[0]["cohort"]),
        _rate(points[0]),
        _rate(last, _("{share} discarded", share=percent(last["discarded"]))),
        plain(beyond),
        plain(refused),
        _rate(area),
    )


def _rate(row: dict, *notes: str) -> Cell:
    return Cell(percent(row["value"]), tuple(filter(None, (bracketed(row["low"], row["high"], percent_bound), *notes))))


def _by_model(frame: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    for (model,), rows in frame.group_by("model", maintain_order=True):
        yield str(model), rows
