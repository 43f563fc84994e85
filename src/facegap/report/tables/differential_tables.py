"""The tables of differentials: raw rates between cohorts first, then the numbers that sum them up, then prices."""

from math import log

from facegap.data.evaluation import Evaluation
from facegap.data.manifest import POOLED
from facegap.report.tables.layout import Cell, Table, caption, heads, number, plain, titled
from facegap.report.text.formatting import ABSENT, bracketed, decimal, percent, threshold_text, unresolved
from facegap.report.text.language import _
from facegap.report.text.methods import method_text
from facegap.report.text.names import names_of
from facegap.report.text.phrases import amount_parts, at_short, at_words, threshold_words, times
from facegap.run.text import N_

MEASURES = {
    "fmr max/min": N_("the highest FMR of any cohort over the lowest; 1 is equal (NIST IR 8429)"),
    "fmr max/geomean": N_(
        "the highest FMR over the geometric mean of all, which one small cohort upsets less; 1 is equal (NIST IR 8429)"
    ),
    "fnmr max/min": N_("the same for FNMR (NIST IR 8429)"),
    "fnmr max/geomean": N_("the same for FNMR (NIST IR 8429)"),
    "FDR": N_(
        "fairness discrepancy rate: 1 minus the mean of the largest differences in FMR and in FNMR; 1 is equal "
        "(de Freitas Pereira & Marcel 2022)"
    ),
    "IR": N_("inequity rate: the geometric mean of the ratios max/min of FMR and FNMR; 1 is equal (NIST IR 8429)"),
    "GARBE": N_(
        "the mean of the Gini coefficients of FMR and FNMR; 0 is equal, 1 is all errors in one cohort "
        "(Howard et al. 2022)"
    ),
}
"""What each measure is, and whose it is."""

_NAMES = {
    "fmr max/min": "FMR max/min",
    "fmr max/geomean": "FMR max/geomean",
    "fnmr max/min": "FNMR max/min",
    "fnmr max/geomean": "FNMR max/geomean",
}
"""What measures are called, where it is not as in the tables."""

_RATIOS = (*_NAMES, "IR")
"""The measures that are ratios."""

_STEPS = 6
"""Steps of colour in a matrix, from the lowest FMR to the highest."""


def rate_tables(evaluation: Evaluation) -> list[Table]:
    """Return the raw rates at each threshold that differentials are about: the FMR of every two cohorts, and FNMR.

    Cells are coloured by the logarithm of their FMR, over all cohorts of one table.
    """
    places = evaluation.differentials.select("model", "images", "at", "threshold").unique(maintain_order=True)
    return [_rate_table(evaluation, **place) for place in places.to_dicts()]


def _rate_table(evaluation: Evaluation, model: str, images: str, at: str, threshold: float | None) -> Table:
    cohorts = [cohort for cohort in evaluation.cohorts["cohort"] if cohort != POOLED]
    short = names_of(evaluation)
    fmr = _between(evaluation, model, images, at, "fmr")
    fnmr = _between(evaluation, model, images, at, "fnmr")
    seen = [row["value"] for row in fmr.values() if row["value"]]
    rows = tuple(
        (
            Cell(probe),
            *(_heat_cell(fmr.get((probe, gallery)), seen) for gallery in cohorts),
            number(fnmr.get((probe, probe))),
        )
        for probe in cohorts
    )
    words = _("{model} {at}", model=short[model], at=at_words(at))
    if threshold is not None:
        words = _(
            "{model} {at} ({threshold})", model=short[model], at=at_words(at), threshold=threshold_text(threshold)
        )
    columns = (_("Cohort"), *(_("FMR × {cohort}", cohort=short[cohort]) for cohort in cohorts), _("FNMR"))
    return Table(titled(words, images), columns, rows, heads=1)


def _between(evaluation: Evaluation, model: str, images: str, at: str, metric: str) -> dict[tuple[str, str], dict]:
    """Return the rows of one rate by both cohorts, each in either order."""
    rows = evaluation.metrics.filter(model=model, images=images, at=at, metric=metric).to_dicts()
    ends = {(row["probe_cohort"], row["gallery_cohort"]): row for row in rows}
    return {(b, a): row for (a, b), row in ends.items()} | ends


def _heat_cell(row: dict | None, seen: list[float]) -> Cell:
    if row is None or not row["value"]:
        return number(row)
    lowest, highest = log(min(seen)), log(max(seen))
    share = (log(row["value"]) - lowest) / (highest - lowest) if highest > lowest else 0.0
    return number(row, tone=f"heat{min(_STEPS - 1, int(share * _STEPS))}")


def measure_tables(evaluation: Evaluation) -> list[Table]:
    """Return the numbers that sum up how far the cohorts lie apart, with the cohorts at their ends."""
    short = names_of(evaluation)
    measures = evaluation.differentials["measure"].unique(maintain_order=True).to_list()
    tables = []
    for images in evaluation.differentials["images"].unique(maintain_order=True):
        found: dict[tuple[str, str], dict[str, dict]] = {}
        for row in evaluation.differentials.filter(images=images).to_dicts():
            found.setdefault((row["model"], row["at"]), {})[row["measure"]] = row
        rows = tuple(
            (Cell(model), Cell(at_short(at)), *(_measure_cell(these.get(measure), short) for measure in measures))
            for (model, at), these in found.items()
        )
        tables.append(Table(caption(images), (_("Model"), _("At"), *map(_name, measures)), rows))
    return tables


def _measure_cell(row: dict | None, short: dict[str, str]) -> Cell:
    if row is None or row["value"] is None:
        return Cell(ABSENT if row is None else unresolved(), why=method_text(row), tone="muted")
    write = times if row["measure"] in _RATIOS else decimal
    ends = [str(short.get(row[end], row[end])) for end in ("worst", "best") if row[end]]
    notes = (bracketed(row["low"], row["high"], write), *([" / ".join(ends)] if ends else []))
    return Cell(write(row["value"]), tuple(filter(None, notes)), why=method_text(row))


def measure_words(evaluation: Evaluation) -> list[tuple[str, str]]:
    """Return what each measure in the tables is, in their order."""
    present = evaluation.differentials["measure"].unique(maintain_order=True)
    return [(_name(measure), _(MEASURES[measure])) for measure in present if measure in MEASURES]


def price_tables(evaluation: Evaluation) -> list[Table]:
    """Return what one threshold for all costs each cohort, beside its own threshold for the same FMR."""
    tables = []
    for images in evaluation.prices["images"].unique(maintain_order=True):
        for at in evaluation.prices.filter(images=images)["at"].unique(maintain_order=True):
            rows = evaluation.prices.filter(images=images, at=at).to_dicts()
            columns = (
                _("Model"),
                _("Cohort"),
                _("One threshold for all"),
                _("Its own threshold"),
                _("FNMR higher by"),
            )
            tables.append(Table(titled(threshold_words(at), images), columns, tuple(map(_price_row, rows))))
    return tables


def _price_row(row: dict) -> tuple[Cell, ...]:
    there, own = (
        Cell(
            _("FMR {rate}", rate=_rate(row[f"{prefix}fmr"])),
            (
                _("FNMR {rate}", rate=_rate(row[f"{prefix}fnmr"])),
                _("at {threshold}", threshold=threshold_text(row[f"{prefix}threshold"])),
            ),
        )
        for prefix in ("", "own_")
    )
    text, interval = amount_parts({**row, "value": row["price"], "scale": "difference", "metric": "fnmr"})
    return (*heads(row["model"], row["cohort"]), there, own, Cell(text, (interval,)) if interval else plain(text))


def _rate(rate: float | None) -> str:
    return ABSENT if rate is None else percent(rate)


def _name(measure: str) -> str:
    return _NAMES.get(measure, measure)
